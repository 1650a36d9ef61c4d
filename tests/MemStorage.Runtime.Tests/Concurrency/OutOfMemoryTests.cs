using System.Globalization;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// "Out-of-memory on a segment ...: bytes and counters unchanged": every allocation of the core fails now and then. A call that throws has changed nothing; a call that returns has done
/// what it says; the structures hold after each.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class OutOfMemoryTests : StoreTest
{
    private static readonly TestPoint[] Allocations = [TestPoint.AllocateSegment, TestPoint.AllocateChangeLog, TestPoint.AllocateGhost, TestPoint.IndexBeforeGrow];

    [Theory]
    [InlineData(EvictionMode.Evict, 1)]
    [InlineData(EvictionMode.Evict, 2)]
    [InlineData(EvictionMode.Refuse, 3)]
    public void A_call_that_throws_has_changed_nothing(EvictionMode mode, int seed)
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.EvictionMode, o.AsyncEviction, o.ChangeLogBytes, o.CompressionEnabled) =
            (96 << 10, 1, 1024, mode, false, 8192, false));
        Random faults = new(seed), calls = new(seed + 100);
        HashSet<TestPoint> failed = [];
        bool fails = false;
        int ghosts = 0;
        int growths = 0;
        TestHooks.Callback = point =>
        {
            // the ghost is made once and the index grows two or three times: their first attempts always fail
            if (fails && Allocations.Contains(point)
                && (faults.Next(3) == 0 || (point == TestPoint.AllocateGhost && ghosts++ < 3) || (point == TestPoint.IndexBeforeGrow && growths++ < 2)))
            {
                failed.Add(point);
                throw new InsufficientMemoryException();
            }
        };
        int thrown = 0;
        for (int i = 0; i < 2500; i++)
        {
            int id = calls.Next(500);
            string key = string.Create(CultureInfo.InvariantCulture, $"k{id}");
            int length = calls.Next(40) == 0 ? calls.Next(300, 6000) : calls.Next(24, 200);
            bool deletes = calls.Next(8) == 0;
            string before = Image(store, key);
            fails = true;
            try
            {
                if (deletes)
                    _ = store.Delete(key);
                else if (store.Set(key, new StoredItem(Payload.Create(id, i, length))) == SetResult.Stored)
                {
                    fails = false;
                    Assert.True(Payload.TryVerify(store.Get(key).Value.Span, id, out long stamp) && stamp == i);
                }
                fails = false;
            }
            catch (OutOfMemoryException)
            {
                fails = false;
                thrown++;
                string after = Image(store, key);
                // making room may have evicted this very entry before the call failed
                if (mode == EvictionMode.Refuse || !after.EndsWith("absent", StringComparison.Ordinal))
                    Assert.Equal(before, after);
            }
            if (i % 10 == 0)
                StoreInvariants.Assert(store);
        }
        TestHooks.Callback = null;
        Assert.True(thrown > 20, $"Only {thrown} calls failed.");
        Assert.Contains(TestPoint.AllocateGhost, failed); // a store that never evicts remembers versions with one
        Assert.Contains(TestPoint.AllocateChangeLog, failed);
        Assert.Contains(TestPoint.IndexBeforeGrow, failed);
        store.Put("after", "v");
        Assert.Equal("v", store.Text("after"));
    }

    /// <summary>The entry and what is counted of calls; room may have been made for a write that failed in the end.</summary>
    private static string Image(MemStore store, string key)
    {
        MemStoreStats stats = store.Stats();
        string text = store.TryGet(key, out StoredItem? item) ? string.Create(CultureInfo.InvariantCulture, $"@{item.Version} {Convert.ToHexString(item.Value.Span)}") : "absent";
        return string.Create(CultureInfo.InvariantCulture, $"sets {stats.SetCount} deletes {stats.DeleteCount} refused {stats.SupersededCount + stats.MemoryLimitCount} {text}");
    }

    /// <summary>"Memory that cannot be had makes the store evict and try again"; where that does not help either, a write is refused and has changed nothing.</summary>
    [Theory]
    [InlineData(EvictionMode.Evict, 1)]
    [InlineData(EvictionMode.Evict, 2)]
    [InlineData(EvictionMode.Refuse, 3)]
    public void A_call_without_memory_evicts_and_tries_again_or_has_changed_nothing(EvictionMode mode, int seed)
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.EvictionMode, o.AsyncEviction, o.ChangeLogBytes, o.CompressionEnabled) =
            (96 << 10, 1, 1024, mode, false, 8192, false));
        ScarceHeap heap = new();
        store.Engine.Store.Pressure = new MemoryPressure(store.Budget, heap);
        Random faults = new(seed), calls = new(seed + 100);
        HashSet<TestPoint> failed = [];
        bool fails = false, always = false;
        int failures = 0;
        int ghosts = 0;
        int growths = 0;
        TestHooks.Callback = point =>
        {
            // the ghost is made once and the index grows two or three times: their first attempts always fail
            if (fails && Allocations.Contains(point)
                && (always || faults.Next(3) == 0 || (point == TestPoint.AllocateGhost && ghosts++ < 3) || (point == TestPoint.IndexBeforeGrow && growths++ < 2)))
            {
                failed.Add(point);
                failures++;
                throw new InsufficientMemoryException();
            }
        };
        int refused = 0, helped = 0;
        for (int i = 0; i < 2500; i++)
        {
            int id = calls.Next(500);
            string key = string.Create(CultureInfo.InvariantCulture, $"k{id}");
            int length = calls.Next(40) == 0 ? calls.Next(300, 6000) : calls.Next(24, 200);
            bool deletes = calls.Next(8) == 0;
            string before = Entry(store, key);
            int failuresBefore = failures;
            always = calls.Next(4) == 0;
            store.Engine.Store.Pressure.TryRaise(); // there is memory again
            fails = heap.IsShort = true;
            bool changed = deletes;
            try
            {
                if (deletes)
                    _ = store.Delete(key);
                else
                    changed = store.Set(key, new StoredItem(Payload.Create(id, i, length))) == SetResult.Stored;
            }
            catch (OutOfMemoryException)
            {
                changed = false;
            }
            fails = heap.IsShort = false;
            if (failures > failuresBefore)
                _ = changed ? helped++ : refused++;
            string after = Entry(store, key);
            if (!deletes && changed)
                Assert.True(Payload.TryVerify(store.Get(key).Value.Span, id, out long stamp) && stamp == i);
            // making room may have evicted this very entry before the call failed
            else if (!changed && (mode == EvictionMode.Refuse || after != "absent"))
                Assert.Equal(before, after);
            if (i % 10 == 0)
                StoreInvariants.Assert(store);
        }
        TestHooks.Callback = null;
        Assert.True(refused > 20, $"Only {refused} calls failed.");
        Assert.True(helped > 20 || mode == EvictionMode.Refuse, $"Only {helped} calls came through after an allocation had failed.");
        Assert.True(store.GetMemoryReport().FailedAllocations > 20);
        if (mode == EvictionMode.Evict) // the other only remembers versions, when it has to
            Assert.Contains(TestPoint.AllocateGhost, failed);
        Assert.Contains(TestPoint.AllocateChangeLog, failed);
        Assert.Contains(TestPoint.IndexBeforeGrow, failed);
        store.Engine.Store.Pressure.TryRaise();
        Assert.Equal(store.LimitBytes, store.GetMemoryReport().CeilingBytes);
        store.Put("after", "v");
        Assert.Equal("v", store.Text("after"));
    }

    private static string Entry(MemStore store, string key) =>
        store.TryGet(key, out StoredItem? item) ? string.Create(CultureInfo.InvariantCulture, $"@{item.Version} {Convert.ToHexString(item.Value.Span)}") : "absent";

    /// <summary>A process that has no memory left while it is short of it.</summary>
    private sealed class ScarceHeap : CollectedHeap
    {
        private int _collections;

        public bool IsShort { get; set; }

        public override int Collections => _collections++;

        public override long Holes => 0;

        public override (long Free, long All) Reach => (IsShort ? 0 : 1L << 30, 1L << 30);

        public override void CollectInBackground()
        {
        }

        public override void CollectNow(bool compact)
        {
        }
    }
}
