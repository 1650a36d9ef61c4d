using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemStorage.Keys;
using MemStorage.Storage;

namespace MemStorage;

public sealed partial class MemStore
{
    /// <summary>A copy of the item under a key, decompressed; it is the caller's.</summary>
    /// <param name="key">1 to 65,535 bytes of UTF-8, well-formed, not beginning with U+0001.</param>
    /// <returns>The item. One dictionary-like look-up and a copy; no lock.</returns>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.NotFound"/>, <see cref="MemStorageError.Expired"/>) there is no live entry.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public StoredItem Get(string key) => TryGet(key, out StoredItem? item, out long expiredAt) ? item : throw Absent(key, expiredAt);

    /// <inheritdoc cref="Get(string)"/>
    /// <param name="item">The item.</param>
    /// <returns>Whether there is a live entry.</returns>
#pragma warning disable CS1573 // the key's text is inherited
    public bool TryGet(string key, [MaybeNullWhen(false)] out StoredItem item) => TryGet(key, out item, out _);

    private bool TryGet(string key, [MaybeNullWhen(false)] out StoredItem item, out long expiredAt)
    {
        ArgumentNullException.ThrowIfNull(key);
        _ = IsRefused(StoreOperation.Read);
        bool found = KeyEncoder.TryEncodeShort(key, out ShortKey encoded)
            ? _engine.ReadArray(encoded, RawSpace, out byte[]? value, out RecordInfo info)
            : ReadArrayOfLongKey(key, out value, out info);
        expiredAt = info.ExpireAt;
        if (!found && !MissUnlessClosed())
        {
            item = null;
            return false;
        }
        item = StoredItem.Wrap(value!, info.Version, ToTime(info.ExpireAt), key);
        return true;
    }

    /// <summary>Copies the value under a key into a buffer of the caller. Allocates nothing; no lock.</summary>
    /// <param name="key">1 to 65,535 bytes of UTF-8, well-formed, not beginning with U+0001.</param>
    /// <param name="destination">Where the value goes. Its content behind <paramref name="length"/> (all of it when the value does not fit) is undefined afterwards.</param>
    /// <param name="length">The length of the value, also when <paramref name="destination"/> is too small for it.</param>
    /// <param name="info">Version and expiry.</param>
    /// <returns>Whether there is a live entry. The value was copied if <paramref name="length"/> is at most the length of <paramref name="destination"/>.</returns>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MethodImpl(MethodImplOptions.NoInlining)] // a large caller has no room left for what this inlines, and then the look-up becomes a call in the middle, with its results in memory
    public bool TryGet(ReadOnlySpan<char> key, Span<byte> destination, out int length, out ItemInfo info)
    {
        if (!IsGated && KeyEncoder.TryEncodePair(key, out PairKey words))
        {
            int copied = _engine.CopyStraight(words, KeySpace.RawId, destination, out long version, out long expireAt);
            if (copied >= 0)
            {
                length = copied;
                info = new ItemInfo(version, expireAt);
                return true;
            }
        }
        return TryCopyOfOtherKey(key, destination, out length, out info);
    }

    /// <inheritdoc cref="TryGet(ReadOnlySpan{char}, Span{byte}, out int, out ItemInfo)"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGet(ReadOnlySpan<byte> key, Span<byte> destination, out int length, out ItemInfo info)
    {
        KeyEncoder.Validate(key);
        if (PairKey.Fits(key.Length) && !IsGated)
        {
            int copied = _engine.CopyStraight(PairKey.Of(key), KeySpace.RawId, destination, out long version, out long expireAt);
            if (copied >= 0)
            {
                length = copied;
                info = new ItemInfo(version, expireAt);
                return true;
            }
        }
        return TryCopyOfOtherKey(key, destination, out length, out info);
    }

    /// <summary>
    /// The item under a key without copying its value: a view of the store's own bytes, shared with every other reader (a compressed value is decompressed once into an
    /// array of its own). The view stays valid for as long as it is held; meanwhile its segment is not reused.
    /// </summary>
    /// <param name="key">1 to 65,535 bytes of UTF-8, well-formed, not beginning with U+0001.</param>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.NotFound"/>, <see cref="MemStorageError.Expired"/>) there is no live entry.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [return: NoCopy]
    public NoCopyItem GetNoCopy(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        if (!IsGated && KeyEncoder.TryEncodePair(key, out PairKey words) && _engine.ViewStraight(words, KeySpace.RawId, out ReadOnlyMemory<byte> value, out long version, out long expireAt) >= 0)
            return new NoCopyItem(value, version, expireAt);
        return ReadNoCopyOfOtherKey(key.AsSpan(), out NoCopyItem item) ? item : throw Absent(key, item.ExpireAtMilliseconds);
    }

    /// <inheritdoc cref="GetNoCopy(string)"/>
    /// <param name="item">The item.</param>
    /// <returns>Whether there is a live entry.</returns>
    public bool TryGetNoCopy(string key, [NoCopy] out NoCopyItem item)
    {
        ArgumentNullException.ThrowIfNull(key);
        return TryGetNoCopy(key.AsSpan(), out item);
    }

    /// <inheritdoc cref="TryGetNoCopy(string, out NoCopyItem)"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetNoCopy(ReadOnlySpan<char> key, [NoCopy] out NoCopyItem item)
    {
        if (!IsGated && KeyEncoder.TryEncodePair(key, out PairKey words) && _engine.ViewStraight(words, KeySpace.RawId, out ReadOnlyMemory<byte> value, out long version, out long expireAt) >= 0)
        {
            item = new NoCopyItem(value, version, expireAt);
            return true;
        }
        if (ReadNoCopyOfOtherKey(key, out item))
            return true;
        item = default; // the expiry of what has expired is for the message of the throwing form alone
        return false;
    }

    /// <inheritdoc cref="TryGetNoCopy(string, out NoCopyItem)"/>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryGetNoCopy(ReadOnlySpan<byte> key, [NoCopy] out NoCopyItem item)
    {
        KeyEncoder.Validate(key);
        if (PairKey.Fits(key.Length) && !IsGated && _engine.ViewStraight(PairKey.Of(key), KeySpace.RawId, out ReadOnlyMemory<byte> value, out long version, out long expireAt) >= 0)
        {
            item = new NoCopyItem(value, version, expireAt);
            return true;
        }
        if (ReadNoCopyOfOtherKey(key, out item))
            return true;
        item = default; // the expiry of what has expired is for the message of the throwing form alone
        return false;
    }
#pragma warning restore CS1573

    // Keys that are longer or shorter than most or not ASCII, and reads that do not go straight: out of line, so that what they need does not cost the others. The key is encoded anew
    // rather than handed over, because words whose address is taken do not stay in registers.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadArrayOfLongKey(string key, out byte[]? value, out RecordInfo info) =>
        _engine.ReadArray(new LongKey(KeyEncoder.Encode(key, stackalloc byte[KeyEncoder.StackBytes])), RawSpace, out value, out info);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryCopyOfOtherKey(ReadOnlySpan<char> key, Span<byte> destination, out int length, out ItemInfo info)
    {
        if (KeyEncoder.TryEncodePair(key, out PairKey words))
            return TryCopyWhole(words, destination, out length, out info);
        return KeyEncoder.TryEncodeShort(key, out ShortKey encoded)
            ? TryCopy(encoded, RawSpace, destination, out length, out info)
            : TryCopyOfLongKey(key, destination, out length, out info);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryCopyOfOtherKey(ReadOnlySpan<byte> key, Span<byte> destination, out int length, out ItemInfo info)
    {
        if (PairKey.Fits(key.Length))
            return TryCopyWhole(PairKey.Of(key), destination, out length, out info);
        return ShortKey.Fits(key.Length)
            ? TryCopy(ShortKey.Of(key), RawSpace, destination, out length, out info)
            : TryCopy(new LongKey(key), RawSpace, destination, out length, out info);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadNoCopyOfOtherKey(ReadOnlySpan<byte> key, out NoCopyItem item)
    {
        return ShortKey.Fits(key.Length) ? ReadNoCopy(ShortKey.Of(key), out item) : ReadNoCopy(new LongKey(key), out item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadNoCopyOfOtherKey(ReadOnlySpan<char> key, out NoCopyItem item)
    {
        return KeyEncoder.TryEncodeShort(key, out ShortKey encoded) ? ReadNoCopy(encoded, out item) : ReadNoCopyOfLongKey(key, out item);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryCopyOfLongKey(ReadOnlySpan<char> key, Span<byte> destination, out int length, out ItemInfo info) =>
        TryCopy(new LongKey(KeyEncoder.Encode(key, stackalloc byte[KeyEncoder.StackBytes])), RawSpace, destination, out length, out info);

    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool ReadNoCopyOfLongKey(ReadOnlySpan<char> key, out NoCopyItem item) =>
        ReadNoCopy(new LongKey(KeyEncoder.Encode(key, stackalloc byte[KeyEncoder.StackBytes])), out item);

    private bool ReadNoCopy<TKey>(scoped in TKey key, out NoCopyItem item)
        where TKey : struct, ILookupKey, allows ref struct
    {
        bool found = ReadNoCopy(key, RawSpace, out ReadOnlyMemory<byte> value, out RecordInfo info);
        item = new NoCopyItem(value, info.Version, info.ExpireAt);
        return found;
    }

    /// <summary>The error of a throwing read: it tells an expired entry that was not swept yet from one that is not there.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expiredAt">The expiry of the entry; 0: there is none. The look-up that missed has told it.</param>
    private static MemStorageException Absent(string key, long expiredAt)
    {
        return expiredAt != 0
            ? new MemStorageException(MemStorageError.Expired, $"The entry '{key}' has expired.", key)
            : new MemStorageException(MemStorageError.NotFound, $"There is no entry '{key}'.", key);
    }

    private static DateTimeOffset? ToTime(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static long ToMilliseconds(DateTimeOffset? at) => at is { } t ? ExpiryTime.Of(t) : 0;
}
