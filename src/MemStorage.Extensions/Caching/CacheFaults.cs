namespace MemStorage.Extensions.Caching;

/// <summary>The interfaces of the platform that a cache on the store stands behind.</summary>
internal enum CacheKind
{
    /// <summary>IDistributedCache.</summary>
    Distributed,

    /// <summary>IOutputCacheStore, in the package MemStorage.AspNetCore.</summary>
    Output,
}

/// <summary>
/// What went wrong in a cache on the store, counted where the interface has no room to tell. Only touched when something goes wrong, so it costs a working cache nothing.
/// </summary>
internal sealed class CacheFaults
{
    private long _invalidKeys;
    private long _oversized;
    private long _refused;
    private long _malformed;

    /// <summary>Keys that were empty, too long or not well-formed.</summary>
    public long InvalidKeys => Interlocked.Read(ref _invalidKeys);

    /// <summary>Payloads beyond the limit.</summary>
    public long Oversized => Interlocked.Read(ref _oversized);

    /// <summary>Writes that the store refused for want of room.</summary>
    public long Refused => Interlocked.Read(ref _refused);

    /// <summary>Entries that this cache did not write, read as misses.</summary>
    public long Malformed => Interlocked.Read(ref _malformed);

    public void CountInvalidKey() => Interlocked.Increment(ref _invalidKeys);

    public void CountOversized() => Interlocked.Increment(ref _oversized);

    public void CountRefused() => Interlocked.Increment(ref _refused);

    public void CountMalformed() => Interlocked.Increment(ref _malformed);
}
