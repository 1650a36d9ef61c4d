namespace MemStorage.Storage;

/// <summary>What one key space has in one shard, and what was done to it there. Guarded by the shard's lock.</summary>
internal struct SpaceUsage
{
    public long Entries;
    public long Tombstones;
    public long LiveBytes;
    public long TombstoneBytes;
    public long StoredBytes;
    public long OriginalBytes;
    public long KeyBytes;
    public long Sets;
    public long Deletes;
    public long Superseded;
    public long MemoryLimits;
    public long Evicted;
    public long Expired;
    public long Written;
    public long Copied;

    public void Add(in SpaceUsage other)
    {
        Entries += other.Entries;
        Tombstones += other.Tombstones;
        LiveBytes += other.LiveBytes;
        TombstoneBytes += other.TombstoneBytes;
        StoredBytes += other.StoredBytes;
        OriginalBytes += other.OriginalBytes;
        KeyBytes += other.KeyBytes;
        Sets += other.Sets;
        Deletes += other.Deletes;
        Superseded += other.Superseded;
        MemoryLimits += other.MemoryLimits;
        Evicted += other.Evicted;
        Expired += other.Expired;
        Written += other.Written;
        Copied += other.Copied;
    }

    /// <summary>A record entered the index (<paramref name="sign"/> 1) or left it (-1).</summary>
    public void Count(in Log.RecordView record, int size, int sign)
    {
        LiveBytes += sign * (long)size;
        if (record.IsTombstone)
        {
            Tombstones += sign;
            TombstoneBytes += sign * (long)size;
            return;
        }
        Entries += sign;
        StoredBytes += sign * (long)record.ValueLength;
        OriginalBytes += sign * (long)record.OriginalLength;
        KeyBytes += sign * (long)record.KeyLength;
    }

    /// <summary>Keeps what was counted, forgets what is there.</summary>
    public void ClearContent() => Entries = Tombstones = LiveBytes = TombstoneBytes = StoredBytes = OriginalBytes = KeyBytes = 0;
}
