using System.Globalization;
using MemStorage.Tests.Concurrency.Scheduling;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// Forced interleavings at the named points: "read/evict, read/overwrite in place, compact/overwrite, seal/append, grow/probe, delete/compact, no-copy/retire, close/everything",
/// with a seeded scheduler and no sleeps. The seeds are the same in every run, so the result is too; <c>MEMSTORAGE_TEST_SEED</c> begins at others and
/// <c>MEMSTORAGE_TEST_EFFORT</c> runs more of them (docs/testing.md).
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class SeededScheduleTests
{
    private const int SchedulesEach = 1000;

    public static TheoryData<string> Pairs => [.. Scenarios.All.Keys];

    [Theory]
    [MemberData(nameof(Pairs))]
    public void No_schedule_fails(string pair)
    {
        using GuardTakenOut _ = new(Guard.None);
        ScheduleResult? failure = Exploration.FindFailure(Scenarios.All[pair], Effort.FirstSeed, Effort.Histories(SchedulesEach), out long steps);
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{pair}: {steps:N0} points"));
        Assert.True(failure is null, Message(pair, failure));
    }

    /// <summary>Each guard of the protocols taken out is found by a schedule, within a number of seeds that is the same on every machine.</summary>
    [Theory]
    [InlineData(Guard.GenerationCheck, "read and evict")]
    [InlineData(Guard.GenerationBump, "read and evict")]
    [InlineData(Guard.SlotRecheck, "compact and overwrite")]
    [InlineData(Guard.VersionCheck, "read and overwrite in place")]
    [InlineData(Guard.BusyMark, "read and overwrite in place")]
    [InlineData(Guard.SharedMark, "no-copy and retire")]
    [InlineData(Guard.SharedMark, "no-copy and overwrite in place")]
    [InlineData(Guard.DirectoryCheck, "grow and probe")]
    [InlineData(Guard.PublishBeforeEmptying, "grow and probe")]
    [InlineData(Guard.ClosedCheck, "close and everything")]
    public void With_a_guard_taken_out_a_schedule_fails(Guard guard, string pair)
    {
        using GuardTakenOut _ = new(guard);
        ScheduleResult? failure = Exploration.FindFailure(Scenarios.All[pair], 0, SchedulesEach, out long _);
        Assert.True(failure is not null, $"{SchedulesEach} schedules of '{pair}' do not notice that {guard} is missing.");
        TestContext.Current.TestOutputHelper?.WriteLine($"without {guard}, seed {failure.Seed}: {failure.Failure}");
    }

    /// <summary>A seed is a schedule: the same threads stand at the same points in the same order, and what goes wrong goes wrong again.</summary>
    [Theory]
    [InlineData("everything", Guard.None)]
    [InlineData("close and everything", Guard.None)]
    [InlineData("read and evict", Guard.GenerationCheck)]
    public void A_seed_replays_its_schedule(string pair, Guard guard)
    {
        using GuardTakenOut _ = new(guard);
        int first = guard == Guard.None ? 0 : Exploration.FindFailure(Scenarios.All[pair], 0, SchedulesEach, out long _)!.Seed;
        for (int seed = first; seed < first + 10; seed++)
        {
            ScheduleResult once = Exploration.Run(Scenarios.All[pair], seed);
            ScheduleResult again = Exploration.Run(Scenarios.All[pair], seed);
            Assert.Equal(once.Failure, again.Failure);
            Assert.Equal(once.Trace, again.Trace);
        }
    }

    private static string Message(string pair, ScheduleResult? failure) => failure is null
        ? ""
        : $"MEMSTORAGE_TEST_SEED={failure.Seed}, '{pair}', after {failure.Steps} points: {failure.Failure}\nlast changes:{failure.LastChanges(40)}";
}
