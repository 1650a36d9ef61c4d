using System.Runtime.CompilerServices;
using MemoryPack;

namespace MemStorage.Typed;

/// <summary>
/// MemoryPack's states of reading and writing, kept by a thread from one entity to the next. <see cref="MemoryPackSerializer"/> keeps them too, but looks them up, sets them and clears them in each
/// call, and asks a registry for the formatter of a type that is known here: a fifth of the time of decoding a small entity (docs/design-decisions.md). A state holds nothing between calls
/// unless an entity has references (<c>GenerateType.CircularReference</c>); one that does is replaced.
/// </summary>
internal sealed class SerializerState
{
    private MemoryPackReaderOptionalState? _reader;
    private Dictionary<uint, object>? _read;
    private MemoryPackWriterOptionalState? _writer;
    private Dictionary<object, uint>? _written;

    /// <summary>False with a MemoryPack whose states look different inside: then it is left to do it its own way.</summary>
    public static bool IsKnown { get; } = Probe();

    /// <summary>Clean; to be given back with <see cref="DoneReading"/>.</summary>
    public MemoryPackReaderOptionalState Reader => _reader ?? NewReader();

    /// <summary>Clean; to be given back with <see cref="DoneWriting"/>.</summary>
    public MemoryPackWriterOptionalState Writer => _writer ?? NewWriter();

    /// <summary>Also when the serializer has thrown.</summary>
    public void DoneReading()
    {
        if (_read is { Count: not 0 })
            _reader = null;
    }

    /// <inheritdoc cref="DoneReading"/>
    public void DoneWriting()
    {
        if (_written is { Count: not 0 })
            _writer = null;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private MemoryPackReaderOptionalState NewReader()
    {
        MemoryPackReaderOptionalState state = MemoryPackReaderOptionalStatePool.Rent(null);
        _read = References(state);
        return _reader = state;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private MemoryPackWriterOptionalState NewWriter()
    {
        MemoryPackWriterOptionalState state = MemoryPackWriterOptionalStatePool.Rent(null);
        _written = References(state);
        return _writer = state;
    }

    private static bool Probe()
    {
        try
        {
            SerializerState state = new();
            _ = state.Reader;
            _ = state.Writer;
            state.DoneReading();
            state.DoneWriting();
            return true;
        }
        catch (MissingFieldException)
        {
            return false;
        }
    }

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "refToObject")]
    private static extern ref Dictionary<uint, object> References(MemoryPackReaderOptionalState state);

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "objectToRef")]
    private static extern ref Dictionary<object, uint> References(MemoryPackWriterOptionalState state);
}
