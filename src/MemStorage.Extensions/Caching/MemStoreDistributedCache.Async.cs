using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;

namespace MemStorage.Extensions;

// The asynchronous members: the synchronous ones behind a completed task. Failures come as failed tasks, as callers of asynchronous members expect.
public sealed partial class MemStoreDistributedCache
{
    private static readonly Task<byte[]?> s_miss = Task.FromResult<byte[]?>(null);

    /// <summary>As <see cref="Get(string)"/>; a hit allocates the array and its task, a miss nothing. <see cref="TryGetAsync"/> allocates neither.</summary>
    /// <inheritdoc cref="Get(string)"/>
    public Task<byte[]?> GetAsync(string key, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return Task.FromCanceled<byte[]?>(token);
        try
        {
            byte[]? value = Get(key);
            return value is null ? s_miss : Task.FromResult<byte[]?>(value);
        }
        catch (Exception e)
        {
            return Task.FromException<byte[]?>(e);
        }
    }

    /// <summary>As <see cref="TryGet(string, IBufferWriter{byte})"/>; allocates no task.</summary>
    /// <inheritdoc cref="TryGet(string, IBufferWriter{byte})"/>
    public ValueTask<bool> TryGetAsync(string key, IBufferWriter<byte> destination, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(token);
        try
        {
            return new ValueTask<bool>(TryGet(key, destination));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<bool>(e);
        }
    }

    /// <summary>As <see cref="Set(string, byte[], DistributedCacheEntryOptions)"/>; allocates no task.</summary>
    /// <inheritdoc cref="Set(string, byte[], DistributedCacheEntryOptions)"/>
    public Task SetAsync(string key, byte[] value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return Task.FromCanceled(token);
        try
        {
            Set(key, value, options);
            return Task.CompletedTask;
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }

    /// <summary>As <see cref="Set(string, ReadOnlySequence{byte}, DistributedCacheEntryOptions)"/>; allocates no task.</summary>
    /// <inheritdoc cref="Set(string, byte[], DistributedCacheEntryOptions)"/>
    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return ValueTask.FromCanceled(token);
        try
        {
            Set(key, value, options);
            return default;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <summary>As <see cref="Refresh(string)"/>; allocates no task.</summary>
    /// <inheritdoc cref="Refresh(string)"/>
    public Task RefreshAsync(string key, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return Task.FromCanceled(token);
        try
        {
            Refresh(key);
            return Task.CompletedTask;
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }

    /// <summary>As <see cref="Remove(string)"/>; allocates no task.</summary>
    /// <inheritdoc cref="Remove(string)"/>
    public Task RemoveAsync(string key, CancellationToken token = default)
    {
        if (token.IsCancellationRequested)
            return Task.FromCanceled(token);
        try
        {
            Remove(key);
            return Task.CompletedTask;
        }
        catch (Exception e)
        {
            return Task.FromException(e);
        }
    }
}
