namespace MemStorage;

/// <summary>
/// An immutable item of the store: value, version, expiry, key. The constructor takes its own copy of the bytes. An empty value with a version
/// is a tombstone: storing it deletes the key. The ancestor's <c>Reset</c> (pooling) is not offered: a pooled item that a feed still holds
/// would carry another key's bytes.
/// </summary>
public sealed class StoredItem
{
    private readonly byte[] _value;

    /// <summary>Creates an item with its own copy of <paramref name="value"/>.</summary>
    /// <param name="value">The bytes; empty means tombstone.</param>
    /// <param name="version">The version; 0 lets the store stamp the item with its clock. Not negative.</param>
    /// <param name="expireAt">When the item expires; null: never. The store keeps it in whole milliseconds, rounded up.</param>
    /// <param name="key">The key, where known.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is negative.</exception>
    public StoredItem(ReadOnlySpan<byte> value, long version = 0, DateTimeOffset? expireAt = null, string key = "")
        : this(value.ToArray(), version, expireAt, key, owned: true)
    {
    }

    /// <inheritdoc cref="StoredItem(ReadOnlySpan{byte}, long, DateTimeOffset?, string)"/>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    public StoredItem(byte[] value, long version = 0, DateTimeOffset? expireAt = null, string key = "")
        : this((byte[])(value ?? throw new ArgumentNullException(nameof(value))).Clone(), version, expireAt, key, owned: true)
    {
    }

    private StoredItem(byte[] value, long version, DateTimeOffset? expireAt, string key, bool owned)
    {
        _ = owned;
        if (version < 0)
            throw new ArgumentOutOfRangeException(nameof(version), version, "A version is 0 (let the store stamp it) or positive.");
        ArgumentNullException.ThrowIfNull(key);
        _value = value;
        Version = version;
        ExpireAt = expireAt;
        Key = key;
    }

    /// <summary>The bytes, read-only.</summary>
    public ReadOnlyMemory<byte> Value => _value;

    /// <summary>The version; 0 when the item has none yet.</summary>
    public long Version { get; }

    /// <summary>When the item expires; null: never.</summary>
    public DateTimeOffset? ExpireAt { get; }

    /// <summary>The key; empty when not known.</summary>
    public string Key { get; }

    /// <summary>The bytes that the item stands for: value plus the UTF-8 bytes of the key.</summary>
    public int Size => _value.Length + System.Text.Encoding.UTF8.GetByteCount(Key);

    /// <summary>Whether the item has a version (is not <see cref="Version"/> 0).</summary>
    public bool IsValid => Version > 0;

    /// <summary>Whether the item is a deletion: a version and no value.</summary>
    public bool IsTombstone => Version > 0 && _value.Length == 0;

    /// <summary>Whether the item has expired by the clock of <paramref name="timeProvider"/> (system time when null).</summary>
    public bool IsExpired(TimeProvider? timeProvider = null) =>
        ExpireAt is { } at && at <= (timeProvider ?? TimeProvider.System).GetUtcNow();

    /// <summary>A deep copy, as <see cref="DeepCopy"/>.</summary>
    public StoredItem Clone() => DeepCopy();

    /// <summary>A copy with its own bytes.</summary>
    public StoredItem DeepCopy() => Wrap((byte[])_value.Clone(), Version, ExpireAt, Key);

    /// <summary>A copy that shares the (immutable) bytes.</summary>
    public StoredItem Copy() => Wrap(_value, Version, ExpireAt, Key);

    /// <summary>-1, 0 or 1 as this version is lower, equal or higher; a null <paramref name="other"/> is lower than any item.</summary>
    public int CompareVersion(StoredItem? other) => other is null ? 1 : Version.CompareTo(other.Version);

    /// <summary>
    /// Whether <paramref name="other"/> replaces this item: a higher version does; at equal versions the one that has not expired does;
    /// otherwise this item stays. A null never replaces.
    /// </summary>
    /// <param name="other">The incoming item.</param>
    /// <param name="timeProvider">The clock for expiry; system time when null.</param>
    public bool ResolveConflict(StoredItem? other, TimeProvider? timeProvider = null) =>
        other is not null && Versions.ConflictRule.Replaces(Version, IsExpired(timeProvider), other.Version, other.IsExpired(timeProvider));

    /// <summary>A copy that expires <paramref name="timeToLive"/> from now by the clock of <paramref name="timeProvider"/>; zero, negative or beyond the calendar: never.</summary>
    public StoredItem WithTTL(TimeSpan timeToLive, TimeProvider? timeProvider = null)
    {
        DateTimeOffset now = (timeProvider ?? TimeProvider.System).GetUtcNow();
        return Wrap(_value, Version, timeToLive <= TimeSpan.Zero || timeToLive > DateTimeOffset.MaxValue - now ? null : now + timeToLive, Key);
    }

    /// <summary>A copy with another version.</summary>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is negative.</exception>
    public StoredItem WithVersion(long version) => Wrap(_value, version, ExpireAt, Key);

    /// <summary>Takes the array as it is, without a copy.</summary>
    internal static StoredItem Wrap(byte[] value, long version, DateTimeOffset? expireAt, string key) => new(value, version, expireAt, key, owned: true);
}
