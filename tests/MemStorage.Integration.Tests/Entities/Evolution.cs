using MemoryPack;

// the later shapes of the entities of the same names in the other project
namespace MemStorage.Integration.Tests.Entities.Later;

[MemStorageEntity(Name = "card")]
[MemoryPackable]
public sealed partial class Card
{
    [MemStorageKey]
    public int Id { get; init; }

    public int Points { get; set; }
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

    [MemoryPackOrder(2)]
    public int Added { get; set; }
}
