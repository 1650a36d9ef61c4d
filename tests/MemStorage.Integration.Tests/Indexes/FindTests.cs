using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Indexes;

/// <summary>"FindBy… and Find…Between on live, changing data, inside the byte bound, correct under concurrent updates, eviction and expiry (a find never returns an entity that does not match or is gone)".</summary>
public sealed class FindTests
{
    private static int[] Ids(IEnumerable<Employee> found) => [.. found.Select(static e => e.Id)];

    private static EmployeeRepository Filled(MemStore store, int count = 200)
    {
        EmployeeRepository employees = store.Employees();
        for (int i = 0; i < count; i++)
            employees.SetOrThrow(new Employee { Id = i, Team = i % 10 == 9 ? null : $"team {i % 10}", Salary = 1000 - i, Left = i % 3 == 0 ? new DateOnly(2026, 1, 1).AddDays(i) : null });
        return employees;
    }

    private static void Validate(EmployeeRepository employees)
    {
        foreach (var stripe in employees.State.Indexes!.Stripes)
            stripe.Validate();
        Assert.Equal(0, employees.State.Indexes.Scans);
    }

    [Fact]
    public void Equal_values_and_ranges_are_found_in_order()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = Filled(store);
        Assert.Equal(Enumerable.Range(0, 200).Where(i => i % 10 == 4), Ids(employees.FindByTeam("team 4")).Order());
        Assert.Equal(Enumerable.Range(0, 200).Where(i => i % 10 == 9), Ids(employees.FindByTeam(null)).Order());
        Assert.Empty(employees.FindByTeam("team"));
        Assert.Equal([120, 119, 118, 117], Ids(employees.FindSalaryBetween(880, 883)));
        Assert.Empty(employees.FindSalaryBetween(883, 880));
        Assert.Equal(200, employees.FindSalaryBetween(int.MinValue, int.MaxValue).Count());
        Assert.Equal([0, 3, 6], Ids(employees.FindLeftBetween(new DateOnly(2026, 1, 1), new DateOnly(2026, 1, 7))));
        Assert.Equal(133, employees.FindByLeft(null).Count());
        Assert.Equal([5], Ids(employees.FindBySalary(995)));
        Validate(employees);
    }

    [Fact]
    public void What_is_changed_deleted_or_expired_is_found_as_it_is_now()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        EmployeeRepository employees = Filled(store, 20);
        Assert.Equal(UpdateResult.Updated, employees.Update(4, e => e.Team = "team 5"));
        Assert.Equal(DeleteResult.Deleted, employees.Delete(5));
        Assert.Equal(SetResult.Stored, employees.Set(new Employee { Id = 15, Team = "team 5", Salary = 1 }, TimeSpan.FromSeconds(1)));
        Assert.Equal([4, 15], Ids(employees.FindByTeam("team 5")).Order());
        Assert.Equal([14], Ids(employees.FindByTeam("team 4")));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal([4], Ids(employees.FindByTeam("team 5")));
        Assert.Empty(employees.FindBySalary(1));
        employees.SetOrThrow(new Employee { Id = 5, Team = "team 5" });
        Assert.Equal([4, 5], Ids(employees.FindByTeam("team 5")).Order());
        store.Clear();
        Assert.Empty(employees.FindByTeam("team 5"));
        employees.SetOrThrow(new Employee { Id = 7, Team = "team 5" });
        Assert.Equal([7], Ids(employees.FindByTeam("team 5")));
        Validate(employees);
    }

    [Fact]
    public void A_refused_write_does_not_touch_the_index()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = store.Employees();
        long version = employees.SetOrThrow(new Employee { Id = 1, Team = "a" });
        Assert.Equal(SetResult.Superseded, employees.Set(new Employee { Id = 1, Team = "b" }, version - 1));
        Assert.Equal(UpdateResult.VersionMismatch, employees.TryUpdate(new Employee { Id = 1, Team = "b" }, version - 1, out _));
        Assert.Empty(employees.FindByTeam("b"));
        Assert.Equal([1], Ids(employees.FindByTeam("a")));
    }

    [Fact]
    public void Replicated_entities_and_those_written_before_the_repository_was_made_are_found()
    {
        using MemStore source = TestStores.Create();
        using MemStore store = TestStores.Create();
        Filled(source, 50);
        foreach (SyncOperation operation in source.GetSyncBuffer().Operations.Take(25))
            Assert.Equal(SetResult.Stored, store.Apply(operation));
        EmployeeRepository employees = store.Employees();
        HashSet<int> there = [.. employees.Keys()];
        Assert.Equal(there.Where(i => i % 10 == 4).Order(), Ids(employees.FindByTeam("team 4")).Order());

        // from now on the index is told
        EmployeeRepository origin = source.Employees();
        Assert.Equal(UpdateResult.Updated, origin.Update(4, e => e.Team = "moved"));
        Assert.Equal(DeleteResult.Deleted, origin.Delete(14));
        origin.SetOrThrow(new Employee { Id = 99, Team = "moved" });
        foreach (SyncOperation operation in source.GetSyncBuffer().Operations)
            Assert.Equal(SetResult.Stored, store.Apply(operation));
        Assert.Equal([4, 99], Ids(employees.FindByTeam("moved")).Order());
        Assert.DoesNotContain(14, Ids(employees.FindByTeam("team 4")));
        Validate(employees);
    }

    [Fact]
    public void Under_eviction_only_what_is_there_is_found_and_the_index_shrinks_with_it()
    {
        using MemStore store = TestStores.Create(static o =>
        {
            o.MaxMemoryBytes = 2 << 20;
            o.AsyncEviction = false;
        });
        EmployeeRepository employees = store.Employees();
        byte[] photo = new byte[500];
        new Random(1).NextBytes(photo);
        for (int i = 0; i < 12_000; i++)
            Assert.Equal(SetResult.Stored, employees.Set(new Employee { Id = i, Team = $"{i % 50}", Salary = i, Photo = photo }));

        HashSet<int> there = [.. employees.Keys()];
        Assert.True(there.Count < 6_000, $"{there.Count} of 12,000 entities of 560 bytes in 2 MiB");
        foreach (int team in new[] { 0, 7, 49 })
            Assert.Equal(there.Where(i => i % 50 == team).Order(), Ids(employees.FindByTeam($"{team}")).Order());
        Assert.Equal(there.Where(i => i is >= 9_000 and <= 11_000).Order(), Ids(employees.FindSalaryBetween(9_000, 11_000)));
        Validate(employees);
        Assert.Equal(there.Count, employees.State.Indexes!.Stripes.Sum(static s => s.Count));

        MemoryReport report = store.GetMemoryReport();
        Assert.True(report.UsedBytes <= report.LimitBytes);
        Assert.InRange(report.SecondaryIndexBytes, employees.State.Indexes.Bytes, report.LimitBytes / 3);
    }

    [Fact]
    public void In_a_full_store_that_evicts_nothing_what_was_stored_is_found()
    {
        using MemStore store = TestStores.Create(static o =>
        {
            o.MaxMemoryBytes = 1 << 20;
            o.EvictionMode = EvictionMode.Refuse;
        });
        EmployeeRepository employees = store.Employees();
        HashSet<int> stored = [];
        for (int i = 0; i < 12_000; i++)
            if (employees.Set(new Employee { Id = i, Team = $"{i % 50}", Salary = i }) is SetResult.Stored)
                stored.Add(i);
        Assert.InRange(stored.Count, 1_000, 11_999);
        Assert.Equal(stored.Count, employees.Count);
        foreach (int team in new[] { 0, 7, 49 })
            Assert.Equal(stored.Where(i => i % 50 == team).Order(), Ids(employees.FindByTeam($"{team}")).Order());
        MemoryReport report = store.GetMemoryReport();
        Assert.True(report.UsedBytes <= report.LimitBytes);
    }

    [Fact]
    public void Where_the_bound_has_no_room_for_an_index_a_search_looks_at_every_entity_instead()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = Filled(store, 300);
        EntityIndexesUnderTest.Fail(employees.State.Indexes!);
        Assert.Equal(Enumerable.Range(0, 300).Where(i => i % 10 == 4), Ids(employees.FindByTeam("team 4")).Order());
        Assert.Equal(0, employees.State.Indexes!.Scans); // there was room again: the index was made anew

        // it fails in the middle of a search: what is left is found by looking
        using IEnumerator<Employee> walk = employees.FindSalaryBetween(701, 1000).GetEnumerator();
        List<int> found = [];
        for (int i = 0; i < 150; i++)
        {
            Assert.True(walk.MoveNext());
            found.Add(walk.Current.Id);
        }
        EntityIndexesUnderTest.Fail(employees.State.Indexes!);
        while (walk.MoveNext())
            found.Add(walk.Current.Id);
        Assert.Equal(Enumerable.Range(0, 300).Reverse(), found);
        Assert.Equal(1, employees.State.Indexes.Scans);
    }

    [Fact]
    public void Under_concurrent_writers_a_find_gives_only_matches_and_misses_none_that_stayed()
    {
        using MemStore store = TestStores.Create(static o => o.TimeProvider = TimeProvider.System);
        EmployeeRepository employees = store.Employees();
        // even ids stay in their team for ever while their other members change; odd ones wander
        const int Count = 64;
        for (int i = 0; i < Count; i++)
            employees.SetOrThrow(new Employee { Id = i, Team = i % 2 == 0 ? "home" : "road", Salary = i });
        int[] stayed = [.. Enumerable.Range(0, Count).Where(static i => i % 2 == 0)];
        int failures = 0;
        int writersLeft = 2;
        Parallel.For(0, 4, new ParallelOptions { MaxDegreeOfParallelism = 4 }, worker =>
        {
            Random random = new(worker);
            if (worker < 2)
            {
                for (int i = 0; i < 3_000; i++)
                {
                    int id = random.Next(Count);
                    if (id % 2 == 0)
                        _ = employees.Update(id, e => e.Salary = (e.Salary + 1000) % 100_000);
                    else if (random.Next(4) == 0)
                        _ = employees.Delete(id);
                    else
                        employees.SetOrThrow(new Employee { Id = id, Team = random.Next(2) == 0 ? "home" : "road", Salary = random.Next(100) });
                }
                Interlocked.Decrement(ref writersLeft);
                return;
            }
            do
            {
                List<Employee> found = [.. employees.FindByTeam("home")];
                if (found.Any(static e => e.Team != "home") || !stayed.All(id => found.Any(e => e.Id == id)) || found.Select(static e => e.Id).Distinct().Count() != found.Count)
                    Interlocked.Increment(ref failures);
                if (employees.FindSalaryBetween(1000, 50_000).Any(static e => e.Salary is < 1000 or > 50_000))
                    Interlocked.Increment(ref failures);
            }
            while (Volatile.Read(ref writersLeft) > 0);
        });
        Assert.Equal(0, failures);
        Validate(employees);
        Assert.Equal(
            employees.All().Where(static e => e.Team == "home").Select(static e => e.Id).Order(),
            Ids(employees.FindByTeam("home")).Order());
    }

    [Fact]
    public void Values_longer_than_an_index_keeps_are_told_apart()
    {
        using MemStore store = TestStores.Create();
        EmployeeRepository employees = store.Employees();
        string common = new('x', 400);
        employees.SetOrThrow(new Employee { Id = 1, Team = common + "a" });
        employees.SetOrThrow(new Employee { Id = 2, Team = common + "b" });
        Assert.Equal([1], Ids(employees.FindByTeam(common + "a")));
        Assert.Equal([2], Ids(employees.FindTeamBetween(common + "aa", common + "z")));
    }

    [Fact]
    public void An_entry_costs_the_bytes_that_the_documentation_states()
    {
        using MemStore store = TestStores.Create(static o => o.MaxMemoryMB = 64);
        EmployeeRepository employees = store.Employees();
        const int Count = 50_000;
        for (int i = 0; i < Count; i++)
            employees.SetOrThrow(new Employee { Id = i, Team = $"{i % 1000:D4}", Salary = i });
        // three indexes: 22 bytes of header, a key of about 5, values of 6 + 4 + 1, 3 references in leaves, one in a bucket
        double perEntry = employees.State.Indexes!.Bytes / (double)Count;
        TestContext.Current.TestOutputHelper?.WriteLine($"{perEntry:F1} bytes per entity with three indexes");
        Assert.InRange(perEntry, 40, 80);
        Assert.True(store.GetMemoryReport().SecondaryIndexBytes >= employees.State.Indexes.Bytes);
    }

    private static class EntityIndexesUnderTest
    {
        // as if a reservation had been refused under the lock
        public static void Fail(Typed.EntityIndexes indexes)
        {
            foreach (Typed.IndexStripe stripe in indexes.Stripes)
                stripe.Fail();
        }
    }
}
