using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;
using MemoryPack;

namespace MemStorage.MicroBenchmarks;

/// <summary>What secondary indexes cost: writes of an entity with two indexes beside the same without, and searches beside a read by key.</summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class IndexBenchmarks
{
    private const int Entries = 16_384;
    private const int TeamSize = 16;

    private static readonly string[] s_teams = [.. Enumerable.Range(0, Entries / TeamSize).Select(static i => $"team {i:D6}")];

    private readonly Member _plain = new() { Id = 0, Team = Team(0) };
    private readonly IndexedMember _indexed = new() { Id = 0, Team = Team(0) };
    private MemStore _store = null!;
    private MemberRepository _members = null!;
    private IndexedMemberRepository _indexedMembers = null!;
    private int _next;
    private int _salt;

    private int Next => _next = (_next + 1) & (Entries - 1);

    [GlobalSetup]
    public void Setup()
    {
        _store = new MemStore(new MemStoreOptions { MaxMemoryMB = 128, CompressionEnabled = false });
        _members = new MemberRepository(_store);
        _indexedMembers = new IndexedMemberRepository(_store);
        for (int id = 0; id < Entries; id++)
        {
            if (_members.Set(new Member { Id = id, Team = Team(id), Salary = id }) != SetResult.Stored || _indexedMembers.Set(new IndexedMember { Id = id, Team = Team(id), Salary = id }) != SetResult.Stored)
                throw new InvalidOperationException($"Member {id} was not stored.");
        }
    }

    [GlobalCleanup]
    public void Cleanup() => _store.Dispose();

    [Benchmark(Baseline = true), BenchmarkCategory("set")]
    public SetResult WithoutIndexes()
    {
        (_plain.Id, _plain.Salary) = (Next, _next);
        return _members.Set(_plain);
    }

    [Benchmark, BenchmarkCategory("set")]
    public SetResult NoIndexedValueChanges()
    {
        (_indexed.Id, _indexed.Salary) = (Next, _next);
        _indexed.Team = s_teams[_next / TeamSize];
        return _indexedMembers.Set(_indexed);
    }

    [Benchmark, BenchmarkCategory("set")]
    public SetResult BothIndexedValuesChange()
    {
        (_indexed.Id, _indexed.Salary) = (Next, _next + ++_salt);
        _indexed.Team = s_teams[(_next + _salt) & (s_teams.Length - 1)];
        return _indexedMembers.Set(_indexed);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("read")]
    public string ByKey() => _members.Get(Next).Team;

    [Benchmark, BenchmarkCategory("read")]
    public int SixteenByTheirTeam() => _indexedMembers.FindByTeam(s_teams[Next / TeamSize]).Count();

    private static string Team(int id) => s_teams[id / TeamSize];
}

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
public partial class IndexedMember
{
    [MemStorageKey]
    public required int Id { get; set; }

    [MemStorageIndex]
    public required string Team { get; set; }

    [MemStorageIndex]
    public int Salary { get; set; }
}
