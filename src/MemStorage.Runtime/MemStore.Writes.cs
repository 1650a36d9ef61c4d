using System.Runtime.CompilerServices;
using MemStorage.Keys;
using MemStorage.Storage;

namespace MemStorage;

public sealed partial class MemStore
{
    /// <summary>Stores an item; the last write by version wins. Atomic: readers see the old item or the new one.</summary>
    /// <param name="key">1 to 65,535 bytes of UTF-8, well-formed, not beginning with U+0001.</param>
    /// <param name="item">The item; version 0 lets the store stamp it; an empty value is a deletion. Its own <see cref="StoredItem.Key"/> is not looked at.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> or <paramref name="item"/> is null.</exception>
    /// <exception cref="ArgumentException">The key is not allowed.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.ClockDrift"/>) the version is too far ahead of the wall clock; nothing changed.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public SetResult Set(string key, StoredItem item) => Set(key, item, out _);

    /// <inheritdoc cref="Set(string, StoredItem)"/>
    /// <param name="version">The version that is stored now, or the winner's when <see cref="SetResult.Superseded"/>.</param>
#pragma warning disable CS1573 // the rest is inherited
    [MustCheck]
    public SetResult Set(string key, StoredItem item, out long version)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(item);
        return Set(key.AsSpan(), item.Value.Span, out version, item.Version, item.ExpireAt);
    }

    /// <summary>Stores a value without an item around it. Allocates nothing.</summary>
    /// <param name="key">1 to 65,535 bytes of UTF-8, well-formed, not beginning with U+0001.</param>
    /// <param name="value">The bytes, copied; empty: a deletion.</param>
    /// <param name="version">0 lets the store stamp the value; not negative.</param>
    /// <param name="expireAt">When it expires, in whole milliseconds, rounded up; null: never.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="ArgumentException">The key is not allowed, or the version is negative.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.ClockDrift"/>) the version is too far ahead of the wall clock; nothing changed.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public SetResult Set(ReadOnlySpan<char> key, ReadOnlySpan<byte> value, long version = 0, DateTimeOffset? expireAt = null) =>
        Set(key, value, out _, version, expireAt);

    /// <inheritdoc cref="Set(ReadOnlySpan{char}, ReadOnlySpan{byte}, long, DateTimeOffset?)"/>
    /// <param name="storedVersion">The version that is stored now, or the winner's when <see cref="SetResult.Superseded"/>.</param>
    [MustCheck]
    public SetResult Set(ReadOnlySpan<char> key, ReadOnlySpan<byte> value, out long storedVersion, long version = 0, DateTimeOffset? expireAt = null) =>
        SetChars(key, value, version, expireAt, out storedVersion);

    /// <inheritdoc cref="Set(ReadOnlySpan{char}, ReadOnlySpan{byte}, long, DateTimeOffset?)"/>
    [MustCheck]
    public SetResult Set(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long version = 0, DateTimeOffset? expireAt = null)
    {
        KeyEncoder.Validate(key);
        return SetEncoded(key, value, version, expireAt, out _);
    }
#pragma warning restore CS1573

    private SetResult SetChars(ReadOnlySpan<char> key, ReadOnlySpan<byte> value, long version, DateTimeOffset? expireAt, out long storedVersion)
    {
        if (!KeyEncoder.TryEncodeShort(key, out ShortKey encoded))
            return SetLongKey(key, value, version, expireAt, out storedVersion);
        ShortKeyRoom room = default;
        return SetEncoded(encoded.Bytes(room), value, version, expireAt, out storedVersion);
    }

    // out of line, so that the stack buffer does not cost the others
    [MethodImpl(MethodImplOptions.NoInlining)]
    private SetResult SetLongKey(ReadOnlySpan<char> key, ReadOnlySpan<byte> value, long version, DateTimeOffset? expireAt, out long storedVersion) =>
        SetEncoded(KeyEncoder.Encode(key, stackalloc byte[KeyEncoder.StackBytes]), value, version, expireAt, out storedVersion);

    private SetResult SetEncoded(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, long version, DateTimeOffset? expireAt, out long storedVersion)
    {
        ThrowIfNegative(version);
        return (SetResult)Write(key, RawSpace, value, new WriteRequest(version, ToMilliseconds(expireAt)), out storedVersion);
    }

    /// <summary>Stores an item or throws, for callers to whom a refused write is exceptional.</summary>
    /// <returns>The version stored.</returns>
    /// <inheritdoc cref="Set(string, StoredItem)"/>
    /// <exception cref="MemStorageException">
    /// (<see cref="MemStorageError.VersionMismatch"/>) what is there wins; (<see cref="MemStorageError.MemoryLimit"/>) the item does not fit;
    /// (<see cref="MemStorageError.ClockDrift"/>) the version is too far ahead.
    /// </exception>
    public long SetOrThrow(string key, StoredItem item) => Set(key, item, out long version) switch
    {
        SetResult.Stored => version,
        SetResult.Superseded => throw new MemStorageException(
            MemStorageError.VersionMismatch, $"'{key}' was not stored with version {item.Version}: version {version} wins.", key),
        _ => throw new MemStorageException(
            MemStorageError.MemoryLimit,
            $"'{key}' with a value of {item.Value.Length:N0} bytes does not fit: an entry may have at most {MaxEntryBytes:N0} bytes, the bound is {_engine.Store.Layout.LimitBytes:N0}.",
            key),
    };

    /// <summary>Deletes a key whatever its version, with the clock's next version. Prefer the overload with the version that was read.</summary>
    /// <inheritdoc cref="Delete(string, long)"/>
    [MustCheck]
    public DeleteResult Delete(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Remove(KeyEncoder.Encode(key, stackalloc byte[KeyEncoder.StackBytes]), RawSpace, default, out _);
    }

    /// <summary>
    /// Deletes a key unless the stored version is newer than <paramref name="version"/>. A tombstone with the version stays for
    /// <see cref="MemStoreOptions.TombstoneRetention"/>, also where there was nothing, so that a late older write does not bring the value back.
    /// </summary>
    /// <param name="key">1 to 65,535 bytes of UTF-8, well-formed, not beginning with U+0001.</param>
    /// <param name="version">The version that was read, or a newer one; positive.</param>
    /// <returns>What happened.</returns>
    /// <exception cref="ArgumentException">The key is not allowed, or the version is not positive.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.ClockDrift"/>) the version is too far ahead of the wall clock; nothing changed.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public DeleteResult Delete(string key, long version) => Delete(key, version, out _);

    /// <inheritdoc cref="Delete(string, long)"/>
    /// <param name="storedVersion">The version of the tombstone, or the winner's when <see cref="DeleteResult.VersionMismatch"/>.</param>
#pragma warning disable CS1573 // the rest is inherited
    [MustCheck]
    public DeleteResult Delete(string key, long version, out long storedVersion)
#pragma warning restore CS1573
    {
        ArgumentNullException.ThrowIfNull(key);
        if (version <= 0)
            throw new ArgumentOutOfRangeException(nameof(version), version, "A version is positive; Delete(key) deletes whatever the version.");
        return Remove(KeyEncoder.Encode(key, stackalloc byte[KeyEncoder.StackBytes]), RawSpace, new WriteRequest(version), out storedVersion);
    }

    /// <summary>Deletes or throws, for callers to whom a refused delete is exceptional.</summary>
    /// <inheritdoc cref="Delete(string, long)"/>
    /// <exception cref="MemStorageException">
    /// (<see cref="MemStorageError.NotFound"/>) there was no live entry; (<see cref="MemStorageError.VersionMismatch"/>) the stored version is newer.
    /// </exception>
    public void DeleteOrThrow(string key, long version)
    {
        switch (Delete(key, version, out long stored))
        {
            case DeleteResult.NotFound:
                throw new MemStorageException(MemStorageError.NotFound, $"There is no entry '{key}' to delete.", key);
            case DeleteResult.VersionMismatch:
                throw new MemStorageException(MemStorageError.VersionMismatch, $"'{key}' was not deleted with version {version}: it has version {stored}.", key);
        }
    }

    /// <summary>
    /// Removes everything, in all key spaces, tombstones included; replicas are not told. Readers in flight see each key as it was, or gone. Shard after shard: a write that
    /// is made meanwhile may stay.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void Clear()
    {
        ThrowIfClosed();
        _engine.ThrowIfReentered();
        _engine.Clear();
    }

    private static void ThrowIfNegative(long version)
    {
        if (version < 0)
            throw new ArgumentOutOfRangeException(nameof(version), version, "A version is 0 (let the store stamp it) or positive.");
    }
}
