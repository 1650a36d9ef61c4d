using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Indexes;

/// <summary>"correct under concurrent updates, eviction and expiry (a find never returns an entity that does not match or is gone)", as properties over random histories.</summary>
public sealed class IndexModelTests
{
    private static int[] Ids(IEnumerable<Employee> found) => [.. found.Select(static e => e.Id)];

    private static Employee Draw(Random random, int id, int photo = 0)
    {
        Employee drawn = new()
        {
            Id = id,
            Team = random.Next(6) is var team and > 0 ? $"team {team}" : null,
            Salary = random.Next(-3, 20),
            Left = random.Next(3) == 0 ? new DateOnly(2026, 1, 1).AddDays(random.Next(10)) : null,
            Photo = new byte[photo],
        };
        random.NextBytes(drawn.Photo); // noughts would be compressed away, and nothing evicted
        return drawn;
    }

    /// <summary>Every search gives what the same question to a list gives; those with a number in order.</summary>
    private static void SearchesAgree(EmployeeRepository employees, IReadOnlyCollection<Employee> there, Random random, string when)
    {
        string? team = random.Next(6) is var t and > 0 ? $"team {t}" : null;
        int from = random.Next(-3, 20);
        int to = from + random.Next(-1, 8);
        DateOnly day = new DateOnly(2026, 1, 1).AddDays(random.Next(10));
        DateOnly last = day.AddDays(random.Next(4));
        Same(there.Where(e => e.Team == team), employees.FindByTeam(team), $"{when}: team {team}");
        Same(there.Where(e => e.Salary >= from && e.Salary <= to), employees.FindSalaryBetween(from, to), $"{when}: salary {from} to {to}");
        Assert.Equal(employees.FindSalaryBetween(from, to).Select(static e => e.Salary).Order(), employees.FindSalaryBetween(from, to).Select(static e => e.Salary));
        Same(there.Where(e => e.Left >= day && e.Left <= last), employees.FindLeftBetween(day, last), $"{when}: left {day} to {last}");
        Same(there.Where(static e => e.Left is null), employees.FindByLeft(null), $"{when}: still here");
    }

    private static void Same(IEnumerable<Employee> expected, IEnumerable<Employee> found, string when)
    {
        (int, long)[] left = [.. expected.Select(static e => (e.Id, e.Version)).Order()];
        (int, long)[] right = [.. found.Select(static e => (e.Id, e.Version)).Order()];
        Assert.True(left.SequenceEqual(right), $"{when}: expected {string.Join(",", left)}, found {string.Join(",", right)}");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Random_histories_agree_with_a_model(int seed)
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        using MemStore replica = TestStores.Create(o => (o.NodeId, o.TimeProvider) = (7, clock));
        EmployeeRepository employees = store.Employees();
        EmployeeRepository elsewhere = replica.Employees();
        Dictionary<int, (Employee Entity, DateTimeOffset Expires)> model = [];
        Random random = new(seed);
        for (int step = 0; step < 3_000; step++)
        {
            int id = random.Next(40);
            string when = $"seed {seed}, step {step}";
            Employee drawn = Draw(random, id);
            switch (random.Next(12))
            {
                case < 5:
                    employees.SetOrThrow(drawn);
                    model[id] = (drawn, DateTimeOffset.MaxValue);
                    break;
                case 5:
                    int life = random.Next(1, 20);
                    Assert.Equal(SetResult.Stored, employees.Set(drawn, TimeSpan.FromSeconds(life)));
                    model[id] = (drawn, clock.GetUtcNow().AddSeconds(life));
                    break;
                case 6 when model.TryGetValue(id, out var known):
                    Assert.Equal(UpdateResult.Updated, employees.Update(id, e => e.Salary = drawn.Salary));
                    model[id] = (employees.Get(id), known.Expires);
                    break;
                case 7 or 8:
                    Assert.Equal(model.Remove(id) ? DeleteResult.Deleted : DeleteResult.NotFound, employees.Delete(id));
                    break;
                case 9:
                    clock.Advance(TimeSpan.FromSeconds(random.Next(3)));
                    break;
                case 10:
                    // written elsewhere, and arrived here as bytes
                    Assert.Equal(SetResult.Stored, elsewhere.Set(drawn, store.Clock.Next()));
                    foreach (SyncOperation operation in replica.GetSyncBuffer().Operations)
                        Assert.Equal(SetResult.Stored, store.Apply(operation));
                    model[id] = (drawn, DateTimeOffset.MaxValue);
                    break;
                case 11 when random.Next(60) == 0:
                    store.Clear();
                    model.Clear();
                    break;
            }
            foreach (int gone in model.Where(e => e.Value.Expires <= clock.GetUtcNow()).Select(static e => e.Key).ToArray())
                model.Remove(gone);
            if (step % 5 == 0)
                SearchesAgree(employees, [.. model.Values.Select(static v => v.Entity)], random, when);
        }
        Assert.Equal(0, employees.State.Indexes!.Scans);
        foreach (var stripe in employees.State.Indexes.Stripes)
            stripe.Validate();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void While_a_full_store_evicts_searches_give_exactly_what_is_there(int seed)
    {
        using MemStore store = TestStores.Create(static o =>
        {
            o.MaxMemoryBytes = 1 << 20;
            o.AsyncEviction = false;
        });
        EmployeeRepository employees = store.Employees();
        Random random = new(seed);
        for (int step = 0; step < 8_000; step++)
        {
            Assert.Equal(SetResult.Stored, employees.Set(Draw(random, random.Next(6_000), photo: random.Next(600))));
            if (step % 1_000 == 999)
                SearchesAgree(employees, [.. employees.All()], random, $"seed {seed}, step {step}");
        }
        Assert.True(employees.Count < 3_500, $"seed {seed}: {employees.Count} entities are left, so nothing was evicted");
        MemoryReport report = store.GetMemoryReport();
        Assert.True(report.UsedBytes <= report.LimitBytes);
    }

    [Fact]
    public async Task Under_writers_eviction_and_expiry_at_once_what_is_found_matches_and_was_there_during_the_search()
    {
        int seed = Random.Shared.Next();
        using MemStore store = TestStores.Create(out FakeTimeProvider clock, static o => (o.MaxMemoryBytes, o.AsyncEviction) = (1 << 20, false));
        EmployeeRepository employees = store.Employees();
        const int Writers = 3;
        const int IdsEach = 800;
        // of each entity the last version that its only writer has deleted for good; a search that began later must not find it
        long[] deleted = new long[Writers * IdsEach];
        int running = Writers;
        async Task Write(int writer)
        {
            await Task.Yield();
            Random random = new(seed + writer);
            for (int step = 0; step < 2_500; step++)
            {
                int id = (writer * IdsEach) + random.Next(IdsEach);
                if (random.Next(4) == 0)
                {
                    long version = store.Clock.Next();
                    _ = employees.Delete(id, version);
                    Volatile.Write(ref deleted[id], version);
                }
                else if (random.Next(3) == 0)
                    _ = employees.Set(Draw(random, id, photo: 300), TimeSpan.FromSeconds(random.Next(1, 4)));
                else
                    _ = employees.Set(Draw(random, id, photo: 300));
                if (step % 100 == 0)
                    clock.Advance(TimeSpan.FromSeconds(1));
            }
            Interlocked.Decrement(ref running);
        }

        List<string> wrong = [];
        async Task Search()
        {
            await Task.Yield();
            Random random = new(seed - 1);
            do
            {
                long[] before = [.. deleted.Select((_, i) => Volatile.Read(ref deleted[i]))];
                string team = $"team {random.Next(1, 6)}";
                int from = random.Next(-3, 20);
                List<Employee> byTeam = [.. employees.FindByTeam(team)];
                List<Employee> bySalary = [.. employees.FindSalaryBetween(from, from + 3)];
                wrong.AddRange(byTeam.Where(e => e.Team != team).Select(e => $"{e.Id} is not of {team}"));
                wrong.AddRange(bySalary.Where(e => e.Salary < from || e.Salary > from + 3).Select(e => $"{e.Id} has {e.Salary}"));
                wrong.AddRange(byTeam.Concat(bySalary).Where(e => e.Version <= before[e.Id]).Select(static e => $"{e.Id} was deleted before the search"));
            }
            while (Volatile.Read(ref running) > 0 && wrong.Count == 0);
        }

        await Task.WhenAll([.. Enumerable.Range(0, Writers).Select(Write), Search()]);
        Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join(", ", wrong.Take(5))}");
        SearchesAgree(employees, [.. employees.All()], new Random(seed), $"seed {seed}, at the end");
    }
}
