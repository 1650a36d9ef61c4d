namespace MemStorage;

/// <summary>
/// The statistics of a store or of one key space: the ancestor's eleven names, and more. A snapshot; taking it costs a walk over shards and
/// threads, not over entries.
/// </summary>
public sealed record MemStoreStats
{
    /// <summary>Live entries (expired ones count until they are swept; tombstones never).</summary>
    public long KeyCount { get; init; }

    /// <summary>Bytes of keys, stored values, record headers and padding of live entries. The bound counts more: see <see cref="MemStore.GetMemoryReport"/>.</summary>
    public long TotalBytes { get; init; }

    /// <summary>Bytes of the values as stored, after compression.</summary>
    public long CompressedBytes { get; init; }

    /// <summary>Bytes of the values before compression.</summary>
    public long OriginalBytes { get; init; }

    /// <summary><see cref="CompressedBytes"/> / <see cref="OriginalBytes"/>; 1 for an empty store.</summary>
    public double CompressionRatio => OriginalBytes == 0 ? 1 : (double)CompressedBytes / OriginalBytes;

    /// <summary>Reads.</summary>
    public long GetCount { get; init; }

    /// <summary>Writes attempted.</summary>
    public long SetCount { get; init; }

    /// <summary>Reads that found an entry.</summary>
    public long HitCount { get; init; }

    /// <summary>Reads that found none.</summary>
    public long MissCount => GetCount - HitCount;

    /// <summary><see cref="HitCount"/> / <see cref="GetCount"/>; 0 without reads.</summary>
    public double HitRate => GetCount == 0 ? 0 : (double)HitCount / GetCount;

    /// <summary>Entries dropped for want of room.</summary>
    public long EvictCount { get; init; }

    /// <summary>Entries dropped because they had expired.</summary>
    public long ExpiredCount { get; init; }

    /// <summary>Deletions remembered now.</summary>
    public long TombstoneCount { get; init; }

    /// <summary>Deletes attempted.</summary>
    public long DeleteCount { get; init; }

    /// <summary>Writes refused because what was there won.</summary>
    public long SupersededCount { get; init; }

    /// <summary>Writes refused for want of room.</summary>
    public long MemoryLimitCount { get; init; }

    /// <summary>Bytes of the records that writes and deletes stored (header, key, value as stored, padding), overwrites in place included.</summary>
    public long WrittenBytes { get; init; }

    /// <summary>
    /// Bytes of the records that the store copied by itself: live ones of a segment that was cleaned, and those that eviction kept. Together with <see cref="ReclaimedBytes"/> it
    /// tells how full the reclaimed segments were: in a store that never evicts, the quotient is their live share.
    /// </summary>
    public long CopiedBytes { get; init; }

    /// <summary>
    /// Bytes of the records, live and dead, in the segments that were cleaned or evicted; large values, which have an array of their own, apart. Of the whole store, 0 for a key space.
    /// </summary>
    public long ReclaimedBytes { get; init; }

    /// <summary>
    /// Bytes moved in memory for each byte written: 1 + <see cref="CopiedBytes"/> / <see cref="WrittenBytes"/>; 1 for a store that was not written to. It grows with the live share of
    /// the bound; overwrites in place keep it at 1.
    /// </summary>
    public double WriteAmplification => WrittenBytes == 0 ? 1 : 1 + (double)CopiedBytes / WrittenBytes;

    /// <summary>Typed reads that met a record of another shape of the entity, and were misses therefore.</summary>
    public long ShapeMismatches { get; init; }

    /// <summary>
    /// Writes and deletes that a secondary index could not follow, because the process had no memory for it: they stand, and the next search makes that part of the index anew.
    /// </summary>
    public long IndexFaults { get; init; }

    /// <summary>Searches by an indexed member that had to look at every entity, because there was no room for the index.</summary>
    public long IndexScans { get; init; }

    /// <summary>
    /// Changes that readers of the change feed (<see cref="MemStore.GetSyncBuffer"/>, <see cref="MemStore.Changes"/>) were told they had missed; counted for each reader. Of the whole
    /// store, 0 for a key space.
    /// </summary>
    public long LostChanges { get; init; }

    /// <summary>
    /// How far the wall clock is behind the store's clock (<see cref="Versions.HybridLogicalClock.Ahead"/>); zero when it is not. Of the whole store, zero for a key space.
    /// </summary>
    public TimeSpan ClockAhead { get; init; }
}
