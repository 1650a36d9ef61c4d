using MemStorage.Storage.Eviction;
using MemStorage.Storage.Log;

namespace MemStorage.Storage.Reclaim;

/// <summary>
/// Which segment goes next. Cleaning (all live records of a sparse segment are copied) and evicting (the policy judges each record) are different decisions: while more than an eighth
/// of the shard is dead, it cleans. Guarded by the shard's lock.
/// </summary>
internal sealed class VictimChoice(Shard shard, SegmentReclaim current, LargeEviction large)
{
    /// <summary>Clean instead of evicting when dead bytes are more than this share of the segments in use.</summary>
    private const double CleanShare = 0.12;

    /// <summary>Clean instead of allocating when dead bytes are more than this share: the memory follows the data.</summary>
    private const double CleanBeforeAllocatingShare = 0.30;

    /// <summary>In a store that never evicts, the least gain of a cleaning, as a share of a segment.</summary>
    private const double LeastGain = 1.0 / 16;

    /// <summary>After so many evictions without a use of them, spare arrays of large values give way one by one.</summary>
    private const int SparePatience = 64;

    private int _mainReclaims;

    private SegmentLog Log => shard.Log;

    private StoreContext Store => shard.Store;

    /// <summary>Room begins to be made: the policy's bound on how often main pays for it counts from here.</summary>
    public void StartOver() => _mainReclaims = 0;

    /// <summary>So much is dead that cleaning comes before allocating.</summary>
    public bool ShouldCleanFirst() => Log.SegmentsInUse >= 8 && Log.DeadBytes > CleanBeforeAllocatingShare * Log.AllocatedBytes;

    /// <summary>Begins with a segment. False: there is none to give.</summary>
    /// <param name="force">Nothing is kept because it was asked for.</param>
    /// <param name="draining">
    /// The shard is to become smaller: what is free is no room for the policy. As room it would be main's, which then never has more than its share, and the small log alone would pay, down to the
    /// segment that is written.
    /// </param>
    public bool TryBegin(bool force, bool draining = false)
    {
        bool isDirty = Log.DeadBytes > Math.Max(Log.SegmentBytes, CleanShare * Log.SegmentsInUse * Log.SegmentBytes);
        if ((isDirty || !Store.MayEvict) && TryBeginCleaning())
            return true;
        if (TryBeginTombstones(shard.TombstonesToKeep(force)))
            return true;
        if (!Store.MayEvict)
            return false;
        shard.EnsureGhost();
        return TryBeginEviction(force, draining);
    }

    /// <summary>Begins to clean the segment with the most dead bytes, if there is room for all that lives in it: a cleaning drops nothing.</summary>
    public bool TryBeginCleaning()
    {
        int deadest = Deadest();
        if (deadest == 0 || !(Log.CanHoldSurvivors(deadest, Log.Info(deadest).Log) || shard.TryAllocateSegment()))
            return false;
        current.Begin(deadest, ReclaimMode.Clean);
        return true;
    }

    /// <summary>The oldest tombstones go, which are no entries, where there are more than so many segments of them.</summary>
    public bool TryBeginTombstones(int keep)
    {
        ref SegmentQueue tombstones = ref Log.Queue(LogKind.Tombstones);
        if (tombstones.Count <= keep)
            return false;
        current.Begin(tombstones.Oldest, ReclaimMode.Force);
        return true;
    }

    private bool TryBeginEviction(bool force, bool draining)
    {
        Store.Budget.Discard(Store.Budget.Spares.DropIdle(SparePatience));
        while (true)
        {
            OccupancyView view = shard.Occupancy();
            if (draining)
                view = view with { CapacityBytes = Math.Max(Log.SegmentBytes, view.SmallBytes + view.MainBytes) };
            VictimKind kind = shard.Policy.ChooseVictim(view, _mainReclaims);
            int id = shard.OldestOf(kind);
            if (id == 0)
                return false;
            if (kind == VictimKind.MainOldest)
                _mainReclaims++;
            if (kind == VictimKind.RelabelSmallOldest)
            {
                Log.RelabelAsMain(id);
                continue;
            }
            shard.Policy.BeginVictim(kind, Log.Info(id).Birth);
            if (Log.IsOversize(id))
            {
                large.Judge(id, view, force);
                return true;
            }
            if (!force && !Log.CanHoldSurvivors(id, LogKind.Main))
                _ = shard.TryAllocateSegment(); // without it, what the policy would keep goes all the same
            current.Begin(id, force ? ReclaimMode.Force : ReclaimMode.Evict);
            return true;
        }
    }

    private int Deadest()
    {
        long now = shard.NowOrLast();
        int best = 0;
        int most = Store.MayEvict ? 0 : (int)(Log.SegmentBytes * LeastGain) - 1;
        for (int id = 1; id <= Log.HighestId; id++)
        {
            ref SegmentInfo info = ref Log.Info(id);
            if (info.State != SegmentState.Closed || Log.IsOversize(id))
                continue;
            // in a store that never evicts, expired records are the only other room there is
            int gain = !Store.MayEvict && info.EarliestExpiry <= now ? Math.Max(info.Dead, Log.SegmentBytes / 2) : info.Dead;
            if (gain > most)
            {
                most = gain;
                best = id;
            }
        }
        return best;
    }
}
