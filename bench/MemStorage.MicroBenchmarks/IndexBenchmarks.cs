using BenchmarkDotNet.Attributes;
using BenchmarkDotNet.Configs;

namespace MemStorage.MicroBenchmarks;

/// <summary>
/// What secondary indexes cost in time: a write of the same entity with no, one and two indexes, where the indexed values stay and where they change, and a search with 1, 10 and 100 hits beside a
/// read by key. The column Ratio is the answer.
/// </summary>
[MemoryDiagnoser]
[GroupBenchmarksBy(BenchmarkLogicalGroupRule.ByCategory)]
[CategoriesColumn]
public class IndexBenchmarks
{
    private const int Entries = 16_384;
    private const int TeamSize = 16;

    // odd, so that a value comes back only after all others had their turn
    private const int Move = 7;

    private static readonly string[] s_teams = [.. Enumerable.Range(0, Entries / TeamSize).Select(static i => $"team {i:D6}")];

    private readonly Member _none = new() { Id = 0, Team = s_teams[0] };
    private readonly MemberByTeam _one = new() { Id = 0, Team = s_teams[0] };
    private readonly MemberByTeamAndSalary _two = new() { Id = 0, Team = s_teams[0] };
    private readonly List<MemStore> _stores = [];
    private MemberRepository _noIndex = null!;
    private MemberByTeamRepository _oneIndex = null!;
    private MemberByTeamAndSalaryRepository _twoIndexes = null!;
    private GroupedRepository _grouped = null!;
    private int _next;
    private int _moved;

    private int Next => _next = (_next + 1) & (Entries - 1);

    // a store for each, so that none is fuller than the others
    [GlobalSetup]
    public void Setup()
    {
        _noIndex = new MemberRepository(NewStore());
        _oneIndex = new MemberByTeamRepository(NewStore());
        _twoIndexes = new MemberByTeamAndSalaryRepository(NewStore());
        _grouped = new GroupedRepository(NewStore());
        for (int id = 0; id < Entries; id++)
        {
            _noIndex.SetOrThrow(new Member { Id = id, Team = Team(id), Salary = id });
            _oneIndex.SetOrThrow(new MemberByTeam { Id = id, Team = Team(id), Salary = id });
            _twoIndexes.SetOrThrow(new MemberByTeamAndSalary { Id = id, Team = Team(id), Salary = id });
            _grouped.SetOrThrow(new Grouped { Id = id, Alone = id, Ten = id / 10, Hundred = id / 100, Name = Team(id) });
        }
        if (Alone() != 1 || TenHits() != 10 || HundredHits() != 100)
            throw new InvalidOperationException("A search does not have the hits that its name says.");
    }

    [GlobalCleanup]
    public void Cleanup() => _stores.ForEach(static s => s.Dispose());

    [Benchmark(Baseline = true), BenchmarkCategory("set")]
    public SetResult SetWithoutIndex()
    {
        (_none.Id, _none.Salary) = (Next, _next);
        _none.Team = Team(_next);
        return _noIndex.Set(_none);
    }

    [Benchmark, BenchmarkCategory("set")]
    public SetResult SetOneIndexValueStays()
    {
        (_one.Id, _one.Salary) = (Next, _next);
        _one.Team = Team(_next);
        return _oneIndex.Set(_one);
    }

    [Benchmark, BenchmarkCategory("set")]
    public SetResult SetTwoIndexesValuesStay()
    {
        (_two.Id, _two.Salary) = (Next, _next);
        _two.Team = Team(_next);
        return _twoIndexes.Set(_two);
    }

    [Benchmark, BenchmarkCategory("set")]
    public SetResult SetOneIndexValueChanges()
    {
        (_one.Id, _one.Salary) = (Next, _next);
        _one.Team = MovedTeam();
        return _oneIndex.Set(_one);
    }

    [Benchmark, BenchmarkCategory("set")]
    public SetResult SetTwoIndexesValuesChange()
    {
        _two.Team = MovedTeam();
        (_two.Id, _two.Salary) = (Next, (_next + _moved) & (Entries - 1));
        return _twoIndexes.Set(_two);
    }

    [Benchmark(Baseline = true), BenchmarkCategory("read")]
    public string ByKey() => _grouped.Get(Next).Name;

    [Benchmark, BenchmarkCategory("read")]
    public int Alone() => _grouped.FindByAlone(Next).Count();

    [Benchmark, BenchmarkCategory("read")]
    public int TenHits() => _grouped.FindByTen(Next % (Entries / 10)).Count();

    [Benchmark, BenchmarkCategory("read")]
    public int HundredHits() => _grouped.FindByHundred(Next % (Entries / 100)).Count();

    private MemStore NewStore()
    {
        MemStore store = new(new MemStoreOptions { MaxMemoryMB = 64, CompressionEnabled = false });
        _stores.Add(store);
        return store;
    }

    private static string Team(int id) => s_teams[id / TeamSize];

    // of one length, so that the record is overwritten in place like those of the others
    private string MovedTeam() => s_teams[(_moved += Move) & (s_teams.Length - 1)];
}
