using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// Readers verify a checksum of every byte while writers overwrite and segments are recycled. Seconds in the suite; <c>MEMSTORAGE_SOAK_SECONDS</c> makes each run as long as
/// wanted (docs/testing.md). Each guard of the reader protocol taken out makes the same stress fail.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class ChecksumStressTests
{
    private const double SecondsEach = 1;

    public static TheoryData<string> Scenarios => [.. All.Keys];

    private static readonly Dictionary<string, Func<int, StressOptions>> All = new()
    {
        ["evicting, 1 KiB segments"] = seed => new StressOptions { Seed = seed, Keys = 4000 },
        ["evicting, 4 KiB segments, no compression"] = seed => new StressOptions { Seed = seed, SegmentBytes = 4096, Limit = 512 << 10, Compression = false, Keys = 4000 },
        ["evicting, one length, few versions"] = seed => new StressOptions { Seed = seed, FixedLength = true, Compression = false, Keys = 6000, NoCopyReads = false },
        ["evicting, 128 KiB segments that collections move"] = seed => new StressOptions { Seed = seed, SegmentBytes = 128 << 10, Shards = 1, Limit = 3 << 20, Compression = false, Keys = 8000, Compacting = true },
        ["everything fits, all lengths"] = seed => new StressOptions { Seed = seed, EverythingFits = true, Keys = 500 },
        ["everything fits, overwritten in place"] = seed => new StressOptions { Seed = seed, EverythingFits = true, FixedLength = true, Compression = false, Keys = 64, NoCopyReads = false },
        ["everything fits, the index grows"] = seed => new StressOptions { Seed = seed, EverythingFits = true, Growing = true, SegmentBytes = 4096, Shards = 1 },
    };

    [Theory]
    [MemberData(nameof(Scenarios))]
    public void No_byte_is_wrong(string scenario)
    {
        int seed = Effort.Seed();
        StressResult result = ChecksumStress.Run(All[scenario](seed), Effort.Soak(SecondsEach));
        TestContext.Current.TestOutputHelper?.WriteLine($"{scenario}: {result}");
        Assert.True(result.Failures.Count == 0, $"MEMSTORAGE_TEST_SEED={seed}, {scenario}: {result}");
        Assert.True(result.Hits > 0 && result.Writes > 0, $"{scenario}: {result}");
        if (scenario.StartsWith("evicting", StringComparison.Ordinal))
            Assert.True(result.Evictions > 0, $"Nothing was evicted, so no segment was recycled: {result}");
    }

    /// <summary>
    /// The stress can fail: with a guard taken out it does. Readers stand between two steps until the writers have made some thousand writes, so it does not depend on the speed of the
    /// machine. (<see cref="SeededScheduleTests"/> shows the same without real parallelism.)
    /// </summary>
    [Theory]
    [InlineData(Guard.GenerationCheck, "evicting, one length, few versions", 3000)]
    [InlineData(Guard.GenerationBump, "evicting, one length, few versions", 3000)]
    [InlineData(Guard.VersionCheck, "everything fits, overwritten in place", 1000)]
    [InlineData(Guard.SharedMark, "evicting, 4 KiB segments, no compression", 3000)]
    [InlineData(Guard.DirectoryCheck, "everything fits, the index grows", 12_000)]
    public void With_a_guard_taken_out_the_stress_fails(Guard guard, string scenario, int writesPerStand)
    {
        using GuardTakenOut _ = new(guard, ChecksumStress.StandWhileWritersGoOn);
        StressOptions options = All[scenario](Effort.Seed()) with { WritesPerStand = writesPerStand, StandAt = guard == Guard.DirectoryCheck ? TestPoint.ReadAfterTable : TestPoint.ReadBeforeCopy };
        StressResult result = ChecksumStress.Run(options, TimeSpan.FromMinutes(10), untilFailure: true);
        // where the writers have a processor and the readers do not, an index has grown to its end before a reader has stood
        for (int again = 0; again < 10 && result.Failures.Count == 0; again++)
            result = ChecksumStress.Run(options, TimeSpan.FromMinutes(10), untilFailure: true);
        TestContext.Current.TestOutputHelper?.WriteLine($"without {guard}: {result}");
        Assert.True(result.Failures.Count > 0, $"MEMSTORAGE_TEST_SEED={options.Seed}: the stress does not notice that {guard} is missing: {result}");
    }

    /// <summary>The yielding alone breaks nothing.</summary>
    [Theory]
    [MemberData(nameof(Scenarios))]
    public void With_all_guards_the_same_windows_are_harmless(string scenario)
    {
        int seed = Effort.Seed();
        using GuardTakenOut _ = new(Guard.None, YieldNowAndThen);
        StressResult result = ChecksumStress.Run(All[scenario](seed), Effort.Soak(SecondsEach));
        Assert.True(result.Failures.Count == 0, $"MEMSTORAGE_TEST_SEED={seed}, {scenario}: {result}");
    }

    [ThreadStatic]
    private static uint t_state;

    private static void YieldNowAndThen(TestPoint point)
    {
        if (point == TestPoint.AllocateSegment)
            return;
        t_state = (t_state * 1664525) + 1013904223 + (uint)Environment.CurrentManagedThreadId;
        if (t_state >> 27 == 0)
            Thread.Yield();
    }
}
