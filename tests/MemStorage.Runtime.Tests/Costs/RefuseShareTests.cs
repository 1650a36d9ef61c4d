using Xunit;

namespace MemStorage.Tests.Costs;

/// <summary>
/// How much of the bound live entries take when a store that never evicts refuses the first write ("what does not fit after cleaning is refused"; the figures are in docs/memory-and-eviction.md): one
/// thread, one seed, so they are the same in every run. For each new key three others are overwritten with other lengths, which leaves dead records everywhere.
/// </summary>
public sealed class RefuseShareTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(1, 1, 16, 50, 200, 86)]
    [InlineData(1, 1, 16, 200, 200, 89)]
    [InlineData(8, 4, 32, 50, 2000, 89)]
    [InlineData(8, 4, 32, 200, 200, 88)]
    [InlineData(8, 1, 128, 50, 2000, 91)]
    [InlineData(8, 4, 32, 100, 16_000, 91)]
    [InlineData(8, 4, 32, 10_000, 20_000, 94)]
    public void The_first_refusal_comes_at_a_high_live_share(int megabytes, int shards, int segmentKiB, int shortest, int longest, double least)
    {
        using MemStore store = new(new MemStoreOptions
        {
            MaxMemoryMB = megabytes,
            ShardCount = shards,
            SegmentBytes = segmentKiB << 10,
            EvictionMode = EvictionMode.Refuse,
            CompressionEnabled = false,
            ChangeLogBytes = 0,
            ExpirySweepInterval = TimeSpan.Zero,
            HashSeed = 1,
        });
        Random random = new(1);
        int keys = 0;
        bool refused = false;
        while (!refused)
        {
            refused |= Write(keys++);
            for (int i = 0; i < 3 && !refused; i++)
                refused |= Write(random.Next(keys));
        }
        MemoryReport report = store.GetMemoryReport();
        double live = 100.0 * report.LiveBytes / report.LimitBytes;
        output.WriteLine($"{megabytes} MiB, {shards} x {segmentKiB} KiB, {shortest} to {longest} bytes: {live:F1} % live, index {100.0 * report.IndexBytes / report.LimitBytes:F1} %, moved {store.Stats().WriteAmplification:F2}");
        Assert.True(live >= least, $"Refused at {live:F1} % live.");
        Assert.Equal(0, store.Stats().EvictCount);

        bool Write(int key) => store.Set($"key:{key}", new StoredItem(new byte[random.Next(shortest, longest + 1)])) == SetResult.MemoryLimit;
    }
}
