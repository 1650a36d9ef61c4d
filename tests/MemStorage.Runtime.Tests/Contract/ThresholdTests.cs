using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"At <c>EvictThreshold</c> percent of the bound eviction starts, at <c>EvictTarget</c> it stops", whatever the mix of small values and values with arrays of their own.</summary>
public sealed class ThresholdTests : StoreTest
{
    private const int Limit = 4 << 20;

    private static double Occupied(MemStore store) => 100.0 * store.Engine.Store.Budget.Occupied / Limit;

    private static byte[] Value(int i, int largePercent) => Payload.Create(i, 1, i * 37 % 100 < largePercent ? 9000 + (i % 5000) : 200);

    [Theory]
    [InlineData(90, 80, 100)]
    [InlineData(90, 80, 50)]
    [InlineData(90, 80, 5)]
    [InlineData(90, 80, 0)]
    [InlineData(60, 30, 100)]
    [InlineData(60, 30, 20)]
    public void The_background_is_asked_at_the_threshold_and_ends_at_the_target(int threshold, int target, int largePercent)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.SegmentBytes, o.EvictThreshold, o.EvictTarget, o.CompressionEnabled) = (Limit, 16 << 10, threshold, target, false));
        int requests = 0;
        store.Engine.Store.RequestEviction = () => requests++; // instead of the thread pool, so that the test says when
        int i = 0;
        for (; requests == 0; i++)
        {
            Assert.True(Occupied(store) < threshold + 1, $"{Occupied(store):F1} % and nobody was asked to evict.");
            store.Put($"k{i}", Value(i, largePercent));
        }
        Assert.InRange(Occupied(store), threshold - 4, threshold + 1);
        Assert.Equal(0, store.Stats().EvictCount);
        for (; Occupied(store) < threshold + 0.5 && i < 100_000; i++)
            store.Put($"k{i}", Value(i, largePercent));
        store.Engine.Background.EvictToTarget();
        Assert.InRange(Occupied(store), target - 4, target + 0.01);
        long evicted = store.Stats().EvictCount;
        Assert.True(evicted > 0);
        store.Engine.Background.EvictToTarget();
        Assert.Equal(evicted, store.Stats().EvictCount);
    }

    [Theory]
    [InlineData(100)]
    [InlineData(50)]
    [InlineData(5)]
    [InlineData(0)]
    public void Without_a_background_writers_keep_the_store_at_the_threshold(int largePercent)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.SegmentBytes, o.EvictThreshold, o.EvictTarget, o.CompressionEnabled, o.AsyncEviction) = (Limit, 16 << 10, 70, 50, false, false));
        double most = 0, least = 100;
        int steps = largePercent > 0 ? 6000 : 60_000;
        for (int i = 0; i < steps; i++)
        {
            store.Put($"k{i}", Value(i, largePercent));
            most = Math.Max(most, Occupied(store));
            if (i > steps / 2)
                least = Math.Min(least, Occupied(store));
        }
        Assert.InRange(most, 65, 77); // a segment a shard that is being reclaimed, and a table of the index that has grown
        Assert.InRange(least, 45, 66);
        // what was written last is there: it was not judged by its own write
        Assert.True(store.TryGet($"k{steps - 1}", out _));
    }
}
