using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 3 of the origin: "A delete leaves nothing behind: a late older write brings the value back."
/// </summary>
public sealed class Hole03_DeletesLeaveATombstone : StoreTest
{
    [Fact]
    public void A_late_older_write_does_not_bring_the_value_back()
    {
        MemStore store = Open();
        store.Put("k", "v", 10);
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", 12));
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", 11), out long winner));
        Assert.Equal(12, winner);
        Assert.Equal(SetResult.Superseded, store.Apply(new SyncOperation("k", OpType.OpSet, StoreExtensions.Item("late remote", 11), 9)));
        Assert.Null(store.Text("k"));
    }

    /// <summary>The very write that was deleted, delivered again, does not come back either.</summary>
    [Fact]
    public void A_repeated_write_of_the_deleted_version_does_not_bring_the_value_back()
    {
        MemStore store = Open();
        store.Put("k", "v", 10);
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", 10));
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("v", 10)));
        Assert.Null(store.Text("k"));
    }

    /// <summary>The tombstone survives everything that reclaims memory, as long as it is inside its retention.</summary>
    [Fact]
    public void The_tombstone_survives_compaction()
    {
        MemStore store = Open(o => (o.SegmentBytes, o.ShardCount, o.MaxMemoryBytes) = (1024, 1, 256 << 10));
        for (int i = 0; i < 100; i++)
        {
            store.Put($"deleted{i}", Payload.Create(i, 1, 50), 10);
            Assert.Equal(DeleteResult.Deleted, store.Delete($"deleted{i}", 10));
        }
        for (int i = 0; i < 20_000; i++)
            store.Put($"busy{i % 100}", Payload.Create(i, i, 24 + (i % 200)));
        for (int i = 0; i < 100; i++)
            Assert.Equal(SetResult.Superseded, store.Set($"deleted{i}", StoreExtensions.Item("late", 9)));
    }
}
