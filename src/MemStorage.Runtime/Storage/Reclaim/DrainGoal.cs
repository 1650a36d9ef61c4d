using MemStorage.Storage.Eviction;

namespace MemStorage.Storage.Reclaim;

/// <summary>
/// Whether a shard is to be evicted down to <see cref="StoreContext.EvictTarget"/>: from the moment it passes <see cref="StoreContext.EvictThreshold"/> until it is there, or until
/// a round over all segments has given nothing. Two things are held against the percentages: the shard's own segments against its quota, and all that the store holds against the bound, because
/// large values take from the bound as a whole and are in no quota. Guarded by the shard's lock.
/// </summary>
internal sealed class DrainGoal(Shard shard)
{
    private long _drainedTo;
    private long _floor;

    private bool _shardDrains;
    private bool _storeDrains;

    /// <summary>As it was at the last look.</summary>
    public bool IsDraining => _shardDrains || _storeDrains;

    /// <summary>How many victims in a row have given nothing.</summary>
    public int Fruitless { get; private set; }

    private StoreContext Store => shard.Store;

    // without tombstones: they give way by themselves, and must not make entries go
    private long SharedBytes => shard.Charge - (long)shard.Log.FreeCount * shard.Log.SegmentBytes - shard.Log.Queue(LogKind.Tombstones).Bytes;

    private long OccupiedBytes => SharedBytes + shard.Log.OversizeBytes;

    public bool IsOverThreshold()
    {
        bool shardIsOver = IsOver(SharedBytes, Store.ShardQuota, _shardDrains);
        bool storeIsOver = IsOver(Store.Budget.Occupied, Store.Budget.Ceiling, _storeDrains);
        if (!IsDraining)
        {
            if (!shardIsOver && !storeIsOver)
                _floor = 0; // room has come from elsewhere
            if (OccupiedBytes <= _floor)
                return false;
            _drainedTo = long.MaxValue;
        }
        _shardDrains = shardIsOver;
        _storeDrains = storeIsOver;
        return IsDraining;
    }

    private bool IsOver(long occupied, long bound, bool drains) => occupied * 100 > bound * (drains ? Store.EvictTarget : Store.EvictThreshold);

    /// <summary>
    /// To be asked before each victim. The target may be out of reach: an index that has grown, or large values that take most of the bound. A round over all segments that gives nothing is the last, until
    /// one more segment is in use.
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
            GiveUp();
            return false;
        }
        return true;
    }

    /// <summary>The target is out of reach: no more until one more segment is in use, or the store has been below the threshold.</summary>
    public void GiveUp()
    {
        _shardDrains = _storeDrains = false;
        _floor = OccupiedBytes + shard.Log.SegmentBytes;
    }

    public void Clear()
    {
        _shardDrains = _storeDrains = false;
        _floor = 0;
    }
}
