using MemStorage.Storage;
using MemStorage.Storage.Maintenance;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>What is done beside the callers ends, in steps and as a whole, keeps no shard waiting for another, and survives what may fail under it.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class BackgroundEvictionTests : StoreTest
{
    private const int StepsForEver = 20_000;

    private MemStore OpenSmall(int shards = 1, Action<MemStoreOptions>? configure = null)
    {
        MemStore store = Open(o =>
        {
            (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction, o.CompressionEnabled, o.ChangeLogBytes) = (shards * (1 << 20), shards, 4096, true, false, 0);
            configure?.Invoke(o);
        });
        store.Engine.Store.RequestEviction = null; // the walks are made here, not by a thread of the pool
        return store;
    }

    /// <summary>A store whose target cannot be reached: the index has grown with many small entries, and takes more.</summary>
    private MemStore OpenBeyondItsTarget()
    {
        MemStore store = OpenSmall(configure: o => (o.EvictThreshold, o.EvictTarget) = (50, 10));
        WriteSmall(store, 9000);
        return store;
    }

    private static void WriteSmall(MemStore store, int count)
    {
        for (int i = 0; i < count; i++)
            store.Put($"s{i}", [1]);
    }

    private static void Write(MemStore store, int first, int count)
    {
        for (int i = first; i < first + count; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200));
    }

    private static int Drain(MemStore store)
    {
        int steps = 0;
        while (steps < StepsForEver && store.Engine.Shards[0].DrainStep())
            steps++;
        return steps;
    }

    /// <summary>
    /// A target that cannot be reached must not keep the background busy for ever: it once copied tombstones round and round. It ends after a round that gave nothing, and begins again
    /// when there is more to take.
    /// </summary>
    [Fact]
    public void It_ends_where_its_target_is_out_of_reach()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenBeyondItsTarget();
        Write(store, 0, 2500);
        Assert.InRange(Drain(store), 10, StepsForEver - 1);
        Assert.True(Percent(store.Engine.Shards[0]) > 10, "The target was reached: the test shows nothing.");
        StoreInvariants.Assert(store);
        Assert.Equal(0, Drain(store)); // not again for the same

        Write(store, 2500, 2500);
        long before = store.Stats().EvictCount;
        Assert.InRange(Drain(store), 10, StepsForEver - 1);
        Assert.InRange(store.Stats().EvictCount - before, 500, 4000);
        StoreInvariants.Assert(store);
    }

    /// <summary>The same without the end: a shard has always one more step to do. The walk ends all the same, by its own bound, so that it never keeps a thread of the pool for ever.</summary>
    [Fact]
    public void A_walk_ends_by_itself_also_where_a_shard_has_always_more_to_do()
    {
        using GuardTakenOut taken = new(Guard.DrainEnd);
        MemStore store = OpenBeyondItsTarget();
        Write(store, 0, 2500);
        int holds = 0; // by the walk: the writes between them reclaim too, in steps of their own
        FillAtEachHold(store, _ => Assert.True(++holds < 10 * StepsForEver, "The walk does not end."));
        store.Engine.Background.EvictToTarget();
        TestHooks.BeforeLockCallback = null;
        Assert.InRange(holds, 1000, 10 * StepsForEver);
    }

    /// <summary>Before each hold of a lock by the walk come so many writes that there is always more to evict.</summary>
    private static void FillAtEachHold(MemStore store, Action<Lock>? held = null)
    {
        int next = 100_000;
        bool writing = false;
        TestHooks.BeforeLockCallback = taken =>
        {
            if (writing)
                return;
            held?.Invoke(taken);
            writing = true;
            Write(store, next, 20);
            next += 20;
            writing = false;
        };
    }

    /// <summary>"At <c>EvictThreshold</c> percent of the bound eviction starts": also after the target was out of reach, once what stood in its way has gone.</summary>
    [Fact]
    public void It_starts_at_the_threshold_again_once_the_target_can_be_reached()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall(configure: o => (o.EvictThreshold, o.EvictTarget) = (20, 10));
        Shard shard = store.Engine.Shards[0];
        WriteSmall(store, 6000);
        // another user of the bound leaves the shard so little that its index alone is above the threshold
        const long Taken = 600 << 10;
        Assert.True(store.TryReserveSecondary(Taken));
        bool asked = false;
        store.Engine.Store.RequestEviction = () => asked = true;
        int written = 0;
        for (; !asked && written < 10_000; written++)
            store.Put($"k{written}", Payload.Create(written, 1, 200));
        store.Engine.Background.EvictToTarget();
        double stuck = Percent(shard);
        Assert.True(stuck > 21, $"{stuck:F1} %: the target was not out of reach by more than the threshold.");

        store.Budget.ReleaseSecondary(Taken);
        for (int i = 0; i < 1000 && shard.GiveBack(force: true); i++)
        {
        }
        Assert.True(Percent(shard) < 20, $"{Percent(shard):F1} % are left: not below the threshold."); // index, ghost and the memory of versions stay
        _ = Drain(store);
        asked = false;
        for (; Percent(shard) < stuck && !asked; written++)
            store.Put($"k{written}", Payload.Create(written, 1, 200));
        Assert.True(asked, $"Nobody was asked to evict at {Percent(shard):F1} %.");
        Assert.InRange(Percent(shard), 20, 21);
    }

    /// <summary>The same where nothing at all is left to evict: the index alone is above the target. The walk has ended for good, and the next write does not ask before the threshold.</summary>
    [Fact]
    public void It_starts_at_the_threshold_again_after_everything_has_gone()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall(configure: o => (o.EvictThreshold, o.EvictTarget) = (40, 10));
        Shard shard = store.Engine.Shards[0];
        int asked = 0;
        store.Engine.Store.RequestEviction = () => asked++;
        for (int i = 0; asked == 0; i++)
            store.Put($"s{i}", [1]);
        while (shard.GiveBack(force: true))
        {
        }
        Assert.Equal(0, shard.Log.SegmentsInUse);
        Assert.InRange(Percent(shard), 10.1, 39);
        Assert.Equal(0, Drain(store));
        asked = 0;
        int written = 0;
        for (; asked == 0; written++)
            store.Put($"k{written}", Payload.Create(written, 1, 200));
        Assert.InRange(Percent(shard), 40, 41);
        Assert.True(written > 10, $"{written} writes.");
    }

    private static double Percent(Shard shard) =>
        100.0 * (shard.Charge - ((long)shard.Log.FreeCount * shard.Log.SegmentBytes)) / shard.Store.ShardQuota;

    /// <summary>A shard that always has more to do (one that is filled as fast as it is emptied) does not keep the others waiting: each has its turn.</summary>
    [Fact]
    public void A_busy_shard_does_not_keep_the_others_waiting()
    {
        using GuardTakenOut taken = new(Guard.DrainEnd);
        MemStore store = OpenSmall(shards: 2, o => (o.EvictThreshold, o.EvictTarget) = (20, 10));
        WriteSmall(store, 18_000);
        Write(store, 0, 4000);
        Lock? last = null;
        int run = 0, longest = 0, holds = 0;
        FillAtEachHold(store, shard =>
        {
            holds++;
            run = shard == last ? run + 1 : 1;
            last = shard;
            longest = Math.Max(longest, run);
        });
        store.Engine.Background.EvictToTarget();
        TestHooks.BeforeLockCallback = null;
        Assert.True(holds > 1000, $"Only {holds} steps: the test shows nothing.");
        Assert.InRange(longest, 1, 64);
    }

    /// <summary>One walk at a time: what is asked for meanwhile is answered by one more after it, and by no more than one.</summary>
    [Fact]
    public void What_is_asked_for_during_a_walk_is_answered_by_one_more()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall(configure: o => (o.EvictThreshold, o.EvictTarget) = (50, 40));
        Write(store, 0, 3200);
        BackgroundWork background = store.Engine.Background;
        int queued = 0, queuedMeanwhile = 0, steps = 0;
        TestHooks.Callback = point =>
        {
            if (point == TestPoint.QueueEviction)
                Interlocked.Increment(ref queued);
            if (point != TestPoint.ReclaimStep)
                return;
            steps++;
            background.RequestEviction();
            queuedMeanwhile += Volatile.Read(ref queued);
        };
        ((IThreadPoolWorkItem)background).Execute(); // as a thread of the pool would
        TestHooks.Callback = null;
        Assert.True(steps > 10, $"Only {steps} steps.");
        Assert.Equal(0, queuedMeanwhile);
        Assert.Equal(1, Volatile.Read(ref queued));
    }

    /// <summary>Where eviction cannot be queued for want of memory the write stands, and the next one asks again.</summary>
    [Fact]
    public void A_request_that_fails_is_made_again()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall(configure: o => (o.EvictThreshold, o.EvictTarget) = (50, 40));
        store.Engine.Store.RequestEviction = store.Engine.Background.RequestEviction;
        int asked = 0;
        TestHooks.Callback = point =>
        {
            if (point != TestPoint.QueueEviction)
                return;
            asked++;
            throw new InsufficientMemoryException();
        };
        for (int i = 0; asked < 10 && i < 4000; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200));
        TestHooks.Callback = null;
        Assert.Equal(10, asked);
    }

    /// <summary>"Out-of-memory on a segment": in the background, where nobody could catch it, it must not end the process. The next walk goes on.</summary>
    [Fact]
    public void Out_of_memory_in_the_background_ends_the_walk_and_not_the_process()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall(configure: o => (o.EvictThreshold, o.EvictTarget) = (50, 20));
        List<NoCopyItem> held = [];
        for (int i = 0; i < 3000; i++)
        {
            store.Put($"k{i}", Payload.Create(i, 1, 200));
            held.Add(store.GetNoCopy($"k{i}")); // asked for, so that it is copied; and its segment is never used again, so that the copies need new ones
        }
        int failed = 0;
        TestHooks.Callback = point =>
        {
            if (point != TestPoint.AllocateSegment)
                return;
            failed++;
            throw new InsufficientMemoryException();
        };
        store.Engine.Background.EvictToTarget();
        TestHooks.Callback = null;
        Assert.True(failed > 0, "Nothing was allocated.");
        StoreInvariants.Assert(store); // with memory again it ends at its target
        Assert.InRange(Percent(store.Engine.Shards[0]), 5, 20);
        Assert.All(held.Select((view, i) => (view, i)), p => Assert.True(Payload.TryVerify(p.view.Value.Span, p.i, out _)));
    }

    private sealed class MoodyClock : FakeTimeProvider
    {
        public bool Throws { get; set; }

        public override DateTimeOffset GetUtcNow() => Throws ? throw new InvalidTimeZoneException() : base.GetUtcNow();
    }

    /// <summary>A clock that throws when the timer of the sweep asks it: no exception comes out of the timer, where it would end the process. The next tick sweeps.</summary>
    [Fact]
    public void A_sweep_whose_clock_throws_is_made_by_the_next_tick()
    {
        MoodyClock clock = new();
        MemStore store = OpenSmall(configure: o => (o.TimeProvider, o.ExpirySweepInterval) = (clock, TimeSpan.FromSeconds(1)));
        store.Put("k", "v", expireAt: clock.GetUtcNow().AddMilliseconds(500));
        clock.Throws = true;
        clock.Advance(TimeSpan.FromSeconds(1));
        clock.Throws = false;
        Assert.Equal(0, store.Stats().ExpiredCount);
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, store.Stats().ExpiredCount);
    }

    /// <summary>A clock that moves by itself when it is asked fires its timers inside the calls of the store, under a shard's lock: calls go on as if there were no timer.</summary>
    [Fact]
    public void A_timer_that_fires_inside_a_call_does_not_disturb_it()
    {
        FakeTimeProvider clock = new() { AutoAdvanceAmount = TimeSpan.FromMilliseconds(100) };
        MemStore store = OpenSmall(shards: 2, o => (o.TimeProvider, o.ExpirySweepInterval) = (clock, TimeSpan.FromSeconds(1)));
        for (int i = 0; i < 200; i++)
        {
            store.Put($"k{i % 10}", "v", expireAt: clock.Start.AddHours(1));
            Assert.Equal("v", store.Text($"k{i % 10}"));
            Assert.Equal(DeleteResult.Deleted, store.Delete($"k{i % 10}"));
        }
    }
}
