using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 1 of the origin: "An expired read corrects the key count but not the byte counts: after a day the store refuses every write."
/// </summary>
public sealed class Hole01_ExpiredReadsAndByteCounts : StoreTest
{
    /// <summary>A day of entries that expire and are read after their time, in a store that refuses when it is full: every write is taken.</summary>
    [Fact]
    public void A_day_of_expired_reads_leaves_the_byte_counts_exact()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.EvictionMode) = (256 << 10, 2, EvictionMode.Refuse));
        for (int minute = 0; minute < 24 * 60; minute++)
        {
            for (int i = 0; i < 10; i++)
                store.Put($"session-{minute}-{i}", Payload.Create(i, minute, 300), expireAt: Now.AddMinutes(5));
            Time.Advance(TimeSpan.FromMinutes(1));
            for (int i = 0; i < 10; i++)
                Assert.Equal(minute < 5, store.TryGet($"session-{Math.Max(0, minute - 5)}-{i}", out _) || minute < 5);
        }
        Time.Advance(TimeSpan.FromMinutes(5));
        Assert.Empty(store.Keys());
        Assert.Equal(0, store.Stats().MemoryLimitCount);
    }

    /// <summary>Once swept, nothing is left in any counter.</summary>
    [Fact]
    public void When_everything_has_expired_every_byte_is_back()
    {
        MemStore store = Open(o => o.ExpirySweepInterval = TimeSpan.FromSeconds(1));
        for (int i = 0; i < 2000; i++)
            store.Put($"k{i}", Payload.Create(i, i, 100), expireAt: Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 2000; i++)
            Assert.False(store.TryGet($"k{i}", out _));
        for (int i = 0; i < 2000 && store.Stats().KeyCount > 0; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        MemStoreStats stats = store.Stats();
        Assert.Equal((0L, 0L, 0L, 0L), (stats.KeyCount, stats.TotalBytes, stats.OriginalBytes, stats.CompressedBytes));
        Assert.Equal(0, store.GetMemoryReport().LiveBytes);
    }
}
