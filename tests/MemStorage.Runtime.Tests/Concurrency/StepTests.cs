using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>What is done in steps, counted at the named points: no wall clock.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class StepTests : StoreTest
{
    /// <summary>"Reclaim in steps"; "<c>Config.EvictBatchSize</c>: the most records that one step handles while a writer waits".</summary>
    [Theory]
    [InlineData(10, 100)]
    [InlineData(10, 300)]
    [InlineData(6, 60)]
    public void No_writer_handles_more_records_than_EvictBatchSize(int batch, int length)
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.AsyncEviction, o.CompressionEnabled, o.EvictBatchSize, o.ChangeLogBytes) = (512 << 10, 1, false, false, batch, 0));
        int handled = 0;
        TestHooks.Callback = point => handled += point is TestPoint.RelocateBeforePublish or TestPoint.DropBeforeRemove ? 1 : 0;
        int most = 0, total = 0;
        for (int i = 0; i < 12_000; i++)
        {
            handled = 0;
            store.Put($"k{i:D5}", Payload.Create(i, 1, length));
            most = Math.Max(most, handled);
            total += handled;
            if (i % 3 == 0)
                _ = store.TryGet($"k{i:D5}", out StoredItem? _);
        }
        TestHooks.Callback = null;
        Assert.True(total > 1000, $"Only {total} records were handled.");
        Assert.InRange(most, 1, batch);
    }

    /// <summary>The same for the background: it gives the lock away after as many records, since a writer may be waiting for it.</summary>
    [Fact]
    public void Background_eviction_gives_the_lock_away_after_EvictBatchSize_records()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.AsyncEviction, o.CompressionEnabled, o.EvictBatchSize, o.ChangeLogBytes) = (512 << 10, 1, true, false, 7, 0));
        bool asked = false;
        store.Engine.Store.RequestEviction = () => asked = true;
        for (int i = 0; !asked; i++)
            store.Put($"k{i:D5}", Payload.Create(i, 1, 100));
        int handled = 0, most = 0, total = 0, holds = 0;
        TestHooks.Callback = point =>
        {
            if (point is TestPoint.RelocateBeforePublish or TestPoint.DropBeforeRemove)
                (total, most) = (total + 1, Math.Max(most, ++handled));
        };
        TestHooks.BeforeLockCallback = _ => (holds, handled) = (holds + 1, 0);
        store.Engine.Background.EvictToTarget();
        TestHooks.BeforeLockCallback = null;
        TestHooks.Callback = null;
        Assert.True(total > 100, $"Only {total} records were handled.");
        Assert.InRange(most, 1, 7);
        Assert.True(holds >= total / 7);
    }

    /// <summary>"TTL swept in the background by segments (no full scans)": counted in holds of the lock, each of at most 128 records.</summary>
    [Fact]
    public void A_sweep_walks_only_segments_with_something_to_drop()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.ShardCount, o.CompressionEnabled) = (1, false));
        for (int i = 0; i < 12_000; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 100), expireAt: i is >= 5000 and < 5020 ? Now.AddSeconds(5) : i % 2 == 0 ? Now.AddHours(5) : null);
        int holds = 0;
        TestHooks.BeforeLockCallback = _ => holds++;
        store.SweepExpired();
        Assert.Equal(1, holds); // nothing has expired: one look
        Time.Advance(TimeSpan.FromSeconds(5));
        holds = 0;
        store.SweepExpired();
        TestHooks.BeforeLockCallback = null;
        Assert.Equal(20, store.Stats().ExpiredCount);
        Assert.InRange(holds, 2, 4); // the one or two segments in which they lie, of more than four hundred
    }
}
