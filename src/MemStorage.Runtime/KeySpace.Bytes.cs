using System.Buffers;
using System.Text.Unicode;
using MemStorage.Keys;
using MemStorage.Storage;

namespace MemStorage;

// The byte operations of a key space, for layers that bring their own format (the distributed cache is one). Keys are UTF-8; the prefix is put
// before them on the stack. Values are never empty here, because an empty value is the store's mark of a deletion.
public sealed partial class KeySpace
{
    /// <summary>The longest key of a key space in bytes of UTF-8: the store's 65,535 less the prefix.</summary>
    public const int MaxKeyBytes = ushort.MaxValue - PrefixLength;

    /// <summary>Keys up to this length (nearly all) are put together on the stack.</summary>
    private const int StackKeyBytes = 256;

    /// <summary>
    /// The live entries of this space; expired ones count until they are swept. Cost: a walk over the shards.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public long Count => Store.CountOf(this);

    /// <summary>The statistics of this space. Cost: a walk over shards and threads, not over entries.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MemStoreStats Stats() => Store.StatsOf(this);

    /// <summary>Copies the value of a key into <paramref name="destination"/> when it fits.</summary>
    /// <param name="key">UTF-8, 1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="destination">Where the value goes. Its content behind <paramref name="length"/> (all of it when the value does not fit) is undefined afterwards.</param>
    /// <param name="length">
    /// The length of the value; 0 when there is none. When it is greater than <paramref name="destination"/>, nothing was copied: call again with more room (the value may
    /// have changed meanwhile, so do it in a loop). It counts as a read when it fits.
    /// </param>
    /// <param name="info">Version and expiry.</param>
    /// <returns>Whether there is a live entry. Takes no lock, allocates nothing for values that fit.</returns>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length, out ItemInfo info)
    {
        var room = new ScratchBuffer(stackalloc byte[StackKeyBytes]);
        try
        {
            return Store.TryCopy(new LongKey(Compose(key, ref room)), this, destination, out length, out info);
        }
        finally
        {
            room.Dispose();
        }
    }

    /// <summary>Appends the value of a key to <paramref name="destination"/>.</summary>
    /// <param name="key">UTF-8, 1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="destination">Advanced by the length of the value; untouched when there is none.</param>
    /// <param name="info">Version and expiry.</param>
    /// <returns>Whether there is a live entry. Takes no lock.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="destination"/> is null.</exception>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public bool TryGet(ReadOnlySpan<byte> key, IBufferWriter<byte> destination, out ItemInfo info)
    {
        ArgumentNullException.ThrowIfNull(destination);
        int need = 0;
        while (true)
        {
            Span<byte> room = destination.GetSpan(need);
            if (!TryGet(key, room, out int length, out info))
                return false;
            if (length <= room.Length)
            {
                destination.Advance(length);
                return true;
            }
            need = length;
        }
    }

    /// <summary>Finds the entry of a key without copying its value; counts as a read.</summary>
    /// <param name="key">UTF-8, 1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="info">Version and expiry.</param>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public bool TryGetInfo(ReadOnlySpan<byte> key, out ItemInfo info)
    {
        var room = new ScratchBuffer(stackalloc byte[StackKeyBytes]);
        try
        {
            bool found = Store.TryLocate(Compose(key, ref room), this, out RecordInfo record);
            info = new ItemInfo(record.Version, record.ExpireAt);
            return found;
        }
        finally
        {
            room.Dispose();
        }
    }

    /// <summary>Stores a value under the clock's next version; the last write wins.</summary>
    /// <param name="key">Valid UTF-8, 1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="value">The bytes; not empty. Copied.</param>
    /// <param name="expireAt">When the entry expires, in whole milliseconds, rounded up; null: never. A time in the past stores an entry that no read finds.</param>
    /// <exception cref="ArgumentException">The key is empty, too long or not valid UTF-8, or the value is empty.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public SetResult Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset? expireAt = null) => Set(key, value, expireAt, out _);

    /// <inheritdoc cref="Set(ReadOnlySpan{byte}, ReadOnlySpan{byte}, DateTimeOffset?)"/>
    /// <param name="version">The version stored, or the winner's when <see cref="SetResult.Superseded"/>.</param>
#pragma warning disable CS1573 // inherited
    [MustCheck]
    public SetResult Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, DateTimeOffset? expireAt, out long version)
#pragma warning restore CS1573
    {
        if (value.IsEmpty)
            throw new ArgumentException("A value has at least one byte: an empty value is the mark of a deletion.", nameof(value));
        ThrowIfNotUtf8(key);
        var room = new ScratchBuffer(stackalloc byte[StackKeyBytes]);
        try
        {
            return (SetResult)Store.Write(Compose(key, ref room), this, value, new WriteRequest(0, Milliseconds(expireAt)), out version);
        }
        finally
        {
            room.Dispose();
        }
    }

    /// <summary>Stores a value that comes in pieces; it is put together in a pooled buffer first.</summary>
    /// <inheritdoc cref="Set(ReadOnlySpan{byte}, ReadOnlySpan{byte}, DateTimeOffset?)"/>
    [MustCheck]
    public SetResult Set(ReadOnlySpan<byte> key, in ReadOnlySequence<byte> value, DateTimeOffset? expireAt = null)
    {
        if (value.IsSingleSegment)
            return Set(key, value.FirstSpan, expireAt, out _);
        if (value.Length > Array.MaxLength)
            throw new ArgumentException($"The value has {value.Length:N0} bytes; at most {Array.MaxLength:N0} are allowed.", nameof(value));
        ThrowIfNotUtf8(key); // before anything is rented for the value
        ObjectDisposedException.ThrowIf(Store.IsClosed, Store);
        int length = (int)value.Length;
        var buffer = new ScratchBuffer(default);
        try
        {
            buffer.Ensure(length);
            value.CopyTo(buffer.Span);
            return Set(key, buffer.Span[..length], expireAt, out _);
        }
        finally
        {
            buffer.Dispose();
        }
    }

    /// <summary>Changes the expiry of a live entry; its version and the change log stay as they are.</summary>
    /// <param name="key">UTF-8, 1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <param name="expireAt">The new expiry, in whole milliseconds, rounded up; null: never. A time in the past expires the entry now.</param>
    /// <param name="version">The version that the entry must have, so that a write in between keeps its own expiry; 0: any.</param>
    /// <returns>False when there is no live entry, or one of another version.</returns>
    /// <exception cref="ArgumentException">The key is empty or too long.</exception>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is negative.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public bool Touch(ReadOnlySpan<byte> key, DateTimeOffset? expireAt, long version = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        var room = new ScratchBuffer(stackalloc byte[StackKeyBytes]);
        try
        {
            return Store.Touch(Compose(key, ref room), Milliseconds(expireAt), version);
        }
        finally
        {
            room.Dispose();
        }
    }

    /// <summary>Deletes under the clock's next version; a tombstone stays for <see cref="MemStoreOptions.TombstoneRetention"/>.</summary>
    /// <param name="key">Valid UTF-8, 1 to <see cref="MaxKeyBytes"/> bytes.</param>
    /// <exception cref="ArgumentException">The key is empty, too long or not valid UTF-8.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public DeleteResult Delete(ReadOnlySpan<byte> key)
    {
        ThrowIfNotUtf8(key);
        var room = new ScratchBuffer(stackalloc byte[StackKeyBytes]);
        try
        {
            return Store.Remove(Compose(key, ref room), this, default, out _);
        }
        finally
        {
            room.Dispose();
        }
    }

    /// <summary>
    /// The keys (UTF-8, without the prefix) of the live entries, enumerated without stopping writers: a key written or deleted meanwhile may or may not be among them.
    /// Expensive: walks the whole store. For monitoring and maintenance.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public IEnumerable<byte[]> Keys()
    {
        foreach (byte[] full in Store.ScanKeys(this))
            yield return full[_prefix.Length..];
    }

    private ReadOnlySpan<byte> Compose(scoped ReadOnlySpan<byte> key, ref ScratchBuffer room)
    {
        ThrowIfLengthIsNotAllowed(key); // before anything is rented for it
        room.Ensure(_prefix.Length + key.Length);
        Span<byte> buffer = room.Span;
        _prefix.CopyTo(buffer);
        key.CopyTo(buffer[_prefix.Length..]);
        return buffer[..(_prefix.Length + key.Length)];
    }

    private static void ThrowIfLengthIsNotAllowed(scoped ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty || key.Length > MaxKeyBytes)
            throw new ArgumentException($"The key has {key.Length:N0} bytes of UTF-8; 1 to {MaxKeyBytes:N0} are allowed.", nameof(key));
    }

    // Keys travel as strings in the change feed: bytes that are not text would come back as another key. Reads need no check, they just find nothing.
    private static void ThrowIfNotUtf8(scoped ReadOnlySpan<byte> key)
    {
        ThrowIfLengthIsNotAllowed(key);
        if (!Utf8.IsValid(key))
            throw new ArgumentException("The key is not valid UTF-8.", nameof(key));
    }

    private static long Milliseconds(DateTimeOffset? at) => at is { } t ? ExpiryTime.Of(t) : 0;
}
