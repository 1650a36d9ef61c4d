using MemStorage.Settings;

namespace MemStorage;

/// <summary>What the store does when a write does not fit into its bound.</summary>
public enum EvictionMode
{
    /// <summary>Entries that were not used lately are evicted.</summary>
    Evict = 0,

    /// <summary>Nothing is ever evicted; the write is refused with <see cref="SetResult.MemoryLimit"/>. For people who store rather than cache.</summary>
    Refuse = 1,
}

/// <summary>
/// The configuration of a <see cref="MemStore"/>. The store copies and validates it once, in its constructor; later changes have no effect.
/// </summary>
public sealed class MemStoreOptions
{
    /// <summary>The most that <see cref="MaxMemoryMB"/> is by default.</summary>
    public const int DefaultMaxMemoryMB = 512;

    private int? _maxMemoryMB;

    /// <summary>A new instance with the defaults (the ancestor's <c>DefaultConfig</c>).</summary>
    public static MemStoreOptions Default => new();

    /// <summary>The name of the store, for metrics and messages. Default: <c>"default"</c>.</summary>
    public string Name { get; set; } = "default";

    /// <summary>
    /// The hard bound, in MiB (1,048,576 bytes), of everything the store keeps: segments, index, ghost, change log, buffers; at most 524,288. Default, and meaning of zero and of negative
    /// numbers: the smaller of <see cref="DefaultMaxMemoryMB"/> and a quarter of the memory that the process can have (<see cref="GCMemoryInfo.TotalAvailableMemoryBytes"/>), so that a store in
    /// a small container fits into it.
    /// </summary>
    public int MaxMemoryMB { get => _maxMemoryMB ?? AvailableMemory.DefaultMaxMemoryMB; set => _maxMemoryMB = value; }

    /// <summary>The hard bound in bytes, for finer bounds; overrides <see cref="MaxMemoryMB"/> unless 0. 65,536 to 549,755,813,888 (512 GiB).</summary>
    public long MaxMemoryBytes { get; set; }

    /// <summary>
    /// The number of shards (each has one writer lock), 0 to 4,096; rounded up to a power of two. 0: four times the processors. Reduced where the open segments of so
    /// many shards would eat the bound, raised where a shard would have more than 4 GiB.
    /// </summary>
    public int ShardCount { get; set; }

    /// <summary>
    /// The size of a segment in bytes: 0 (from the bound), or a power of two from 1,024 to 1,048,576. Segments of 85,000 bytes and more lie on the large object heap, beside the arrays of
    /// large values; shorter ones on the pinned heap, where the room that they leave is of no use to large values.
    /// </summary>
    public int SegmentBytes { get; set; }

    /// <summary>Whether values are compressed with LZ4 where it pays. Default: true.</summary>
    public bool CompressionEnabled { get; set; } = true;

    /// <summary>Values of at least this many bytes are compressed; 1 to 2,147,483,647. Default: 64. A result is kept only where it saves at least 5 %.</summary>
    public int CompressionThreshold { get; set; } = 64;

    /// <summary>What happens when the bound is reached. Default: <see cref="EvictionMode.Evict"/>.</summary>
    public EvictionMode EvictionMode { get; set; }

    /// <summary>The percentage of the bound at which eviction starts, 1 to 100. Default: 90.</summary>
    public int EvictThreshold { get; set; } = 90;

    /// <summary>The percentage of the bound at which eviction stops, 0 to <see cref="EvictThreshold"/> - 1. Default: 80.</summary>
    public int EvictTarget { get; set; } = 80;

    /// <summary>The most records that one eviction step handles while a writer waits, 1 to 1,000,000. Default: 10.</summary>
    public int EvictBatchSize { get; set; } = 10;

    /// <summary>Whether eviction runs in the background. False: only writers evict. Default: true.</summary>
    public bool AsyncEviction { get; set; } = true;

    /// <summary>
    /// How long a deletion is remembered: an older write that arrives within this time does not bring the value back. Zero to 30 days. Default: 10 minutes.
    /// Tombstones are inside the bound; under pressure the oldest go early.
    /// </summary>
    public TimeSpan TombstoneRetention { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>
    /// How far a version of others (a replicated change, a version that a caller brings) may be ahead of the wall clock, 1 ms to 1 day; one further ahead is refused. The store's own versions are
    /// never refused: where the wall clock has stepped back, they go on from the last one. Default: 1 minute.
    /// </summary>
    public TimeSpan MaxClockDrift { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>How often expired entries and old tombstones are swept in the background; zero: only when they are met. At most 1 day. Default: 1 second.</summary>
    public TimeSpan ExpirySweepInterval { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The bytes of the change log behind <see cref="MemStore.GetSyncBuffer"/> and <see cref="MemStore.Changes"/>, inside the bound; 0: no change log; -1: 1/128 of
    /// the bound, at most 16 MiB. At most a quarter of the bound. Default: -1.
    /// </summary>
    public long ChangeLogBytes { get; set; } = -1;

    /// <summary>The number of this store among its replicas, 0 to 65,535, for ties between equal versions. Default: 0.</summary>
    public int NodeId { get; set; }

    /// <summary>The clock. Default: <see cref="TimeProvider.System"/>.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;

    /// <summary>A fixed hash seed for tests; null: from a cryptographic source, per store.</summary>
    internal ulong? HashSeed { get; set; }

    /// <summary>Fewer numbers of segments than an address has, for tests of the border; null: all.</summary>
    internal int? SegmentNumbers { get; set; }

    /// <summary>The bound in bytes that the options ask for.</summary>
    internal long BoundBytes => MaxMemoryBytes != 0 ? MaxMemoryBytes : (long)(MaxMemoryMB > 0 ? MaxMemoryMB : AvailableMemory.DefaultMaxMemoryMB) << 20;

    /// <summary>
    /// Every option that is out of range, by itself or beside the others, as a sentence with its name, its value and the allowed range; empty when all is well. The constructor of
    /// <see cref="MemStore"/> throws one <see cref="MemStoreOptionsException"/> with all of them.
    /// </summary>
    public IReadOnlyList<string> GetFaults() => [.. MemStoreOptionTable.Table.Check(this, null)];

    /// <summary>A copy whose options are all in range.</summary>
    /// <exception cref="MemStoreOptionsException">Some are not.</exception>
    internal MemStoreOptions ValidatedCopy()
    {
        var copy = (MemStoreOptions)MemberwiseClone();
        OptionFault[] faults = [.. MemStoreOptionTable.Table.Faults(copy)];
        if (faults.Length > 0)
            throw new MemStoreOptionsException([.. faults.Select(static f => f.Message($"{nameof(MemStoreOptions)}."))], faults[0].Option);
        copy.MaxMemoryBytes = copy.BoundBytes; // asked once: what is available may change between two questions
        return copy;
    }
}
