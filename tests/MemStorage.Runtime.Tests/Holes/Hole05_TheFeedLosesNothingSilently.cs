using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 5 of the origin: "The sync buffer drops its oldest entries silently, and draining it while writing loses operations."
/// </summary>
public sealed class Hole05_TheFeedLosesNothingSilently : StoreTest
{
    /// <summary>More changes than the change log holds: what was drained and what is told as lost covers every key.</summary>
    [Fact]
    public void An_overflow_is_told()
    {
        MemStore store = Open(o => (o.ChangeLogBytes, o.ShardCount) = (4096, 1));
        const int written = 5000;
        for (int i = 0; i < written; i++)
            store.Put($"k{i}", "value");
        SyncBuffer buffer = store.GetSyncBuffer();
        Assert.True(buffer.LostOperations > 0, "5,000 changes went through 4,096 bytes of change log, and nothing was told as lost.");
        Assert.True(buffer.Operations.Count + buffer.LostOperations >= written, $"{buffer.Operations.Count} told, {buffer.LostOperations} lost, {written} written.");
        Assert.True(buffer.Operations.Count > 0);
        // told once, not for ever
        store.Put("after", "v");
        SyncBuffer next = store.GetSyncBuffer();
        Assert.Equal(0, next.LostOperations);
        Assert.Equal("after", Assert.Single(next.Operations).Key);
    }

    /// <summary>Draining while two writers write: the last state of every key is told, or a loss is.</summary>
    [Fact]
    public async Task Draining_while_writing_loses_no_operation()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ChangeLogBytes) = (16 << 20, 4 << 20));
        CancellationToken cancel = TestContext.Current.CancellationToken;
        Task[] writers = [.. Enumerable.Range(0, 2).Select(w => Task.Run(() =>
        {
            for (int i = 1; i <= 10_000; i++)
            {
                if (i % 10 == 0)
                    Assert.NotEqual(DeleteResult.VersionMismatch, store.Delete($"w{w}-{i % 500}"));
                else
                    store.Put($"w{w}-{i % 500}", $"value {i}");
            }
        }, cancel))];
        Dictionary<string, SyncOperation> newest = [];
        void Drain()
        {
            SyncBuffer buffer = store.GetSyncBuffer();
            Assert.Equal(0, buffer.LostOperations);
            foreach (SyncOperation operation in buffer.Operations)
            {
                if (!newest.TryGetValue(operation.Key, out SyncOperation? known) || operation.Item.Version > known.Item.Version)
                    newest[operation.Key] = operation;
            }
        }
        Task all = Task.WhenAll(writers);
        while (!all.IsCompleted)
            Drain();
        await all;
        Drain();
        Dictionary<string, StoredItem> there = store.BatchGet(newest.Keys);
        Assert.Equal(1000, newest.Count);
        foreach ((string key, SyncOperation operation) in newest)
        {
            if (operation.OpType == OpType.OpDelete)
            {
                Assert.False(there.ContainsKey(key), $"'{key}' is there, but the last operation told is its deletion.");
                continue;
            }
            Assert.Equal(there[key].Version, operation.Item.Version);
            Assert.Equal(there[key].Value.ToArray(), operation.Item.Value.ToArray());
        }
    }
}
