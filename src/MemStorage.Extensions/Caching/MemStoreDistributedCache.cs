using System.Buffers;
using MemStorage.Extensions.Caching;
using MemStorage.Storage;
using Microsoft.Extensions.Caching.Distributed;

namespace MemStorage.Extensions;

/// <summary>
/// <see cref="IDistributedCache"/> and <see cref="IBufferDistributedCache"/> on a key space of a <see cref="MemStore"/>: HybridCache, session state and whatever else is written
/// for these interfaces keeps its entries off the garbage-collected heap and inside the store's byte bound. It lives in this process: despite the interface's name
/// nothing is shared between machines unless the store is replicated.
/// </summary>
/// <remarks>
/// Thread-safe. Nothing here waits, so the asynchronous members complete synchronously; those that return <see cref="ValueTask"/> or no value allocate no task. Keys and payloads
/// are taken to be untrusted: both have a length limit, and what breaks it is refused with a <see cref="MemStorageException"/> before it touches the store.
/// After the store is closed every member throws (asynchronous ones return a task that fails with) <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed partial class MemStoreDistributedCache : IBufferDistributedCache
{
    /// <summary>Values up to this length are handled on the stack.</summary>
    private const int StackValueBytes = 512;

    private readonly KeySpace _space;
    private readonly TimeProvider _time;
    private readonly CacheKeyEncoder _keys;
    private readonly int _maxPayloadBytes;
    private readonly RefusedWriteBehavior _refusedWrites;

    /// <summary>Creates a cache on a key space of <paramref name="store"/>.</summary>
    /// <param name="store">The store; not owned, not disposed.</param>
    /// <param name="options">Limits and key space; the defaults when null. Copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    /// <exception cref="ArgumentException">Options are out of range; the message names each, its value and its range.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MemStoreDistributedCache(MemStore store, MemStoreDistributedCacheOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new MemStoreDistributedCacheOptions();
        Configuration.OptionTables.DistributedCache.ThrowIfInvalid(options, nameof(options));
        _space = store.GetKeySpace(options.KeySpace);
        _time = store.TimeProvider;
        _keys = new CacheKeyEncoder(options.MaxKeyBytes, Faults);
        _maxPayloadBytes = options.MaxPayloadBytes;
        _refusedWrites = options.RefusedWrites;
    }

    /// <summary>The key space that holds the entries.</summary>
    public KeySpace KeySpace => _space;

    internal CacheFaults Faults { get; } = new();

    /// <summary>The payload of a key, or null. A sliding expiry begins anew.</summary>
    /// <param name="key">1 to <see cref="MemStoreDistributedCacheOptions.MaxKeyBytes"/> bytes of UTF-8, well-formed.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.InvalidKey"/>) the key is empty, too long or has lone surrogates.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public byte[]? Get(string key)
    {
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        var room = new ScratchBuffer(stackalloc byte[StackValueBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            while (_space.TryGet(utf8, room.Span, out int length, out ItemInfo info))
            {
                if (length <= room.Span.Length)
                    return Open(utf8, room.Span[..length], info, out int payload) ? room.Span[..payload].ToArray() : null;
                room.Ensure(length);
            }
            return null;
        }
        finally
        {
            room.Dispose();
            keyRoom.Dispose();
        }
    }

    /// <summary>Appends the payload of a key to <paramref name="destination"/>, without a buffer in between. A sliding expiry begins anew.</summary>
    /// <returns>Whether there was an entry; if not, <paramref name="destination"/> is not advanced.</returns>
    /// <inheritdoc cref="Get(string)"/>
    public bool TryGet(string key, IBufferWriter<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(destination);
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            Span<byte> room = destination.GetSpan();
            while (_space.TryGet(utf8, room, out int length, out ItemInfo info))
            {
                if (length <= room.Length)
                {
                    if (!Open(utf8, room[..length], info, out int payload))
                        return false;
                    destination.Advance(payload);
                    return true;
                }
                // what the writer needs room for is the payload alone, which is shorter by a trailer of a length that is not known yet
                int least = Math.Max(0, length - CacheEnvelope.MaxBytes);
                if (room.Length >= least)
                    return TryGetThroughArray(utf8, length, destination);
                room = destination.GetSpan(least);
            }
            return false;
        }
        finally
        {
            keyRoom.Dispose();
        }
    }

    /// <summary>For a writer that has room for the payload, or nearly, but not for the trailer behind it.</summary>
    private bool TryGetThroughArray(ReadOnlySpan<byte> utf8, int length, IBufferWriter<byte> destination)
    {
        byte[] whole = new byte[length];
        while (_space.TryGet(utf8, whole, out length, out ItemInfo info))
        {
            if (length > whole.Length)
            {
                whole = new byte[length];
                continue;
            }
            if (!Open(utf8, whole.AsSpan(0, length), info, out int payload))
                return false;
            whole.AsSpan(0, payload).CopyTo(destination.GetSpan(payload));
            destination.Advance(payload);
            return true;
        }
        return false;
    }

    /// <summary>Stores a payload, which may be empty.</summary>
    /// <param name="key">1 to <see cref="MemStoreDistributedCacheOptions.MaxKeyBytes"/> bytes of UTF-8, well-formed.</param>
    /// <param name="value">At most <see cref="MemStoreDistributedCacheOptions.MaxPayloadBytes"/>; copied.</param>
    /// <param name="options">Expiry. A relative one takes precedence over an absolute one; a sliding one never lasts longer than either. In whole milliseconds, rounded up.</param>
    /// <exception cref="ArgumentNullException">An argument is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiry is not in the future.</exception>
    /// <exception cref="MemStorageException">
    /// <see cref="MemStorageError.InvalidKey"/>; <see cref="MemStorageError.ValueTooLarge"/>: the payload is longer than allowed; <see cref="MemStorageError.MemoryLimit"/>: the store
    /// refused the write (<see cref="MemStoreDistributedCacheOptions.RefusedWrites"/>). In the last case the former entry of the key is gone.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void Set(string key, byte[] value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(value);
        Set(key, new ReadOnlySequence<byte>(value), options);
    }

    /// <inheritdoc cref="Set(string, byte[], DistributedCacheEntryOptions)"/>
    public void Set(string key, ReadOnlySequence<byte> value, DistributedCacheEntryOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        var room = new ScratchBuffer(stackalloc byte[StackValueBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            if (value.Length > _maxPayloadBytes)
                ThrowTooLarge(key, value.Length);
            long now = Now();
            long sliding = options.SlidingExpiration is { } span ? CacheExpiry.Milliseconds(span) : 0;
            long absolute = CacheExpiry.Absolute(options, _time.GetUtcNow());
            CacheEnvelope envelope = new(sliding, absolute);
            int payload = (int)value.Length;
            int length = payload + envelope.Length;
            room.Ensure(length);
            Span<byte> stored = room.Span;
            value.CopyTo(stored);
            envelope.Write(stored[payload..]);
            SetResult result = _space.Set(utf8, stored[..length], CacheExpiry.At(CacheExpiry.Next(sliding, absolute, now)));
            if (result == SetResult.MemoryLimit)
                OnRefused(key, utf8, payload);
        }
        finally
        {
            room.Dispose();
            keyRoom.Dispose();
        }
    }

    /// <summary>Lets the sliding expiry of an entry begin anew; does nothing for a missing entry or one without sliding expiry.</summary>
    /// <inheritdoc cref="Get(string)"/>
    public void Refresh(string key)
    {
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        var room = new ScratchBuffer(stackalloc byte[StackValueBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            while (_space.TryGet(utf8, room.Span, out int length, out ItemInfo info))
            {
                if (length <= room.Span.Length)
                {
                    _ = Open(utf8, room.Span[..length], info, out _);
                    return;
                }
                room.Ensure(length);
            }
        }
        finally
        {
            room.Dispose();
            keyRoom.Dispose();
        }
    }

    /// <summary>Removes an entry; a missing one is fine.</summary>
    /// <inheritdoc cref="Get(string)"/>
    public void Remove(string key)
    {
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            _ = _space.Delete(utf8); // NotFound is what a cache promises too; stamped by the clock, so VersionMismatch means that a newer write exists
        }
        finally
        {
            keyRoom.Dispose();
        }
    }

    /// <summary>Checks the trailer and lets a sliding expiry begin anew, bound to the version that was read: a write in between keeps its own expiry.</summary>
    private bool Open(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> value, in ItemInfo info, out int payload)
    {
        if (!CacheEnvelope.TryRead(value, out CacheEnvelope envelope, out payload))
        {
            Faults.CountMalformed();
            return false;
        }
        if (envelope.SlidingMilliseconds == 0)
            return true;
        long next = CacheExpiry.Next(envelope.SlidingMilliseconds, envelope.AbsoluteMilliseconds, Now());
        if (next != info.ExpireAtMilliseconds)
            _space.Touch(utf8, CacheExpiry.At(next), info.Version);
        return true;
    }

    private void OnRefused(string key, ReadOnlySpan<byte> utf8, int payload)
    {
        Faults.CountRefused();
        _ = _space.Delete(utf8); // the former value is outdated: better none
        if (_refusedWrites == RefusedWriteBehavior.Throw)
            throw new MemStorageException(MemStorageError.MemoryLimit, $"A payload of {payload:N0} bytes does not fit into the memory bound of the store '{_space.Store.Name}'.", key);
    }

    private long Now() => CacheExpiry.Now(_time);

    [System.Diagnostics.CodeAnalysis.DoesNotReturn]
    private void ThrowTooLarge(string key, long length)
    {
        Faults.CountOversized();
        throw new MemStorageException(MemStorageError.ValueTooLarge, $"The payload has {length:N0} bytes; at most {_maxPayloadBytes:N0} are allowed.", key);
    }
}
