namespace MemStorage.Storage;

internal sealed partial class StorageEngine
{
    public MemStoreStats Statistics(KeySpace? space)
    {
        var usage = new SpaceUsage[256];
        foreach (Shard shard in _shards)
            shard.AddUsage(usage);
        SpaceUsage sum = default;
        if (space is not null)
            sum = usage[space.Id];
        else
            foreach (SpaceUsage u in usage)
                sum.Add(u);
        (long reads, long hits, long mismatches) = _reads.Sum(space?.Id);
        return new MemStoreStats
        {
            KeyCount = sum.Entries,
            TotalBytes = sum.LiveBytes - sum.TombstoneBytes,
            CompressedBytes = sum.StoredBytes,
            OriginalBytes = sum.OriginalBytes,
            GetCount = reads,
            HitCount = hits,
            SetCount = sum.Sets,
            EvictCount = sum.Evicted,
            ExpiredCount = sum.Expired,
            TombstoneCount = sum.Tombstones,
            DeleteCount = sum.Deletes,
            SupersededCount = sum.Superseded,
            MemoryLimitCount = sum.MemoryLimits,
            ShapeMismatches = mismatches,
            IndexFaults = Sum(space, static s => s.ObserverFaults),
            IndexScans = Sum(space, static s => (s.Owner as Typed.IKeySpaceOwner)?.IndexScans ?? 0),
            WrittenBytes = sum.Written,
            CopiedBytes = sum.Copied,
            ReclaimedBytes = space is null ? _shards.Sum(static s => s.ReclaimedBytes) : 0,
        };
    }

    /// <summary>What is counted by space, not by shard. As in the other statistics, the spaces that share the last number have one sum.</summary>
    private long Sum(KeySpace? space, Func<KeySpace, long> value) =>
        space is null ? value(_store.Spaces.Raw) + _store.Spaces.Named.Sum(value)
        : space.Id == byte.MaxValue ? _store.Spaces.Named.Where(static s => s.Id == byte.MaxValue).Sum(value)
        : value(space);

    public MemoryReport Report() => Report(out _);

    /// <param name="counter">The budget's counter at the moment of the report.</param>
    private MemoryReport Report(out long counter)
    {
        ShardMemory memory = default;
        var usage = new SpaceUsage[256];
        long secondary = Collect(ref memory, usage, out counter);
        (int segments, long bytes) = _store.SharedSegments.Measure();
        var spaces = new List<KeySpaceUsage> { Usage(_store.Spaces.Raw, usage) };
        foreach (KeySpace space in _store.Spaces.Named.DistinctBy(static s => s.Id).OrderBy(static s => s.Id))
            spaces.Add(Usage(space, usage));
        return new MemoryReport
        {
            LimitBytes = _store.Layout.LimitBytes,
            CeilingBytes = _store.Budget.Ceiling,
            FailedAllocations = _store.Pressure.Failures,
            UsedBytes = memory.Live + memory.Dead + memory.Free + memory.Index + memory.Ghost + memory.ChangeLog + secondary,
            LiveBytes = memory.Live,
            TombstoneBytes = usage.Sum(static u => u.TombstoneBytes),
            TombstoneLimitBytes = _shards.Sum(static s => s.TombstoneShare),
            DeadBytes = memory.Dead,
            FreeBytes = memory.Free,
            IndexBytes = memory.Index,
            GhostBytes = memory.Ghost,
            ChangeLogBytes = memory.ChangeLog,
            SecondaryIndexBytes = secondary,
            SharedBytes = bytes,
            SharedSegments = segments,
            KeySpaces = spaces,
        };
    }

    /// <summary>All shards at one moment: one after another they could sum to more than the bound, which was never reached.</summary>
    private long Collect(ref ShardMemory memory, SpaceUsage[] usage, out long counter)
    {
        int frozen = 0;
        try
        {
            for (; frozen < _shards.Length; frozen++)
                _shards[frozen].Freeze();
            foreach (Shard shard in _shards)
                shard.AddTo(ref memory, usage);
            memory.Free += _store.Budget.Spares.Bytes;
            counter = _store.Budget.Used;
            return _store.Budget.Secondary;
        }
        finally
        {
            while (frozen > 0)
                _shards[--frozen].Thaw();
        }
    }

    private static KeySpaceUsage Usage(KeySpace space, SpaceUsage[] usage) =>
        new(space.Id == 255 ? "(others)" : space.Name, usage[space.Id].Entries, usage[space.Id].LiveBytes);
}
