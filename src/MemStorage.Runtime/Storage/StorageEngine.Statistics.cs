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
            TotalBytes = sum.LiveBytes,
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
        };
    }

    public MemoryReport Report()
    {
        ShardMemory memory = default;
        var usage = new SpaceUsage[256];
        foreach (Shard shard in _shards)
            shard.AddTo(ref memory, usage);
        long secondary = _store.Budget.Secondary;
        (int segments, long bytes) = _store.SharedSegments.Measure();
        var spaces = new List<KeySpaceUsage> { Usage(_store.Spaces.Raw, usage) };
        foreach (KeySpace space in _store.Spaces.Named.DistinctBy(static s => s.Id).OrderBy(static s => s.Id))
            spaces.Add(Usage(space, usage));
        return new MemoryReport
        {
            LimitBytes = _store.Layout.LimitBytes,
            UsedBytes = memory.Live + memory.Dead + memory.Free + memory.Index + memory.Ghost + memory.ChangeLog + secondary,
            LiveBytes = memory.Live,
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

    private static KeySpaceUsage Usage(KeySpace space, SpaceUsage[] usage) =>
        new(space.Id == 255 ? "(others)" : space.Name, usage[space.Id].Entries, usage[space.Id].LiveBytes);
}
