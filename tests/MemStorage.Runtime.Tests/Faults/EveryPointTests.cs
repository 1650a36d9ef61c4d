using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Faults;

/// <summary>
/// "After an exception, everything is as it was": each call is made once to count its points (allocations, locks, foreign code), then again on an equal store with a fault at the first, the
/// second, ... the last of them. A call that throws has changed nothing, one that returns has done what it says; bytes, counters, indexes, change feed and invariants hold; the next call works.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class EveryPointTests
{
    private const int MostPoints = 12;

    private static readonly bool s_all = Effort.Histories(1) > 1;

    public static TheoryData<FaultyLayout, FaultyCall> Cases()
    {
        var cases = new TheoryData<FaultyLayout, FaultyCall>();
        foreach (FaultyLayout layout in Enum.GetValues<FaultyLayout>())
            foreach (FaultyCall call in Enum.GetValues<FaultyCall>())
                cases.Add(layout, call);
        return cases;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_fault_at_any_point_changes_nothing(FaultyLayout layout, FaultyCall call)
    {
        using FaultInjector faults = new();
        int points = 0;
        OnThread(() =>
        {
            using FaultBench bench = new(faults, layout);
            _ = bench.Run(call, failAt: 0, memoryIsGone: false);
            points = faults.Met;
        });
        Assert.True(points > 0 || call == FaultyCall.Close, "The call meets no point: nothing is shown.");
        Random random = new(Effort.FirstSeed + (int)layout * 100 + (int)call);
        foreach (int point in Chosen(points, faults.Numbers, random))
        {
            bool memoryIsGone = random.Next(2) == 0;
            Fail(faults, layout, call, point, memoryIsGone);
            if (s_all)
                Fail(faults, layout, call, point, !memoryIsGone);
        }
    }

    /// <summary>In the suite a call of many points fails at each place once, and at some more points; on demand (MEMSTORAGE_TEST_EFFORT above 1) at all of them.</summary>
    private static IEnumerable<int> Chosen(int points, IReadOnlyCollection<int> firstOfEachPlace, Random random)
    {
        if (s_all || points <= MostPoints)
            return Enumerable.Range(1, points);
        return firstOfEachPlace.Concat(Enumerable.Range(0, MostPoints).Select(_ => random.Next(1, points + 1))).Distinct().Order();
    }

    private static void Fail(FaultInjector faults, FaultyLayout layout, FaultyCall call, int point, bool memoryIsGone)
    {
        try
        {
            OnThread(() =>
            {
                using FaultBench bench = new(faults, layout);
                Assert.True(bench.Run(call, point, memoryIsGone), "The point was not met again.");
            });
        }
        catch (Exception e)
        {
            Assert.Fail($"{layout}, {call}, point {point} ({faults.Failed}{(memoryIsGone ? ", and no memory from there on" : "")}): {e.InnerException ?? e}");
        }
    }

    /// <summary>On a thread of its own: an interruption that the store has kept for later ends with it.</summary>
    private static void OnThread(Action action) => new RunningThread(action).Finish();
}
