using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Loading;

/// <summary>"single flight per key; the version is taken before the factory runs …; exceptions are not cached; one caller's cancellation does not cancel the others; the factory may set the expiry or decide not to store".</summary>
public sealed class GetOrCreateTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_thousand_concurrent_callers_run_the_factory_once_and_each_gets_an_object_of_its_own()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        int runs = 0;
        Task<Page>[] callers = [.. Enumerable.Range(0, 1000).Select(_ => Task.Run(async () => await pages.GetOrCreateAsync(7, async (id, _) =>
        {
            Interlocked.Increment(ref runs);
            await gate.Task;
            return Page.Create(id, 70);
        }, Stop), Stop))];
        while (pages.State.Flights.Count == 0)
            await Task.Yield();
        gate.SetResult();
        Page[] results = await Task.WhenAll(callers);

        Assert.Equal(1, runs);
        Assert.Equal(1000, results.Distinct(ReferenceEqualityComparer.Instance).Count());
        long version = pages.Get(7).Version;
        Assert.All(results, page => Assert.True(page.IsWhole() && page.Content[0] == 70 && page.Version == version));
        Assert.Equal(0, pages.State.Flights.Count);
    }

    [Fact]
    public async Task What_is_there_is_returned_without_running_the_factory()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(1, 5));
        ValueTask<Page> read = pages.GetOrCreateAsync(1, static (id, _) => throw new InvalidOperationException("not needed"), Stop);
        Assert.True(read.IsCompletedSuccessfully);
        Assert.Equal(5, (await read).Content[0]);
        Assert.Equal(5, pages.GetOrCreate(1, static id => throw new InvalidOperationException("not needed")).Content[0]);
    }

    [Fact]
    public async Task An_async_lambda_and_a_method_that_returns_a_task_both_fit_also_through_the_interface()
    {
        using MemStore store = TestStores.Create();
        IMemStorageRepository<int, Page> pages = store.Pages();
        static Task<Page> LoadAsync(int id, CancellationToken _) => Task.FromResult(Page.Create(id, 1));

        Assert.Equal(1, (await pages.GetOrCreateAsync(1, async (id, token) => await LoadAsync(id, token), Stop)).Id);
        Assert.Equal(2, (await pages.GetOrCreateAsync(2, static (id, token) => LoadAsync(id, token), Stop)).Id);
        Assert.Equal(3, (await pages.GetOrCreateAsync(3, LoadAsync, Stop)).Id);
    }

    [Fact]
    public void The_synchronous_form_stores_too()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Page made = pages.GetOrCreate(1, static id => Page.Create(id, 3));
        Assert.True(made.Version > 0);
        Assert.Equal(made.Version, pages.Get(1).Version);
        Assert.Equal(9, pages.GetOrCreate(2, static (id, context) =>
        {
            context.Store = false;
            return Page.Create(id, 9);
        }).Content[0]);
        Assert.False(pages.Contains(2));
    }

    [Fact]
    public async Task An_invalidation_during_the_load_wins()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Page loaded = await pages.GetOrCreateAsync(1, async (id, _) =>
        {
            Page old = Page.Create(id, 1); // read from somewhere …
            await Task.Yield();
            Assert.Equal(DeleteResult.NotFound, pages.Delete(id)); // … and invalidated before it arrives
            return old;
        }, Stop);
        Assert.Equal(1, loaded.Content[0]); // the caller gets what was loaded,
        Assert.False(pages.Contains(1));    // but it does not stay
    }

    [Fact]
    public async Task A_write_during_the_load_wins_and_is_what_the_callers_get()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        long written = 0;
        Page result = await pages.GetOrCreateAsync(1, async (id, _) =>
        {
            await Task.Yield();
            written = pages.SetOrThrow(Page.Create(id, 2));
            return Page.Create(id, 1);
        }, Stop);
        Assert.Equal((2, written), (result.Content[0], result.Version));
        Assert.Equal((2, written), (pages.Get(1).Content[0], pages.Get(1).Version));
    }

    [Fact]
    public async Task Exceptions_reach_every_caller_and_are_not_cached()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Page>[] callers = [.. Enumerable.Range(0, 5).Select(_ => pages.GetOrCreateAsync(1, (_, _) => source.Task, Stop).AsTask())];
        source.SetException(new InvalidDataException("no"));
        foreach (Task<Page> caller in callers)
            await Assert.ThrowsAsync<InvalidDataException>(() => caller);
        Assert.Throws<InvalidDataException>(() => _ = pages.GetOrCreate(1, static id => throw new InvalidDataException("again")));
        Assert.Equal(0, pages.State.Flights.Count);
        Assert.Equal(4, pages.GetOrCreate(1, static id => Page.Create(id, 4)).Content[0]);
    }

    [Fact]
    public async Task One_callers_cancellation_does_not_cancel_the_others()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken inside = default;
        using CancellationTokenSource first = new();
        using CancellationTokenSource second = new();
        Task<Page> impatient = pages.GetOrCreateAsync(1, (_, token) =>
        {
            inside = token;
            return source.Task;
        }, first.Token).AsTask();
        Task<Page> patient = pages.GetOrCreateAsync(1, static (_, _) => throw new InvalidOperationException("a second load"), second.Token).AsTask();

        await first.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => impatient);
        Assert.False(inside.IsCancellationRequested);
        source.SetResult(Page.Create(1, 8));
        Assert.Equal(8, (await patient).Content[0]);
        Assert.True(pages.Contains(1));
    }

    [Fact]
    public async Task When_nobody_waits_any_more_the_load_is_cancelled_and_stores_nothing()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> source = new(TaskCreationOptions.RunContinuationsAsynchronously);
        CancellationToken inside = default;
        using CancellationTokenSource cancel = new();
        Task<Page> only = pages.GetOrCreateAsync(1, (_, token) =>
        {
            inside = token;
            return source.Task;
        }, cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => only);
        Assert.True(inside.IsCancellationRequested);
        Assert.Equal(0, pages.State.Flights.Count);

        // the next caller begins anew, and what the abandoned one brings late is dropped
        Page next = await pages.GetOrCreateAsync(1, static (id, _) => new ValueTask<Page>(Page.Create(id, 2)), Stop);
        source.SetResult(Page.Create(1, 1));
        Assert.Equal(2, next.Content[0]);
        Assert.Equal(2, pages.Get(1).Content[0]);

        Assert.True(cancel.IsCancellationRequested);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await pages.GetOrCreateAsync(5, static (id, _) => throw new InvalidOperationException("must not run"), cancel.Token));
    }

    [Fact]
    public async Task The_factory_may_set_the_life_or_decide_not_to_store()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        PageRepository pages = store.Pages();
        await pages.GetOrCreateAsync(1, static (id, context, _) =>
        {
            context.TimeToLive = TimeSpan.FromSeconds(3);
            return new ValueTask<Page>(Page.Create(id, 1));
        }, Stop);
        await pages.GetOrCreateAsync(2, "state", static (id, state, context, _) =>
        {
            context.ExpireAt = TestStores.Start.AddSeconds(state.Length);
            return new ValueTask<Page>(Page.Create(id, 1));
        }, Stop);
        Page unstored = await pages.GetOrCreateAsync(3, static (id, context, _) =>
        {
            context.Store = false;
            return new ValueTask<Page>(Page.Create(id, 1));
        }, Stop);
        Assert.True(unstored.IsWhole());
        Assert.True(pages.TryGetInfo(1, out EntityInfo first));
        Assert.True(pages.TryGetInfo(2, out EntityInfo second));
        Assert.Equal(TestStores.Start.AddSeconds(3), first.ExpireAt);
        Assert.Equal(TestStores.Start.AddSeconds(5), second.ExpireAt);
        Assert.False(pages.Contains(3));
        clock.Advance(TimeSpan.FromSeconds(3));
        Assert.False(pages.Contains(1));
    }

    [Fact]
    public async Task A_factory_that_finds_nothing_makes_another_key_or_waits_for_itself_is_told()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        MemStorageException nothing = Assert.Throws<MemStorageException>(() => _ = pages.GetOrCreate(1, static id => null!));
        Assert.Equal(MemStorageError.NotFound, nothing.Error);
        Assert.Throws<InvalidOperationException>(() => _ = pages.GetOrCreate(1, static id => Page.Create(id + 1, 0)));
        await Assert.ThrowsAsync<InvalidOperationException>(async () => await pages.GetOrCreateAsync(1, async (id, token) =>
        {
            await Task.Yield();
            return await pages.GetOrCreateAsync(id, static (id, _) => new ValueTask<Page>(Page.Create(id, 1)), token);
        }, Stop));
        // another key from within a factory is fine
        Page outer = await pages.GetOrCreateAsync(1, async (id, token) =>
            Page.Create(id, (await pages.GetOrCreateAsync(2, static (id, _) => new ValueTask<Page>(Page.Create(id, 6)), token)).Content[0]), Stop);
        Assert.Equal(6, outer.Content[0]);
        Assert.Equal(0, pages.State.Flights.Count);
    }
}
