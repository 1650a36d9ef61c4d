using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>docs/versions.md, "What a late, older write meets": a test for each row of the table.</summary>
public sealed class LateWriteTests : StoreTest
{
    private static SyncOperation Foreign(string key, string value, long version, DateTimeOffset? expireAt = null) =>
        new(key, OpType.OpSet, StoreExtensions.Item(value, version, expireAt), 7);

    private static SyncOperation Deletion(string key, long version, int origin = 7) => new(key, OpType.OpDelete, new StoredItem([], version), origin);

    private MemStore Refusing() => Open(o =>
    {
        o.MaxMemoryBytes = 256 << 10;
        o.ShardCount = 1;
        o.EvictionMode = EvictionMode.Refuse;
        o.CompressionEnabled = false;
        o.ChangeLogBytes = 0;
    });

    /// <summary>"Deleted: a tombstone, for <c>TombstoneRetention</c>", whether there was something or not; local and replicated writes alike.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void After_a_delete_within_the_retention(bool wasThere)
    {
        MemStore store = Open();
        long old = VersionNow;
        if (wasThere)
            store.Put("k", "v", old);
        Time.Advance(TimeSpan.FromSeconds(1));
        _ = store.Delete("k") is DeleteResult.Deleted;
        Time.Advance(TimeSpan.FromMinutes(9));
        store.SweepExpired();
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", old)));
        Assert.Equal(SetResult.Superseded, store.Apply(Foreign("k", "late", old)));
        Time.Advance(TimeSpan.FromMinutes(2));
        store.SweepExpired();
        Assert.Equal(SetResult.Stored, store.Apply(Foreign("k", "late", old))); // the retention is the promise, and it is over
    }

    /// <summary>"Expired and swept: the version, also before anything was ever evicted": the order of applies does not matter.</summary>
    [Theory]
    [InlineData(EvictionMode.Evict)]
    [InlineData(EvictionMode.Refuse)]
    public void After_an_expiry_the_order_of_applies_does_not_matter(EvictionMode mode)
    {
        MemStore a = Open(o => o.EvictionMode = mode);
        MemStore b = Open(o => o.EvictionMode = mode);
        long old = VersionNow;
        SyncOperation older = Foreign("k", "older", old), newer = Foreign("k", "newer", old + 1, Now.AddSeconds(1));
        Assert.Equal(SetResult.Stored, a.Apply(newer));
        Assert.Equal(SetResult.Stored, b.Apply(older));
        Assert.Equal(SetResult.Stored, b.Apply(newer));
        Time.Advance(TimeSpan.FromSeconds(2));
        foreach (MemStore store in (MemStore[])[a, b])
        {
            store.SweepExpired();
            Assert.Equal(0, store.Stats().KeyCount);
            Assert.Equal(SetResult.Superseded, store.Apply(older));
            Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("older", old)));
            Assert.Null(store.Text("k"));
            store.Put("k", "own"); // stamped by the store's own clock: always newer
        }
    }

    /// <summary>"A deletion that finds no room for its tombstone: the version": a full store that refuses, where nothing gives room.</summary>
    [Fact]
    public void After_a_delete_in_a_full_store()
    {
        MemStore store = Refusing();
        long old = VersionNow;
        Time.Advance(TimeSpan.FromSeconds(1));
        int n = 0;
        while (store.Set($"k{n}", new StoredItem(new byte[100])) == SetResult.Stored)
            n++;
        for (int i = 0; i < 50; i++)
            Assert.Equal(DeleteResult.NotFound, store.Delete($"absent{i}"));
        for (int i = 0; i < 50; i++)
            Assert.Equal(SetResult.Superseded, store.Apply(Foreign($"absent{i}", "late", old)));
        Assert.Equal(DeleteResult.Deleted, store.Delete("k0"));
        Assert.Equal(SetResult.Superseded, store.Apply(Foreign("k0", "late", old)));
        for (int i = 1; i < n; i++)
            Assert.NotNull(store.Text($"k{i}")); // no entry went for a deletion
        for (int i = 0; i < n; i++)
        {
            Assert.Equal(i == 0 ? DeleteResult.NotFound : DeleteResult.Deleted, store.Delete($"k{i}"));
            Assert.NotEqual(SetResult.Superseded, store.Set($"k{i}", new StoredItem(new byte[100]))); // stamped by the store's own clock: never too old
        }
        Assert.Equal(0, store.Stats().EvictCount);
    }

    /// <summary>"A replicated deletion is never refused for want of room."</summary>
    [Fact]
    public void A_replicated_delete_in_a_full_store()
    {
        MemStore store = Refusing();
        int n = 0;
        while (store.Set($"k{n}", new StoredItem(new byte[100])) == SetResult.Stored)
            n++;
        Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < n; i++)
            Assert.Equal(SetResult.Stored, store.Apply(Deletion($"k{i}", VersionNow)));
        Assert.Equal(0, store.Stats().KeyCount);
    }

    /// <summary>"Cleared: nothing."</summary>
    [Fact]
    public void After_a_clearing()
    {
        MemStore store = Open();
        long old = VersionNow;
        store.Put("k", "v");
        _ = store.Delete("k") is DeleteResult.Deleted;
        store.Clear();
        Assert.Equal(SetResult.Stored, store.Apply(Foreign("k", "late", old)));
    }

    /// <summary>"A snapshot passes the floor: its source has the tombstones." A replica that evicted what it had gets it back.</summary>
    [Fact]
    public void A_snapshot_gives_back_what_a_replica_has_evicted()
    {
        MemStore a = Open(o => o.MaxMemoryBytes = 16 << 20);
        MemStore b = Open(o => o.NodeId = 2);
        for (int i = 0; i < 2000; i++)
            a.Put($"key:{i}", "value");
        _ = a.Delete("key:0") is DeleteResult.Deleted;
        foreach (SyncOperation operation in a.Snapshot())
            _ = b.Apply(operation) is SetResult.Stored;
        Time.Advance(TimeSpan.FromSeconds(1));
        for (int i = 0; i < 60_000; i++)
            b.Put($"local:{i}", new byte[100], expireAt: Now.AddSeconds(5));
        Time.Advance(TimeSpan.FromSeconds(10));
        b.SweepExpired();
        Assert.True(Enumerable.Range(1, 1999).Any(i => b.Text($"key:{i}") is null), "nothing was evicted: the test proves nothing");
        for (int round = 0; round < 2; round++)
        {
            foreach (SyncOperation operation in a.Snapshot())
                _ = b.Apply(operation) is SetResult.Stored;
        }
        Assert.All(Enumerable.Range(1, 1999), i => Assert.NotNull(b.Text($"key:{i}")));
        Assert.Null(b.Text("key:0"));
    }

    /// <summary>"A load under way": a write, a deletion or a clearing that comes meanwhile wins, whatever of it is left.</summary>
    [Theory]
    [InlineData("delete", true)]
    [InlineData("delete", false)]
    [InlineData("delete and room", false)]
    [InlineData("clear", true)]
    [InlineData("set and evicted", true)]
    [InlineData("replicated", true)]
    [InlineData("another key", true)]
    public void A_load_under_way(string what, bool room)
    {
        MemStore store = room ? Open() : Refusing();
        store.Put("k", "before");
        byte[] key = "k"u8.ToArray();
        using LoadTicket ticket = store.BeginLoad(key);
        int n = 0;
        while (!room && store.Set($"fill{n}", new StoredItem(new byte[100])) == SetResult.Stored)
            n++;
        switch (what)
        {
            case "delete":
            case "delete and room":
                Assert.Equal(DeleteResult.Deleted, store.Delete("k"));
                for (int i = 0; what != "delete" && i < n; i++)
                    Assert.Equal(DeleteResult.Deleted, store.Delete($"fill{i}"));
                break;
            case "clear":
                store.Clear();
                break;
            case "set and evicted":
                store.Put("k", "newer");
                for (int i = 0; i < 100_000; i++)
                    store.Put($"other{i}", new byte[100]);
                break;
            case "replicated":
                Assert.Equal(SetResult.Stored, store.Apply(Deletion("k", store.Clock.Next())));
                break;
            default:
                Assert.Equal(DeleteResult.NotFound, store.Delete("another"));
                break;
        }
        WriteOutcome outcome = store.Write(key, store.RawSpace, "loaded"u8, new WriteRequest(ticket.Version, Condition: WriteCondition.Load, Load: ticket), out _);
        Assert.Equal(what == "another key" ? WriteOutcome.Stored : WriteOutcome.Superseded, outcome);
        Assert.NotEqual(what == "another key" ? "before" : "loaded", store.Text("k"));
    }

    /// <summary>Loads leave nothing behind, in whatever order they end.</summary>
    [Fact]
    public void Loads_leave_nothing_behind()
    {
        MemStore store = Open();
        LoadTicket[] tickets = [.. Enumerable.Range(0, 6).Select(i => store.BeginLoad(i % 2 == 0 ? "a"u8 : "b"u8))];
        foreach (int i in (int[])[2, 0, 5, 4, 1, 3])
            tickets[i].Dispose();
        tickets[0].Dispose(); // twice is fine
        foreach (Shard shard in store.Engine.Shards)
            Assert.Equal(0, shard.LoadsUnderWay);
    }

    /// <summary>"The higher version, then the deletion, then the higher origin node, then the greater content, then the later expiry", in whichever order they come.</summary>
    [Fact]
    public void The_tie_rule_of_equal_versions()
    {
        long version = VersionNow;
        SyncOperation Of(int origin, string value, DateTimeOffset? expireAt) => new("k", OpType.OpSet, StoreExtensions.Item(value, version, expireAt), origin);
        SyncOperation[] rising =
        [
            Of(1, "a", Now.AddDays(1)), Of(1, "a", Now.AddDays(2)), Of(1, "a", null), Of(1, "b", Now.AddDays(1)), Of(2, "a", Now.AddDays(1)),
            Deletion("k", version, 1), Deletion("k", version, 2), Foreign("k", "c", version + 1),
        ];
        for (int low = 0; low < rising.Length; low++)
        {
            for (int high = low + 1; high < rising.Length; high++)
            {
                MemStore up = Open(), down = Open();
                Assert.Equal(SetResult.Stored, up.Apply(rising[low]));
                Assert.Equal(SetResult.Stored, up.Apply(rising[high]));
                Assert.Equal(SetResult.Stored, down.Apply(rising[high]));
                Assert.Equal(SetResult.Superseded, down.Apply(rising[low]));
                up.Dispose();
                down.Dispose();
            }
        }
    }

    /// <summary>"Expired and swept: the version": there is memory for it, also where eviction had made its own before (large values go first) and the store then filled up.</summary>
    [Fact]
    public void After_an_expiry_in_a_store_whose_eviction_began_before_it_was_full()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.CompressionEnabled, o.ChangeLogBytes, o.AsyncEviction) = (1 << 20, 1, false, 0, false));
        Shard shard = store.Engine.Shards[0];
        long old = VersionNow;
        Time.Advance(TimeSpan.FromSeconds(1));
        int n = 0;
        for (; n < 2000; n++)
            store.Put($"k{n}", new byte[200]);
        shard.EnsureGhost(); // as the eviction of a large value does
        while (store.Stats().EvictCount == 0)
            store.Put($"k{n++}", new byte[200]);
        long memory = shard.GhostBytes;
        store.Put("brief", "v", expireAt: Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(2));
        store.SweepExpired();
        Assert.Equal(memory, shard.GhostBytes); // there already: by now there may be no room for it
        Assert.Equal(0, shard.VersionFloor);
        Assert.Equal(SetResult.Superseded, store.Apply(Foreign("brief", "late", old)));
        Assert.Equal(SetResult.Stored, store.Apply(Foreign("another", "late", old)));
    }
}
