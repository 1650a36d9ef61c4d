using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 11 of the origin: "Equal versions on two nodes never converge."
/// </summary>
public sealed class Hole11_EqualVersionsConverge : StoreTest
{
    [Fact]
    public void Equal_versions_on_two_nodes_end_in_one_value()
    {
        MemStore a = Open(o => o.NodeId = 1);
        MemStore b = Open(o => o.NodeId = 2);
        a.Put("k", "from a", 10);
        b.Put("k", "from b", 10);
        SyncOperation fromA = Assert.Single(a.GetSyncBuffer().Operations);
        SyncOperation fromB = Assert.Single(b.GetSyncBuffer().Operations);
        _ = a.Apply(fromB);
        _ = b.Apply(fromA);
        Assert.Equal(StoreImage.Entries(a), StoreImage.Entries(b));
        Assert.Equal("from b", a.Text("k"));
    }

    /// <summary>The same with node numbers that somebody forgot to set: the content decides.</summary>
    [Fact]
    public void Equal_versions_and_equal_node_numbers_end_in_one_value()
    {
        MemStore a = Open();
        MemStore b = Open();
        a.Put("k", "1", 10);
        b.Put("k", "2", 10);
        SyncOperation fromA = Assert.Single(a.GetSyncBuffer().Operations);
        SyncOperation fromB = Assert.Single(b.GetSyncBuffer().Operations);
        _ = a.Apply(fromB);
        _ = b.Apply(fromA);
        Assert.Equal("2", a.Text("k"));
        Assert.Equal("2", b.Text("k"));
    }
}
