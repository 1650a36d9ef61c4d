using MemStorage.Storage;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>Faults: what fails inside a call leaves bytes and counters as they were, and no lock behind.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class FaultTests : StoreTest
{
    private sealed class FaultyClock : TimeProvider
    {
        public FakeTimeProvider Inner { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

        public bool Throws { get; set; }

        /// <summary>Throws when it was asked so many times more; negative: never.</summary>
        public int ThrowsAt { get; set; } = -1;

        /// <summary>What it does when it is asked; not while it does it.</summary>
        public Action? Calls { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            if (Throws || (ThrowsAt >= 0 && ThrowsAt-- == 0))
                throw new InvalidTimeZoneException("The clock is broken.");
            if (Calls is { } calls)
            {
                Calls = null;
                try
                {
                    calls();
                }
                finally
                {
                    Calls = calls;
                }
            }
            return Inner.GetUtcNow();
        }

        public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Inner.CreateTimer(callback, state, dueTime, period);
    }

    /// <summary>Out of memory on a segment: the write throws, nothing has changed, and the next one works.</summary>
    [Fact]
    public void Out_of_memory_on_a_segment_changes_nothing()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.ShardCount, o.SegmentBytes, o.CompressionEnabled) = (1, 1024, false));
        for (int i = 0; i < 500; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 100));
        int failed = 0;
        foreach (int length in new[] { 100, 200, 5000, 100_000 })
        {
            for (int i = 0; i < 40; i++)
            {
                string before = StoreImage.Entries(store);
                TestHooks.Callback = static point =>
                {
                    if (point == TestPoint.AllocateSegment)
                        throw new InsufficientMemoryException();
                };
                try
                {
                    store.Put($"new{i % 5}", Payload.Create(i, i, length));
                }
                catch (OutOfMemoryException)
                {
                    failed++;
                    TestHooks.Callback = null;
                    Assert.Equal(before, StoreImage.Entries(store));
                }
                TestHooks.Callback = null;
                StoreInvariants.Assert(store);
            }
        }
        Assert.True(failed > 20, $"Only {failed} allocations failed.");
        store.Put("after", "v");
        Assert.Equal("v", store.Text("after"));
    }

    /// <summary>The same when the index grows.</summary>
    [Fact]
    public void Out_of_memory_on_the_index_changes_nothing()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => o.ShardCount = 1);
        bool fail = true;
        TestHooks.Callback = point =>
        {
            if (point == TestPoint.IndexBeforeGrow && fail)
                throw new InsufficientMemoryException();
        };
        int stored = 0, failed = 0;
        for (int i = 0; i < 500; i++)
        {
            try
            {
                store.Put($"k{i}", "v");
                stored++;
            }
            catch (OutOfMemoryException)
            {
                failed++;
                fail = failed % 4 != 0;
            }
        }
        Assert.True(failed > 0);
        Assert.Equal(stored, store.Keys().Count());
        Assert.Equal(stored, store.Stats().KeyCount);
    }

    /// <summary>A time provider that throws: the call throws the same, no lock is left behind, nothing has changed.</summary>
    [Fact]
    public void A_clock_that_throws_changes_nothing()
    {
        FaultyClock clock = new();
        MemStore store = Open(o => o.TimeProvider = clock);
        DateTimeOffset later = clock.Inner.GetUtcNow().AddHours(1);
        store.Put("k", "v", expireAt: later);
        store.Put("never", "v");
        string before = StoreImage.Of(store);
        MemStoreStats counted = store.Stats();
        clock.Throws = true;
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.Set("k", StoreExtensions.Item("new")));
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.Set("other", StoreExtensions.Item("new")));
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.Delete("k"));
        Assert.Throws<InvalidTimeZoneException>(() => store.TryGet("k", out StoredItem? _));
        clock.Throws = false;
        Assert.Equal(counted, store.Stats());
        Assert.Equal(before, StoreImage.Of(store));
        RunningThread other = new(() => store.Put("k", "new", expireAt: later));
        other.Finish();
        Assert.Equal("new", store.Text("k"));
    }

    /// <summary>A clock that fails now and then, in a store that cleans and evicts: a write that throws is not there, one that returns is.</summary>
    [Fact]
    public void A_clock_that_throws_now_and_then_tears_no_write()
    {
        FaultyClock clock = new();
        MemStore store = Open(o => (o.TimeProvider, o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction) = (clock, 96 << 10, 1, 1024, false));
        Random random = new(5);
        int thrown = 0;
        for (int i = 0; i < 4000; i++)
        {
            int id = random.Next(500);
            long before = store.TryGet($"k{id}", out StoredItem? item) ? item.Version : 0;
            clock.ThrowsAt = random.Next(6);
            try
            {
                store.Put($"k{id}", Payload.Create(id, i, random.Next(24, 250)));
                clock.ThrowsAt = -1;
                Assert.True(Payload.TryVerify(store.Get($"k{id}").Value.Span, id, out long stamp) && stamp == i);
            }
            catch (InvalidTimeZoneException)
            {
                clock.ThrowsAt = -1;
                thrown++;
                Assert.Equal(before, store.TryGet($"k{id}", out item) ? item.Version : 0);
            }
            if (i % 50 == 0)
                StoreInvariants.Assert(store);
        }
        Assert.True(thrown > 100, $"Only {thrown} writes failed.");
    }

    /// <summary>A clock that calls back: reading is fine, changing is refused at once, and the call that asked for the time is undone. No deadlock, nothing torn.</summary>
    [Fact]
    public void A_clock_that_changes_the_store_is_refused()
    {
        FaultyClock clock = new();
        MemStore store = Open(o => (o.TimeProvider, o.ShardCount) = (clock, 1));
        store.Put("k", "v");
        clock.Calls = () => Assert.Equal("v", store.Text("k"));
        store.Put("other", "v");
        string before = StoreImage.Of(store);
        clock.Calls = () => _ = store.Set("inner", StoreExtensions.Item("inner"));
        Assert.Throws<InvalidOperationException>(() => _ = store.Set("outer", StoreExtensions.Item("outer")));
        clock.Calls = () => _ = store.Stats();
        Assert.Throws<InvalidOperationException>(() => _ = store.Delete("k"));
        clock.Calls = () => _ = store.GetMemoryReport(); // takes the locks of all shards, in an order that this thread has broken already
        Assert.Throws<InvalidOperationException>(() => _ = store.Delete("k"));
        clock.Calls = null;
        Assert.Equal(before, StoreImage.Of(store));
        RunningThread thread = new(() => store.Put("outer", "v"));
        thread.Finish();
    }

    private sealed class ThrowingObserver(MemStore store) : IRecordObserver
    {
        public void OnStored(ReadOnlySpan<byte> key, long version) => throw new InvalidTimeZoneException();

        public void OnRemoved(ReadOnlySpan<byte> key, RemovalReason reason) => store.Clear(); // changes the store: refused

        public void OnFault(ReadOnlySpan<byte> key) => Faults++;

        public int Faults { get; private set; }
    }

    /// <summary>An observer that throws or calls back: the operation stands, the fault is counted.</summary>
    [Fact]
    public void An_observer_that_throws_or_calls_back_changes_nothing()
    {
        MemStore store = Open(o => o.ShardCount = 1);
        KeySpace space = store.GetKeySpace("observed");
        ThrowingObserver observer = new(store);
        store.Observe(space, observer);
        byte[] key = [.. space.Prefix, .. "k"u8];
        Assert.Equal(WriteOutcome.Stored, store.Write(key, space, "v"u8, default, out long _));
        Assert.Equal(1, store.Engine.Store.ObserverFaults);
        Assert.Equal(DeleteResult.Deleted, store.Remove(key, space, default, out long _));
        Assert.Equal(2, store.Engine.Store.ObserverFaults);
        Assert.Equal(2, observer.Faults);
        Assert.Equal(2, store.Stats().IndexFaults);
        Assert.Equal(2, space.Stats().IndexFaults);
        Assert.Equal(1, store.Stats().TombstoneCount);
    }

    /// <summary>A sequence of the caller that throws or calls back into the store: no lock is held while it runs.</summary>
    [Fact]
    public void Callers_sequences_may_throw_and_re_enter()
    {
        MemStore store = Open();
        store.Put("k", "v");
        string before = StoreImage.Of(store);
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.BatchSet(Throwing()));
        Assert.Equal(before, StoreImage.Of(store));
        Assert.Equal(3, store.BatchSet(Entering()).Count);
        Assert.Equal("inner", store.Text("inner2"));

        static IEnumerable<KeyValuePair<string, StoredItem>> Throwing()
        {
            yield return new("a", StoreExtensions.Item("v"));
            throw new InvalidTimeZoneException();
        }

        IEnumerable<KeyValuePair<string, StoredItem>> Entering()
        {
            for (int i = 0; i < 3; i++)
            {
                store.Put($"inner{i}", "inner");
                yield return new($"outer{i}", StoreExtensions.Item("outer"));
            }
        }
    }
}
