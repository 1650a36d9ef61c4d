using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>TTL: "swept in the background by segments (no full scans), exact at read".</summary>
public sealed class ExpiryTests : StoreTest
{
    /// <summary>Exact at read: readable until the last millisecond, gone at the moment itself, swept or not.</summary>
    [Fact]
    public void Expiry_is_exact_at_read()
    {
        MemStore store = Open();
        store.Put("k", "v", expireAt: Now.AddMilliseconds(1500));
        Time.Advance(TimeSpan.FromMilliseconds(1499));
        Assert.Equal("v", store.Text("k"));
        Assert.True(store.TryGetNoCopy("k", out _));
        Time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(store.Text("k"));
        Assert.False(store.TryGetNoCopy("k", out _));
        Assert.Empty(store.BatchGet(["k"]));
        Assert.Empty(store.Keys());
    }

    /// <summary>A new write brings a new expiry, or none.</summary>
    [Fact]
    public void A_write_replaces_the_expiry()
    {
        MemStore store = Open();
        store.Put("k", "short", expireAt: Now.AddSeconds(1));
        store.Put("k", "never");
        Time.Advance(TimeSpan.FromDays(1));
        Assert.Equal("never", store.Text("k"));
        Assert.Null(store.Get("k").ExpireAt);
        store.Put("k", "short again", expireAt: Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(store.Text("k"));
    }

    /// <summary>A time in the past stores an entry that no read finds.</summary>
    [Fact]
    public void An_expiry_in_the_past_is_stored_and_absent()
    {
        MemStore store = Open();
        store.Put("k", "first", 5);
        store.Put("k", "gone", 6, Now.AddSeconds(-1));
        Assert.Null(store.Text("k"));
        Assert.Empty(store.Keys());
    }

    /// <summary>The sweep gives the bytes back although nobody reads the entries.</summary>
    [Fact]
    public void The_sweep_gives_the_room_back()
    {
        MemStore store = Open(o => o.ExpirySweepInterval = TimeSpan.FromSeconds(1));
        for (int i = 0; i < 3000; i++)
            store.Put($"k{i}", Payload.Create(i, i, 200), expireAt: Now.AddSeconds(5 + (i % 10)));
        store.Put("stays", "v");
        for (int i = 0; i < 2000; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        MemStoreStats stats = store.Stats();
        Assert.Equal(1, stats.KeyCount);
        Assert.Equal(3000, stats.ExpiredCount);
        Assert.Equal("v", store.Text("stays"));
        Assert.True(store.GetMemoryReport().LiveBytes < 100);
    }

    /// <summary>Without a sweep expired entries go where they are met: a store full of them takes new writes for ever.</summary>
    [Fact]
    public void Expired_entries_make_room_for_new_ones()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.EvictionMode) = (128 << 10, 1, EvictionMode.Refuse));
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 200; i++)
                store.Put($"r{round}-{i}", Payload.Create(i, 1, 200), expireAt: Now.AddSeconds(10));
            Time.Advance(TimeSpan.FromSeconds(11));
        }
        StoreInvariants.Assert(store);
    }

    /// <summary>A cleaning that is given up puts its segment back: a sweep that it interrupted begins again there, and nothing that has expired stays.</summary>
    [Fact]
    public void A_sweep_finds_what_expired_in_a_segment_that_was_put_back()
    {
        MemStore store = Open(o => (o.ShardCount, o.CompressionEnabled) = (1, false));
        Storage.Shard shard = store.Engine.Shards[0];
        for (int i = 0; i < 200; i++)
            store.Put($"k{i}", new byte[100], expireAt: Now.AddSeconds(5));
        Time.Advance(TimeSpan.FromSeconds(10));
        Storage.Eviction.LogKind log = shard.Log.Queue(Storage.Eviction.LogKind.Small).Count > 0 ? Storage.Eviction.LogKind.Small : Storage.Eviction.LogKind.Main;
        Assert.True(shard.SweepExpired(1)); // half way
        int id = Enumerable.Range(1, shard.Log.HighestId).First(i => shard.Log.Info(i).State == Storage.Log.SegmentState.Closed && shard.Log.Info(i).EarliestExpiry == long.MaxValue);
        shard.Log.BeginReclaim(id, log);
        Assert.True(shard.SweepExpired(1)); // goes on elsewhere
        shard.Log.PutBack(id);
        store.SweepExpired();
        Assert.Equal(200, store.Stats().ExpiredCount);
        Assert.Equal(0, store.Stats().KeyCount);
    }
}
