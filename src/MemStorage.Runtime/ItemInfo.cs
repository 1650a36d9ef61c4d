namespace MemStorage;

/// <summary>What a read tells about an entry besides its value.</summary>
public readonly record struct ItemInfo
{
    internal ItemInfo(long version, long expireAtMilliseconds)
    {
        Version = version;
        ExpireAtMilliseconds = expireAtMilliseconds;
    }

    /// <summary>The version of the entry; positive.</summary>
    public long Version { get; }

    /// <summary>When the entry expires, in Unix milliseconds; 0: never.</summary>
    public long ExpireAtMilliseconds { get; }

    /// <summary>When the entry expires; null: never.</summary>
    public DateTimeOffset? ExpireAt => ExpireAtMilliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(ExpireAtMilliseconds);
}
