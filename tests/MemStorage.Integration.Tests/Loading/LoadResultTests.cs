using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Loading;

/// <summary>All callers of a load, the one whose factory ran included, get what the store would give; and what a factory made is not thrown away for how long it is to live.</summary>
public sealed class LoadResultTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Who_runs_the_factory_gets_what_all_others_get(bool stored)
    {
        using MemStore store = TestStores.Create();
        CatalogRepository catalogs = store.Catalogs();
        Catalog own = new() { Id = 1, Prices = new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 }, Note = "not stored", Version = 77 };
        TaskCompletionSource<Catalog> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        ValueTask<Catalog> Load(CancellationToken token) => catalogs.GetOrCreateAsync(1, (_, context, _) =>
        {
            context.Store = stored;
            return new ValueTask<Catalog>(source.Task);
        }, token);
        Task<Catalog> leader = Load(Stop).AsTask();
        Task<Catalog> follower = Load(Stop).AsTask();
        source.SetResult(own);
        Catalog[] all = stored ? [await leader, await follower, catalogs.Get(1)] : [await leader, await follower];
        Assert.All(all, catalog =>
        {
            Assert.False(catalog.Prices.ContainsKey("A"));
            Assert.Null(catalog.Note);
            Assert.NotSame(own, catalog);
            Assert.NotSame(own.Prices, catalog.Prices);
            Assert.Equal(all[0].Version, catalog.Version);
        });
        Assert.Equal(77, own.Version); // the factory's own object is its own
        all[0].Prices["a"] = 2;
        Assert.Equal(1, own.Prices["a"]);
        Assert.Equal(1, all[1].Prices["a"]);
    }

    [Fact]
    public void The_synchronous_form_gives_the_same()
    {
        using MemStore store = TestStores.Create();
        Catalog made = store.Catalogs().GetOrCreate(1, static id => new Catalog { Id = id, Prices = new(StringComparer.OrdinalIgnoreCase) { ["a"] = 1 } });
        Assert.False(made.Prices.ContainsKey("A"));
    }

    [Fact]
    public async Task A_life_that_is_over_already_is_not_stored_and_throws_nothing_away()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        PageRepository pages = store.Pages();
        Action<LoadContext>[] over =
        [
            static c => c.TimeToLive = TimeSpan.Zero,
            static c => c.TimeToLive = TimeSpan.FromSeconds(-30),
            static c => c.TimeToLive = TimeSpan.MinValue,
            static c => c.ExpireAt = TestStores.Start,
            static c => c.ExpireAt = DateTimeOffset.MinValue,
        ];
        for (int i = 0; i < over.Length; i++)
        {
            Action<LoadContext> set = over[i];
            Page made = await pages.GetOrCreateAsync(i, (id, context, _) =>
            {
                set(context);
                return new ValueTask<Page>(Page.Create(id, 4));
            }, Stop);
            Assert.Equal(4, made.Content[0]);
            Assert.False(pages.Contains(i));
        }
        _ = await pages.GetOrCreateAsync(9, static (id, context, _) =>
        {
            context.TimeToLive = TimeSpan.FromSeconds(1);
            context.ExpireAt = TestStores.Start.AddSeconds(5); // "null: as TimeToLive says, which does not count otherwise"
            return new ValueTask<Page>(Page.Create(id, 4));
        }, Stop);
        clock.Advance(TimeSpan.FromSeconds(4));
        Assert.True(pages.Contains(9));
    }

    [Fact]
    public async Task A_factory_that_returns_null_instead_of_a_task_is_named()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        InvalidOperationException told = await Assert.ThrowsAsync<InvalidOperationException>(
            async () => await pages.GetOrCreateAsync(12, static Task<Page> (_, _) => null!, Stop));
        Assert.Contains("Page '12'", told.Message, StringComparison.Ordinal);
        Assert.Equal(0, pages.State.Flights.Count);
    }

    /// <summary>A question counts whether it is awaited or not, and the message says so.</summary>
    [Fact]
    public async Task A_prefetch_out_of_a_factory_is_told_how_to_be_one()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        ValueTask<Page> Two(CancellationToken token) => pages.GetOrCreateAsync(2, async (id, inner) => Page.Create(id, (await pages.GetOrCreateAsync(1, static (_, _) => throw new InvalidDataException(), inner)).Id), token);
        Task<Page>? prefetch = null;
        _ = await pages.GetOrCreateAsync(1, (id, _) =>
        {
            prefetch = Two(CancellationToken.None).AsTask();
            return new ValueTask<Page>(Page.Create(id, 1));
        }, Stop);
        Assert.Contains("ExecutionContext.SuppressFlow", (await Assert.ThrowsAsync<InvalidOperationException>(() => prefetch!)).Message, StringComparison.Ordinal);

        TaskCompletionSource go = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Page> one = pages.GetOrCreateAsync(3, async (id, _) =>
        {
            using (ExecutionContext.SuppressFlow())
                prefetch = Task.Run(() => pages.GetOrCreateAsync(4, async (inner, token) => Page.Create(inner, (await pages.GetOrCreateAsync(3, static (_, _) => throw new InvalidDataException(), token)).Id), Stop).AsTask(), Stop);
            await go.Task;
            return Page.Create(id, 1);
        }, Stop).AsTask();
        go.SetResult();
        Assert.Equal(3, (await one).Id);
        Assert.Equal(3, (await prefetch!).Content[0]);
    }

    /// <summary>A synchronous call that would block the one thread that the load needs is refused.</summary>
    [Fact]
    public async Task A_synchronous_call_does_not_wait_for_its_own_context()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        SynchronizationContext? before = SynchronizationContext.Current;
        Task<Page> load;
        InvalidOperationException told;
        SynchronizationContext.SetSynchronizationContext(new OneThread());
        try
        {
            load = pages.GetOrCreateAsync(1, (_, _) => source.Task, Stop).AsTask();
            told = Assert.Throws<InvalidOperationException>(() => _ = pages.GetOrCreate(1, static _ => throw new InvalidDataException("a second load")));
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(before);
        }
        Assert.Contains("Page '1'", told.Message, StringComparison.Ordinal);
        Task<Page> elsewhere = Task.Run(() => pages.GetOrCreate(1, static _ => throw new InvalidDataException("a second load")), Stop);
        source.SetResult(Page.Create(1, 3));
        Assert.Equal((3, 3), ((await load).Content[0], (await elsewhere).Content[0]));
        Assert.Equal(0, pages.State.Flights.Count);
    }

    [Fact]
    public async Task A_synchronous_call_does_not_wait_for_its_own_exclusive_scheduler_nor_for_its_own_stack()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Page>? load = null;
        await Task.Factory.StartNew(() =>
        {
            load = pages.GetOrCreateAsync(1, (_, _) => source.Task, CancellationToken.None).AsTask();
            Assert.Throws<InvalidOperationException>(() => _ = pages.GetOrCreate(1, static _ => throw new InvalidDataException("a second load")));
        }, Stop, TaskCreationOptions.None, new ConcurrentExclusiveSchedulerPair().ExclusiveScheduler);
        source.SetResult(Page.Create(1, 3));
        Assert.Equal(1, (await load!).Id);

        // the graph of waiting loads does not see it: an event handler that runs in another execution context on the same stack
        ExecutionContext elsewhere = ExecutionContext.Capture()!;
        Assert.Throws<InvalidOperationException>(() => _ = pages.GetOrCreate(2, id =>
        {
            Page? inner = null;
            ExecutionContext.Run(elsewhere, _ => inner = pages.GetOrCreate(id, static id => Page.Create(id, 1)), null);
            return inner!;
        }));
    }

    private sealed class OneThread : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) => throw new NotSupportedException("its thread is blocked");
    }
}
