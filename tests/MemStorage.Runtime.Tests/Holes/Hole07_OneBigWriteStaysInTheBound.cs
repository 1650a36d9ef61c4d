using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 7 of the origin: "<c>EvictThreshold</c> reached by one big write: five keys go, the write is stored anyway, the limit is passed."
/// </summary>
public sealed class Hole07_OneBigWriteStaysInTheBound : StoreTest
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_big_write_evicts_as_much_as_it_needs_or_is_refused(bool asyncEviction)
    {
        const int limit = 256 << 10;
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.AsyncEviction, o.CompressionEnabled) = (limit, 1, asyncEviction, false));
        for (int i = 0; i < 5000; i++)
            store.Put($"k{i}", Payload.Create(i, i, 100));
        foreach (int length in new[] { 10_000, 50_000, 100_000, 150_000, 200_000, 240_000, 262_000, 300_000 })
        {
            SetResult result = store.Set("big", new StoredItem(Payload.Create(1, length, length)));
            MemoryReport report = store.GetMemoryReport();
            Assert.True(report.UsedBytes <= limit, $"{length}: {report.UsedBytes} of {limit} bytes.");
            // what takes most of the bound may be evicted at once by the threshold; what is there is the newest
            bool there = store.TryGet("big", out StoredItem? big);
            if (there)
                Assert.True(Payload.TryVerify(big!.Value.Span, 1, out long stamp) && (stamp == length) == (result == SetResult.Stored));
            Assert.True(result is SetResult.Stored or SetResult.MemoryLimit);
            Assert.True(there || length > 100_000, $"{length} bytes were stored and are gone at once: {report}");
            Assert.True(length > 100_000 || result == SetResult.Stored, $"{length} of {limit} bytes were refused.");
            Assert.True(length <= limit || result == SetResult.MemoryLimit, $"{length} bytes were stored in {limit}.");
        }
    }

    /// <summary>Big writes from several threads at once do not pass the limit together either.</summary>
    [Fact]
    public void Big_writes_at_the_same_time_stay_in_the_bound()
    {
        const int limit = 512 << 10;
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.CompressionEnabled) = (limit, 4, false));
        long highest = 0;
        Parallel.For(0, 8, t =>
        {
            Random random = new(t);
            for (int i = 0; i < 60; i++)
            {
                _ = store.Set($"t{t}-{i % 5}", new StoredItem(Payload.Create(t, i, random.Next(1000, 90_000))));
                long used = store.GetMemoryReport().UsedBytes;
                InterlockedMax(ref highest, used);
            }
        });
        Assert.InRange(highest, 1, limit);
    }

    private static void InterlockedMax(ref long target, long value)
    {
        long seen;
        while ((seen = Volatile.Read(ref target)) < value && Interlocked.CompareExchange(ref target, value, seen) != seen)
        {
        }
    }
}
