using System.Runtime.CompilerServices;
using MemStorage.Storage.Eviction;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

internal sealed partial class Shard
{
    /// <summary>Writes a value, or a tombstone when <paramref name="tombstone"/>.</summary>
    /// <param name="oversize">
    /// The array for a record too large for shared segments, its bytes reserved. The shard that adopts it sets the caller's reference to null; as long as there is one the array is the
    /// caller's, also when the call has thrown.
    /// </param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public WriteOutcome Write(
        ReadOnlySpan<byte> key, ulong hash, KeySpace space, in PreparedValue value, in WriteRequest request, bool tombstone, ref byte[]? oversize, out long version)
    {
        using (EnterToWrite())
        {
            ThrowIfClosed();
            EnsureUsage(space.Id);
            WriteOutcome outcome = WriteLocked(key, hash, space, value, request, tombstone, ref oversize, out version);
            CountWrite(space, outcome); // last: a write that throws has not happened
            return outcome;
        }
    }

    private void CountWrite(KeySpace space, WriteOutcome outcome)
    {
        ref SpaceUsage usage = ref Usage(space.Id);
        usage.Sets++;
        if (outcome is WriteOutcome.Superseded or WriteOutcome.NotFound)
            usage.Superseded++;
        else if (outcome == WriteOutcome.MemoryLimit)
            usage.MemoryLimits++;
    }

    // apart from Write, whose try block keeps its variables in memory
    [MethodImpl(MethodImplOptions.NoInlining)]
    private WriteOutcome WriteLocked(
        ReadOnlySpan<byte> key, ulong hash, KeySpace space, in PreparedValue value, in WriteRequest request, bool tombstone, ref byte[]? oversize, out long version)
    {
        ref ulong slot = ref FindSlot(hash, key);
        WriteOutcome verdict = Unsafe.IsNullRef(ref slot)
            ? JudgeAbsent(hash, request, out version)
            : JudgePresent(Log.At(Slot.Address(slot)), value, request, tombstone, out version);
        if (verdict != WriteOutcome.Stored)
            return verdict;
        if (oversize is not null)
        {
            if (!_reclaimer.PrepareForLarge(out bool reclaimed))
                return WriteOutcome.MemoryLimit;
            if (reclaimed)
                slot = ref FindSlot(hash, key); // what is overwritten may have moved, or gone
        }

        // field by field: an initializer would fill another one and copy it, and the copy waits for each of its narrow stores
        Incoming incoming;
        incoming.Version = version;
        incoming.Extension = Record.PackExtension(
            tombstone ? KeepTombstoneUntil() : Math.Min(request.ExpireAt, Record.MaxExpireAt),
            request.Condition == WriteCondition.Replicated ? request.Origin : _store.NodeId);
        incoming.Tombstone = tombstone;
        incoming.Exact = request.Exact;
        incoming.Space = space;
        // a large value always has room for an expiry: it could get one later only with a second array of its size
        incoming.IsExtended = incoming.Extension != 0 || oversize is not null;
        bool announce = request.Condition != WriteCondition.Replicated;
        WriteOutcome outcome = StoreRecord(key, hash, ref slot, value, incoming, announce, ref oversize);
        if (outcome == WriteOutcome.Stored || !tombstone)
            return outcome;
        DeleteWithoutTombstone(key, hash, version, announce);
        return WriteOutcome.Stored;
    }

    private ref struct Incoming
    {
        public long Version;
        public ulong Extension;
        public bool IsExtended;
        public bool Tombstone;
        public bool Exact;
        public KeySpace Space;

        public readonly byte Flags(bool compressed) =>
            (byte)((IsExtended ? Record.Extended : 0) | (Tombstone ? Record.Tombstone : 0) | (compressed ? Record.Compressed : 0) | (Exact ? Record.Exact : 0));
    }

    private WriteOutcome StoreRecord(
        ReadOnlySpan<byte> key, ulong hash, ref ulong slot, in PreparedValue value, in Incoming incoming, bool announce, ref byte[]? oversize)
    {
        int size = Record.Size(key.Length, value.Stored.Length, incoming.IsExtended);
        if (oversize is null && !Unsafe.IsNullRef(ref slot) && TryOverwriteInPlace(ref slot, size, value, incoming))
        {
            uint place = Slot.Address(slot);
            Finish(key, hash, place, size, incoming, announce);
            // it took no room, so it pays only for what is under way; where it lies in the segment that is being evicted, a step could judge, and drop, this very value
            ref SegmentInfo info = ref Log.Info(Log.IdOf(place));
            if (_reclaimer.IsBusy && info.State != SegmentState.Victim)
                _reclaimer.Advance(info.Log, size);
            return WriteOutcome.Stored;
        }
        return AppendRecord(key, hash, ref slot, value, incoming, size, announce, ref oversize);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WriteOutcome AppendRecord(
        ReadOnlySpan<byte> key, ulong hash, ref ulong slot, in PreparedValue value, in Incoming incoming, int size, bool announce, ref byte[]? oversize)
    {
        bool isLarge = oversize is not null;
        uint tag = Slot.TagOf(hash);
        long expireAt = Record.ExpireAt(incoming.Extension);
        bool isNew = Unsafe.IsNullRef(ref slot);
        bool reclaimed = false;
        if (oversize is null && size > Log.SegmentBytes)
            return WriteOutcome.MemoryLimit; // the tombstone of a key that is longer than a segment: it comes without an array of its own
        if (isNew && !(incoming.Tombstone ? EnsureIndexRoomWithoutReclaim(tag) : EnsureIndexRoom(tag, ref reclaimed)))
            return WriteOutcome.MemoryLimit;
        LogKind log;
        if (incoming.Tombstone)
            log = LogKind.Tombstones;
        else if (isNew)
        {
            if (_ghost is null)
                EnsureGhostBeforeFull();
            bool ghostHit = IsInGhost(hash, out uint birth);
            log = Policy.OnInsert(Occupancy(), ghostHit, birth, size);
        }
        else
        {
            log = Log.Info(Log.IdOf(Slot.Address(slot))).Log;
            if (log == LogKind.Tombstones)
                log = Policy.OnInsert(Occupancy(), ghostHit: false, 0, size);
        }

        // in a small log that it fills by half or more, a large value would soon be the only candidate, and go with the next eviction whatever it is worth
        if (isLarge && log == LogKind.Small && oversize!.Length * 2L > Policy.SmallShare * Occupancy().CapacityBytes)
            log = LogKind.Main;

        // all that can fail comes before the record has its place
        uint address;
        if (isLarge)
        {
            address = Log.AddOversize(oversize!, log, size, Policy.Clock, expireAt);
            oversize = null;
        }
        else
        {
            if (!(incoming.Tombstone ? _reclaimer.MakeRoomForTombstone(size, out bool moved) : _reclaimer.MakeRoom(log, size, out moved)))
                return WriteOutcome.MemoryLimit;
            reclaimed |= moved;
            address = Log.Append(log, size, expireAt);
        }
        if (reclaimed)
        {
            // the record that is being overwritten may have moved, or may have been evicted on the way
            slot = ref FindSlot(hash, key);
            if (!isNew && Unsafe.IsNullRef(ref slot))
            {
                isNew = true;
                if (!EnsureIndexRoomWithoutReclaim(tag))
                    throw new InvalidOperationException("A slot that was just freed is not there."); // cannot be: the eviction emptied one in this table
            }
        }

        RecordView record = Log.At(address);
        record.SetHeader(value.Stored.Length, key.Length, incoming.Flags(value.Compressed), incoming.Space.Id);
        if (incoming.IsExtended)
            record.SetExtension(incoming.Extension);
        key.CopyTo(record.KeySpan);
        TestHooks.At(TestPoint.WriteHalfWay);
        value.Stored.CopyTo(record.Value);
        TestHooks.At(TestPoint.WriteBeforeVersion);
        record.SetVersion(incoming.Version);
        TestHooks.At(TestPoint.WriteBeforePublish);

        Count(record, size, 1);
        if (isNew)
        {
            Index.Insert(Slot.Pack(tag, 0, address));
            TestHooks.At(TestPoint.WriteAfterPublish);
            _ghost?.Remove(hash);
            _versions?.Remove(hash);
        }
        else
        {
            ulong old = slot;
            RecordView previous = Log.At(Slot.Address(old));
            int previousSize = previous.Size;
            Count(previous, previousSize, -1);
            Volatile.Write(ref slot, Slot.Pack(tag, Math.Min(Slot.MaxHits, Slot.Hits(old) + 1), address));
            TestHooks.At(TestPoint.WriteAfterPublish);
            Log.MarkDead(Slot.Address(old), previousSize);
        }
        Finish(key, hash, address, size, incoming, announce);
        // a large value has paid before it came here; a step now could judge, and drop, this very value
        if (!isLarge)
            _reclaimer.Advance(log, size);
        return WriteOutcome.Stored;
    }

    /// <summary>
    /// Overwrites a record where it is: no dead bytes, no cleaning. Only when the new one takes exactly the same room, nobody holds a no-copy result of the
    /// segment, and the version rises (it is the record's sequence lock).
    /// </summary>
    private bool TryOverwriteInPlace(ref ulong slot, int size, in PreparedValue value, in Incoming incoming)
    {
        uint address = Slot.Address(slot);
        RecordView record = Log.At(address);
        bool extended = incoming.IsExtended;
        if (record.IsTombstone || incoming.Tombstone || record.IsExtended != extended || record.Size != size || incoming.Version <= record.Version
            || record.Space != incoming.Space.Id)
            return false;
        int id = Log.IdOf(address);
        Segment segment = Log.SegmentById(id);
        if (Volatile.Read(ref segment.Shared) != 0 && !TestHooks.IgnoreShared)
            return false;
        long version = record.Version;
        if (!TestHooks.SkipBusyMark)
            record.SetVersion(Record.Busy);
        Interlocked.MemoryBarrier(); // Dekker with ShardReader.MarkShared; also keeps the bytes below behind the mark
        TestHooks.At(TestPoint.InPlaceBusy);
        if (Volatile.Read(ref segment.Shared) != 0 && !TestHooks.IgnoreShared)
        {
            record.SetVersion(version);
            return false;
        }
        int previousLength = record.ValueLength, previousOriginal = record.OriginalLength;
        record.SetHeader(value.Stored.Length, record.KeyLength, (byte)(incoming.Flags(value.Compressed) | record.EvictionTag), incoming.Space.Id);
        TestHooks.At(TestPoint.InPlaceHalfWay);
        if (extended)
        {
            record.SetExtension(incoming.Extension);
            ref SegmentInfo info = ref Log.Info(id);
            info.EarliestExpiry = Math.Min(info.EarliestExpiry, record.ExpireAt == 0 ? long.MaxValue : record.ExpireAt);
        }
        value.Stored.CopyTo(record.Value);
        TestHooks.At(TestPoint.InPlaceBeforeVersion);
        record.SetVersion(incoming.Version);
        // key, kind and room are the same
        ref SpaceUsage usage = ref Usage(incoming.Space.Id);
        usage.StoredBytes += record.ValueLength - previousLength;
        usage.OriginalBytes += record.OriginalLength - previousOriginal;
        ulong old = Volatile.Read(ref slot);
        if (Slot.Hits(old) < Slot.MaxHits)
            Interlocked.CompareExchange(ref slot, old + Slot.HitOne, old);
        return true;
    }

    /// <summary>What follows every stored write: the count of its bytes, the change log and the observer.</summary>
    private void Finish(ReadOnlySpan<byte> key, ulong hash, uint address, int size, in Incoming incoming, bool announce)
    {
        Usage(incoming.Space.Id).Written += size;
        BeatLoads(hash, incoming.Version);
        if (announce)
            Changes.Append(hash, incoming.Version, address, incoming.Tombstone);
        if (!_store.Spaces.HasObservers)
            return;
        if (incoming.Tombstone)
            TellRemoved(incoming.Space.Id, key, RemovalReason.Removed);
        else
            TellStored(incoming.Space.Id, key, incoming.Version);
    }
}
