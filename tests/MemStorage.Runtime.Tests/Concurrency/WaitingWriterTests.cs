using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// "Background eviction lets waiting writers in": the lock of a shard is not fair, and whoever takes it again at once keeps the others out. Each kind of call that waits says so, and
/// each kind of background work makes way before it takes the lock again.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class WaitingWriterTests : StoreTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public enum Work
    {
        Eviction,
        Sweep,
    }

    public enum Call
    {
        Set,
        Delete,
        Touch,
        GiveBack,
        EvictLarge,
        EvictLargeInTurn,
    }

    public static TheoryData<Work, Call> WorkAndCalls => new(from work in Enum.GetValues<Work>() from call in Enum.GetValues<Call>() select (work, call));

    /// <summary>One shard with work for the background: more than its target, half of the first records expired, and some large values.</summary>
    private MemStore OpenWithWork(int records = 3000, int target = 40, int batch = 10)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction, o.EvictThreshold, o.EvictTarget, o.EvictBatchSize, o.CompressionEnabled, o.ChangeLogBytes) =
            (1 << 20, 1, 4096, true, 50, target, batch, false, 0));
        store.Engine.Store.RequestEviction = null; // the walks are made here, not by a thread of the pool
        for (int i = 0; i < 10; i++)
            store.Put($"large{i}", Payload.Create(i, 1, 3000));
        for (int i = 0; i < records; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200), expireAt: i % 2 == 0 && i < 400 ? Now.AddSeconds(5) : null);
        Time.Advance(TimeSpan.FromSeconds(10));
        return store;
    }

    private static void Make(Call call, MemStore store)
    {
        Shard shard = store.Engine.Shards[0];
        switch (call)
        {
            case Call.Set:
                store.Put("new", "v");
                break;
            case Call.Delete:
                _ = store.Delete("new");
                break;
            case Call.Touch:
                _ = store.Touch("large9"u8, 0);
                break;
            case Call.GiveBack:
                _ = shard.GiveBack(force: false);
                break;
            case Call.EvictLarge:
                _ = shard.EvictLarge(1, long.MaxValue, anyAge: true);
                break;
            case Call.EvictLargeInTurn:
                _ = shard.EvictLargeInTurn(1, long.MaxValue);
                break;
        }
    }

    private static void Do(Work work, MemStore store)
    {
        if (work == Work.Eviction)
            store.Engine.Background.EvictToTarget();
        else
            store.Engine.Background.Sweep();
    }

    /// <summary>
    /// The writer comes while a step holds the lock, and waits. The background has to notice that before its next step; it is held there until the writer has come in, which it can only
    /// if the lock is free.
    /// </summary>
    [Theory]
    [MemberData(nameof(WorkAndCalls))]
    public void A_writer_that_waits_comes_in_before_the_next_step(Work work, Call call)
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenWithWork();
        Shard shard = store.Engine.Shards[0];
        Thread background = Thread.CurrentThread;
        RunningThread? writer = null;
        bool done = false, letIn = false, cameFirst = false;
        int stepsAfter = 0;
        TestHooks.Callback = point =>
        {
            if (Thread.CurrentThread != background)
                return;
            if (writer is null && point is TestPoint.ReclaimStep or TestPoint.DropBeforeRemove)
            {
                writer = new RunningThread(() =>
                {
                    Make(call, store);
                    Volatile.Write(ref done, true);
                });
                Assert.True(SpinWait.SpinUntil(() => shard.WaitingWriters == 1, Patience), "The writer does not say that it waits.");
            }
            else if (point == TestPoint.WriterLetIn && !letIn)
            {
                letIn = true;
                writer!.Finish();
            }
        };
        TestHooks.BeforeLockCallback = _ =>
        {
            if (Thread.CurrentThread == background && writer is not null && stepsAfter++ == 0)
                cameFirst = Volatile.Read(ref done);
        };
        Do(work, store);
        TestHooks.BeforeLockCallback = null;
        TestHooks.Callback = null;
        Assert.NotNull(writer);
        writer.Finish();
        Assert.True(letIn, "The background went on without a look at who waits.");
        Assert.True(stepsAfter > 0, "There was no next step: the test shows nothing.");
        Assert.True(cameFirst, "The background took its next step before the writer that waited.");
        Assert.Equal(0, shard.WaitingWriters);
    }

    /// <summary>"Bounded, since more may follow": writers that keep on waiting do not keep the background from its work.</summary>
    [Theory]
    [InlineData(Work.Eviction)]
    [InlineData(Work.Sweep)]
    public void A_writer_that_never_comes_does_not_hold_up_the_background(Work work)
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenWithWork(records: 2200, target: 49, batch: 1000); // few steps: each looks 64 times, and on a busy machine each look is a while
        Shard shard = store.Engine.Shards[0];
        using ManualResetEventSlim mayGo = new();
        TestHooks.Callback = point =>
        {
            if (point == TestPoint.WriterWaits)
                mayGo.Wait();
        };
        RunningThread writer;
        shard.Freeze();
        try
        {
            writer = new RunningThread(() => store.Put("new", "v"));
            Assert.True(SpinWait.SpinUntil(() => shard.WaitingWriters == 1, Patience));
        }
        finally
        {
            shard.Thaw();
        }
        long before = store.Stats().EvictCount + store.Stats().ExpiredCount;
        try
        {
            Do(work, store);
            Assert.Equal(1, shard.WaitingWriters);
            Assert.True(store.Stats().EvictCount + store.Stats().ExpiredCount > before + 100);
        }
        finally
        {
            mayGo.Set();
        }
        writer.Finish();
        TestHooks.Callback = null;
        Assert.Equal(0, shard.WaitingWriters);
    }

    /// <summary>A wait that ends with an exception is over: nobody makes way for it any more.</summary>
    [Fact]
    public void A_writer_that_is_interrupted_no_longer_waits()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenWithWork();
        Shard shard = store.Engine.Shards[0];
        bool interrupted = false;
        Thread writer = new(() =>
        {
            try
            {
                store.Put("new", "v");
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        })
        { IsBackground = true };
        shard.Freeze();
        try
        {
            writer.Start();
            Assert.True(SpinWait.SpinUntil(() => shard.WaitingWriters == 1, Patience));
            writer.Interrupt();
            Assert.True(writer.Join(Patience));
        }
        finally
        {
            shard.Thaw();
        }
        Assert.True(interrupted);
        Assert.Equal(0, shard.WaitingWriters);
        Assert.Null(store.Text("new"));
        store.Put("new", "v");
    }
}
