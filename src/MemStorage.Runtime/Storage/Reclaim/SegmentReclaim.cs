using System.Runtime.CompilerServices;
using MemStorage.Storage.Eviction;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage.Reclaim;

/// <summary>What happens to the live records of a segment that is reclaimed.</summary>
internal enum ReclaimMode : byte
{
    /// <summary>All are copied: the segment is sparse.</summary>
    Clean,

    /// <summary>The policy judges each.</summary>
    Evict,

    /// <summary>All go, tombstones too: nothing else has made room.</summary>
    Force,
}

/// <summary>Turns one segment that holds records into a free one, in steps. Guarded by the shard's lock.</summary>
internal sealed class SegmentReclaim(Shard shard)
{
    private int _victim;
    private int _position;
    private ReclaimMode _mode;
    private OccupancyView _view;

    /// <summary>The records, dead ones too, of the segments that were turned into free ones, in bytes.</summary>
    public long ReclaimedBytes { get; private set; }

    public bool IsActive => _victim != 0;

    private SegmentLog Log => shard.Log;

    public void Begin(int id, ReclaimMode mode)
    {
        LogKind log = Log.Info(id).Log;
        Log.BeginReclaim(id, mode == ReclaimMode.Clean ? log : log == LogKind.Tombstones ? null : LogKind.Main); // of tombstones that are not cleaned none survives
        _view = shard.Occupancy();
        _victim = id;
        _position = 0;
        _mode = mode;
    }

    /// <summary>Handles at most so many records, and about so many bytes of them; with the last one the segment is free.</summary>
    public void Step(int maxRecords, long maxBytes)
    {
        if (_victim == 0)
            return;
        TestHooks.At(TestPoint.ReclaimStep);
        int end = Log.Info(_victim).Position;
        long now = shard.NowOrLast();
        long stop = Math.Min(end, _position + Math.Min(maxBytes, int.MaxValue));
        for (int records = 0; _position < stop && records < maxRecords; records++)
        {
            RecordView record = Log.At(_victim, _position);
            int size = record.Size;
            ulong hash = shard.HashOf(record.Key);
            uint address = Log.AddressOf(_victim, _position);
            ref ulong slot = ref shard.FindSlotByAddress(Slot.TagOf(hash), address);
            if (!Unsafe.IsNullRef(ref slot) && !TryDecide(record, size, hash, ref slot, now))
            {
                TestHooks.At(TestPoint.CleaningGivenUp);
                Log.PutBack(_victim);
                _victim = 0;
                return;
            }
            _position += size;
        }
        if (_position < end)
            return;
        int done = _victim;
        _victim = 0;
        ReclaimedBytes += end;
        Log.Recycle(done);
    }

    /// <summary>How many bytes a write of <paramref name="size"/> bytes has to reclaim, so that the victim is done before <paramref name="room"/> bytes are written.</summary>
    public long Share(int size, long room) => (long)size * (Log.Info(_victim).Position - _position) / Math.Max(size, room);

    /// <summary>Forgets the victim; the segments are gone.</summary>
    public void Clear() => _victim = 0;

    /// <summary>False: the record has to stay where it is. Only a cleaning says so, and only where it was begun without room for all that it finds.</summary>
    private bool TryDecide(in RecordView record, int size, ulong hash, ref ulong slot, long now)
    {
        LogKind log = Log.Info(_victim).Log;
        if (record.IsExpired(now))
        {
            shard.Drop(record, hash, ref slot, record.IsTombstone ? RemovalReason.TombstoneExpired : RemovalReason.Expired, birth: null);
            return true;
        }
        int hits = Slot.Hits(slot);
        if (_mode == ReclaimMode.Clean)
            return TryRelocate(record, size, ref slot, log, hits, record.EvictionTag);
        if (record.IsTombstone)
        {
            shard.Drop(record, hash, ref slot, RemovalReason.Capacity, birth: null);
            return true;
        }
        Fate fate = shard.Policy.Judge(log, hits, record.EvictionTag, _view, out int newHits, out int newTag, size);
        if (fate == Fate.KeepInMain && _mode != ReclaimMode.Force && TryRelocate(record, size, ref slot, LogKind.Main, newHits, newTag))
            return true;
        if (fate == Fate.KeepInMain)
            TestHooks.At(_mode == ReclaimMode.Force ? TestPoint.DroppedByForce : TestPoint.DroppedUnheeded);
        shard.Drop(record, hash, ref slot, RemovalReason.Capacity, fate == Fate.Drop ? null : Log.Info(_victim).Birth);
        return true;
    }

    /// <summary>Copies a record to the tail of a log; the slot is published before the old place may be recycled.</summary>
    private bool TryRelocate(in RecordView record, int size, ref ulong slot, LogKind log, int hits, int tag)
    {
        if (!Log.HasRoom(log, size))
        {
            if (!shard.HasReserve())
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
}
