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

        public override DateTimeOffset GetUtcNow() => Throws ? throw new InvalidTimeZoneException("The clock is broken.") : Inner.GetUtcNow();

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
        clock.Throws = true;
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.Set("k", StoreExtensions.Item("new")));
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.Set("other", StoreExtensions.Item("new")));
        Assert.Throws<InvalidTimeZoneException>(() => _ = store.Delete("k"));
        Assert.Throws<InvalidTimeZoneException>(() => store.TryGet("k", out StoredItem? _));
        clock.Throws = false;
        Assert.Equal(before, StoreImage.Of(store));
        RunningThread other = new(() => store.Put("k", "new", expireAt: later));
        other.Finish();
        Assert.Equal("new", store.Text("k"));
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
