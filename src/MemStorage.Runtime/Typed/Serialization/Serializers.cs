using System.ComponentModel;
using MemoryPack;

namespace MemStorage.Typed;

/// <summary>What generated code registers the serializers of an entity with. Thread-safe.</summary>
[EditorBrowsable(EditorBrowsableState.Never)]
public static class Serializers
{
    /// <summary>Registers a formatter unless its type has one. MemoryPack would look for it by reflection otherwise, which trimming and Native AOT do not allow.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="formatter"/> is null.</exception>
    public static void TryRegister<T>(MemoryPackFormatter<T> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        if (!MemoryPackFormatterProvider.IsRegistered<T>())
            MemoryPackFormatterProvider.Register(formatter);
    }

    /// <summary>Lets a type that MemoryPack generated code for register itself.</summary>
    public static void Register<T>()
        where T : IMemoryPackFormatterRegister => MemoryPackFormatterProvider.Register<T>();

    /// <summary>Puts a formatter in the place of the one that MemoryPack has, for the whole process.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="formatter"/> is null.</exception>
    public static void Replace<T>(MemoryPackFormatter<T> formatter)
    {
        ArgumentNullException.ThrowIfNull(formatter);
        MemoryPackFormatterProvider.Register(formatter);
    }
}
