using MemoryPack;
using MemStorage;

namespace QuickStart.Entities;

/// <summary>A first-level administrative division with the names of its places: large enough for compression to pay.</summary>
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Region
{
    [MemStorageKey(0)]
    public required string Country { get; init; }

    [MemStorageKey(1)]
    public required string Code { get; init; }

    public required string Name { get; init; }

    public required List<string> Places { get; init; }
}
