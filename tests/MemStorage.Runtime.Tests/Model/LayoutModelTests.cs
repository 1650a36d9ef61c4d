using MemStorage.Storage;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Model;

/// <summary>
/// "Nothing is ever evicted; the write is refused": every layout (segments of 1 KiB to 1 MiB, 1 to 64 shards) under every mix of lengths, at 40 to 99 % live. Whatever was stored and not
/// deleted or expired can be read, byte for byte, and what is refused has changed nothing. On demand for as long as wanted: <c>MEMSTORAGE_TEST_EFFORT</c>.
/// </summary>
public sealed class LayoutModelTests(ITestOutputHelper output)
{
    [Fact]
    public void A_store_that_refuses_keeps_all_it_has_stored() =>
        LayoutRuns.Run(EvictionMode.Refuse, Effort.FirstSeed, Effort.Histories(30), 2500, output, static _ => { });

    [Fact]
    public void Long_runs_keep_all_that_was_stored()
    {
        Assert.SkipWhen(Environment.GetEnvironmentVariable("MEMSTORAGE_TEST_EFFORT") is null, "MEMSTORAGE_TEST_EFFORT is not set.");
        LayoutRuns.Run(EvictionMode.Refuse, Effort.FirstSeed, Effort.Histories(15), 200_000, output, static _ => { });
    }
}

/// <summary>
/// The same load in a store that evicts: "a record that a cleaning meets goes only by the policy's word". Each record that goes for want of room was judged by the policy, went by
/// force after everything else, or is a large value that went for its array; nothing else. One that the policy would keep finds a place.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class JudgedEvictionTests(ITestOutputHelper output)
{
    [Fact]
    public void Whatever_goes_was_judged()
    {
        long justified = 0;
        int unheeded = 0;
        using GuardTakenOut taken = new(Guard.None, point =>
        {
            unheeded += point == TestPoint.DroppedUnheeded ? 1 : 0;
            if (point is TestPoint.JudgedToGo or TestPoint.DroppedByForce or TestPoint.DroppedOutOfTurn)
                justified++;
        });
        LayoutRuns.Run(EvictionMode.Evict, Effort.FirstSeed, Effort.Histories(30), 2500, output, script =>
        {
            Assert.Equal(0, unheeded);
            Assert.Equal(justified, script.Store.Stats().EvictCount);
            justified = 0;
        });
    }

    /// <summary>With the guard taken out (writers take the room that survivors need) the first test fails: the policy's word cannot be heeded.</summary>
    [Fact]
    public void Without_room_for_survivors_the_policy_is_not_heeded()
    {
        int unheeded = 0;
        using GuardTakenOut taken = new(Guard.Survivors, point => unheeded += point == TestPoint.DroppedUnheeded ? 1 : 0);
        LayoutRuns.Run(EvictionMode.Evict, 0, 8, 2500, output, static _ => { });
        Assert.True(unheeded > 0);
    }

    /// <summary>The second line: a cleaning without room for its survivors is given up, and loses none of them either.</summary>
    [Fact]
    public void A_cleaning_without_room_is_given_up()
    {
        int givenUp = 0;
        using GuardTakenOut taken = new(Guard.Survivors, point => givenUp += point == TestPoint.CleaningGivenUp ? 1 : 0);
        for (int seed = 0; seed < 8; seed++)
            LayoutRuns.Run(new LayoutConfiguration(16 << 10, 1, 48, Lengths.TwoKinds, Compression: false, BatchSize: 1, LivePercent: 85, Holds: false, EvictionMode.Refuse), seed, 4000, output, static _ => { });
        Assert.True(givenUp > 0);
    }
}

internal static class LayoutRuns
{
    public static void Run(EvictionMode mode, int firstSeed, int runs, int steps, ITestOutputHelper output, Action<LayoutScript> check)
    {
        for (int seed = firstSeed; seed < firstSeed + runs; seed++)
            Run(LayoutConfiguration.Draw(seed, mode), seed, steps, output, check);
    }

    public static void Run(LayoutConfiguration configuration, int seed, int steps, ITestOutputHelper output, Action<LayoutScript> check)
    {
        using var script = new LayoutScript(configuration, seed);
        try
        {
            // enough to fill the bound twice, and then as many
            var random = new Random(seed);
            int average = Enumerable.Range(0, 200).Sum(_ => configuration.Draw(random)) / 200;
            script.Run((int)Math.Min(10 * steps, configuration.Limit * 4 / average) + steps);
            check(script);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"MEMSTORAGE_TEST_SEED={seed}, {configuration}: {e.Message}", e);
        }
        output.WriteLine($"{seed}: {configuration}: at most {script.MostLive:F1} % live, {script.Refused} writes refused.");
    }
}
