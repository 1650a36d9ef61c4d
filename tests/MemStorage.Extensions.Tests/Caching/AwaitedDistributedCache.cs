using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.Extensions.Caching.Distributed;

namespace MemStorage.Extensions.Tests.Caching;

/// <summary>
/// A distributed cache whose writes can be awaited: HybridCache gives its caller the value before it has written it here, so a test that asks again at once races with that write.
/// </summary>
internal sealed class AwaitedDistributedCache(IBufferDistributedCache inner) : IBufferDistributedCache
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _ended = new();

    /// <summary>Ends when a write of this key has ended that no earlier call has waited for, well or with an exception.</summary>
    public Task WrittenAsync(string key, CancellationToken token) => Ended(key).WaitAsync(token);

    public byte[]? Get(string key) => inner.Get(key);

    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => inner.GetAsync(key, token);

    public bool TryGet(string key, IBufferWriter<byte> destination) => inner.TryGet(key, destination);

    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) => inner.TryGetAsync(key, destination, token);

    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        try
        {
            inner.Set(key, value, options);
        }
        finally
        {
            Ended(key).Release();
        }
    }

    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        try
        {
            inner.Set(key, value, options);
        }
        finally
        {
            Ended(key).Release();
        }
    }

    public async Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        try
        {
            await inner.SetAsync(key, value, options, token);
        }
        finally
        {
            Ended(key).Release();
        }
    }

    public async ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        try
        {
            await inner.SetAsync(key, value, options, token);
        }
        finally
        {
            Ended(key).Release();
        }
    }

    public void Refresh(string key) => inner.Refresh(key);

    public Task RefreshAsync(string key, CancellationToken token = default) => inner.RefreshAsync(key, token);

    public void Remove(string key) => inner.Remove(key);

    public Task RemoveAsync(string key, CancellationToken token = default) => inner.RemoveAsync(key, token);

    private SemaphoreSlim Ended(string key) => _ended.GetOrAdd(key, static _ => new SemaphoreSlim(0));
}
