using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace MemStorage.Testing;

/// <summary>
/// A distributed cache that passes everything on to another one, except when it is told to fail. Thread-safe. What a failing operation would have changed stays as it was.
/// </summary>
/// <param name="inner">The cache behind.</param>
public sealed class FaultyDistributedCache(IBufferDistributedCache inner) : IBufferDistributedCache
{
    private readonly Lock _lock = new();
    private Func<Exception> _fault = static () => new InvalidOperationException("The cache was told to fail.");
    private long _left;

    /// <summary>How many operations have failed.</summary>
    public long Failures { get; private set; }

    /// <summary>The next operations fail; a later call replaces an earlier one.</summary>
    /// <param name="operations">How many; 0: none any more. Not negative.</param>
    /// <param name="fault">Makes the exception of each; an <see cref="InvalidOperationException"/> when null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="operations"/> is negative.</exception>
    public void FailNext(int operations, Func<Exception>? fault = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(operations);
        lock (_lock)
        {
            _left = operations;
            if (fault is not null)
                _fault = fault;
        }
    }

    /// <summary>All operations fail until <see cref="Recover"/>.</summary>
    /// <param name="fault">As for <see cref="FailNext"/>.</param>
    public void Fail(Func<Exception>? fault = null)
    {
        lock (_lock)
        {
            _left = long.MaxValue;
            if (fault is not null)
                _fault = fault;
        }
    }

    /// <summary>Nothing fails any more.</summary>
    public void Recover() => FailNext(0);

    /// <inheritdoc/>
    public byte[]? Get(string key) => Next() is { } e ? throw e : inner.Get(key);

    /// <inheritdoc/>
    public Task<byte[]?> GetAsync(string key, CancellationToken token = default) => Next() is { } e ? Task.FromException<byte[]?>(e) : inner.GetAsync(key, token);

    /// <inheritdoc/>
    public bool TryGet(string key, IBufferWriter<byte> destination) => Next() is { } e ? throw e : inner.TryGet(key, destination);

    /// <inheritdoc/>
    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default) =>
        Next() is { } e ? ValueTask.FromException<bool>(e) : inner.TryGetAsync(key, destination, token);

    /// <inheritdoc/>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        if (Next() is { } e)
            throw e;
        inner.Set(key, value, options);
    }

    /// <inheritdoc/>
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        if (Next() is { } e)
            throw e;
        inner.Set(key, value, options);
    }

    /// <inheritdoc/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        Next() is { } e ? Task.FromException(e) : inner.SetAsync(key, value, options, token);

    /// <inheritdoc/>
    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default) =>
        Next() is { } e ? ValueTask.FromException(e) : inner.SetAsync(key, value, options, token);

    /// <inheritdoc/>
    public void Refresh(string key)
    {
        if (Next() is { } e)
            throw e;
        inner.Refresh(key);
    }

    /// <inheritdoc/>
    public Task RefreshAsync(string key, CancellationToken token = default) => Next() is { } e ? Task.FromException(e) : inner.RefreshAsync(key, token);

    /// <inheritdoc/>
    public void Remove(string key)
    {
        if (Next() is { } e)
            throw e;
        inner.Remove(key);
    }

    /// <inheritdoc/>
    public Task RemoveAsync(string key, CancellationToken token = default) => Next() is { } e ? Task.FromException(e) : inner.RemoveAsync(key, token);

    private Exception? Next()
    {
        lock (_lock)
        {
            if (_left == 0)
                return null;
            if (_left != long.MaxValue)
                _left--;
            Failures++;
            return _fault();
        }
    }
}
