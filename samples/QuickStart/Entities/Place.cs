using MemoryPack;
using MemStorage;

namespace QuickStart.Entities;

/// <summary>A city, town or village. Its key is synthesized, because names repeat: the country and a running number within it.</summary>
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Place
{
    [MemStorageKey(0)]
    public required string Country { get; init; }

    [MemStorageKey(1)]
    public required int Number { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public required string Region { get; init; }

    [MemStorageIndex]
    public required string Name { get; init; }

    public required double Latitude { get; init; }

    public required double Longitude { get; init; }

    public int Visits { get; set; }
}
