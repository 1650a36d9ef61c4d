using MemoryPack;

namespace MemStorage.Integration.Tests.Entities;

// with indexes of several kinds
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Employee
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public string? Team { get; set; }

    [MemStorageIndex]
    public int Salary { get; set; }

    [MemStorageIndex]
    public DateOnly? Left { get; set; }

    public byte[] Photo { get; set; } = [];
}
