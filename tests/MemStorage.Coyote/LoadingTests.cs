using MemoryPack;
using Microsoft.Coyote.Specifications;
using Microsoft.Coyote.SystematicTesting;

namespace MemStorage.Coyote;

/// <summary>An entity that is loaded.</summary>
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Document
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public int Load { get; set; }
}

/// <summary>
/// The tasks of the typed layer under Coyote's scheduler: single flight, cancellation, failures, and closing meanwhile. Each method is one program; Coyote runs it under many schedules.
/// What its results are worth, and why some are "potential hangs", stands in docs/testing.md.
/// </summary>
public static class LoadingTests
{
    private static MemStore Open() => new(new MemStoreOptions
    {
        MaxMemoryBytes = 1 << 20,
        ShardCount = 1,
        AsyncEviction = false,
        ExpirySweepInterval = TimeSpan.Zero,
        ChangeLogBytes = 0,
    });

    /// <summary>Callers of one key at one time share a load; each gets an object of its own; nothing stays behind.</summary>
    [Test]
    public static async Task Callers_share_a_load()
    {
        using MemStore store = Open();
        DocumentRepository documents = store.Documents();
        int running = 0, loads = 0;
        async ValueTask<Document> LoadAsync(int id, CancellationToken token)
        {
            Specification.Assert(Interlocked.Increment(ref running) == 1, "two loads of one key run at a time");
            int load = Interlocked.Increment(ref loads);
            await Task.Yield();
            Interlocked.Decrement(ref running);
            return new Document { Id = id, Load = load };
        }

        Document[] all = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(async () => await documents.GetOrCreateAsync(1, LoadAsync))));
        Specification.Assert(loads == 1, "the entity was there, and was loaded again");
        Specification.Assert(all.Distinct().Count() == 3 && all.All(d => d.Load == 1 && d.Version == all[0].Version), "a caller got something else");
        Specification.Assert(documents.State.Flights.Count == 0, "a flight stays behind");
    }

    /// <summary>One caller gives up: the others get theirs, and when all have given up the next begins anew.</summary>
    [Test]
    public static async Task A_caller_that_gives_up_leaves_the_others_alone()
    {
        using MemStore store = Open();
        DocumentRepository documents = store.Documents();
        using CancellationTokenSource stop = new();
        static async ValueTask<Document> LoadAsync(int id, CancellationToken token)
        {
            await Task.Yield();
            return new Document { Id = id };
        }

        Task<Document> first = Task.Run(async () => await documents.GetOrCreateAsync(1, LoadAsync, stop.Token));
        Task<Document> second = Task.Run(async () => await documents.GetOrCreateAsync(1, LoadAsync));
        Task cancel = Task.Run(stop.Cancel);
        try
        {
            _ = await first;
        }
        catch (OperationCanceledException)
        {
        }
        await cancel;
        Specification.Assert((await second).Id == 1, "the caller who stayed got nothing");
        Specification.Assert((await documents.GetOrCreateAsync(1, LoadAsync)).Id == 1, "a later caller got nothing");
        Specification.Assert(documents.State.Flights.Count == 0, "a flight stays behind");
    }

    /// <summary>A load that fails is told to all who waited, and is not remembered.</summary>
    [Test]
    public static async Task A_failure_is_told_and_not_remembered()
    {
        using MemStore store = Open();
        DocumentRepository documents = store.Documents();
        int loads = 0;
        async ValueTask<Document> LoadAsync(int id, CancellationToken token)
        {
            bool fails = Interlocked.Increment(ref loads) == 1;
            await Task.Yield();
            return fails ? throw new InvalidTimeZoneException() : new Document { Id = id };
        }

        int failures = 0;
        async Task CallAsync()
        {
            try
            {
                _ = await documents.GetOrCreateAsync(1, LoadAsync);
            }
            catch (InvalidTimeZoneException)
            {
                Interlocked.Increment(ref failures);
            }
        }

        await Task.WhenAll(Task.Run(CallAsync), Task.Run(CallAsync), Task.Run(CallAsync));
        Specification.Assert(failures >= 1 && loads <= 2, "a failure was remembered");
        Specification.Assert((await documents.GetOrCreateAsync(1, LoadAsync)).Id == 1, "a later caller got nothing");
        Specification.Assert(documents.State.Flights.Count == 0, "a flight stays behind");
    }

    /// <summary>A write during the load wins over it, in the store and for the callers who waited.</summary>
    [Test]
    public static async Task A_write_during_a_load_wins()
    {
        using MemStore store = Open();
        DocumentRepository documents = store.Documents();
        static async ValueTask<Document> LoadAsync(int id, CancellationToken token)
        {
            await Task.Yield();
            return new Document { Id = id, Load = 1 };
        }

        Task<Document> load = Task.Run(async () => await documents.GetOrCreateAsync(1, LoadAsync));
        Task<SetResult> write = Task.Run(() => documents.Set(new Document { Id = 1, Load = 2 }));
        _ = await load;
        Specification.Assert(await write == SetResult.Stored, "the write was refused");
        Specification.Assert(documents.Get(1).Load == 2, "the load buried the write");
    }

    /// <summary>Starting, loading and closing at once: every call ends, with an answer or an <see cref="ObjectDisposedException"/>.</summary>
    [Test]
    public static async Task Closing_ends_every_call()
    {
        MemStore store = Open();
        DocumentRepository documents = store.Documents();
        static async ValueTask<Document> LoadAsync(int id, CancellationToken token)
        {
            await Task.Yield();
            return new Document { Id = id };
        }

        static async Task UnlessClosed(Func<Task> call)
        {
            try
            {
                await call();
            }
            catch (ObjectDisposedException)
            {
            }
        }

        await Task.WhenAll(
            Task.Run(() => UnlessClosed(() => store.StartAsync())),
            Task.Run(() => UnlessClosed(async () => _ = await documents.GetOrCreateAsync(1, LoadAsync))),
            Task.Run(() => UnlessClosed(async () => _ = await documents.GetOrCreateAsync(1, LoadAsync))),
            Task.Run(() => store.CloseAsync()),
            Task.Run(() => store.CloseAsync()));
        Specification.Assert(store.IsClosed, "the store is open");
        Specification.Assert(documents.State.Flights.Count == 0, "a flight stays behind");
    }
}
