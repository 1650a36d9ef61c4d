using MemoryPack;

namespace MemStorage.Integration.Tests.Entities;

[MemStorageEntity]
[MemoryPackable]
public sealed partial class Order
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public required string Customer { get; init; }

    [MemStorageIndex]
    public decimal Total { get; set; }

    public List<OrderLine> Lines { get; set; } = [];
}

[MemoryPackable]
public sealed partial record OrderLine(string Product, int Quantity);
