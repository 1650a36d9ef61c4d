using System.Globalization;
using Xunit;

namespace MemStorage.Tests.Costs;

/// <summary>
/// Bytes that the store moves for each byte written, by its counters: one thread, one seed, no background work, so the figures are the same in every run, and a change of cleaning or
/// eviction that costs a few percent more shows. What moves less may lower them. The whole curve: <c>bench/MemStorage.Bench amplification</c>.
/// </summary>
public sealed class AmplificationTests(ITestOutputHelper output)
{
    private const int Bound = 4 << 20;
    private const int Keys = 15_000;
    private static readonly byte[] s_value = new byte[400];

    private static MemStore NewStore(EvictionMode mode) => new(new MemStoreOptions
    {
        MaxMemoryBytes = Bound,
        ShardCount = 1,
        SegmentBytes = Bound / 64, // as many segments as in the curve
        EvictionMode = mode,
        CompressionEnabled = false,
        ChangeLogBytes = 0,
        AsyncEviction = false,
        ExpirySweepInterval = TimeSpan.Zero,
        HashSeed = 1,
    });

    /// <summary>Uniform overwrites of changing size in a store that never evicts: cleaning alone. Near the bound it costs most.</summary>
    [Theory]
    [InlineData(50, 1.813)]
    [InlineData(80, 4.570)]
    public void Overwrites_move_what_they_did(int livePercent, double expected)
    {
        using MemStore store = NewStore(EvictionMode.Refuse);
        Random random = new(1);
        int keys = 0;
        for (; store.Stats().WrittenBytes < Bound * (livePercent / 100.0); keys++)
            Write(keys);
        for (int i = 0; i < 5 * Keys; i++)
            Write(random.Next(keys));
        MemStoreStats before = store.Stats();
        for (int i = 0; i < 5 * Keys; i++)
            Write(random.Next(keys));
        Check(store, before, expected);

        void Write(int key) => Assert.Equal(SetResult.Stored, store.Set(Key(key), s_value.AsSpan(0, random.Next(100, 400))));
    }

    /// <summary>A cache under a skewed load of reads, of which each miss is an insert: what eviction keeps is copied.</summary>
    [Fact]
    public void Read_through_moves_what_it_did()
    {
        using MemStore store = NewStore(EvictionMode.Evict);
        Random random = new(1);
        byte[] destination = new byte[s_value.Length];
        for (int i = 0; i < 10 * Keys; i++)
            Access();
        MemStoreStats before = store.Stats();
        for (int i = 0; i < 10 * Keys; i++)
            Access();
        Check(store, before, expected: 1.849);

        void Access()
        {
            string key = Key((int)(2 * Keys * Math.Pow(random.NextDouble(), 3)));
            if (!store.TryGet(key, destination, out _, out _))
                Assert.Equal(SetResult.Stored, store.Set(key, s_value.AsSpan(0, random.Next(100, 400))));
        }
    }

    private void Check(MemStore store, MemStoreStats before, double expected)
    {
        MemStoreStats after = store.Stats();
        double moved = 1 + (after.CopiedBytes - before.CopiedBytes) / (double)(after.WrittenBytes - before.WrittenBytes);
        output.WriteLine($"{moved:F3} bytes moved per byte written, {after.KeyCount} keys");
        Assert.InRange(moved, 0.98 * expected, 1.02 * expected);
        StoreInvariants.Assert(store);
    }

    private static string Key(int key) => string.Create(CultureInfo.InvariantCulture, $"key:{key}");
}
