using MemStorage.Storage.Log;
using MemStorage.Versions;

namespace MemStorage.Storage;

/// <summary>What all shards of a store share: the resolved options, the budget, the clocks. Immutable but for what is thread-safe itself.</summary>
internal sealed class StoreContext
{
    public StoreContext(MemStoreOptions options, HybridLogicalClock clock, ulong hashSeed)
    {
        Layout = StoreLayout.From(options);
        _shardBits = System.Numerics.BitOperations.Log2((uint)Layout.Shards);
        Budget = new MemoryBudget(Layout.LimitBytes);
        Pressure = new MemoryPressure(Budget);
        Clock = clock;
        Time = new WallClock(options.TimeProvider);
        Map = new ReadMap(Layout.Shards, Layout.SegmentBytes, Time);
        HashSeed = hashSeed;
        MayEvict = options.EvictionMode == EvictionMode.Evict;
        EvictThreshold = options.EvictThreshold;
        EvictTarget = options.EvictTarget;
        EvictBatchSize = options.EvictBatchSize;
        AsyncEviction = options.AsyncEviction;
        TombstoneRetentionMilliseconds = (long)options.TombstoneRetention.TotalMilliseconds;
        NodeId = options.NodeId;
    }

    public StoreLayout Layout { get; }

    public MemoryBudget Budget { get; }

    /// <summary>What the process can have. Tests put their own in its place.</summary>
    public MemoryPressure Pressure { get; set; }

    public SharedSegments SharedSegments { get; } = new();

    public HybridLogicalClock Clock { get; }

    public WallClock Time { get; }

    public ReadMap Map { get; }

    public ulong HashSeed { get; }

    public bool MayEvict { get; }

    public int EvictThreshold { get; }

    public int EvictTarget { get; }

    public int EvictBatchSize { get; }

    public bool AsyncEviction { get; }

    public long TombstoneRetentionMilliseconds { get; }

    public int NodeId { get; }

    /// <summary>The key spaces; shards ask it who observes a record.</summary>
    public required KeySpaces Spaces { get; init; }

    public KeySpace SpaceOf(byte id) => Spaces.ById(id);

    public KeySpace? ObservedSpaceOf(byte space, ReadOnlySpan<byte> key) => Spaces.HasObservers ? Spaces.ObservedSpaceOf(space, key) : null;

    /// <summary>How often an observer has thrown; the record operations stood.</summary>
    public long ObserverFaults => Spaces.Named.Sum(static s => s.ObserverFaults) + Spaces.Raw.ObserverFaults;

    private readonly int _shardBits;

    /// <summary>Called by a shard, under its lock, that has passed the eviction threshold.</summary>
    public Action? RequestEviction { get; set; }

    /// <summary>
    /// What one shard may take: its part of the bound without large values, their spare arrays and secondary indexes, which take from all. The budget's counter guards
    /// the bound itself; the quota keeps the shards even.
    /// </summary>
    public long ShardQuota => (Budget.Ceiling - Budget.Oversize - KeptSpares - Budget.Secondary) >> _shardBits;

    /// <summary>How many bytes of spare arrays are better kept than used otherwise: without some, each large value would need a new array of its size.</summary>
    public long MaxKeptSpares => Layout.LimitBytes / 16;

    /// <summary>More spare arrays than that are not a stock any more: they go before values do.</summary>
    public long MaxSpares => Layout.LimitBytes / 2;

    /// <summary>A store that never evicts has nothing to gain from keeping arrays while records want the room.</summary>
    private long KeptSpares => MayEvict ? Math.Min(Budget.Spares.Bytes, MaxKeptSpares) : 0;
}
