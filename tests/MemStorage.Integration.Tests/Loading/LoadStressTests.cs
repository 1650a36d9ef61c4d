using System.Runtime.CompilerServices;
using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Loading;

/// <summary>"GetOrCreateAsync under load: … a thousand keys with failing, cancelled and slow factories leave nothing behind", and an invalidation wins whenever it comes.</summary>
public sealed class LoadStressTests
{
    private static CancellationToken Stop => TestContext.Current.CancellationToken;

    // of its own, so that nobody else's exceptions are taken for these
    private sealed class FactoryFailedException() : Exception("failed");

    [Fact]
    public async Task A_thousand_keys_with_failing_cancelled_and_slow_factories_leave_nothing_behind()
    {
        int unobserved = 0;
        void Count(object? sender, UnobservedTaskExceptionEventArgs e)
        {
            if (e.Exception.Flatten().InnerExceptions.Any(static inner => inner is FactoryFailedException))
                Interlocked.Increment(ref unobserved);
        }

        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        TaskScheduler.UnobservedTaskException += Count;
        try
        {
            List<WeakReference> witnesses = await LoadAsync(pages);
            Assert.Equal(0, pages.State.Flights.Count);
            for (int i = 0; i < 1000; i++)
            {
                // a load whose caller was quicker than the cancellation has landed; none may have left half an entity
                if (i % 4 == 0)
                    Assert.False(pages.Contains(i));
                else if (i % 4 >= 2)
                    Assert.Equal(i, pages.Get(i).Content[0]);
            }
            Assert.Equal(0, pages.GetOrCreate(0, static id => Page.Create(id, 0)).Content[0]);

            // what the factories held is garbage now: no table, token or timer keeps a load alive
            for (int attempt = 0; attempt < 1000 && witnesses.Any(static w => w.IsAlive); attempt++)
            {
                await Task.Yield();
                GC.Collect();
                GC.WaitForPendingFinalizers();
            }
            Assert.Equal(0, witnesses.Count(static w => w.IsAlive));
            Assert.Equal(0, unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= Count;
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static async Task<List<WeakReference>> LoadAsync(PageRepository pages)
    {
        TaskCompletionSource slow = new(TaskCreationOptions.RunContinuationsAsynchronously);
        using CancellationTokenSource cancel = new();
        List<Task> callers = [];
        List<WeakReference> witnesses = [];
        for (int i = 0; i < 1000; i++)
        {
            int kind = i % 4;
            object witness = new();
            witnesses.Add(new WeakReference(witness));
            Task<Page> Call(CancellationToken caller) => pages.GetOrCreateAsync(i, witness, async (id, held, _, token) =>
            {
                await Task.Yield();
                if (kind == 0)
                    throw new FactoryFailedException();
                try
                {
                    await slow.Task.WaitAsync(token);
                }
                catch (OperationCanceledException)
                {
                    throw new FactoryFailedException(); // when nobody waits any more: nobody will look at it either
                }
                return Page.Create(id, held is null ? -1 : id);
            }, caller).AsTask();

            callers.Add(Call(kind == 1 ? cancel.Token : Stop)); // abandoned by both
            callers.Add(Call(kind is 1 or 2 ? cancel.Token : Stop)); // one of two leaves
        }
        await cancel.CancelAsync();
        slow.SetResult();
        foreach (Task caller in callers)
        {
            try
            {
                await caller;
            }
            catch (Exception e) when (e is FactoryFailedException or OperationCanceledException)
            {
            }
        }

        // a load that all have left may still be on its way to its end
        while (pages.State.Flights.Count > 0)
            await Task.Yield();
        return witnesses;
    }

    [Fact]
    public async Task Whenever_an_invalidation_comes_what_is_stored_is_never_older()
    {
        int seed = Random.Shared.Next();
        const int Keys = 16;
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        int[] database = new int[Keys];    // what the factories read
        int[] invalidated = new int[Keys]; // what it was when the last invalidation had returned
        List<string> wrong = [];

        async Task Work(int worker)
        {
            await Task.Yield();
            Random random = new(seed + worker);
            for (int step = 0; step < 1_500; step++)
            {
                int key = random.Next(Keys);
                if (random.Next(3) == 0)
                {
                    // one writer for each key, so that its numbers only grow
                    key = (key / 4 * 4) + worker;
                    int next = database[key] + 1;
                    Volatile.Write(ref database[key], next);
                    _ = pages.Delete(key);
                    Volatile.Write(ref invalidated[key], next);
                    continue;
                }
                int least = Volatile.Read(ref invalidated[key]);
                if (pages.TryGet(key, out Page? stored) && stored.Content[0] < least)
                {
                    lock (wrong)
                        wrong.Add($"key {key}: {stored.Content[0]} is stored, {least} was invalidated before");
                }
                bool yields = random.Next(2) == 0;
                using CancellationTokenSource impatient = new();
                ValueTask<Page> load = pages.GetOrCreateAsync(key, async (id, _) =>
                {
                    int read = Volatile.Read(ref database[id]);
                    if (yields)
                        await Task.Yield();
                    return Page.Create(id, read);
                }, impatient.Token);
                if (random.Next(4) == 0)
                    await impatient.CancelAsync();
                try
                {
                    await load;
                }
                catch (OperationCanceledException)
                {
                }
            }
        }

        await Task.WhenAll(Enumerable.Range(0, 4).Select(Work));
        while (pages.State.Flights.Count > 0)
            await Task.Yield();
        Assert.True(wrong.Count == 0, $"seed {seed}: {string.Join("; ", wrong.Take(5))}");
        for (int key = 0; key < Keys; key++)
            Assert.True(!pages.TryGet(key, out Page? page) || page.Content[0] == database[key], $"seed {seed}, key {key}: {page?.Content[0]} is stored, the database has {database[key]}");
    }

    [Fact]
    public async Task Clearing_the_store_during_a_load_wins_too()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        await pages.GetOrCreateAsync(1, async (id, _) =>
        {
            await Task.Yield();
            store.Clear();
            return Page.Create(id, 1);
        }, Stop);
        Assert.False(pages.Contains(1));
    }
}
