using MemoryPack;

namespace MemStorage.MicroBenchmarks;

#pragma warning disable MST0005 // one object is stored under many keys, so that the allocation of entities is not measured

[MemStorageEntity]
[MemoryPackable]
public partial class Member
{
    [MemStorageKey]
    public required int Id { get; set; }

    public required string Team { get; set; }

    public int Salary { get; set; }
}

[MemStorageEntity]
[MemoryPackable]
public partial class MemberByTeam
{
    [MemStorageKey]
    public required int Id { get; set; }

    [MemStorageIndex]
    public required string Team { get; set; }

    public int Salary { get; set; }
}

[MemStorageEntity]
[MemoryPackable]
public partial class MemberByTeamAndSalary
{
    [MemStorageKey]
    public required int Id { get; set; }

    [MemStorageIndex]
    public required string Team { get; set; }

    [MemStorageIndex]
    public int Salary { get; set; }
}

/// <summary>Alone: each value once; ten and a hundred members of a value.</summary>
[MemStorageEntity]
[MemoryPackable]
public partial class Grouped
{
    [MemStorageKey]
    public required int Id { get; set; }

    [MemStorageIndex]
    public int Alone { get; set; }

    [MemStorageIndex]
    public int Ten { get; set; }

    [MemStorageIndex]
    public int Hundred { get; set; }

    public required string Name { get; set; }
}
