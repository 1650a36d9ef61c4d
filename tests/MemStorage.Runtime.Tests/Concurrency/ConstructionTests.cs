using System.Runtime.CompilerServices;
using MemStorage.Statistics;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>What a store takes from the process (a number among all stores, a timer) is given back, also where construction or closing fails. Alone, since the numbers are the process's.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class ConstructionTests : StoreTest
{
    private sealed class ClockWithoutTimers : FakeTimeProvider
    {
        public bool FailsOnDispose { get; init; }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
            FailsOnDispose ? new Timer() : throw new InvalidTimeZoneException();

        private sealed class Timer : ITimer
        {
            public bool Change(TimeSpan dueTime, TimeSpan period) => true;

            public void Dispose() => throw new InvalidTimeZoneException();

            public ValueTask DisposeAsync() => ValueTask.CompletedTask;
        }
    }

    [Fact]
    public void A_store_whose_constructor_throws_gives_back_what_it_took()
    {
        MemStoreOptions options = Options(o => (o.TimeProvider, o.ExpirySweepInterval) = (new ClockWithoutTimers(), TimeSpan.FromSeconds(1)));
        int before = ReadCounters.SlotsInUse;
        for (int i = 0; i < 10; i++)
            Assert.Throws<InvalidTimeZoneException>(() => new MemStore(options));
        Assert.Equal(before, ReadCounters.SlotsInUse);
        MemStore store = Open();
        Assert.Equal(before + 1, ReadCounters.SlotsInUse);
        store.Dispose();
        Assert.Equal(before, ReadCounters.SlotsInUse);
    }

    /// <summary>A timer of the caller's that cannot be closed: the caller learns of it, and the store is closed all the same.</summary>
    [Fact]
    public void A_timer_that_throws_leaves_no_store_half_closed()
    {
        int before = ReadCounters.SlotsInUse;
        MemStore store = new(Options(o => (o.TimeProvider, o.ExpirySweepInterval) = (new ClockWithoutTimers { FailsOnDispose = true }, TimeSpan.FromSeconds(1))));
        store.Put("k", Payload.Create(1, 1, 10_000));
        Assert.Throws<InvalidTimeZoneException>(store.Dispose);
        Assert.Equal(before, ReadCounters.SlotsInUse);
        Assert.InRange(store.Engine.Store.Budget.Used, 0, 8192); // the empty tables of the index
        Assert.Throws<ObjectDisposedException>(() => store.TryGet("k", out StoredItem? _));
        store.Dispose();
    }

    /// <summary>The same for a store that was forgotten without being closed: its finalizer must not throw, which would end the process.</summary>
    [Fact]
    public void A_forgotten_store_whose_timer_throws_is_collected()
    {
        WeakReference forgotten = Forget();
        for (int i = 0; i < 10 && forgotten.IsAlive; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.False(forgotten.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference Forget() =>
            new(new MemStore(Options(o => (o.TimeProvider, o.ExpirySweepInterval) = (new ClockWithoutTimers { FailsOnDispose = true }, TimeSpan.FromSeconds(1)))).Engine.Background, trackResurrection: true);
    }
}
