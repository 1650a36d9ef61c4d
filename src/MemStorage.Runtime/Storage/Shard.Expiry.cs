using System.Runtime.CompilerServices;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

internal sealed partial class Shard
{
    private int _sweepSegment;
    private int _sweepGeneration;
    private int _sweepPosition;
    private long _sweepEarliest;

    /// <summary>
    /// Drops expired records and old tombstones of segments that are known to hold some, a bounded number of records a call, so that no writer waits long. Segments
    /// without any are not touched. False: nothing is left to do now.
    /// </summary>
    public bool SweepExpired(int records)
    {
        using (Enter())
        {
            if (_closed)
                return false;
            long now = _store.Time.Now;
            if (!IsSweepCurrent() && !TryBeginSweep(now))
                return false;
            ref SegmentInfo info = ref Log.Info(_sweepSegment);
            int end = info.Position;
            for (; _sweepPosition < end && records > 0; records--)
            {
                RecordView record = Log.At(_sweepSegment, _sweepPosition);
                int size = record.Size;
                long expireAt = record.ExpireAt;
                if (expireAt != 0 && expireAt > now)
                    _sweepEarliest = Math.Min(_sweepEarliest, expireAt);
                else if (expireAt != 0)
                {
                    ulong hash = HashOf(record.Key);
                    ref ulong slot = ref FindSlotByAddress(Slot.TagOf(hash), Log.AddressOf(_sweepSegment, _sweepPosition));
                    if (!Unsafe.IsNullRef(ref slot))
                    {
                        Drop(record, hash, ref slot, record.IsTombstone ? RemovalReason.TombstoneExpired : RemovalReason.Expired, birth: null);
                        if (Log.Info(_sweepSegment).State == SegmentState.None) // a large value's segment goes with its record
                        {
                            _sweepSegment = 0;
                            return true;
                        }
                    }
                }
                _sweepPosition += size;
            }
            if (_sweepPosition < end)
                return true;
            // what was appended or touched since the sweep began is in EarliestExpiry already
            info.EarliestExpiry = Math.Min(info.EarliestExpiry, _sweepEarliest);
            _sweepSegment = 0;
            return true;
        }
    }

    private bool IsSweepCurrent() =>
        _sweepSegment != 0 && Log.Info(_sweepSegment).State is SegmentState.Open or SegmentState.Closed
        && Log.SegmentById(_sweepSegment).Generation == _sweepGeneration; // a number may be in use again for another segment; no two have one generation

    private bool TryBeginSweep(long now)
    {
        _sweepSegment = 0;
        for (int id = 1; id <= Log.HighestId; id++)
        {
            ref SegmentInfo info = ref Log.Info(id);
            if (info.State is not (SegmentState.Open or SegmentState.Closed) || info.EarliestExpiry > now)
                continue;
            _sweepSegment = id;
            _sweepGeneration = Log.SegmentById(id).Generation; // not the segment itself: it would keep the bytes of one that has gone
            _sweepPosition = 0;
            _sweepEarliest = long.MaxValue;
            info.EarliestExpiry = long.MaxValue;
            return true;
        }
        return false;
    }
}
