using MemStorage.Storage.Eviction;

namespace MemStorage.Storage.Reclaim;

/// <summary>
/// Whether a shard is to be evicted down to <see cref="StoreContext.EvictTarget"/>: from the moment it passes <see cref="StoreContext.EvictThreshold"/> until it is there, or until
/// a round over all segments has given nothing. Guarded by the shard's lock.
/// </summary>
internal sealed class DrainGoal(Shard shard)
{
    private long _drainedTo;
    private long _floor;

    /// <summary>As it was at the last look.</summary>
    public bool IsDraining { get; private set; }

    /// <summary>How many victims in a row have given nothing.</summary>
    public int Fruitless { get; private set; }

    private StoreContext Store => shard.Store;

    // without tombstones: they give way by themselves, and must not make entries go
    private long OccupiedBytes => shard.Charge - (long)shard.Log.FreeCount * shard.Log.SegmentBytes - shard.Log.Queue(LogKind.Tombstones).Bytes;

    public bool IsOverThreshold()
    {
        long quota = Store.ShardQuota;
        long occupied = OccupiedBytes;
        if (IsDraining)
            IsDraining = occupied * 100 > quota * Store.EvictTarget;
        else if (occupied * 100 <= quota * Store.EvictThreshold)
            _floor = 0; // room has come from elsewhere
        else if (occupied > _floor)
        {
            IsDraining = true;
            _drainedTo = long.MaxValue;
        }
        return IsDraining;
    }

    /// <summary>
    /// To be asked before each victim. The target may be out of reach: an index that has grown, tombstones that have to be kept, large values that take most of the bound. A round over
    /// all segments that gives nothing is the last, until one more segment is in use.
    /// </summary>
    public bool IsWithinReach()
    {
        long occupied = OccupiedBytes;
        if (occupied < _drainedTo)
        {
            _drainedTo = occupied;
            Fruitless = 0;
        }
        else if (++Fruitless > shard.Log.SegmentsInUse + 2 * EvictionPolicy.MostMainReclaims && !TestHooks.SkipDrainEnd)
        {
            IsDraining = false;
            _floor = occupied + shard.Log.SegmentBytes;
            return false;
        }
        return true;
    }

    public void Clear()
    {
        IsDraining = false;
        _floor = 0;
    }
}
