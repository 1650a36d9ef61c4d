using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Reads;

/// <summary>"Zero bytes allocated on Set and GetNoCopy hits, nothing but the object on Get".</summary>
[Collection(nameof(AllocationTests))]
public sealed class AllocationTests
{
    private const int Rounds = 200;

    // until a method is compiled for good, which takes the runtime some time, code that is rarely run may box a value; and a new store takes its first segments
    private const int MostAttempts = 5_000;

    /// <summary>The least that <see cref="Rounds"/> calls in a row allocated on this thread; ends at once when it was <paramref name="enough"/>.</summary>
    private static long AllocatedBy(Action action, long enough = 0)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < MostAttempts && least > enough; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
                action();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return least;
    }

    [Fact]
    public void A_no_copy_hit_allocates_nothing()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(1, 1));
        PlaceRepository places = store.Places();
        places.SetOrThrow(new Place { Country = "Österreich", Number = 1, Name = "Wien" });
        Assert.Equal(0, AllocatedBy(() => pages.GetNoCopy(1)));
        Assert.Equal(0, AllocatedBy(() => places.GetNoCopy("Österreich", 1)));
    }

    [Fact]
    public void A_get_allocates_the_entity_and_nothing_else()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Page page = Page.Create(1, 1);
        pages.SetOrThrow(page);
        byte[] bytes = MemoryPack.MemoryPackSerializer.Serialize(page);
        long entity = AllocatedBy(() => _ = MemoryPack.MemoryPackSerializer.Deserialize<Page>(bytes));
        Assert.True(entity > 0);
        Assert.Equal(entity, AllocatedBy(() => pages.Get(1), enough: entity));
    }

    /// <summary>The thread's buffer was counted as taken by a read that never decoded, and every later operation of the thread made one of its own.</summary>
    [Fact]
    public void A_thread_whose_first_read_finds_nothing_allocates_no_more_than_another()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Page page = Page.Create(1, 1);
        (long Miss, long Set) allocated = (-1, -1);
        Thread thread = new(() =>
        {
            _ = pages.TryGet(1, out _);
            allocated.Miss = AllocatedBy(() => pages.TryGet(1, out _));
            allocated.Set = AllocatedBy(() => pages.SetOrThrow(page));
        });
        thread.Start();
        thread.Join();
        Assert.Equal((0, 0), allocated);
    }

    [Fact]
    public void Reading_a_struct_in_place_allocates_nothing()
    {
        using MemStore store = TestStores.Create();
        TickRepository ticks = store.Ticks();
        ticks.SetOrThrow(new Tick(1, 2, 0));
        Assert.Equal(0, AllocatedBy(() => ticks.Read(1, static (in Tick tick) => tick.Price)));
        Assert.Equal(0, AllocatedBy(() => ticks.Get(1)));
        Assert.Equal(0, AllocatedBy(() => ticks.Contains(2)));
    }

    [Fact]
    public void A_set_allocates_nothing()
    {
        using MemStore store = TestStores.Create(static o => o.TimeProvider = TimeProvider.System);
        PageRepository pages = store.Pages();
        Page page = Page.Create(1, 1);
        Assert.Equal(0, AllocatedBy(() => pages.SetOrThrow(page)));

        OrderRepository orders = store.Orders(); // with two indexes
        Order order = new() { Id = 1, Customer = "ada", Total = 5, Lines = [new("tea", 1)] };
        Assert.Equal(0, AllocatedBy(() => orders.SetOrThrow(order)));
    }
}

[CollectionDefinition(nameof(AllocationTests), DisableParallelization = true)]
public sealed class AllocationTestsDefinition;
