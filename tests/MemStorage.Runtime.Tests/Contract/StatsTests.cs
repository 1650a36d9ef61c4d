using System.Text;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>
/// "<c>Stats()</c>: <c>KeyCount TotalBytes CompressedBytes OriginalBytes CompressionRatio GetCount SetCount HitCount MissCount HitRate EvictCount</c>":
/// the same eleven names, and more.
/// </summary>
public sealed class StatsTests : StoreTest
{
    [Fact]
    public void A_new_store_has_zeros()
    {
        MemStoreStats stats = Open().Stats();
        Assert.Equal(new MemStoreStats(), stats);
        Assert.Equal(0, stats.HitRate);
        Assert.Equal(1, stats.CompressionRatio);
    }

    [Fact]
    public void Reads_and_writes_are_counted()
    {
        MemStore store = Open();
        store.Put("a", "1", 5);
        store.Put("b", "2", 5);
        Assert.Equal(SetResult.Superseded, store.Set("a", StoreExtensions.Item("x", 4)));
        Assert.Equal(SetResult.MemoryLimit, store.Set("huge", new StoredItem(Payload.Create(1, 1, 5 << 20))));
        Assert.True(store.TryGet("a", out _));
        Assert.True(store.TryGetNoCopy("b", out _));
        Assert.False(store.TryGet("absent", out _));
        Assert.False(store.TryGetNoCopy("absent", out _));
        Assert.Equal(2, store.BatchGet(["a", "b", "absent"]).Count);
        Assert.Equal(DeleteResult.Deleted, store.Delete("b", 6));
        Assert.Equal(DeleteResult.NotFound, store.Delete("absent", 6));

        MemStoreStats stats = store.Stats();
        Assert.Equal(1, stats.KeyCount);
        Assert.Equal(4, stats.SetCount);
        Assert.Equal(1, stats.SupersededCount);
        Assert.Equal(1, stats.MemoryLimitCount);
        Assert.Equal(7, stats.GetCount);
        Assert.Equal(4, stats.HitCount);
        Assert.Equal(3, stats.MissCount);
        Assert.Equal(4.0 / 7, stats.HitRate, 12);
        Assert.Equal(2, stats.DeleteCount);
        Assert.Equal(2, stats.TombstoneCount);
        Assert.Equal(0, stats.EvictCount);
    }

    /// <summary>Batches count as that many single calls.</summary>
    [Fact]
    public void Batches_count_each_key()
    {
        MemStore store = Open();
        Assert.Equal(10, store.BatchSet(Enumerable.Range(0, 10).ToDictionary(i => $"k{i}", i => StoreExtensions.Item("v", i + 1))).Count);
        Assert.Equal(10, store.BatchGetNoCopy(Enumerable.Range(0, 15).Select(i => $"k{i}")).Count);
        MemStoreStats stats = store.Stats();
        Assert.Equal(10, stats.SetCount);
        Assert.Equal(15, stats.GetCount);
        Assert.Equal(10, stats.HitCount);
    }

    [Fact]
    public void Bytes_follow_the_entries_exactly()
    {
        MemStore store = Open();
        Dictionary<string, int> lengths = [];
        Random random = new(11);
        for (int i = 0; i < 3000; i++)
        {
            string key = $"key-{random.Next(200)}";
            if (random.Next(4) == 0)
            {
                _ = store.Delete(key);
                lengths.Remove(key);
            }
            else
            {
                int length = random.Next(24, 500);
                store.Put(key, Payload.Create(i, (i * 3) + 1, length));
                lengths[key] = length;
            }
        }
        MemStoreStats stats = store.Stats();
        long keyBytes = lengths.Keys.Sum(k => (long)Encoding.UTF8.GetByteCount(k));
        Assert.Equal(lengths.Count, stats.KeyCount);
        Assert.Equal(lengths.Values.Sum(v => (long)v), stats.OriginalBytes);
        Assert.InRange(stats.CompressedBytes, 1, stats.OriginalBytes);
        // header, and padding to a multiple of 8
        long beside = stats.TotalBytes - stats.CompressedBytes - keyBytes;
        Assert.InRange(beside, lengths.Count * 16, lengths.Count * (32 + 7));
        Assert.True(stats.TotalBytes < store.GetMemoryReport().LiveBytes, "Tombstones are live records, but not live entries.");
    }

    /// <summary>"<c>CompressedBytes</c> / <c>OriginalBytes</c>".</summary>
    [Fact]
    public void The_ratio_is_compressed_to_original()
    {
        MemStore store = Open();
        store.Put("zeros", new byte[1000]);
        MemStoreStats stats = store.Stats();
        Assert.Equal(1000, stats.OriginalBytes);
        Assert.InRange(stats.CompressedBytes, 1, 100);
        Assert.Equal(stats.CompressedBytes / 1000.0, stats.CompressionRatio, 12);
    }

    /// <summary>"Entries dropped for want of room" are counted, and every entry is accounted for.</summary>
    [Fact]
    public void Evictions_are_counted()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.AsyncEviction) = (128 << 10, 1, false));
        const int written = 3000;
        for (int i = 0; i < written; i++)
            store.Put($"k{i}", Payload.Create(i, i, 200));
        MemStoreStats stats = store.Stats();
        Assert.True(stats.EvictCount > 0);
        Assert.Equal(written, stats.KeyCount + stats.EvictCount);
        Assert.Equal(stats.KeyCount, store.Keys().Count());
    }

    /// <summary>"Bytes of the records that writes and deletes stored (header, key, value as stored, padding), overwrites in place included": by hand for a few.</summary>
    [Fact]
    public void Written_bytes_are_whole_records()
    {
        MemStore store = Open();
        Assert.Equal(1, store.Stats().WriteAmplification);
        store.Put("key", new byte[21]); // 16 + 3 + 21
        Assert.Equal(40, store.Stats().WrittenBytes);
        store.Put("key", new byte[16]); // 16 + 3 + 16, and 5 to the next multiple of 8: in place
        Assert.Equal(80, store.Stats().WrittenBytes);
        KeySpace space = store.GetKeySpace("other");
        Assert.Equal(SetResult.Stored, space.Set("key"u8, "abc"u8));
        long other = space.Stats().WrittenBytes;
        Assert.InRange(other, 24, 48);
        Assert.Equal(80 + other, store.Stats().WrittenBytes);
        store.Delete("key"); // a tombstone has an extension: 24 + 3
        MemStoreStats stats = store.Stats();
        Assert.Equal(80 + other + 32, stats.WrittenBytes);
        Assert.Equal((0, 0, 1.0), (stats.CopiedBytes, stats.ReclaimedBytes, stats.WriteAmplification));
    }

    /// <summary>Every record that was appended lies in a segment or was reclaimed with one: with no overwrite in place, written + copied = live + dead + reclaimed.</summary>
    [Theory]
    [InlineData(EvictionMode.Evict, 1200)]
    [InlineData(EvictionMode.Refuse, 300)]
    public void Copied_and_reclaimed_bytes_account_for_every_record(EvictionMode mode, int keys)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.AsyncEviction, o.EvictionMode, o.CompressionEnabled) = (256 << 10, 1, false, mode, false));
        var random = new Random(3);
        int[] writes = new int[keys];
        for (int i = 0; i < 12_000; i++)
        {
            int key = random.Next(keys);
            // each write of a key takes another room than the one before, so nothing is overwritten in place
            if (random.Next(10) == 0)
                _ = store.Delete($"k{key}");
            else
                _ = store.Set($"k{key}", new byte[200 + 16 * random.Next(20) + 8 * (writes[key]++ & 1)]);
        }
        MemStoreStats stats = store.Stats();
        MemoryReport report = store.GetMemoryReport();
        Assert.Equal(report.LiveBytes + report.DeadBytes + stats.ReclaimedBytes, stats.WrittenBytes + stats.CopiedBytes);
        Assert.InRange(stats.CopiedBytes, 1, stats.ReclaimedBytes);
        Assert.Equal(1 + (double)stats.CopiedBytes / stats.WrittenBytes, stats.WriteAmplification);
        StoreInvariants.Assert(store);
    }

    /// <summary>"Entries dropped because they had expired": each once, however often it is met.</summary>
    [Fact]
    public void Expired_entries_are_counted_once()
    {
        MemStore store = Open(o => o.ExpirySweepInterval = TimeSpan.FromSeconds(1));
        for (int i = 0; i < 300; i++)
            store.Put($"k{i}", "v", expireAt: Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 300; i++)
            Assert.False(store.TryGet($"k{i % 50}", out _));
        for (int i = 0; i < 300; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        MemStoreStats stats = store.Stats();
        Assert.Equal(300, stats.ExpiredCount);
        Assert.Equal(0, stats.KeyCount);
        Assert.Equal(0, stats.EvictCount);
    }
}
