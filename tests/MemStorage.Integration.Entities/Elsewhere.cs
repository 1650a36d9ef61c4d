using MemoryPack;

namespace MemStorage.Integration.Elsewhere;

/// <summary>An entity of another project than the one that uses it.</summary>
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Warehouse
{
    [MemStorageKey]
    public required string Code { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public string? Town { get; set; }

    public Shelf[] Shelves { get; set; } = [];
}

[MemoryPackable]
public sealed partial record Shelf(int Row, decimal Load);

// what an earlier release of an application stored; the later shapes are in the test project, under the same names

[MemStorageEntity(Name = "card")]
[MemoryPackable]
public sealed partial class Card
{
    [MemStorageKey]
    public int Id { get; init; }

    public string Name { get; set; } = "";
}

[MemStorageEntity(Name = "tolerant")]
[MemoryPackable(GenerateType.VersionTolerant)]
public sealed partial class Tolerant
{
    [MemStorageKey]
    [MemoryPackOrder(0)]
    public int Id { get; init; }

    [MemoryPackOrder(1)]
    [SuppressDefaultInitialization]
    public string Name { get; set; } = "";
}
