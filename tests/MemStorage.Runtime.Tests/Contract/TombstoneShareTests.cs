using MemStorage.Storage;
using MemStorage.Storage.Eviction;
using MemStorage.Storage.Reclaim;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>docs/versions.md: "Deletes are cheap": tombstones have a share of their own, take it only where it is free, and give way to entries.</summary>
public sealed class TombstoneShareTests : StoreTest
{
    private MemStore Store(int megabytes, Action<MemStoreOptions>? configure = null) => Open(o =>
    {
        o.MaxMemoryBytes = megabytes << 20;
        o.ShardCount = 0;
        o.SegmentBytes = 0;
        o.CompressionEnabled = false;
        o.AsyncEviction = false;
        configure?.Invoke(o);
    });

    private static void AssertAllThere(MemStore store, int entries)
    {
        for (int i = 0; i < entries; i++)
            Assert.True(store.TryGet($"live:{i}", out _), $"live:{i} of {entries} is gone");
        Assert.Equal(0, store.Stats().EvictCount);
        MemoryReport report = store.GetMemoryReport();
        Assert.True(report.TombstoneBytes <= report.TombstoneLimitBytes, $"{report.TombstoneBytes} of {report.TombstoneLimitBytes}");
        Assert.True(report.TombstoneLimitBytes <= report.LimitBytes / 8);
    }

    /// <summary>"Whatever the number of deletes of keys that are there or not, live entries stay as long as the live bytes fit."</summary>
    [Theory]
    [InlineData(1000, 10 * 60)]
    [InlineData(4000, 10 * 60)]
    [InlineData(12_000, 10 * 60)]
    [InlineData(4000, 0)]
    public void Removes_of_keys_that_never_existed_evict_nothing(int entries, int retentionSeconds)
    {
        MemStore store = Store(16, o => o.TombstoneRetention = TimeSpan.FromSeconds(retentionSeconds));
        for (int i = 0; i < entries; i++)
            store.Put($"live:{i}", new byte[1000]);
        for (int i = 0; i < 600_000; i++)
            Assert.Equal(DeleteResult.NotFound, store.Delete($"order:{i}"));
        AssertAllThere(store, entries);
        for (int i = 0; i < entries; i++)
            store.Put($"live:{i}", new byte[1000]); // overwritten: still no entry goes for a deletion
        AssertAllThere(store, entries);
    }

    /// <summary>The same for keys that come and go, and for such that expire between them.</summary>
    [Theory]
    [InlineData(EvictionMode.Evict, 1_000_000)]
    [InlineData(EvictionMode.Refuse, 300_000)]
    public void Sets_and_deletes_evict_nothing(EvictionMode mode, int rounds)
    {
        MemStore store = Store(16, o => o.EvictionMode = mode);
        for (int i = 0; i < 1000; i++)
            store.Put($"live:{i}", new byte[1000]);
        for (int i = 0; i < rounds; i++)
        {
            store.Put($"k{i}", "v", expireAt: i % 7 == 0 ? Now.AddSeconds(1) : null);
            if (i % 7 != 0)
                Assert.Equal(DeleteResult.Deleted, store.Delete($"k{i}"));
            if (i % 10_000 == 0)
            {
                Time.Advance(TimeSpan.FromSeconds(2));
                store.SweepExpired();
            }
        }
        AssertAllThere(store, 1000);
    }

    /// <summary>"Tombstones give way to entries": a store full of them takes entries as if there were none.</summary>
    [Theory]
    [InlineData(EvictionMode.Evict)]
    [InlineData(EvictionMode.Refuse)]
    public void Tombstones_give_way_to_entries(EvictionMode mode)
    {
        MemStore empty = Store(8, o => o.EvictionMode = mode);
        MemStore full = Store(8, o => o.EvictionMode = mode);
        for (int i = 0; i < 100_000; i++)
            Assert.Equal(DeleteResult.NotFound, full.Delete($"order:{i}"));
        Assert.True(full.Stats().TombstoneCount > 0);
        int fits = 0;
        while (empty.Set($"live:{fits}", new StoredItem(new byte[1000])) == SetResult.Stored && empty.Stats().EvictCount == 0)
            fits++;
        fits = fits * 85 / 100; // what tombstones take of the index, and the few that stay in a store that evicts
        for (int i = 0; i < fits; i++)
            Assert.Equal(SetResult.Stored, full.Set($"live:{i}", new StoredItem(new byte[1000])));
        AssertAllThere(full, fits);
    }

    /// <summary>"The feed tells each loss": what is told and what is lost are together what was deleted.</summary>
    [Fact]
    public void The_feed_tells_each_loss()
    {
        MemStore store = Store(16);
        ChangeCursor cursor = store.Changes.Newest;
        for (int i = 0; i < 100_000; i++)
            Assert.Equal(DeleteResult.NotFound, store.Delete($"order:{i}"));
        long told = 0, lost = 0;
        while (true)
        {
            ChangeBatch batch = store.Changes.Read(cursor);
            cursor = batch.Cursor;
            if (batch.Operations.Count == 0 && !batch.IsGap)
                break;
            told += batch.Operations.Count;
            lost += batch.LostOperations;
        }
        Assert.Equal(100_000, told + lost);
        Assert.True(told > 0);
    }

    private MemStore FewSegments() => Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) =
        (256 << 10, 1, 16 << 10, false, false, 0));

    /// <summary>"The oldest go before their time; a delete never costs the newest": in a shard of a few segments too, wherever the store is full to when the deletes begin.</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(60)]
    [InlineData(90)]
    [InlineData(110)]
    [InlineData(120)]
    [InlineData(130)]
    public void The_oldest_go_first_in_a_shard_of_few_segments(int entries)
    {
        MemStore store = FewSegments();
        for (int i = 0; i < entries; i++)
            store.Put($"live:{i}", new byte[1500]);
        long evicted = store.Stats().EvictCount, most = 0, least = long.MaxValue;
        for (int i = 0; i < 5000; i++)
        {
            store.Delete($"order:{i}");
            long now = store.Stats().TombstoneCount;
            most = Math.Max(most, now);
            if (i > 1000)
                least = Math.Min(least, now);
        }
        Assert.Equal(evicted, store.Stats().EvictCount);
        if (most > 0)
            Assert.True(least > most / 10, $"of {most} tombstones {least} were left");
        else
            Assert.True(entries > 100, "There is room, and no tombstone.");
    }

    /// <summary>A tombstone opens a segment of its own beside the reserve, never the reserve itself.</summary>
    [Fact]
    public void The_first_tombstone_leaves_the_reserve()
    {
        MemStore store = FewSegments();
        store.Put("k", "v");
        Shard shard = store.Engine.Shards[0];
        while (shard.Log.FreeCount > 0)
            shard.Log.DropFreeSegment();
        Assert.Equal(DeleteResult.NotFound, store.Delete("absent"));
        Assert.Equal(1, store.Stats().TombstoneCount);
        Assert.True(shard.Log.FreeCount >= Reclaimer.ReservedSegments);
    }

    /// <summary>Deletions leave what a cleaning still has to copy its place.</summary>
    [Fact]
    public void Deletions_leave_the_survivors_of_a_cleaning_their_room()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) = (256 << 10, 1, 4096, false, false, 0));
        Shard shard = store.Engine.Shards[0];
        int n = 0;
        while (shard.Log.Queue(LogKind.Tombstones).Count < 2)
            store.Delete($"order:{n++}");
        int victim = shard.Log.Queue(LogKind.Tombstones).Oldest;
        int live = shard.Log.Info(victim).Position - shard.Log.Info(victim).Dead;
        shard.Log.BeginReclaim(victim, LogKind.Tombstones);
        while (shard.Log.FreeCount > 0)
            shard.Log.DropFreeSegment();
        for (int i = 0; i < 100; i++)
        {
            store.Delete($"order:{n++}");
            Assert.True(shard.Log.FreeCount > 0 || shard.Log.RoomIn(LogKind.Tombstones) >= live, $"{shard.Log.RoomIn(LogKind.Tombstones)} bytes are left for {live}");
        }
        shard.Log.PutBack(victim);
    }
}
