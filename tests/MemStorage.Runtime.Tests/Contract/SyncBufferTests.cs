using System.Text;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>GetSyncBuffer, OpType, SyncOperation, Apply.</summary>
public sealed class SyncBufferTests : StoreTest
{
    /// <summary>
    /// "<c>GetSyncBuffer()</c>: pending changes of all shards, drained; each operation carries key, kind, version, value, expiry, origin; deletes
    /// carry their version".
    /// </summary>
    [Fact]
    public void Each_operation_carries_key_kind_version_value_expiry_origin()
    {
        MemStore store = Open(o => o.NodeId = 7);
        DateTimeOffset expireAt = Now.AddHours(1);
        long set = store.Put("set", "value", expireAt: expireAt);
        store.Put("deleted", "value", 20);
        Assert.Equal(DeleteResult.Deleted, store.Delete("deleted", 21));
        Assert.Equal(DeleteResult.NotFound, store.Delete("never", 30));
        store.Put("large", new string('x', 30_000));

        SyncBuffer buffer = store.GetSyncBuffer();
        Assert.Equal(0, buffer.LostOperations);
        Dictionary<string, SyncOperation> operations = buffer.Operations.ToDictionary(o => o.Key);
        Assert.Equal(["deleted", "large", "never", "set"], operations.Keys.Order(StringComparer.Ordinal));
        Assert.All(operations.Values, o => Assert.Equal(7, o.Origin));

        Assert.Equal(OpType.OpSet, operations["set"].OpType);
        Assert.Equal("value", Encoding.UTF8.GetString(operations["set"].Item.Value.Span));
        Assert.Equal(set, operations["set"].Item.Version);
        Assert.Equal(expireAt, operations["set"].Item.ExpireAt);
        Assert.Equal(30_000, operations["large"].Item.Value.Length);

        Assert.Equal(OpType.OpDelete, operations["deleted"].OpType);
        Assert.Equal(21, operations["deleted"].Item.Version);
        Assert.True(operations["deleted"].Item.IsTombstone);
        Assert.Equal(30, operations["never"].Item.Version);
    }

    /// <summary>"Drained": the next buffer has only what came after.</summary>
    [Fact]
    public void Draining_empties_the_buffer()
    {
        MemStore store = Open();
        Assert.Empty(store.GetSyncBuffer().Operations);
        store.Put("a", "1");
        Assert.Single(store.GetSyncBuffer().Operations);
        Assert.Empty(store.GetSyncBuffer().Operations);
        store.Put("b", "1");
        Assert.Equal("b", Assert.Single(store.GetSyncBuffer().Operations).Key);
    }

    /// <summary>"The newest state of each changed key": several writes of one key are one operation.</summary>
    [Fact]
    public void Operations_are_coalesced_by_key()
    {
        MemStore store = Open();
        for (int i = 1; i <= 100; i++)
            store.Put("k", $"v{i}", i);
        SyncOperation operation = Assert.Single(store.GetSyncBuffer().Operations);
        Assert.Equal(100, operation.Item.Version);
        Assert.Equal("v100", Encoding.UTF8.GetString(operation.Item.Value.Span));
    }

    /// <summary>What a write did not change is not told.</summary>
    [Fact]
    public void Refused_writes_leave_no_operation()
    {
        MemStore store = Open();
        store.Put("k", "v", 10);
        _ = store.GetSyncBuffer();
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", 9)));
        Assert.Equal(DeleteResult.VersionMismatch, store.Delete("k", 9));
        Assert.Equal(SetResult.MemoryLimit, store.Set("huge", new StoredItem(Payload.Create(1, 1, 5 << 20))));
        Assert.Empty(store.GetSyncBuffer().Operations);
    }

    /// <summary>"Eviction and expiry are not deletes and never travel."</summary>
    [Fact]
    public void Expiry_does_not_travel()
    {
        MemStore store = Open(o => o.ExpirySweepInterval = TimeSpan.FromSeconds(1));
        store.Put("k", "v", expireAt: Now.AddSeconds(2));
        Assert.Single(store.GetSyncBuffer().Operations);
        for (int i = 0; i < 100; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(store.TryGet("k", out _));
        SyncBuffer buffer = store.GetSyncBuffer();
        Assert.Empty(buffer.Operations);
        Assert.Equal(0, buffer.LostOperations);
    }

    /// <summary>Applying the buffer of one store to another makes the other equal, and "is idempotent".</summary>
    [Fact]
    public void Applying_a_buffer_makes_the_other_store_equal()
    {
        MemStore source = Open(o => (o.NodeId, o.ChangeLogBytes) = (1, 512 << 10));
        MemStore target = Open(o => (o.NodeId, o.ShardCount, o.CompressionEnabled) = (2, 1, false));
        Random random = new(5);
        for (int i = 0; i < 2000; i++)
        {
            string key = $"k{random.Next(300)}";
            if (random.Next(5) == 0)
                Assert.NotEqual(DeleteResult.VersionMismatch, source.Delete(key));
            else
                source.Put(key, Payload.Create(i, i, random.Next(24, 400)), expireAt: random.Next(3) == 0 ? Now.AddHours(1) : null);
        }
        SyncBuffer buffer = source.GetSyncBuffer();
        Assert.Equal(0, buffer.LostOperations);
        foreach (SyncOperation operation in buffer.Operations)
            Assert.Equal(SetResult.Stored, target.Apply(operation));
        Assert.Equal(StoreImage.Entries(source), StoreImage.Entries(target));
        foreach (SyncOperation operation in buffer.Operations)
            Assert.Equal(SetResult.Superseded, target.Apply(operation));
        Assert.Equal(StoreImage.Entries(source), StoreImage.Entries(target));
    }

    /// <summary>Operations are the holder's own: later writes do not change what was drained (the origin pooled them).</summary>
    [Fact]
    public void Drained_operations_do_not_change()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.SegmentBytes) = (128 << 10, 1024));
        byte[] value = Payload.Create(1, 1, 300);
        store.Put("k", value);
        SyncOperation operation = Assert.Single(store.GetSyncBuffer().Operations);
        for (int i = 0; i < 2000; i++)
            Assert.NotEqual(SetResult.Superseded, store.Set($"o{i}", new StoredItem(Payload.Create(i, i, 300))));
        Assert.Equal(value, operation.Item.Value.ToArray());
    }

    /// <summary>"0: no change log": nothing is kept, and the reader is told that it saw nothing.</summary>
    [Fact]
    public void Without_a_change_log_nothing_is_kept()
    {
        MemStore store = Open(o => o.ChangeLogBytes = 0);
        store.Put("k", "v");
        Assert.Empty(store.GetSyncBuffer().Operations);
        Assert.Equal(0, store.GetMemoryReport().ChangeLogBytes);
    }

    /// <summary>A version beyond the drift is refused before it touches clock or store.</summary>
    [Fact]
    public void A_remote_version_from_the_future_is_refused()
    {
        MemStore store = Open();
        store.Put("k", "v");
        long last = store.Clock.Last;
        long future = VersionNow + (120_000L << 16);
        StoreImage.AssertUnchanged(store, () =>
        {
            MemStorageException error = Assert.Throws<MemStorageException>(
                () => _ = store.Apply(new SyncOperation("k", OpType.OpSet, StoreExtensions.Item("evil", future), 1)));
            Assert.Equal(MemStorageError.ClockDrift, error.Error);
            Assert.Contains(future.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Set("k", StoreExtensions.Item("evil", future))).Error);
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Delete("k", future)).Error);
        });
        Assert.Equal(last, store.Clock.Last);
    }

    /// <summary>After applying a remote write the store's own stamps win over it: the clock has moved past the version it saw.</summary>
    [Fact]
    public void Applying_moves_the_clock()
    {
        MemStore store = Open();
        long ahead = VersionNow + (30_000L << 16);
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation("k", OpType.OpSet, StoreExtensions.Item("remote", ahead), 1)));
        Assert.True(store.Put("k", "mine") > ahead);
    }

    [Fact]
    public void Apply_refuses_operations_that_mean_nothing()
    {
        MemStore store = Open();
        Assert.Throws<ArgumentNullException>(() => _ = store.Apply(null!));
        // a change without a version cannot be ordered
        Assert.ThrowsAny<ArgumentException>(() => _ = store.Apply(new SyncOperation("k", OpType.OpSet, StoreExtensions.Item("v"), 1)));
        Assert.ThrowsAny<ArgumentException>(() => _ = store.Apply(new SyncOperation("", OpType.OpSet, StoreExtensions.Item("v", 1), 1)));
        Assert.ThrowsAny<ArgumentException>(() => _ = store.Apply(new SyncOperation("k", OpType.OpSet, null!, 1)));
        Assert.ThrowsAny<ArgumentException>(() => _ = store.Apply(new SyncOperation("k", OpType.OpSet, StoreExtensions.Item("v", 1), -1)));
        Assert.ThrowsAny<ArgumentException>(() => _ = store.Apply(new SyncOperation("k", OpType.OpSet, StoreExtensions.Item("v", 1), 65_536)));
        Assert.Empty(store.Keys());
    }
}
