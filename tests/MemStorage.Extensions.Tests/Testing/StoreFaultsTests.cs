using MemStorage.Testing;
using Microsoft.Extensions.Caching.Distributed;
using WebApi.Catalog;

namespace MemStorage.Extensions.Tests.Testing;

/// <summary>A store that fails on demand, through every layer that stands on it.</summary>
public sealed class StoreFaultsTests : IDisposable
{
    private readonly MemStore _store = new(new MemStoreOptions { MaxMemoryMB = 8, AsyncEviction = false });
    private readonly MemStoreFaults _faults;

    public StoreFaultsTests() => _faults = new MemStoreFaults(_store);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    private static StoredItem Item(byte value) => new([value]);

    private static Product Lamp(decimal price) => new() { Id = 1, Name = "lamp", Category = "light", Price = price };

    [Fact]
    public void Writes_are_refused_for_as_long_as_was_said_and_what_was_there_stays()
    {
        Assert.Equal(SetResult.Stored, _store.Set("k", Item(1)));
        _faults.RefuseWrites(2);
        Assert.Equal(SetResult.MemoryLimit, _store.Set("k", Item(2)));
        Assert.Equal(MemStorageError.MemoryLimit, Assert.Throws<MemStorageException>(() => _store.SetOrThrow("k", Item(2))).Error);
        Assert.Equal([1], _store.Get("k").Value.ToArray());
        Assert.Equal(SetResult.Stored, _store.Set("k", Item(3)));
        Assert.Equal(2, _faults.Refusals);
        MemStoreStats stats = _store.Stats();
        Assert.Equal((4, 2), (stats.SetCount, stats.MemoryLimitCount)); // they count as any refused write: metrics and health see them
        _store.AssertInvariants();

        _faults.RefuseWrites();
        Dictionary<string, SetResult> many = _store.BatchSet([new("a", Item(1)), new("b", Item(1))]);
        Assert.All(many.Values, r => Assert.Equal(SetResult.MemoryLimit, r));
        Assert.Equal(DeleteResult.Deleted, _store.Delete("k")); // a delete needs no room
        _faults.Recover();
        Assert.Equal(SetResult.Stored, _store.Set("a", Item(1)));
    }

    [Fact]
    public void Typed_repositories_meet_the_refusal_and_the_exception()
    {
        ProductRepository products = new(_store);
        Product lamp = Lamp(10);
        Assert.Equal(SetResult.Stored, products.Set(lamp));
        long version = lamp.Version;
        _faults.RefuseWrites();
        Assert.Equal(SetResult.MemoryLimit, products.Set(Lamp(20)));
        Assert.Equal(UpdateResult.MemoryLimit, products.TryUpdate(Lamp(20), version, out _));
        Assert.Equal(MemStorageError.MemoryLimit, Assert.Throws<MemStorageException>(() => products.SetOrThrow(Lamp(20))).Error);
        Assert.Equal(10, products.Get(1).Price);
        Assert.Equal([1], products.FindByCategory("light").Select(p => p.Id));
        _faults.Recover();

        _faults.Fail(StoreOperations.Reads, () => new TimeoutException("slow"));
        Assert.Throws<TimeoutException>(() => products.Get(1));
        Assert.Throws<TimeoutException>(() => products.TryGetNoCopy(1, out _));
        Assert.Throws<TimeoutException>(() => products.Contains(1));
        Assert.Equal(SetResult.Stored, products.Set(Lamp(30))); // writes go on
        _faults.Recover();
        Assert.Equal(30, products.Get(1).Price);
        _store.AssertInvariants();
    }

    [Fact]
    public void An_exception_as_from_an_allocation_leaves_the_store_as_it_was()
    {
        Assert.Equal(SetResult.Stored, _store.Set("k", Item(1)));
        long used = _store.UsedBytes;
        _faults.FailNext(3, StoreOperations.Writes | StoreOperations.Deletes | StoreOperations.Touches, () => new InsufficientMemoryException("no segment"));
        Assert.Throws<InsufficientMemoryException>(() => _store.Set("k", Item(2)));
        Assert.Throws<InsufficientMemoryException>(() => _store.Delete("k"));
        Assert.Throws<InsufficientMemoryException>(() => _store.GetKeySpace("s").Touch("k"u8, null));
        Assert.Equal([1], _store.Get("k").Value.ToArray());
        Assert.Equal(used, _store.UsedBytes);
        Assert.Equal(3, _faults.Failures);
        Assert.Equal(SetResult.Stored, _store.Set("k", Item(2)));
        _store.AssertInvariants();
    }

    [Fact]
    public async Task The_distributed_cache_passes_the_failure_on_in_its_own_words_and_counts_it()
    {
        MemStoreDistributedCache cache = new(_store);
        cache.Set("k", [1], new());
        _faults.RefuseWrites(1);
        Assert.Equal(MemStorageError.MemoryLimit, (await Assert.ThrowsAsync<MemStorageException>(() => cache.SetAsync("k", [2], new DistributedCacheEntryOptions(), Token))).Error);
        Assert.Equal(1, cache.Faults.Refused);
        Assert.Null(cache.Get("k")); // rather none than an outdated one
        cache.Set("k", [3], new());
        _faults.FailNext(1, StoreOperations.Reads);
        await Assert.ThrowsAsync<InvalidOperationException>(() => cache.GetAsync("k", Token));
        Assert.Equal([3], cache.Get("k")!);
    }

    [Fact]
    public void Replicated_changes_meet_it_too()
    {
        using MemStore origin = new(new MemStoreOptions { MaxMemoryMB = 8, NodeId = 7 });
        Assert.Equal(SetResult.Stored, origin.Set("k", Item(1)));
        SyncOperation change = Assert.Single(origin.GetSyncBuffer().Operations);
        _faults.RefuseWrites(1);
        Assert.Equal(SetResult.MemoryLimit, _store.Apply(change));
        Assert.Equal(SetResult.Stored, _store.Apply(change));
    }

    [Fact]
    public void A_closed_store_is_closed_whatever_else_is_set_and_disposal_leaves_a_normal_store()
    {
        _faults.RefuseWrites();
        Assert.Throws<InvalidOperationException>(() => new MemStoreFaults(_store));
        _faults.Dispose();
        _faults.Dispose();
        Assert.Equal(SetResult.Stored, _store.Set("k", Item(1)));
        using MemStoreFaults next = new(_store);
        next.Fail();
        Assert.Throws<InvalidOperationException>(() => _store.Get("k"));
        Assert.Equal(1, _store.Stats().KeyCount); // only reads and writes fail: what a test looks at does not
        _store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _store.Get("k"));
        Assert.Throws<ObjectDisposedException>(() => _store.Set("k", Item(1)));
        Assert.True(_store.IsClosed);
        Assert.Throws<ArgumentOutOfRangeException>(() => next.RefuseWrites(-1));
        Assert.Throws<ArgumentOutOfRangeException>(() => next.FailNext(-1));
        Assert.Throws<ArgumentNullException>(() => new MemStoreFaults(null!));
    }

    [Fact]
    public async Task Set_and_cleared_while_others_work_every_operation_ends_one_way_or_the_other()
    {
        long stored = 0, refused = 0, thrown = 0;
        Task[] workers = [.. Enumerable.Range(0, 4).Select(w => Task.Run(() =>
        {
            for (int n = 0; n < 5_000; n++)
            {
                try
                {
                    Interlocked.Increment(ref (_store.Set($"{w}:{n % 50}", Item(1)) == SetResult.Stored ? ref stored : ref refused));
                }
                catch (IOException)
                {
                    Interlocked.Increment(ref thrown);
                }
            }
        }, Token))];
        while (!Array.TrueForAll(workers, w => w.IsCompleted))
        {
            _faults.RefuseWrites(10);
            _faults.FailNext(10, StoreOperations.Writes, () => new IOException());
            _faults.Recover();
        }
        await Task.WhenAll(workers);
        Assert.Equal((_faults.Refusals, _faults.Failures, 20_000), (refused, thrown, stored + refused + thrown));
        Assert.Equal(refused, _store.Stats().MemoryLimitCount);
        _store.AssertInvariants();
    }
}
