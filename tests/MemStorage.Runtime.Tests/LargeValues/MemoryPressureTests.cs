using System.Globalization;
using MemStorage.Storage;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.LargeValues;

/// <summary>"An allocation that fails makes the store evict a sixteenth of what it has in use and try again; it then keeps to less until a collection has left room": large values too.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class MemoryPressureTests : StoreTest
{
    private const int Values = 64, ValueBytes = 8 << 10;

    private readonly Heap _heap = new();

    private MemStore OpenFilled()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) = (1 << 20, 4, 1024, false, false, 0));
        store.Engine.Store.Pressure = new MemoryPressure(store.Budget, _heap);
        for (int i = 0; i < Values; i++)
            store.Put(Key(i), new byte[ValueBytes]);
        Assert.Equal(Values, Count(store));
        return store;
    }

    private static string Key(int i) => string.Create(CultureInfo.InvariantCulture, $"large{i}");

    private static int Count(MemStore store) => Enumerable.Range(0, Values).Count(i => store.TryGet(Key(i), out _));

    /// <summary>So many allocations fail.</summary>
    private static void Failing(int times, Action action)
    {
        TestHooks.Callback = point =>
        {
            if (point == TestPoint.AllocateSegment && times-- > 0)
                throw new InsufficientMemoryException();
        };
        try
        {
            action();
        }
        finally
        {
            TestHooks.Callback = null;
        }
    }

    [Fact]
    public void One_failure_takes_a_part_of_the_large_values()
    {
        MemStore store = OpenFilled();
        _heap.Free = Heap.All / 8;
        Failing(1, () => store.Put("new", new byte[20 << 10]));
        // a sixteenth, then the room of the value itself below the ceiling, and the stock of spare arrays that any large value of a new size lets grow
        Assert.InRange(Count(store), Values * 5 / 8, Values - 3);
        Assert.True(store.TryGet("new", out _));
        Assert.Equal(1, store.GetMemoryReport().FailedAllocations);
    }

    /// <summary>Nothing but the relief itself: a small write that fails once for want of memory gives a sixteenth back and takes nothing for itself.</summary>
    [Fact]
    public void Relief_of_a_small_call_takes_a_sixteenth_of_the_large_values()
    {
        MemStore store = OpenFilled();
        _heap.Free = 0;
        long used = store.Budget.Used;
        Failing(1, () => store.Put("new", new byte[100]));
        Assert.Equal(1, store.GetMemoryReport().FailedAllocations);
        Assert.InRange(Count(store), Values * 7 / 8, Values - 3);
        Assert.InRange(store.Budget.Used, used * 3 / 4, used * 15 / 16);
    }

    [Theory]
    [InlineData(100 << 10)]
    [InlineData(400 << 10)]
    public void A_huge_value_that_cannot_be_had_leaves_most_of_the_store(int bytes)
    {
        MemStore store = OpenFilled();
        _heap.Free = 0;
        Failing(int.MaxValue, () => Assert.Equal(SetResult.MemoryLimit, store.Set("huge", new StoredItem(new byte[bytes]))));
        Assert.InRange(Count(store), bytes > 200 << 10 ? Values : Values / 2, Values);
        Assert.True(store.Budget.Ceiling >= store.LimitBytes / 4, $"The ceiling is at {store.Budget.Ceiling}.");
        for (int i = 0; i < 50; i++)
            store.Put(string.Create(CultureInfo.InvariantCulture, $"small{i}"), "value");
        store.Put("large", new byte[ValueBytes]);
        Assert.Equal("value", store.Text("small49"));
    }

    [Fact]
    public void The_ceiling_has_a_floor_above_which_the_store_works()
    {
        MemStore store = OpenFilled();
        _heap.Free = 0;
        for (int i = 0; i < 100; i++)
            Failing(int.MaxValue, () => _ = store.Set("new", new StoredItem(new byte[10 << 10])));
        Assert.InRange(store.Budget.Ceiling, store.LimitBytes / 16, store.LimitBytes / 2);
        store.Put("small", "value");
        Assert.Equal("value", store.Text("small"));
    }

    [Theory]
    [InlineData("write")]
    [InlineData("sweep")]
    [InlineData("reservation")]
    public void The_ceiling_rises_again_in_a_store_of_large_values(string way)
    {
        MemStore store = OpenFilled();
        _heap.Free = 0;
        for (int i = 0; i < 10; i++)
            Failing(int.MaxValue, () => _ = store.Set("new", new StoredItem(new byte[10 << 10])));
        long low = store.Budget.Ceiling;
        Assert.True(low < store.LimitBytes / 2, $"The ceiling is at {low}.");
        _heap.Free = Heap.All;
        _heap.Count++;
        switch (way)
        {
            case "write":
                store.Put("new", new byte[low + 1]);
                break;
            case "sweep":
                store.SweepExpired();
                break;
            default:
                Assert.True(store.Engine.TryReserveEvicting(low + 1));
                store.Budget.Release(low + 1);
                break;
        }
        Assert.Equal(store.LimitBytes, store.Budget.Ceiling);
    }

    /// <summary>"It was a single array that could not be had": a spare one does as well; nothing is evicted.</summary>
    [Fact]
    public void Where_memory_is_not_short_a_spare_array_takes_the_place_of_a_new_one()
    {
        MemStore store = OpenFilled();
        _heap.Free = Heap.All;
        _ = store.Delete(Key(0));
        Failing(int.MaxValue, () => store.Put("new", new byte[ValueBytes * 5 / 8]));
        Assert.Equal(Values - 1, Count(store));
        Assert.Equal(1, store.GetMemoryReport().FailedAllocations);
        Failing(int.MaxValue, () => Assert.Throws<InsufficientMemoryException>(() => store.Set("larger", new StoredItem(new byte[3 * ValueBytes]))));
        Assert.Equal(Values - 1, Count(store));
    }

    private sealed class Heap : CollectedHeap
    {
        public const long All = 1L << 30;

        public long Free { get; set; } = All;

        public int Count { get; set; }

        public override int Collections => Count;

        public override long Holes => 0;

        public override (long Free, long All) Reach => (Free, All);

        public override void CollectInBackground()
        {
        }

        public override void CollectNow(bool compact)
        {
        }
    }
}
