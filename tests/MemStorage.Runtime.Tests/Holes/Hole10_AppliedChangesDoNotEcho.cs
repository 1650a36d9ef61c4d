using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 10 of the origin: "Applying remote changes puts them back into the feed (an echo that never ends)."
/// </summary>
public sealed class Hole10_AppliedChangesDoNotEcho : StoreTest
{
    [Fact]
    public void Two_stores_that_feed_each_other_come_to_rest()
    {
        MemStore a = Open(o => o.NodeId = 1);
        MemStore b = Open(o => o.NodeId = 2);
        for (int i = 0; i < 200; i++)
        {
            a.Put($"a{i}", "v");
            b.Put($"b{i}", "v");
            a.Put($"both{i}", "from a");
            b.Put($"both{i}", "from b");
            if (i % 3 == 0)
                Assert.Equal(DeleteResult.Deleted, a.Delete($"a{i}"));
        }
        int exchanged = Exchange(a, b);
        Assert.Equal(800, exchanged);
        Assert.Equal(0, Exchange(a, b));
        Assert.Equal(StoreImage.Entries(a), StoreImage.Entries(b));
    }

    private static int Exchange(MemStore a, MemStore b)
    {
        SyncBuffer fromA = a.GetSyncBuffer();
        SyncBuffer fromB = b.GetSyncBuffer();
        foreach (SyncOperation operation in fromA.Operations)
            _ = b.Apply(operation);
        foreach (SyncOperation operation in fromB.Operations)
            _ = a.Apply(operation);
        return fromA.Operations.Count + fromB.Operations.Count;
    }
}
