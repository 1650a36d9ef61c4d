using System.Runtime.CompilerServices;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

internal sealed partial class Shard
{
    /// <summary>
    /// The share of tombstones: a tenth of the shard's segments, and two at least: with one alone, the newest would have to go to make room for the next. What they take of the index comes to it.
    /// </summary>
    internal int MostTombstoneSegments => Math.Max(2, SegmentsOfShard / 10);

    /// <summary>
    /// How many segments of tombstones stay when room is wanted for entries: in a store that evicts, a few, because there room is wanted always; none where nothing else gives room, or where a
    /// shard has few segments.
    /// </summary>
    internal int TombstonesToKeep(bool force) => force || !_store.MayEvict || SegmentsOfShard < 24 ? 0 : 2;

    /// <summary>The bytes that tombstones may take.</summary>
    internal long TombstoneShare => (long)MostTombstoneSegments * Log.SegmentBytes;

    private int SegmentsOfShard => (int)(_store.Layout.LimitBytes / _store.Layout.Shards / Log.SegmentBytes);

    /// <summary>Deletes a key, leaving a tombstone with the version of the deletion, also where there was nothing: a late older write must not bring it.</summary>
    public DeleteResult Delete(ReadOnlySpan<byte> key, ulong hash, KeySpace space, in WriteRequest request, out long version)
    {
        using (EnterToWrite())
        {
            ThrowIfClosed();
            EnsureUsage(space.Id);
            DeleteResult result = DeleteLocked(key, hash, space, request, out version);
            Usage(space.Id).Deletes++; // counted last: a delete that throws has not happened
            return result;
        }
    }

    private DeleteResult DeleteLocked(ReadOnlySpan<byte> key, ulong hash, KeySpace space, in WriteRequest request, out long version)
    {
        bool live = false;
        ref ulong slot = ref FindSlot(hash, key);
        if (Unsafe.IsNullRef(ref slot))
        {
            if (request.Condition == WriteCondition.ExpectedVersion)
            {
                version = 0;
                return DeleteResult.NotFound;
            }
        }
        else
        {
            RecordView current = Log.At(Slot.Address(slot));
            live = !current.IsTombstone && !(current.ExpireAt != 0 && current.IsExpired(_store.Time.Now));
            version = current.Version;
            if (request.Condition == WriteCondition.ExpectedVersion && (!live || version != request.ExpectedVersion))
                return live ? DeleteResult.VersionMismatch : DeleteResult.NotFound;
            // the version that was read may delete what was read, so an equal version is enough for a live entry
            if (request.Version != 0 && (live ? request.Version < version : request.Version <= version))
                return live ? DeleteResult.VersionMismatch : DeleteResult.NotFound;
        }
        version = request.Version == 0 ? _store.Clock.Next() : request.Version;
        if (Unsafe.IsNullRef(ref slot) && request.Version != 0 && RemembersNewer(hash, version, out long remembered))
        {
            version = remembered;
            return DeleteResult.NotFound;
        }
        var incoming = new Incoming
        {
            Version = version,
            Extension = Record.PackExtension(KeepTombstoneUntil(), _store.NodeId),
            Tombstone = true,
            Space = space,
        };
        incoming.IsExtended = incoming.Extension != 0;
        byte[]? noArray = null;
        WriteOutcome outcome = StoreRecord(key, hash, ref slot, default, incoming, announce: true, ref noArray);
        if (outcome != WriteOutcome.Stored)
            DeleteWithoutTombstone(key, hash, version, announce: true);
        return live ? DeleteResult.Deleted : DeleteResult.NotFound;
    }

    /// <summary>A delete must not fail for want of room: the entry goes, and only its version is remembered.</summary>
    private void DeleteWithoutTombstone(ReadOnlySpan<byte> key, ulong hash, long version, bool announce)
    {
        BeatLoads(hash, version);
        RememberVersion(hash, version + 1); // as a tombstone that is dropped
        if (announce)
            Changes.Append(hash, version, 0, tombstone: true);
        ref ulong slot = ref FindSlot(hash, key);
        if (Unsafe.IsNullRef(ref slot))
            return;
        RecordView record = Log.At(Slot.Address(slot));
        Drop(record, hash, ref slot, RemovalReason.Removed, birth: null);
    }

    /// <summary>Changes the expiry of a live entry of the expected version (0: any); version and change log stay as they are.</summary>
    public bool Touch(ReadOnlySpan<byte> key, ulong hash, long expireAt, long expectedVersion, bool exact)
    {
        using (EnterToWrite())
        {
            ThrowIfClosed();
            ref ulong slot = ref FindSlot(hash, key);
            if (Unsafe.IsNullRef(ref slot))
                return false;
            uint address = Slot.Address(slot);
            RecordView record = Log.At(address);
            if (record.IsTombstone || record.IsExpired(_store.Time.Now) || (expectedVersion != 0 && record.Version != expectedVersion))
                return false;
            expireAt = Math.Min(expireAt, Record.MaxExpireAt);
            if (record.IsExtended)
            {
                record.SetExact(exact);
                record.SetExtension(Record.PackExtension(expireAt, record.Origin));
                ref SegmentInfo info = ref Log.Info(Log.IdOf(address));
                if (expireAt != 0)
                    info.EarliestExpiry = Math.Min(info.EarliestExpiry, expireAt);
                return true;
            }
            return expireAt == 0 || AddExpiry(key, hash, ref slot, expireAt, exact);
        }
    }

    /// <summary>
    /// The record has no room for an expiry: it is appended again with one. Never a large value, which always has the room (<see cref="Incoming.IsExtended"/>), nor one that becomes large:
    /// what is large is judged by its size with an expiry.
    /// </summary>
    private bool AddExpiry(ReadOnlySpan<byte> key, ulong hash, ref ulong slot, long expireAt, bool exact)
    {
        RecordView record = Log.At(Slot.Address(slot));
        var incoming = new Incoming
        {
            Version = record.Version,
            Extension = Record.PackExtension(expireAt, record.Origin),
            IsExtended = true,
            Exact = exact,
            Space = _store.SpaceOf(record.Space),
        };
        TestHooks.At(TestPoint.AllocateCopy);
        FaultPoint.Allocation();
        byte[] value = record.Value.ToArray(); // the record may move while room is made
        byte[]? noArray = null;
        return StoreRecord(key, hash, ref slot, new PreparedValue(value, default, record.IsCompressed), incoming, announce: false, ref noArray) == WriteOutcome.Stored;
    }

    /// <summary>Takes a record out of the index. Its bytes are dead; its version is remembered where that matters.</summary>
    /// <param name="birth">For the policy's memory; null when only the version is to be remembered.</param>
    internal void Drop(in RecordView record, ulong hash, ref ulong slot, RemovalReason reason, uint? birth)
    {
        ref SpaceUsage usage = ref Usage(record.Space);
        int size = record.Size;
        switch (reason)
        {
            case RemovalReason.Capacity:
                // a deletion refuses its own version too (a value that is stored again at the version it had is welcome), so it is remembered as one more
                if (record.IsTombstone)
                    RememberVersion(hash, record.Version + 1);
                else
                {
                    usage.Evicted++;
                    Remember(hash, birth, record.Version);
                }
                break;
            case RemovalReason.Expired:
                usage.Expired++;
                RememberVersion(hash, record.Version);
                break;
        }
        if (!record.IsTombstone)
            TellRemoved(record.Space, record.Key, reason);
        Count(record, size, -1);
        uint address = Slot.Address(slot);
        TestHooks.At(TestPoint.DropBeforeRemove);
        Index.Remove(ref slot);
        TestHooks.At(TestPoint.DropAfterRemove);
        Log.MarkDead(address, size);
    }

    /// <summary>Everything goes. Readers in flight see each key as it was or gone. Nothing here can fail for want of memory or because somebody interrupts.</summary>
    /// <param name="empty">The directory of the index from now on, made before the first shard was cleared.</param>
    public void Clear(IndexTable[] empty)
    {
        using (EnterUninterrupted())
        {
            ThrowIfClosed();
            ClearLocked(empty);
        }
    }

    /// <summary>Everything goes, and no call is answered any more. As <see cref="Clear"/>.</summary>
    public void Close()
    {
        using (EnterUninterrupted())
        {
            if (_closed)
                return;
            _closed = true;
            ClearLocked(empty: null);
            Changes.Release();
        }
    }

    private void ClearLocked(IndexTable[]? empty)
    {
        if (_store.Spaces.HasObservers)
            TellCleared();
        BeatAllLoads();
        // first the slots, then the segments: a reader's second look at its slot fails before its bytes can change
        _store.Budget.Release(-Index.Clear(empty));
        TestHooks.At(TestPoint.ClearAfterIndex);
        _reclaimer.Clear();
        Log.Clear();
        if (_ghost is not null)
        {
            _store.Budget.Release(_ghost.Bytes);
            _ghost = null;
        }
        if (_versions is not null)
        {
            _store.Budget.Release(_versions.Bytes);
            _versions = null;
        }
        VersionFloor = 0;
        for (int i = 0; i < _usage.Length; i++)
            _usage[i].ClearContent();
    }

    /// <summary>Record by record, under the lock: an index that is cleared apart from its records could lose one that is written in between.</summary>
    private void TellCleared()
    {
        for (long cursor = 0; cursor >= 0;)
        {
            IndexTable table = Index.TableOf((uint)cursor);
            for (uint b = 0; b < (uint)table.Buckets; b++)
            {
                ref ulong bucket = ref table.Bucket(b);
                for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
                {
                    ulong slot = Unsafe.Add(ref bucket, i);
                    if (slot == 0)
                        continue;
                    RecordView record = Log.At(Slot.Address(slot));
                    if (!record.IsTombstone)
                        TellRemoved(record.Space, record.Key, RemovalReason.Cleared);
                }
            }
            cursor = table.NextInRange;
        }
    }

    private long KeepTombstoneUntil() => Math.Max(1, _store.Time.Now + _store.TombstoneRetentionMilliseconds);

    private void Count(in RecordView record, int size, int sign)
    {
        Usage(record.Space).Count(record, size, sign);
    }

    private void TellStored(byte space, ReadOnlySpan<byte> key, long version)
    {
        if (_store.ObservedSpaceOf(space, key) is not { Observer: { } observer } observed)
            return;
        try
        {
            observer.OnStored(key, version);
        }
        catch (Exception)
        {
            TellFault(observed, observer, key);
        }
    }

    private void TellRemoved(byte space, ReadOnlySpan<byte> key, RemovalReason reason)
    {
        if (_store.ObservedSpaceOf(space, key) is not { Observer: { } observer } observed)
            return;
        try
        {
            observer.OnRemoved(key, reason);
        }
        catch (Exception)
        {
            TellFault(observed, observer, key);
        }
    }

    /// <summary>The record operation stands. The observer knows now that it has missed something, and repairs itself.</summary>
    private static void TellFault(KeySpace observed, IRecordObserver observer, ReadOnlySpan<byte> key)
    {
        observed.CountObserverFault();
        try
        {
            observer.OnFault(key);
        }
        catch (Exception)
        {
            observed.CountObserverFault();
        }
    }
}
