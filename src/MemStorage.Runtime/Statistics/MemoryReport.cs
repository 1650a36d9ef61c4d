namespace MemStorage;

/// <summary>Where every byte of the bound is. The purposes sum to <see cref="UsedBytes"/>, which never exceeds <see cref="LimitBytes"/>.</summary>
public sealed record MemoryReport
{
    /// <summary>The bound.</summary>
    public long LimitBytes { get; init; }

    /// <summary>
    /// What the store allows itself at present: <see cref="LimitBytes"/>, or less where the process cannot have as much. An allocation that failed brings it down (the store then evicts and tries
    /// again), a bound above all memory of the process begins with three quarters of that; it goes up when the garbage collector has found room again.
    /// </summary>
    public long CeilingBytes { get; init; }

    /// <summary>How many allocations of the store have failed for want of memory.</summary>
    public long FailedAllocations { get; init; }

    /// <summary>What counts against the bound: the sum of the purposes below.</summary>
    public long UsedBytes { get; init; }

    /// <summary>Live records (header, key, value, padding), tombstones included.</summary>
    public long LiveBytes { get; init; }

    /// <summary>The part of <see cref="LiveBytes"/> that are tombstones.</summary>
    public long TombstoneBytes { get; init; }

    /// <summary>The most that tombstones may take: a tenth of the bound, and two segments of each shard at least. They take it only where it is free, and give way to entries.</summary>
    public long TombstoneLimitBytes { get; init; }

    /// <summary>Records that were overwritten, deleted or evicted and whose room is not yet reclaimed.</summary>
    public long DeadBytes { get; init; }

    /// <summary>Room in open and free segments, behind the last record of closed ones, and in arrays of large values that are kept to be used again.</summary>
    public long FreeBytes { get; init; }

    /// <summary>The index.</summary>
    public long IndexBytes { get; init; }

    /// <summary>The memory of what was evicted.</summary>
    public long GhostBytes { get; init; }

    /// <summary>The change log.</summary>
    public long ChangeLogBytes { get; init; }

    /// <summary>Secondary indexes and other structures of typed repositories.</summary>
    public long SecondaryIndexBytes { get; init; }

    /// <summary>Segments that are out of the store but held alive by outstanding no-copy results; not part of <see cref="UsedBytes"/>.</summary>
    public long SharedBytes { get; init; }

    /// <summary>How many such segments.</summary>
    public int SharedSegments { get; init; }

    /// <summary>Live records by key space; they sum to <see cref="LiveBytes"/>.</summary>
    public IReadOnlyList<KeySpaceUsage> KeySpaces { get; init; } = [];
}

/// <summary>What one key space holds.</summary>
/// <param name="Name">The name; empty for keys used directly on the store.</param>
/// <param name="Entries">Live entries, tombstones not included.</param>
/// <param name="LiveBytes">Bytes of its records, tombstones included.</param>
public readonly record struct KeySpaceUsage(string Name, long Entries, long LiveBytes);
