using System.Numerics;
using MemoryPack;
using MemStorage.Tests.Pools;

namespace MemStorage.Integration.Tests.Buffers;

/// <summary>An entity whose key, indexed values and numbers may have any length, and whose callbacks are foreign code.</summary>
[MemStorageEntity(TimeToLive = "00:10:00", Sliding = true)]
[MemoryPackable]
public sealed partial class Parcel
{
    private string? _place;

    [MemStorageKey]
    public required string Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public string? Place
    {
        get
        {
            ForeignCode.Run();
            return _place;
        }
        set => _place = value;
    }

    public BigInteger Weight { get; set; }

    public byte[] Content { get; set; } = [];

    [MemoryPackOnSerializing]
    private void OnSerializing() => ForeignCode.Run();

    [MemoryPackOnSerialized]
    private void OnSerialized() => ForeignCode.Run();

    [MemoryPackOnDeserialized]
    private void OnDeserialized() => ForeignCode.Run();
}

/// <summary>An unmanaged one under a key of text.</summary>
[MemStorageEntity]
[MemoryPackable]
public readonly partial record struct Stamp([property: MemStorageKey(0)] int Number, [property: MemStorageKey(1)] long Part, long Worth);
