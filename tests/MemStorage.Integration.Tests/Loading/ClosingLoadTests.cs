using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Loading;

/// <summary>"Who waits (for a load, for changes of the feed) gets it at once, and the tokens of factories are cancelled."</summary>
public sealed class ClosingLoadTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Closing_ends_every_waiting_for_a_factory_that_never_returns()
    {
        MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> never = new();
        CancellationToken inside = default;
        Task<Page>[] callers = [.. Enumerable.Range(0, 3).Select(_ => pages.GetOrCreateAsync(1, (_, token) =>
        {
            inside = token;
            return never.Task;
        }, Stop).AsTask())];
        Task<Page> blocked = Task.Run(() => pages.GetOrCreate(1, static _ => throw new InvalidDataException("a second load")), Stop);
        while (!blocked.IsCompleted && CallersOf(pages) < 4)
            await Task.Yield();

        await store.DisposeAsync();
        Assert.True(inside.IsCancellationRequested);
        foreach (Task<Page> caller in callers.Append(blocked))
            Assert.Contains(store.Name, (await Assert.ThrowsAsync<ObjectDisposedException>(() => caller)).ObjectName, StringComparison.Ordinal);
        Assert.Equal(0, pages.State.Flights.Count);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await pages.GetOrCreateAsync(2, static (id, _) => new ValueTask<Page>(Page.Create(id, 1)), Stop));
        never.SetResult(Page.Create(1, 1)); // too late for everybody
        Assert.Equal(0, pages.State.Flights.Count);
    }

    private static int CallersOf(PageRepository pages) => pages.State.Flights.CallersOf(1);

    [Fact]
    public async Task Closing_waits_for_no_callback_of_a_factorys_token_and_hears_of_none_that_throws()
    {
        MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskCompletionSource<Page> never = new();
        using ManualResetEventSlim release = new();
        Task<Page> load = pages.GetOrCreateAsync(1, (_, token) =>
        {
            token.Register(() => throw new InvalidDataException("broken callback"));
            token.Register(() => release.Wait(Stop));
            return never.Task;
        }, Stop).AsTask();
        store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => load);
        release.Set();
    }

    [Fact]
    public async Task A_store_that_is_closed_by_the_factory_itself_ends_its_load()
    {
        MemStore store = TestStores.Create();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await store.Pages().GetOrCreateAsync(1, async (id, _) =>
        {
            await store.DisposeAsync();
            return Page.Create(id, 1);
        }, Stop));
    }

    [Fact]
    public async Task A_reader_of_the_feed_ends_with_the_store_and_not_with_its_next_poll()
    {
        MemStore store = TestStores.Create(); // its clock stands still: the next poll never comes
        await using IAsyncEnumerator<ChangeBatch> feed = store.Changes.ReadAsync(store.Changes.Newest, cancellationToken: Stop).GetAsyncEnumerator(Stop);
        Task<bool> next = feed.MoveNextAsync().AsTask();
        Assert.False(next.IsCompleted);
        store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => next);
    }

    [Fact]
    public async Task A_reader_of_the_feed_that_is_cancelled_hears_of_its_own_token()
    {
        using MemStore store = TestStores.Create();
        using CancellationTokenSource cancel = new();
        await using IAsyncEnumerator<ChangeBatch> feed = store.Changes.ReadAsync(store.Changes.Newest, cancellationToken: cancel.Token).GetAsyncEnumerator(CancellationToken.None);
        Task<bool> next = feed.MoveNextAsync().AsTask();
        await cancel.CancelAsync();
        Assert.Equal(cancel.Token, (await Assert.ThrowsAnyAsync<OperationCanceledException>(() => next)).CancellationToken);
    }
}
