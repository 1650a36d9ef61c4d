using BitFaster.Caching.Lfu;
using BitFaster.Caching.Lru;
using BitFaster.Caching.Scheduler;
using Microsoft.Extensions.Caching.Memory;

namespace MemStorage.Bench.HitRatio;

/// <summary>A bounded store under a trace of read-through gets.</summary>
internal abstract class TraceCache : IDisposable
{
    public abstract bool Contains(string key);

    public abstract void Insert(string key, byte[] buffer, int size);

    public virtual void Dispose()
    {
    }
}

internal sealed class MemStorageTraceCache : TraceCache
{
    /// <summary>The least bound that a store takes.</summary>
    public const long LeastBound = 64 << 10;

    private readonly MemStore _store;
    private byte[] _destination;

    public MemStorageTraceCache(long bytes, ulong seed, int largestValue = 1 << 13)
    {
        _destination = new byte[largestValue];
        _store = new MemStore(new MemStoreOptions
        {
            MaxMemoryBytes = bytes,
            CompressionEnabled = false, // what is stored is noise
            ChangeLogBytes = 0, // nobody replicates
            EvictThreshold = 100, // fill the bound
            EvictTarget = 99,
            AsyncEviction = false, // the same result in every run
            ExpirySweepInterval = TimeSpan.Zero,
            HashSeed = seed,
        });
    }

    public MemStore Store => _store;

    public long Entries => _store.Stats().KeyCount;

    public override bool Contains(string key) => _store.TryGet(key, _destination, out _, out _);

    public override void Insert(string key, byte[] buffer, int size)
    {
        if (size > _destination.Length)
            _destination = new byte[size];
        // a value that does not fit the bound at all is refused, and that is a miss for ever
        _ = _store.Set(key, buffer.AsSpan(0, size));
    }

    public override void Dispose() => _store.Dispose();
}

/// <summary>The caches of objects hold an array of the value's size under a string of their own.</summary>
internal sealed class LruTraceCache(int capacity) : TraceCache
{
    private readonly ConcurrentLru<string, byte[]> _cache = new(1, capacity, StringComparer.Ordinal);

    public override bool Contains(string key) => _cache.TryGet(key, out _);

    public override void Insert(string key, byte[] buffer, int size) => _cache.AddOrUpdate(key, new byte[size]);
}

internal sealed class LfuTraceCache(int capacity) : TraceCache
{
    // maintenance on the calling thread: the same result in every run
    private readonly ConcurrentLfu<string, byte[]> _cache = new(1, capacity, new ForegroundScheduler(), StringComparer.Ordinal);

    public override bool Contains(string key) => _cache.TryGet(key, out _);

    public override void Insert(string key, byte[] buffer, int size) => _cache.AddOrUpdate(key, new byte[size]);
}

internal sealed class MemoryCacheTraceCache(int capacity) : TraceCache
{
    private readonly MemoryCache _cache = new(new MemoryCacheOptions { SizeLimit = capacity });

    public override bool Contains(string key) => _cache.TryGetValue(key, out _);

    public override void Insert(string key, byte[] buffer, int size) => _cache.Set(key, new byte[size], new MemoryCacheEntryOptions { Size = 1 });

    public override void Dispose() => _cache.Dispose();
}
