using System.Buffers;
using System.IO.Pipelines;
using MemStorage.AspNetCore.Caching;
using MemStorage.Extensions;
using MemStorage.Extensions.Caching;
using MemStorage.Storage;
using Microsoft.AspNetCore.OutputCaching;

namespace MemStorage.AspNetCore;

/// <summary>
/// The store of the output-cache middleware on a key space of a <see cref="MemStore"/>: responses lie off the garbage-collected heap and inside the store's byte bound, and are
/// evicted by the same policy as everything else.
/// </summary>
/// <remarks>
/// Thread-safe. Nothing here waits, so every call but <see cref="TryGetAsync"/>, which flushes its destination, completes synchronously. The middleware catches what is thrown here, logs it and
/// answers the request all the same. After the store is closed every member returns a task that fails with <see cref="ObjectDisposedException"/>.
/// </remarks>
public sealed class MemStoreOutputCache : IOutputCacheBufferStore
{
    /// <summary>Responses up to this length are put together on the stack.</summary>
    private const int StackValueBytes = 512;

    /// <summary>The room for a first attempt to read; most responses fit.</summary>
    private const int FirstRead = 4096;

    private readonly KeySpace _space;
    private readonly EvictedTags _evicted;
    private readonly TimeProvider _time;
    private readonly CacheKeyEncoder _keys;
    private readonly int _maxPayloadBytes;
    private readonly RefusedWriteBehavior _refusedWrites;

    /// <summary>Creates an output cache on a key space of <paramref name="store"/>.</summary>
    /// <param name="store">The store; not owned, not disposed.</param>
    /// <param name="options">Limits and key space; the defaults when null. Copied.</param>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    /// <exception cref="ArgumentException">Options are out of range; the message names each, its value and its range.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MemStoreOutputCache(MemStore store, MemStoreOutputCacheOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(store);
        options ??= new MemStoreOutputCacheOptions();
        OutputCacheOptionTable.Table.ThrowIfInvalid(options, nameof(options));
        _space = store.GetKeySpace(options.KeySpace);
        _evicted = EvictedTags.Of(_space);
        _time = store.TimeProvider;
        _keys = new CacheKeyEncoder(options.MaxKeyBytes, Faults);
        _maxPayloadBytes = options.MaxPayloadBytes;
        _refusedWrites = options.RefusedWrites;
    }

    /// <summary>The key space that holds the responses.</summary>
    public KeySpace KeySpace => _space;

    internal CacheFaults Faults { get; } = new();

    /// <summary>The response of a key, or null when there is none, or one of its tags was evicted after it was stored.</summary>
    /// <param name="key">1 to <see cref="MemStoreOutputCacheOptions.MaxKeyBytes"/> bytes of UTF-8, well-formed.</param>
    /// <param name="cancellationToken">Checked before anything happens.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.InvalidKey"/>) the key is empty, too long or has lone surrogates.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ValueTask<byte[]?> GetAsync(string key, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<byte[]?>(cancellationToken);
        try
        {
            return new(Get(key));
        }
        catch (Exception e)
        {
            return ValueTask.FromException<byte[]?>(e);
        }
    }

    /// <summary>Writes the response of a key to <paramref name="destination"/>, without a buffer in between, and flushes it.</summary>
    /// <param name="destination">Where the response goes; untouched when there is none.</param>
    /// <returns>Whether there was one.</returns>
    /// <inheritdoc cref="GetAsync"/>
#pragma warning disable CS1573 // inherited
    public ValueTask<bool> TryGetAsync(string key, PipeWriter destination, CancellationToken cancellationToken)
#pragma warning restore CS1573
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled<bool>(cancellationToken);
        try
        {
            ArgumentNullException.ThrowIfNull(destination);
            return TryGet(key, destination) ? Flush(destination, cancellationToken) : new ValueTask<bool>(false);
        }
        catch (Exception e)
        {
            return ValueTask.FromException<bool>(e);
        }
    }

    /// <summary>Stores a response.</summary>
    /// <param name="key">1 to <see cref="MemStoreOutputCacheOptions.MaxKeyBytes"/> bytes of UTF-8, well-formed.</param>
    /// <param name="value">At most <see cref="MemStoreOutputCacheOptions.MaxPayloadBytes"/>; copied.</param>
    /// <param name="tags">What it can be evicted by; at most 65,535, and null for none.</param>
    /// <param name="validFor">How long from now it is kept; more than zero. In whole milliseconds, rounded up; beyond the calendar means until it is evicted.</param>
    /// <param name="cancellationToken">Checked before anything happens.</param>
    /// <exception cref="ArgumentNullException"><paramref name="key"/>, <paramref name="value"/> or one of the tags is null.</exception>
    /// <exception cref="ArgumentException">Too many tags.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="validFor"/> is not more than zero.</exception>
    /// <exception cref="MemStorageException">
    /// <see cref="MemStorageError.InvalidKey"/>; <see cref="MemStorageError.ValueTooLarge"/>: the response is longer than allowed; <see cref="MemStorageError.MemoryLimit"/>: the store refused
    /// the write (<see cref="MemStoreOutputCacheOptions.RefusedWrites"/>). In the last case the former response of the key is gone.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ValueTask SetAsync(string key, byte[] value, string[]? tags, TimeSpan validFor, CancellationToken cancellationToken) =>
        value is null
            ? ValueTask.FromException(new ArgumentNullException(nameof(value)))
            : SetAsync(key, new ReadOnlySequence<byte>(value), tags, validFor, cancellationToken);

    /// <inheritdoc cref="SetAsync(string, byte[], string[], TimeSpan, CancellationToken)"/>
    public ValueTask SetAsync(string key, ReadOnlySequence<byte> value, ReadOnlyMemory<string> tags, TimeSpan validFor, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        try
        {
            Set(key, value, tags.Span, validFor);
            return default;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    /// <summary>
    /// Every response with this tag that was stored before this call is not found any more. Costs the same however many there are; their room is given back when they are asked for,
    /// when they expire, or when the store needs it.
    /// </summary>
    /// <param name="tag">The tag.</param>
    /// <param name="cancellationToken">Checked before anything happens.</param>
    /// <exception cref="ArgumentNullException"><paramref name="tag"/> is null.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ValueTask EvictByTagAsync(string tag, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
            return ValueTask.FromCanceled(cancellationToken);
        try
        {
            ArgumentNullException.ThrowIfNull(tag);
            ObjectDisposedException.ThrowIf(_space.Store.IsClosed, _space.Store);
            _evicted.Evict(EvictedTags.Hash(tag), _space.Store.Clock.Next());
            return default;
        }
        catch (Exception e)
        {
            return ValueTask.FromException(e);
        }
    }

    private byte[]? Get(string key)
    {
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        var room = new ScratchBuffer(default);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            room.Ensure(FirstRead);
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

    private bool TryGet(string key, PipeWriter destination)
    {
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            Span<byte> room = destination.GetSpan();
            while (_space.TryGet(utf8, room, out int length, out ItemInfo info))
            {
                if (length > room.Length)
                {
                    room = destination.GetSpan(length);
                    continue;
                }
                if (!Open(utf8, room[..length], info, out int payload))
                    return false;
                destination.Advance(payload);
                return true;
            }
            return false;
        }
        finally
        {
            keyRoom.Dispose();
        }
    }

    /// <summary>Checks the trailer, and the tags in it.</summary>
    private bool Open(ReadOnlySpan<byte> utf8, ReadOnlySpan<byte> value, in ItemInfo info, out int payload)
    {
        if (!OutputEnvelope.TryRead(value, out payload, out ReadOnlySpan<byte> tags))
        {
            Faults.CountMalformed();
            return false;
        }
        if (!_evicted.IsOutdated(tags, info.Version))
            return true;
        // Expired rather than deleted: bound to the version that was read, so that a response that was stored meanwhile stays.
        _space.Touch(utf8, DateTimeOffset.UnixEpoch, info.Version);
        return false;
    }

    private void Set(string key, ReadOnlySequence<byte> value, ReadOnlySpan<string> tags, TimeSpan validFor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(validFor, TimeSpan.Zero);
        if (tags.Length > OutputEnvelope.MaxTags)
            throw new ArgumentException($"There are {tags.Length:N0} tags; at most {OutputEnvelope.MaxTags:N0} are allowed.", nameof(tags));
        foreach (string tag in tags)
            ArgumentNullException.ThrowIfNull(tag, nameof(tags));
        var keyRoom = new ScratchBuffer(stackalloc byte[CacheKeyEncoder.StackBytes]);
        var room = new ScratchBuffer(stackalloc byte[StackValueBytes]);
        try
        {
            ReadOnlySpan<byte> utf8 = _keys.Encode(key, ref keyRoom);
            if (value.Length > _maxPayloadBytes)
            {
                Faults.CountOversized();
                throw new MemStorageException(MemStorageError.ValueTooLarge, $"The response has {value.Length:N0} bytes; at most {_maxPayloadBytes:N0} are allowed.", key);
            }
            int payload = (int)value.Length;
            int length = payload + OutputEnvelope.LengthFor(tags.Length);
            room.Ensure(length);
            Span<byte> stored = room.Span;
            value.CopyTo(stored);
            OutputEnvelope.Write(stored[payload..length], tags);
            long now = CacheExpiry.Now(_time);
            SetResult result = _space.Set(utf8, stored[..length], CacheExpiry.At(CacheExpiry.After(validFor, now)));
            if (result == SetResult.MemoryLimit)
                OnRefused(key, utf8, payload);
        }
        finally
        {
            room.Dispose();
            keyRoom.Dispose();
        }
    }

    private void OnRefused(string key, ReadOnlySpan<byte> utf8, int payload)
    {
        Faults.CountRefused();
        _ = _space.Delete(utf8); // the former response is outdated: better none
        if (_refusedWrites == RefusedWriteBehavior.Throw)
            throw new MemStorageException(MemStorageError.MemoryLimit, $"A response of {payload:N0} bytes does not fit into the memory bound of the store '{_space.Store.Name}'.", key);
    }

    private static async ValueTask<bool> Flush(PipeWriter destination, CancellationToken cancellationToken)
    {
        await destination.FlushAsync(cancellationToken).ConfigureAwait(false);
        return true;
    }
}
