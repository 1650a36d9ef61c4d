using MemStorage.Storage;
using MemStorage.Tests.Faults;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>What ends something must end it, also when its thread is interrupted while it waits for a lock.</summary>
public sealed class InterruptedEndTests : StoreTest
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>Runs the action on a thread that waits for what the caller holds, interrupts it there, and says when it is let go.</summary>
    private static Thread StartAndInterrupt(Action action, out Func<Exception?> thrown)
    {
        Exception? caught = null;
        Thread thread = new(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                caught = e;
            }
        })
        { IsBackground = true };
        thread.Start();
        Assert.True(SpinWait.SpinUntil(() => (thread.ThreadState & ThreadState.WaitSleepJoin) != 0, Patience), "The thread does not wait.");
        thread.Interrupt();
        thrown = () => caught;
        return thread;
    }

    /// <summary>A load ends, however: no ticket stays behind.</summary>
    [Fact]
    public void The_end_of_a_load_that_is_interrupted_leaves_no_ticket()
    {
        MemStore store = Open(o => o.ShardCount = 1);
        Shard shard = store.Engine.Shards[0];
        LoadTicket ticket = store.BeginLoad("k"u8);
        Assert.Equal(1, shard.LoadsUnderWay);
        Thread thread;
        Func<Exception?> thrown;
        shard.Freeze();
        try
        {
            thread = StartAndInterrupt(ticket.Dispose, out thrown);
        }
        finally
        {
            shard.Thaw();
        }
        Assert.True(thread.Join(Patience));
        Assert.Null(thrown());
        Assert.Equal(0, shard.LoadsUnderWay);
    }

    /// <summary>"Who waits for a load gets it at once": of each space, also when the thread that closes is interrupted.</summary>
    [Fact]
    public void Closing_that_is_interrupted_ends_the_waits_of_every_space()
    {
        MemStore store = Open(o => o.ShardCount = 1);
        FaultyItems items = new(store);
        OtherItems others = new(store);
        using ManualResetEventSlim mayEnd = new();
        using CountdownEvent started = new(2);
        FaultyItem Load(int key)
        {
            started.Signal();
            mayEnd.Wait(Patience);
            return new FaultyItem { Id = key, Group = "g" };
        }
        CancellationToken token = TestContext.Current.CancellationToken;
        Task[] leaders =
        [
            Task.Factory.StartNew(() => items.GetOrCreate(1, Load), token, TaskCreationOptions.LongRunning, TaskScheduler.Default),
            Task.Factory.StartNew(() => others.GetOrCreate(1, Load), token, TaskCreationOptions.LongRunning, TaskScheduler.Default),
        ];
        Assert.True(started.Wait(Patience, token));
        Task[] waiting = [items.GetOrCreateAsync(1, (key, _) => ValueTask.FromResult(Load(key)), token).AsTask(), others.GetOrCreateAsync(1, (key, _) => ValueTask.FromResult(Load(key)), token).AsTask()];
        Assert.All(waiting, static w => Assert.False(w.IsCompleted));
        KeySpace space = store.GetKeySpace(OtherItems.Name);
        Thread thread;
        Func<Exception?> thrown;
        lock (space.OwnerLock)
        {
            thread = StartAndInterrupt(store.Dispose, out thrown);
        }
        Assert.True(thread.Join(Patience));
        Assert.Null(thrown());
        Assert.True(store.IsClosed);
        foreach (Task task in waiting)
            Assert.Throws<ObjectDisposedException>(() => task.WaitAsync(Patience, TestContext.Current.CancellationToken).GetAwaiter().GetResult());
        mayEnd.Set();
        foreach (Task task in leaders)
            Assert.Throws<ObjectDisposedException>(() => task.WaitAsync(Patience, TestContext.Current.CancellationToken).GetAwaiter().GetResult());
    }
}
