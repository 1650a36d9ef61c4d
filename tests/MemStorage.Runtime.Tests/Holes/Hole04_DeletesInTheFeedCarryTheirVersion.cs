using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 4 of the origin: "A delete in the sync buffer has no version."
/// </summary>
public sealed class Hole04_DeletesInTheFeedCarryTheirVersion : StoreTest
{
    [Fact]
    public void Every_delete_in_the_sync_buffer_has_its_version()
    {
        MemStore store = Open();
        store.Put("explicit", "v", 10);
        Assert.Equal(DeleteResult.Deleted, store.Delete("explicit", 15));
        store.Put("stamped", "v");
        Assert.Equal(DeleteResult.Deleted, store.Delete("stamped"));
        long last = store.Clock.Last;
        store.Put("by empty value", "v", 10);
        Assert.Equal(SetResult.Stored, store.Set("by empty value", new StoredItem([], 16)));
        Dictionary<string, SyncOperation> operations = store.GetSyncBuffer().Operations.ToDictionary(o => o.Key);
        Assert.All(operations.Values, o => Assert.Equal(OpType.OpDelete, o.OpType));
        Assert.Equal(15, operations["explicit"].Item.Version);
        Assert.Equal(last, operations["stamped"].Item.Version);
        Assert.Equal(16, operations["by empty value"].Item.Version);
    }

    /// <summary>So that a receiver can order it: a delete that arrives after a newer write loses.</summary>
    [Fact]
    public void A_delete_that_arrives_late_loses_against_a_newer_write()
    {
        MemStore a = Open(o => o.NodeId = 1);
        MemStore b = Open(o => o.NodeId = 2);
        a.Put("k", "v", 10);
        Assert.Equal(DeleteResult.Deleted, a.Delete("k", 11));
        SyncOperation delete = Assert.Single(a.GetSyncBuffer().Operations);
        b.Put("k", "newer", 12);
        Assert.Equal(SetResult.Superseded, b.Apply(delete));
        Assert.Equal("newer", b.Text("k"));
    }
}
