using MemStorage.Storage;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Changes;

/// <summary>"Readers are independent, cost nothing while they do not read, and are told when they have fallen behind."</summary>
[Collection(TestHooksUsers.Name)]
public sealed class ChangeFeedTests : StoreTest
{
    /// <summary>The first shard changes faster than the reader reads; what the others changed is told all the same.</summary>
    [Fact]
    public void A_busy_shard_does_not_starve_the_others()
    {
        MemStore store = Open();
        string[] busy = KeysOf(store, shard: 0, 8);
        string[] quiet = [KeysOf(store, shard: 1, 1)[0], KeysOf(store, shard: 3, 1)[0]];
        ChangeCursor cursor = store.Changes.Newest;
        foreach (string key in quiet)
            store.Put(key, "once");
        HashSet<string> told = [];
        for (int round = 0; round < 4 && !quiet.All(told.Contains); round++)
        {
            foreach (string key in busy)
                store.Put(key, $"round {round}");
            ChangeBatch batch = store.Changes.Read(cursor, maxOperations: 4);
            Assert.Equal(0, batch.LostOperations);
            told.UnionWith(batch.Operations.Select(static o => o.Key));
            cursor = batch.Cursor;
        }
        Assert.All(quiet, key => Assert.Contains(key, told));
    }

    /// <summary>"(ArgumentException) The cursor is of another store", also when that has as many shards: its positions would skip changes in silence.</summary>
    [Fact]
    public void A_cursor_of_another_store_is_refused()
    {
        MemStore store = Open();
        MemStore other = Open();
        for (int i = 0; i < 100; i++)
            other.Put($"k{i}", "value");
        ChangeCursor foreign = other.Changes.Newest;
        Assert.Throws<ArgumentException>("cursor", () => store.Changes.Read(foreign));
        Assert.Throws<ArgumentException>("cursor", () => Open(static o => o.ShardCount = 2).Changes.Read(foreign));
        Assert.Empty(other.Changes.Read(foreign).Operations);
    }

    /// <summary>A writer that writes as fast as is read does not keep the reader: what comes while it reads is for the next read. Nothing is told twice, nothing is left out.</summary>
    [Fact]
    public void A_read_ends_where_the_changes_ended_when_it_began()
    {
        MemStore store = Open(static o => o.ShardCount = 1);
        store.Put("first", "value");
        int written = 0;
        bool writing = false;
        TestHooks.BeforeLockCallback = _ =>
        {
            if (writing || written == 1000)
                return;
            writing = true;
            store.Put($"k{written++}", "value");
            writing = false;
        };
        SyncBuffer buffer;
        try
        {
            buffer = store.GetSyncBuffer();
        }
        finally
        {
            TestHooks.BeforeLockCallback = null;
        }
        Assert.InRange(written, 1, 10);
        SyncBuffer rest = store.GetSyncBuffer();
        Assert.Equal((0, 0), (buffer.LostOperations, rest.LostOperations));
        Assert.Equal(
            Enumerable.Range(0, written).Select(static i => $"k{i}").Append("first").Order(StringComparer.Ordinal),
            buffer.Operations.Concat(rest.Operations).Select(static o => o.Key).Order(StringComparer.Ordinal));
    }

    /// <summary>
    /// Pages of three changes while the log wraps around behind and before the reader, keys change again, and the log is as long as it gets: each change made is told, told by a later
    /// one of its key, or counted as lost.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Paging_while_the_log_wraps_around_skips_nothing(int seed)
    {
        MemStore store = Open(static o => (o.ChangeLogBytes, o.ShardCount) = (2400, 1)); // 100 changes
        var random = new Random(seed);
        ChangeCursor cursor = store.Changes.Oldest;
        long lost = 0, looked = 0;
        Dictionary<string, long> told = [], newest = [];
        for (int i = 0; i < 3000; i++)
        {
            string key = $"k{random.Next(400)}";
            Assert.Equal(SetResult.Stored, store.Set(key, [1], out long version));
            newest[key] = version;
            // in waves: the reader falls behind a whole round of the log, and comes up again
            for (int reads = i / 300 % 2 == 0 ? random.Next(2) : 0; reads > 0; reads--)
                Page();
        }
        for (long before = -1; before != looked;)
        {
            before = looked;
            Page();
        }
        Assert.True(lost > 0, $"seed {seed}: the reader was never behind");
        Assert.Equal(3000, looked);
        long missing = newest.Count(n => told.GetValueOrDefault(n.Key) != n.Value);
        Assert.True(missing <= lost, $"seed {seed}: {missing} newest changes were not told, {lost} were told as lost.");

        void Page()
        {
            long from = cursor.Positions[0];
            ChangeBatch batch = store.Changes.Read(cursor, maxOperations: 3);
            cursor = batch.Cursor;
            lost += batch.LostOperations;
            looked += cursor.Positions[0] - from;
            foreach (SyncOperation operation in batch.Operations)
            {
                Assert.True(told.GetValueOrDefault(operation.Key) < operation.Item.Version, $"seed {seed}: '{operation.Key}' went back.");
                told[operation.Key] = operation.Item.Version;
            }
        }
    }

    private static string[] KeysOf(MemStore store, int shard, int count) =>
        [.. Enumerable.Range(0, 10_000).Select(static i => $"key {i}").Where(k => store.Engine.ShardOf(store.HashOf(System.Text.Encoding.UTF8.GetBytes(k))) == store.Engine.Shards[shard]).Take(count)];
}
