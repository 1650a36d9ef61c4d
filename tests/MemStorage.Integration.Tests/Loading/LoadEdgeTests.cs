using System.Runtime.CompilerServices;
using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Loading;

/// <summary>Loads at their edges: factories that do not wait or fail at once, what they throw, that go back to the repository, and time that passes meanwhile.</summary>
public sealed class LoadEdgeTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_factory_that_does_not_wait_completes_the_call_on_the_spot()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        int thread = 0;
        ValueTask<Page> load = pages.GetOrCreateAsync(1, (id, _) =>
        {
            thread = Environment.CurrentManagedThreadId;
            return new ValueTask<Page>(Page.Create(id, 1));
        }, Stop);
        Assert.True(load.IsCompletedSuccessfully);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        Assert.Equal(1, (await load).Id);
    }

    [Fact]
    public async Task What_a_factory_throws_arrives_as_it_is_with_the_place_where_it_was_thrown()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        InvalidDataException atOnce = await Assert.ThrowsAsync<InvalidDataException>(async () => await pages.GetOrCreateAsync(1, static (id, _) => Broken(id), Stop));
        InvalidDataException later = await Assert.ThrowsAsync<InvalidDataException>(async () => await pages.GetOrCreateAsync(1, async (id, _) =>
        {
            await Task.Yield();
            return await Broken(id);
        }, Stop));
        InvalidDataException synchronous = Assert.Throws<InvalidDataException>(() => _ = pages.GetOrCreate(1, BrokenAtOnce));
        Assert.All([atOnce, later, synchronous], static e => Assert.Contains(nameof(Broken), e.StackTrace, StringComparison.Ordinal));
        Assert.Equal(0, pages.State.Flights.Count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ValueTask<Page> Broken(int id) => new(BrokenAtOnce(id));

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static Page BrokenAtOnce(int id) => throw new InvalidDataException($"{id} is broken");

    [Fact]
    public async Task A_cancellation_that_the_factory_makes_itself_is_an_exception_like_any_other()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Page>[] callers = [.. Enumerable.Range(0, 3).Select(_ => pages.GetOrCreateAsync(1, (_, _) => source.Task, Stop).AsTask())];
        source.SetException(new OperationCanceledException("the database timed out"));
        foreach (Task<Page> caller in callers)
            Assert.Equal("the database timed out", (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => caller)).Message);
        Assert.Equal(0, pages.State.Flights.Count);
        Assert.False(pages.Contains(1));
    }

    [Fact]
    public void A_synchronous_factory_that_asks_for_its_own_key_is_told_and_one_that_asks_for_others_is_served()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Assert.Throws<InvalidOperationException>(() => _ = pages.GetOrCreate(1, id => pages.GetOrCreate(id, static id => Page.Create(id, 1))));
        // by way of another key: the circle is closed by the same flow of control
        Assert.Throws<InvalidOperationException>(() => _ = pages.GetOrCreate(1, _ => pages.GetOrCreate(2, _ => pages.GetOrCreate(1, static id => Page.Create(id, 1)))));
        Assert.Equal(5, pages.GetOrCreate(1, id => Page.Create(id, pages.GetOrCreate(2, static id => Page.Create(id, 5)).Content[0])).Content[0]);
        Assert.Equal(0, pages.State.Flights.Count);
    }

    [Fact]
    public async Task A_factory_may_read_write_and_delete_its_own_key_and_what_it_wrote_last_wins()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Page result = await pages.GetOrCreateAsync(1, async (id, _) =>
        {
            await Task.Yield();
            Assert.False(pages.TryGet(id, out Page? _));
            pages.SetOrThrow(Page.Create(id, 3));
            Assert.Equal(DeleteResult.Deleted, pages.Delete(id));
            return Page.Create(id, 1);
        }, Stop);
        Assert.Equal(1, result.Content[0]);
        Assert.False(pages.Contains(1)); // its delete was newer than what it returned
    }

    [Fact]
    public async Task When_the_caller_who_began_the_load_leaves_the_others_get_what_it_began()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource leader = new();
        Task<Page> first = pages.GetOrCreateAsync(1, (_, _) => source.Task, leader.Token).AsTask();
        Task<Page>[] others = [.. Enumerable.Range(0, 20).Select(_ => pages.GetOrCreateAsync(1, static (_, _) => throw new InvalidOperationException("a second load"), Stop).AsTask())];
        await leader.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        source.SetResult(Page.Create(1, 4));
        Page[] got = await Task.WhenAll(others);
        Assert.Equal(20, got.Distinct(ReferenceEqualityComparer.Instance).Count());
        Assert.All(got, static page => Assert.Equal(4, page.Content[0]));
        Assert.Equal(0, pages.State.Flights.Count);
    }

    [Fact]
    public async Task Life_begins_when_the_load_has_ended_and_a_moment_that_has_passed_is_over()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        PageRepository pages = store.Pages();
        await pages.GetOrCreateAsync(1, (id, context, _) =>
        {
            context.TimeToLive = TimeSpan.FromSeconds(3);
            clock.Advance(TimeSpan.FromSeconds(10)); // a slow database
            return new ValueTask<Page>(Page.Create(id, 1));
        }, Stop);
        Assert.True(pages.TryGetInfo(1, out EntityInfo info));
        Assert.Equal(clock.GetUtcNow().AddSeconds(3), info.ExpireAt);

        Page late = await pages.GetOrCreateAsync(2, (id, context, _) =>
        {
            context.ExpireAt = clock.GetUtcNow().AddSeconds(3);
            clock.Advance(TimeSpan.FromSeconds(10));
            return new ValueTask<Page>(Page.Create(id, 2));
        }, Stop);
        Assert.Equal(2, late.Content[0]);
        Assert.False(pages.Contains(2));
    }

    [Fact]
    public async Task What_expires_is_loaded_again_with_a_higher_version()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        PageRepository pages = store.Pages();
        Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, 1), TimeSpan.FromSeconds(1)));
        long first = pages.Get(1).Version;
        clock.Advance(TimeSpan.FromSeconds(1));
        Page again = await pages.GetOrCreateAsync(1, static (id, _) => new ValueTask<Page>(Page.Create(id, 2)), Stop);
        Assert.Equal(2, again.Content[0]);
        Assert.True(again.Version > first);
        Assert.Equal(again.Version, pages.Get(1).Version);
    }

    [Fact]
    public async Task A_load_counts_as_one_read_that_missed()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        await pages.GetOrCreateAsync(1, static (id, _) => new ValueTask<Page>(Page.Create(id, 1)), Stop);
        Assert.Equal((1, 0), (pages.KeySpace.Stats().GetCount, pages.KeySpace.Stats().HitCount));
        await pages.GetOrCreateAsync(1, static (id, _) => new ValueTask<Page>(Page.Create(id, 1)), Stop);
        Assert.Equal((2, 1), (pages.KeySpace.Stats().GetCount, pages.KeySpace.Stats().HitCount));
    }

    [Fact]
    public async Task Factories_that_wait_for_each_others_key_are_told_and_both_loads_end()
    {
        using MemStore store = TestStores.Create();
        using MemStore elsewhere = TestStores.Create();
        PageRepository pages = store.Pages();
        OrderRepository orders = elsewhere.Orders();
        TaskCompletionSource bothRun = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // three keys of two entities in two stores, each loaded by a caller of its own: page 1 -> order 2 -> page 3 -> page 1
        int running = 0;
        async Task MeetAsync()
        {
            if (Interlocked.Increment(ref running) == 3)
                bothRun.SetResult();
            await bothRun.Task;
        }

        Task<Page> first = pages.GetOrCreateAsync(1, async (id, token) =>
        {
            await MeetAsync();
            return Page.Create(id, (await orders.GetOrCreateAsync(2, static (_, _) => throw new InvalidDataException("a second load"), token)).Id);
        }, Stop).AsTask();
        Task<Order> second = orders.GetOrCreateAsync(2, async (id, token) =>
        {
            await MeetAsync();
            return new Order { Id = id, Customer = $"{(await pages.GetOrCreateAsync(3, static (_, _) => throw new InvalidDataException("a second load"), token)).Id}" };
        }, Stop).AsTask();
        Task<Page> third = pages.GetOrCreateAsync(3, async (id, token) =>
        {
            await MeetAsync();
            return Page.Create(id, (await pages.GetOrCreateAsync(1, static (_, _) => throw new InvalidDataException("a second load"), token)).Id);
        }, Stop).AsTask();

        // whose question closed the circle failed, and with it those who wait for it: the same exception
        InvalidOperationException[] told =
        [
            await Assert.ThrowsAsync<InvalidOperationException>(() => first),
            await Assert.ThrowsAsync<InvalidOperationException>(() => second),
            await Assert.ThrowsAsync<InvalidOperationException>(() => third),
        ];
        Assert.Single(told.Select(static e => e.Message).Distinct());
        string[] ways = ["Page '1' -> Order '2' -> Page '3' -> Page '1'.", "Order '2' -> Page '3' -> Page '1' -> Order '2'.", "Page '3' -> Page '1' -> Order '2' -> Page '3'."];
        Assert.True(ways.Any(way => told[0].Message.Contains(way, StringComparison.Ordinal)), told[0].Message);
        Assert.Equal((0, 0), (pages.State.Flights.Count, orders.State.Flights.Count));
        Assert.Equal(7, (await pages.GetOrCreateAsync(1, static (id, _) => new ValueTask<Page>(Page.Create(id, 7)), Stop)).Content[0]);
    }

    [Fact]
    public async Task Factories_that_share_what_they_wait_for_are_no_circle()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        // 1 and 2 wait for 3 (one of them twice) and 1 for 2; 3 comes last
        Task<Page> third = pages.GetOrCreateAsync(3, (_, _) => source.Task, Stop).AsTask();
        Task<Page> second = pages.GetOrCreateAsync(2, async (id, token) => Page.Create(id, (await NeverLoaded(3, token)).Content[0]), Stop).AsTask();
        Task<Page> first = pages.GetOrCreateAsync(1, async (id, token) =>
        {
            Page[] all = await Task.WhenAll(NeverLoaded(3, token).AsTask(), NeverLoaded(2, token).AsTask(), NeverLoaded(3, token).AsTask());
            return Page.Create(id, all.Sum(static p => p.Content[0]));
        }, Stop).AsTask();
        ValueTask<Page> NeverLoaded(int id, CancellationToken token) => pages.GetOrCreateAsync(id, static (_, _) => throw new InvalidDataException("a second load"), token);

        source.SetResult(Page.Create(3, 5));
        Assert.Equal((15, 5, 5), ((await first).Content[0], (await second).Content[0], (await third).Content[0]));
        Assert.Equal(0, pages.State.Flights.Count);
    }

    /// <summary>Who has stopped waiting is not waited for: its question does not count any more.</summary>
    [Fact]
    public async Task A_factory_that_gave_up_waiting_closes_no_circle()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource gaveUp = new(TaskCreationOptions.RunContinuationsAsynchronously);
        TaskCompletionSource asks = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Page> second = pages.GetOrCreateAsync(2, async (id, token) =>
        {
            await gaveUp.Task;
            ValueTask<Page> one = pages.GetOrCreateAsync(1, static (_, _) => throw new InvalidDataException("a second load"), token);
            asks.SetResult();
            return Page.Create(id, (await one).Content[0] + 1);
        }, Stop).AsTask();
        Task<Page> first = pages.GetOrCreateAsync(1, async (id, _) =>
        {
            using CancellationTokenSource impatient = new();
            ValueTask<Page> two = pages.GetOrCreateAsync(2, static (_, _) => throw new InvalidDataException("a second load"), impatient.Token);
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await two);
            gaveUp.SetResult();
            await asks.Task;
            return Page.Create(id, 8);
        }, Stop).AsTask();
        Assert.Equal((8, 9), ((await first).Content[0], (await second).Content[0]));
    }

    /// <summary>"Cancellation ends the waiting of its caller", whatever the factory has registered with its own token.</summary>
    [Fact]
    public async Task A_callback_of_the_factorys_token_that_throws_does_not_reach_the_caller_who_left()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource cancel = new();
        bool called = false;
        Task<Page> only = pages.GetOrCreateAsync(1, (_, token) =>
        {
            token.Register(() =>
            {
                called = true;
                throw new InvalidDataException("broken callback");
            });
            return source.Task;
        }, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => only);
        Assert.True(called);
        Assert.Equal(0, pages.State.Flights.Count);
        source.SetResult(Page.Create(1, 1));
    }
}
