namespace MemStorage;

/// <summary>
/// What a no-copy read returns: a view of the store's own bytes (a compressed value is decompressed once into an array of its own). The view
/// stays valid and unchanged for as long as it is held; holding it keeps one segment from being reused (see <see cref="MemoryReport.SharedBytes"/>).
/// </summary>
public readonly struct NoCopyItem
{
    internal NoCopyItem(ReadOnlyMemory<byte> value, long version, long expireAtMilliseconds)
    {
        Value = value;
        Version = version;
        ExpireAtMilliseconds = expireAtMilliseconds;
    }

    /// <summary>The bytes. They are shared with every other reader: never make them writable (MST1005).</summary>
    [NoCopy]
    public ReadOnlyMemory<byte> Value { get; }

    /// <summary>The version of the entry.</summary>
    public long Version { get; }

    /// <summary>When the entry expires; null: never.</summary>
    public DateTimeOffset? ExpireAt => ExpireAtMilliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(ExpireAtMilliseconds);

    internal long ExpireAtMilliseconds { get; }
}
