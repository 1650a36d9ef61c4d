using System.Runtime.CompilerServices;
using MemStorage.Storage.Eviction;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage.Reclaim;

/// <summary>
/// Turns a segment that holds records into a free one, in steps: each write pays for a few records, so that no write pays for a segment.
/// Cleaning (all live records of a sparse segment are copied) and evicting (the policy judges each record) are different decisions: while
/// more than an eighth of the shard is dead, it cleans. Guarded by the shard's lock.
/// </summary>
internal sealed class Reclaimer(Shard shard)
{
    /// <summary>Free segments that appending never takes: a victim's survivors fit into one.</summary>
    public const int ReservedSegments = 1;

    /// <summary>Bytes reclaimed per byte written: the victim is done long before the open segment is full.</summary>
    private const int Pace = 4;

    /// <summary>Clean instead of evicting when dead bytes are more than this share of the segments in use.</summary>
    private const double CleanShare = 0.12;

    /// <summary>Clean instead of allocating when dead bytes are more than this share: the memory follows the data.</summary>
    private const double CleanBeforeAllocatingShare = 0.30;

    /// <summary>In a store that never evicts, the least gain of a cleaning, as a share of a segment.</summary>
    private const double LeastGain = 1.0 / 16;

    /// <summary>After so many victims for one write, records are no longer copied.</summary>
    private const int VictimsBeforeForce = 12;

    private const int GiveUpAfter = 256;

    /// <summary>How many segments are looked at for a large value of the right size.</summary>
    private const int MostLooks = 64;

    /// <summary>After so many evictions without a use of them, spare arrays of large values give way one by one.</summary>
    private const int SparePatience = 64;

    private enum Mode : byte
    {
        Clean,
        Evict,
        Force,
    }

    private int _victim;
    private int _position;
    private Mode _mode;
    private OccupancyView _view;
    private int _mainReclaims;
    private bool _draining;
    private long _drainedTo;
    private int _fruitless;
    private long _floor;
    private long _lastNow;

    /// <summary>The records, dead ones too, of the segments that were turned into free ones, in bytes.</summary>
    public long ReclaimedBytes { get; private set; }

    public bool IsActive => _victim != 0;

    /// <summary>Whether a segment is being reclaimed, or more will be until the target of eviction is reached.</summary>
    public bool IsBusy => _victim != 0 || _draining;

    private SegmentLog Log => shard.Log;

    private StoreContext Store => shard.Store;

    /// <summary>Makes sure that a record of <paramref name="size"/> bytes can be appended. <paramref name="reclaimed"/>: records may have moved or gone.</summary>
    public bool MakeRoom(LogKind log, int size, out bool reclaimed)
    {
        reclaimed = false;
        if (Log.HasRoom(log, size))
            return true;
        _mainReclaims = 0;
        for (int victims = 0; victims < GiveUpAfter; victims++)
        {
            if (Log.HasRoom(log, size))
                return true;
            if (Log.FreeCount > ReservedSegments)
            {
                Log.OpenNext(log, shard.Policy.Clock);
                return true;
            }
            if (!IsActive && !(ShouldCleanFirst() && TryBeginCleaning()))
            {
                if (shard.TryAllocateSegment())
                {
                    victims--;
                    continue;
                }
                if (!TryBegin(victims >= VictimsBeforeForce))
                    return false;
            }
            reclaimed = true;
            Step(int.MaxValue, long.MaxValue);
        }
        return false;
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
        if (IsActive)
        {
            Step(Store.EvictBatchSize, (long)size * Pace);
            return;
        }
        if (Log.FreeCount <= ReservedSegments && ShouldCleanFirst() && TryBeginCleaning())
            return;
        // just in time: begun earlier, a segment would lie empty that could hold records
        if (Log.FreeCount <= ReservedSegments && Log.RoomIn(log) * Pace <= Log.SegmentBytes + size * Pace && !shard.CanTake(Log.SegmentBytes))
        {
            _mainReclaims = 0;
            _ = TryBegin(force: false);
        }
        else if (Store.MayEvict && IsOverThreshold())
        {
            if (Store.AsyncEviction)
                Store.RequestEviction?.Invoke();
            else
                _ = TryBeginDraining();
        }
    }

    /// <summary>One step of background eviction. False: this shard is at or below the target.</summary>
    public bool Drain(int records)
    {
        if (!IsActive && !TryBeginDraining())
            return false;
        Step(records, long.MaxValue);
        return true;
    }

    /// <summary>
    /// Evicts or cleans one segment and gives free ones back to the bound, for large values and other users of it. With <paramref name="force"/> nothing is kept because
    /// it was asked for. False: nothing left to give.
    /// </summary>
    public bool GiveBack(bool force)
    {
        _mainReclaims = 0;
        if (!IsActive && Log.FreeCount <= ReservedSegments && !TryBegin(force))
            return false;
        if (IsActive)
            Step(int.MaxValue, long.MaxValue);
        while (Log.FreeCount > ReservedSegments)
            Log.DropFreeSegment();
        return true;
    }

    /// <summary>
    /// In turn: as long as the policy's next victim is a large value whose array has the wanted length, it is judged as any other, until one goes. Where large values are of
    /// about one size that is always so, and they are evicted by the policy alone. False: the next victim is something else.
    /// </summary>
    public bool EvictLargeInTurn(int least, long most)
    {
        shard.EnsureGhost();
        _mainReclaims = 0;
        for (int looks = 0; looks < MostLooks; looks++)
        {
            _view = shard.Occupancy();
            VictimKind kind = shard.Policy.ChooseVictim(_view, _mainReclaims);
            int id = OldestOf(kind);
            if (id == 0 || !Log.IsOversize(id) || Log.BytesOf(id) < least || Log.BytesOf(id) > most)
                return false;
            if (kind == VictimKind.RelabelSmallOldest)
            {
                Log.RelabelAsMain(id);
                continue;
            }
            if (kind == VictimKind.MainOldest)
                _mainReclaims++;
            shard.Policy.BeginVictim(kind, Log.Info(id).Birth);
            if (!JudgeOversize(id, force: false))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Out of turn: evicts a large value whose array has the wanted length, so that the array can be used again as it is. Taken in turn, large values of many sizes would free
    /// arrays of any length. One of the oldest quarter of its log that was not asked for; with <paramref name="anyAge"/> the least asked for of all, the oldest of these.
    /// The log from which the policy would evict comes first.
    /// </summary>
    public bool EvictLarge(int least, long most, bool anyAge)
    {
        LogKind first = shard.Policy.ChooseVictim(shard.Occupancy(), 0) == VictimKind.MainOldest ? LogKind.Main : LogKind.Small;
        return EvictLarge(first, least, most, anyAge) || EvictLarge(first == LogKind.Small ? LogKind.Main : LogKind.Small, least, most, anyAge);
    }

    private bool EvictLarge(LogKind log, int least, long most, bool anyAge)
    {
        ref SegmentQueue queue = ref Log.Queue(log);
        int looks = Math.Min(MostLooks, anyAge ? queue.Count : (queue.Count + 3) / 4);
        int best = 0;
        int fewest = anyAge ? Slot.MaxHits + 1 : 1;
        for (int id = queue.Oldest; id != 0 && looks > 0 && fewest > 0; id = Log.Info(id).Newer, looks--)
        {
            if (!Log.IsOversize(id) || Log.BytesOf(id) < least || Log.BytesOf(id) > most)
                continue;
            int hits = Slot.Hits(SlotOfLarge(id, out _));
            if (hits >= fewest)
                continue;
            fewest = hits;
            best = id;
        }
        if (best == 0)
            return false;
        ref ulong slot = ref SlotOfLarge(best, out ulong hash);
        RecordView record = Log.At(best, 0);
        shard.EnsureGhost();
        bool expired = record.IsExpired(Store.Time.Now);
        shard.Drop(record, hash, ref slot, expired ? RemovalReason.Expired : RemovalReason.Capacity, log == LogKind.Small && !expired ? Log.Info(best).Birth : null);
        return true;
    }

    private ref ulong SlotOfLarge(int id, out ulong hash)
    {
        hash = shard.HashOf(Log.At(id, 0).Key);
        return ref shard.FindSlotByAddress(Slot.TagOf(hash), Log.AddressOf(id, 0));
    }

    /// <summary>Forgets the victim; the segments are gone.</summary>
    public void Clear()
    {
        _victim = 0;
        _draining = false;
        _floor = 0;
    }

    private long OccupiedBytes => shard.Charge - (long)Log.FreeCount * Log.SegmentBytes;

    private bool IsOverThreshold()
    {
        long quota = Store.ShardQuota;
        long occupied = OccupiedBytes;
        if (_draining)
            _draining = occupied * 100 > quota * Store.EvictTarget;
        else if (occupied * 100 > quota * Store.EvictThreshold && occupied > _floor)
        {
            _draining = true;
            _drainedTo = long.MaxValue;
        }
        return _draining;
    }

    /// <summary>
    /// The target may be out of reach: an index that has grown, tombstones that have to be kept, large values that take most of the bound. A victim that gives nothing counts on, so that
    /// the small log has its turn after a main log of nothing but tombstones; a round over all segments that gives nothing is the last, until one more segment is in use.
    /// </summary>
    private bool TryBeginDraining()
    {
        if (!Store.MayEvict || !IsOverThreshold())
            return false;
        long occupied = OccupiedBytes;
        if (occupied < _drainedTo)
        {
            _drainedTo = occupied;
            _fruitless = 0;
        }
        else if (++_fruitless > Log.SegmentsInUse + 2 * EvictionPolicy.MostMainReclaims)
        {
            _draining = false;
            _floor = occupied + Log.SegmentBytes;
            return false;
        }
        if (_fruitless <= EvictionPolicy.MostMainReclaims)
            _mainReclaims = 0;
        return TryBegin(force: false);
    }

    private bool ShouldCleanFirst() => Log.SegmentsInUse >= 8 && Log.DeadBytes > CleanBeforeAllocatingShare * Log.AllocatedBytes;

    private bool TryBegin(bool force)
    {
        bool isDirty = Log.DeadBytes > Math.Max(Log.SegmentBytes, CleanShare * Log.SegmentsInUse * Log.SegmentBytes);
        if ((isDirty || !Store.MayEvict) && TryBeginCleaning())
            return true;
        if (!Store.MayEvict)
            return false;
        shard.EnsureGhost();
        return TryBeginEviction(force);
    }

    /// <summary>The survivors of one segment fit into the segment in reserve; without one, cleaning would have to drop some.</summary>
    private bool TryBeginCleaning()
    {
        int deadest = Deadest();
        if (deadest == 0 || !HasReserve())
            return false;
        Begin(deadest, Mode.Clean);
        return true;
    }

    private bool TryBeginEviction(bool force)
    {
        Store.Budget.Discard(Store.Budget.Spares.DropIdle(SparePatience));
        while (true)
        {
            _view = shard.Occupancy();
            VictimKind kind = shard.Policy.ChooseVictim(_view, _mainReclaims);
            int id = OldestOf(kind);
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
                JudgeOversize(id, force);
                return true;
            }
            Begin(id, force ? Mode.Force : Mode.Evict);
            return true;
        }
    }

    private int OldestOf(VictimKind kind) => kind switch
    {
        VictimKind.None => 0,
        VictimKind.MainOldest => Log.Queue(LogKind.Main).Oldest,
        _ => Log.Queue(LogKind.Small).Oldest,
    };

    /// <summary>A clock that throws must not undo a write that stands, nor leave one half done: with the last time known, what has expired since goes a little later.</summary>
    private long Now()
    {
        try
        {
            return _lastNow = Store.Time.Now;
        }
        catch (Exception)
        {
            return _lastNow;
        }
    }

    private bool HasReserve() => Log.FreeCount > 0 || shard.TryAllocateSegment();

    private int Deadest()
    {
        long now = Now();
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

    private void Begin(int id, Mode mode)
    {
        Log.BeginReclaim(id);
        _view = shard.Occupancy();
        _victim = id;
        _position = 0;
        _mode = mode;
    }

    private void Step(int maxRecords, long maxBytes)
    {
        if (_victim == 0)
            return;
        TestHooks.At(TestPoint.ReclaimStep);
        int end = Log.Info(_victim).Position;
        long now = Now();
        long stop = Math.Min(end, _position + Math.Min(maxBytes, int.MaxValue));
        for (int records = 0; _position < stop && records < maxRecords; records++)
        {
            RecordView record = Log.At(_victim, _position);
            int size = record.Size;
            ulong hash = shard.HashOf(record.Key);
            uint address = Log.AddressOf(_victim, _position);
            ref ulong slot = ref shard.FindSlotByAddress(Slot.TagOf(hash), address);
            if (!Unsafe.IsNullRef(ref slot))
                Decide(record, size, hash, ref slot, now);
            _position += size;
        }
        if (_position < end)
            return;
        int done = _victim;
        _victim = 0;
        ReclaimedBytes += end;
        Log.Recycle(done);
    }

    private void Decide(in RecordView record, int size, ulong hash, ref ulong slot, long now)
    {
        LogKind log = Log.Info(_victim).Log;
        if (record.IsExpired(now))
        {
            shard.Drop(record, hash, ref slot, record.IsTombstone ? RemovalReason.TombstoneExpired : RemovalReason.Expired, birth: null);
            return;
        }
        int hits = Slot.Hits(slot);
        if (_mode == Mode.Clean || (record.IsTombstone && _mode != Mode.Force && !shard.TombstonesTakeTooMuch))
        {
            if (!TryRelocate(record, size, ref slot, _mode == Mode.Clean ? log : LogKind.Main, hits, record.EvictionTag))
                shard.Drop(record, hash, ref slot, RemovalReason.Capacity, birth: null);
            return;
        }
        if (record.IsTombstone)
        {
            shard.Drop(record, hash, ref slot, RemovalReason.Capacity, birth: null);
            return;
        }
        Fate fate = shard.Policy.Judge(log, hits, record.EvictionTag, _view, out int newHits, out int newTag, size);
        if (fate == Fate.KeepInMain && _mode != Mode.Force && TryRelocate(record, size, ref slot, LogKind.Main, newHits, newTag))
            return;
        shard.Drop(record, hash, ref slot, RemovalReason.Capacity, fate == Fate.Drop ? null : Log.Info(_victim).Birth);
    }

    /// <summary>Copies a record to the tail of a log; the slot is published before the old place may be recycled.</summary>
    private bool TryRelocate(in RecordView record, int size, ref ulong slot, LogKind log, int hits, int tag)
    {
        if (!Log.HasRoom(log, size))
        {
            if (!HasReserve())
                return false;
            Log.OpenNext(log, shard.Policy.Clock);
        }
        uint target = Log.Append(log, size, record.ExpireAt);
        Log.CopyRecord(_victim, _position, target, size);
        Log.At(target).SetEvictionTag(tag);
        TestHooks.At(TestPoint.RelocateBeforePublish);
        ulong old = slot;
        Volatile.Write(ref slot, Slot.Pack(Slot.Tag(old), hits, target));
        TestHooks.At(TestPoint.RelocateAfterPublish);
        Log.MarkDead(Slot.Address(old), size);
        shard.Usage(record.Space).Copied += size;
        return true;
    }

    /// <returns>Whether it stays.</returns>
    private bool JudgeOversize(int id, bool force)
    {
        RecordView record = Log.At(id, 0);
        ref ulong slot = ref SlotOfLarge(id, out ulong hash);
        LogKind log = Log.Info(id).Log;
        bool expired = record.IsExpired(Now());
        int newHits = 0;
        int newTag = 0;
        Fate fate = expired || force ? Fate.Drop : shard.Policy.Judge(log, Slot.Hits(slot), record.EvictionTag, _view, out newHits, out newTag, record.Size);
        if (fate == Fate.KeepInMain)
        {
            record.SetEvictionTag(newTag);
            ulong old = slot;
            Volatile.Write(ref slot, Slot.Pack(Slot.Tag(old), newHits, Slot.Address(old)));
            Log.Info(id).Birth = shard.Policy.Clock; // as the segment into which a smaller one would have been copied
            Log.RelabelAsMain(id);
            return true;
        }
        shard.Drop(record, hash, ref slot, expired ? RemovalReason.Expired : RemovalReason.Capacity, fate == Fate.DropAndRemember ? Log.Info(id).Birth : null);
        return false;
    }
}
