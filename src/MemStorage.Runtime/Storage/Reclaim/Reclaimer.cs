using MemStorage.Storage.Eviction;
using MemStorage.Storage.Log;

namespace MemStorage.Storage.Reclaim;

/// <summary>
/// When a shard reclaims, and how much at a time: each write pays for a few records, so that no write pays for a segment. What is reclaimed is said by <see cref="VictimChoice"/>, how by
/// <see cref="SegmentReclaim"/> and <see cref="LargeEviction"/>, down to where by <see cref="DrainGoal"/>. Guarded by the shard's lock.
/// </summary>
internal sealed class Reclaimer
{
    /// <summary>Free segments that appending never takes: a victim's survivors fit into one.</summary>
    public const int ReservedSegments = 1;

    /// <summary>Bytes reclaimed per byte written: the victim is done long before the open segment is full.</summary>
    private const int Pace = 4;

    /// <summary>After so many victims for one write, records are no longer copied.</summary>
    private const int VictimsBeforeForce = 12;

    private const int GiveUpAfter = 256;

    private readonly Shard _shard;
    private readonly SegmentReclaim _current;
    private readonly LargeEviction _large;
    private readonly VictimChoice _choice;
    private readonly DrainGoal _goal;

    public Reclaimer(Shard shard)
    {
        _shard = shard;
        _current = new SegmentReclaim(shard);
        _large = new LargeEviction(shard);
        _choice = new VictimChoice(shard, _current, _large);
        _goal = new DrainGoal(shard);
    }

    /// <inheritdoc cref="SegmentReclaim.ReclaimedBytes"/>
    public long ReclaimedBytes => _current.ReclaimedBytes;

    /// <summary>Whether a segment is being reclaimed, or more will be until the target of eviction is reached.</summary>
    public bool IsBusy => _current.IsActive || _goal.IsDraining;

    private SegmentLog Log => _shard.Log;

    private StoreContext Store => _shard.Store;

    /// <summary>Makes sure that a record of <paramref name="size"/> bytes can be appended. <paramref name="reclaimed"/>: records may have moved or gone.</summary>
    public bool MakeRoom(LogKind log, int size, out bool reclaimed)
    {
        reclaimed = false;
        if (Log.HasRoomToWrite(log, size))
            return true;
        _choice.StartOver();
        for (int victims = 0; victims < GiveUpAfter; victims++)
        {
            if (Log.HasRoomToWrite(log, size))
                return true;
            if (Log.FreeCount > ReservedSegments)
            {
                Log.OpenNext(log, _shard.Policy.Clock);
                return true;
            }
            if (!_current.IsActive && !(_choice.ShouldCleanFirst() && _choice.TryBeginCleaning()))
            {
                if (_shard.TryAllocateSegment())
                {
                    victims--;
                    continue;
                }
                if (!_choice.TryBegin(victims >= VictimsBeforeForce))
                    return false;
            }
            reclaimed = true;
            _current.Step(int.MaxValue, long.MaxValue);
        }
        return false;
    }

    /// <summary>
    /// Makes sure that a tombstone of <paramref name="size"/> bytes can be appended: with room that is free or dead, or else that of older tombstones. No entry goes for it, and none of the newest
    /// tombstones. False: there is no room.
    /// </summary>
    public bool MakeRoomForTombstone(int size, out bool reclaimed)
    {
        reclaimed = false;
        if (Log.HasRoomToWrite(LogKind.Tombstones, size))
            return true;
        if (size > Log.SegmentBytes)
            return false;
        int most = _shard.MostTombstoneSegments;
        if (Log.Queue(LogKind.Tombstones).Count >= most || !HasFreeSegment())
        {
            reclaimed = true;
            _current.Step(int.MaxValue, long.MaxValue);
            if (Log.Queue(LogKind.Tombstones).Count < most && !HasFreeSegment() && Log.DeadBytes > Log.SegmentBytes && _choice.TryBeginCleaning())
                _current.Step(int.MaxValue, long.MaxValue);
            if (Log.HasRoomToWrite(LogKind.Tombstones, size))
                return true; // what survived has its place by now, and left some
            if ((Log.Queue(LogKind.Tombstones).Count >= most || !HasFreeSegment()) && _choice.TryBeginTombstones(keep: 1))
                _current.Step(int.MaxValue, long.MaxValue);
            // where all are in one segment, the next takes the reserve: nothing survives of the one before it, which goes in steps from now on, or at once when somebody needs the reserve
            if (!HasFreeSegment() && (Log.FreeCount == 0 || _current.IsActive || Log.Queue(LogKind.Tombstones).Count != 1))
                return false;
        }
        if (Log.HasRoomToWrite(LogKind.Tombstones, size))
            return true; // with the segment that was allocated, survivors have their place
        bool hasReserve = Log.FreeCount > ReservedSegments;
        Log.OpenNext(LogKind.Tombstones, _shard.Policy.Clock);
        // the oldest go in steps while the new segment fills up, so that no deletion pays for a segment
        if (!_current.IsActive && (!hasReserve || Log.Queue(LogKind.Tombstones).Count >= most))
            _ = _choice.TryBeginTombstones(hasReserve ? most - 1 : 1);
        return true;
    }

    /// <summary>Whether there is a free segment beside the reserve; as many are allocated as that takes.</summary>
    private bool HasFreeSegment()
    {
        while (Log.FreeCount <= ReservedSegments)
        {
            if (!_shard.TryAllocateSegment())
                return false;
        }
        return true;
    }

    /// <summary>What a write pays after it is done. The write stands, so it does not fail any more: what could not be allocated is tried again by the next.</summary>
    public void Advance(LogKind log, int size)
    {
        try
        {
            Pay(log, size);
        }
        catch (OutOfMemoryException)
        {
        }
    }

    private void Pay(LogKind log, int size)
    {
        if (_current.IsActive)
        {
            _current.Step(Store.EvictBatchSize, Math.Max((long)size * Pace, _current.Share(size, Log.RoomToWrite(log))));
            return;
        }
        if (Log.FreeCount <= ReservedSegments && _choice.ShouldCleanFirst() && _choice.TryBeginCleaning())
            return;
        if (log == LogKind.Tombstones)
            return; // no entry goes for a deletion
        // just in time: begun earlier, a segment would lie empty that could hold records
        if (Log.FreeCount <= ReservedSegments && Log.RoomIn(log) * Pace <= Log.SegmentBytes + size * Pace && !_shard.CanTakeSegment())
        {
            _choice.StartOver();
            _ = _choice.TryBegin(force: false);
        }
        else if (Store.MayEvict && _goal.IsOverThreshold())
        {
            if (Store.AsyncEviction)
                Store.RequestEviction?.Invoke();
            else
                _ = TryBeginDraining();
        }
    }

    /// <summary>
    /// What a large value pays before it is stored; after it, a step could judge this very value. Above the threshold it asks for eviction in the background, or else evicts a few others itself;
    /// and where there is no number for one more segment, another large value goes.
    /// </summary>
    /// <param name="reclaimed">Records may have moved or gone.</param>
    /// <returns>False: there is no number, and nothing may go for it.</returns>
    public bool PrepareForLarge(out bool reclaimed)
    {
        reclaimed = false;
        if (Store.MayEvict && _goal.IsOverThreshold())
        {
            if (Store.AsyncEviction)
                Store.RequestEviction?.Invoke();
            else
            {
                reclaimed = true;
                for (int steps = 0; steps < Store.EvictBatchSize && (_current.IsActive || TryBeginDraining()); steps++)
                    _current.Step(Store.EvictBatchSize, long.MaxValue);
            }
        }
        while (!Log.HasNumberForLarge)
        {
            if (!Store.MayEvict || !_large.Evict(0, long.MaxValue, anyAge: true))
                return false;
            reclaimed = true;
        }
        return true;
    }

    /// <summary>One step of background eviction. False: this shard is at or below the target.</summary>
    public bool Drain(int records)
    {
        if (!_current.IsActive && !TryBeginDraining())
            return false;
        _current.Step(records, long.MaxValue);
        return true;
    }

    /// <summary>
    /// Evicts or cleans one segment and gives free ones back to the bound, for large values and other users of it. With <paramref name="force"/> nothing is kept because
    /// it was asked for. False: nothing left to give.
    /// </summary>
    public bool GiveBack(bool force)
    {
        _choice.StartOver();
        if (!_current.IsActive && Log.FreeCount <= ReservedSegments && !_choice.TryBegin(force))
            return false;
        if (_current.IsActive)
            _current.Step(int.MaxValue, long.MaxValue);
        while (Log.FreeCount > ReservedSegments)
            Log.DropFreeSegment();
        return true;
    }

    /// <inheritdoc cref="LargeEviction.EvictInTurn"/>
    public bool EvictLargeInTurn(int least, long most) => _large.EvictInTurn(least, most);

    /// <inheritdoc cref="LargeEviction.Evict(int, long, bool)"/>
    public bool EvictLarge(int least, long most, bool anyAge) => _large.Evict(least, most, anyAge);

    /// <summary>Forgets the victim; the segments are gone.</summary>
    public void Clear()
    {
        _current.Clear();
        _goal.Clear();
    }

    private bool TryBeginDraining()
    {
        if (!Store.MayEvict || !_goal.IsOverThreshold() || !_goal.IsWithinReach())
            return false;
        // a victim that gives nothing counts on, so that the small log has its turn after a main log that gives nothing
        if (_goal.Fruitless <= EvictionPolicy.MostMainReclaims)
            _choice.StartOver();
        if (_choice.TryBegin(force: false, draining: true))
            return true;
        _goal.GiveUp(); // nothing is left to evict: the next write would ask again, far below the threshold
        return false;
    }
}
