using MemoryPack;
using MemStorage;

namespace WebApi.Catalog;

/// <summary>What the catalogue sells. <see cref="Version"/> is the store's and travels as the ETag.</summary>
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Product
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public required string Category { get; init; }

    public required string Name { get; init; }

    public decimal Price { get; set; }
}
