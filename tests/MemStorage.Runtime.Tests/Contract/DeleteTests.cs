using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>Delete, DeleteOrThrow and what a deletion leaves behind.</summary>
public sealed class DeleteTests : StoreTest
{
    /// <summary>"<c>Delete(key, version)</c>: refuses when the stored version is newer": <c>Deleted</c>, <c>NotFound</c>, <c>VersionMismatch</c>.</summary>
    [Fact]
    public void Delete_refuses_when_the_stored_version_is_newer()
    {
        MemStore store = Open();
        store.Put("k", "v", 10);
        StoreImage.AssertUnchanged(store, () => Assert.Equal(DeleteResult.VersionMismatch, store.Delete("k", 9)));
        Assert.Equal("v", store.Text("k"));
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", 10));
        Assert.False(store.TryGet("k", out _));
        Assert.Equal(DeleteResult.NotFound, store.Delete("k", 11));
        Assert.Equal(DeleteResult.NotFound, store.Delete("absent", 11));
    }

    /// <summary>A deletion with a higher version than the stored one is the newer write.</summary>
    [Fact]
    public void Delete_with_a_newer_version_deletes()
    {
        MemStore store = Open();
        store.Put("k", "v", 10);
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", 20));
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", 15), out long winner));
        Assert.Equal(20, winner);
    }

    /// <summary>Without a version a deletion is unconditional, "with the clock's next version".</summary>
    [Fact]
    public void Delete_without_a_version_always_deletes()
    {
        MemStore store = Open();
        store.Put("k", "v");
        Assert.Equal(DeleteResult.Deleted, store.Delete("k"));
        Assert.False(store.TryGet("k", out _));
        store.Put("ahead", "v", VersionNow + (20_000L << 16));
        Assert.Equal(DeleteResult.Deleted, store.Delete("ahead"));
        Assert.False(store.TryGet("ahead", out _));
        Assert.Equal(DeleteResult.NotFound, store.Delete("ahead"));
    }

    /// <summary>"Leaves a tombstone", also where "there was no live entry": "a late older write does not bring one".</summary>
    [Fact]
    public void Deleting_an_absent_key_still_remembers_the_version()
    {
        MemStore store = Open();
        Assert.Equal(DeleteResult.NotFound, store.Delete("k", 10));
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", 9), out long winner));
        Assert.Equal(10, winner);
        Assert.False(store.TryGet("k", out _));
        store.Put("k", "newer", 11);
        Assert.Equal("newer", store.Text("k"));
    }

    /// <summary>An older deletion than the one remembered changes nothing.</summary>
    [Fact]
    public void An_older_deletion_does_not_lower_the_tombstone()
    {
        MemStore store = Open();
        store.Put("k", "v", 5);
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", 20));
        Assert.NotEqual(DeleteResult.Deleted, store.Delete("k", 10));
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", 15)));
        Assert.False(store.TryGet("k", out _));
    }

    /// <summary>An expired entry is no live entry: its deletion is <c>NotFound</c>, and a tombstone is left.</summary>
    [Fact]
    public void Deleting_an_expired_entry_is_NotFound()
    {
        MemStore store = Open();
        store.Put("k", "v", 5, Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(DeleteResult.NotFound, store.Delete("k", 6));
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", 5)));
    }

    /// <summary>A tombstone is kept for <c>TombstoneRetention</c>; afterwards it is forgotten and its bytes come back.</summary>
    [Fact]
    public void Tombstones_are_kept_for_the_retention_and_then_swept()
    {
        MemStore store = Open(o => (o.TombstoneRetention, o.ExpirySweepInterval) = (TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1)));
        for (int i = 0; i < 500; i++)
        {
            store.Put($"k{i}", Payload.Create(i, 1, 100));
            Assert.Equal(DeleteResult.Deleted, store.Delete($"k{i}"));
        }
        Assert.Equal(500, store.Stats().TombstoneCount);
        Time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(1));
        Assert.Equal(500, store.Stats().TombstoneCount);
        Assert.Equal(SetResult.Superseded, store.Set("k7", StoreExtensions.Item("late", 1)));
        for (int i = 0; i < 700; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, store.Stats().TombstoneCount);
        Assert.Equal(0, store.GetMemoryReport().LiveBytes);
    }

    /// <summary>"<c>DeleteOrThrow</c>": the same outcomes as exceptions, with the origin's names.</summary>
    [Fact]
    public void DeleteOrThrow_throws_what_Delete_returns()
    {
        MemStore store = Open();
        store.Put("k", "v", 10);
        MemStorageException stale = Assert.Throws<MemStorageException>(() => store.DeleteOrThrow("k", 9));
        Assert.Equal(MemStorageError.VersionMismatch, stale.Error);
        Assert.Equal("k", stale.Key);
        store.DeleteOrThrow("k", 10);
        Assert.Equal(MemStorageError.NotFound, Assert.Throws<MemStorageException>(() => store.DeleteOrThrow("k", 11)).Error);
    }

    /// <summary>A key may be longer than a segment: its deletion has no place for a tombstone, and must not write where there is none.</summary>
    [Theory]
    [InlineData(1_024, 900)]
    [InlineData(1_024, 1_000)]
    [InlineData(1_024, 1_100)]
    [InlineData(1_024, 65_535)]
    [InlineData(16_384, 16_380)]
    [InlineData(16_384, 65_535)]
    public void A_key_longer_than_a_segment_is_deleted_without_a_tombstone(int segmentBytes, int keyLength)
    {
        MemStore store = Open(o => (o.SegmentBytes, o.ShardCount) = (segmentBytes, 1));
        string key = new('k', keyLength);
        string other = new('o', keyLength);
        for (int i = 0; i < 40; i++)
            store.Put($"neighbor{i}", Payload.Create(i, 1, 100));
        store.Put(key, "v");
        Assert.Equal(DeleteResult.Deleted, store.Delete(key));
        Assert.Equal(DeleteResult.NotFound, store.Delete(key));
        Assert.Equal(DeleteResult.NotFound, store.Delete(other));
        Assert.Null(store.Text(key));
        store.Put(key, "again");
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation(key, OpType.OpDelete, new StoredItem([], VersionNow + 1_000_000), 3)));
        Assert.Null(store.Text(key));
        for (int i = 0; i < 40; i++)
            Assert.True(Payload.TryVerify(store.Get($"neighbor{i}").Value.Span, i, out _));
        StoreInvariants.Assert(store);
    }
}
