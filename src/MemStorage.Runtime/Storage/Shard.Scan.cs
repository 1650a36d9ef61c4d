using System.Numerics;
using System.Runtime.CompilerServices;
using MemStorage.Changes;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

// Looking over everything. What is copied under the lock is bounded by bytes, whatever the entries are: the tags of one table of the index first (28 KiB at most), then a step of them at a time.
internal sealed partial class Shard
{
    /// <summary>Keys and values copied while the lock is held once: a step ends behind the record that passes it.</summary>
    internal const int StepBytes = 64 << 10;

    /// <summary>The longest value that is copied under the lock.</summary>
    internal const int MaxStepValueBytes = 8 << 10;

    /// <summary>How many tags or changes are looked at while the lock is held once.</summary>
    internal const int StepRecords = 256;

    /// <summary>What a record takes beside key and value, about.</summary>
    internal const int RecordOverhead = 100;

    /// <summary>
    /// The tags of the entries of one table of the index, ascending and each once: what a scan goes through next. An entry keeps its tag for as long as it is there, whatever
    /// table it moves to, and each tag comes once in a scan: so each key that is there all the time is seen exactly once.
    /// </summary>
    /// <param name="cursor">Where in the range of tags; 0 at the begin, advanced by the call. -1: the end was reached.</param>
    /// <param name="tags">Where the tags go; replaced when it is too small.</param>
    /// <returns>How many there are.</returns>
    public int ReadTags(ref long cursor, ref uint[] tags)
    {
        int count;
        while (!TryReadTags(ref cursor, tags, out count))
            tags = new uint[count]; // not under the lock
        Array.Sort(tags, 0, count);
        int distinct = Math.Min(count, 1);
        for (int i = 1; i < count; i++)
            if (tags[i] != tags[distinct - 1])
                tags[distinct++] = tags[i];
        return distinct;
    }

    private bool TryReadTags(ref long cursor, uint[] tags, out int count)
    {
        using (Enter())
        {
            ThrowIfClosed();
            IndexTable table = Index.TableOf((uint)cursor);
            count = table.Count;
            if (count > tags.Length)
                return false;
            count = 0;
            for (uint b = 0; b < (uint)table.Buckets; b++)
            {
                ref ulong bucket = ref table.Bucket(b);
                for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
                {
                    ulong slot = Volatile.Read(ref Unsafe.Add(ref bucket, i));
                    // what lies below was scanned already, in a table that has been emptied or merged since
                    if (slot != 0 && Slot.Tag(slot) >= cursor)
                        tags[count++] = Slot.Tag(slot);
                }
            }
            cursor = table.NextInRange;
            return true;
        }
    }

    /// <summary>Copies the records of the next tags, as many as a step allows, as they are now.</summary>
    /// <param name="tags">From <see cref="ReadTags"/>.</param>
    /// <param name="space">Only this space; null: all.</param>
    /// <param name="withValues">Whether values are copied, and tombstones included.</param>
    /// <param name="into">Where the records go; null: they are only counted.</param>
    /// <param name="records">How many there were.</param>
    /// <returns>How many of the tags were looked at; at least one.</returns>
    public int ScanStep(ReadOnlySpan<uint> tags, KeySpace? space, bool withValues, List<ScannedRecord>? into, out int records)
    {
        records = 0;
        using (Enter())
        {
            ThrowIfClosed();
            long now = _store.Time.Now;
            long bytes = 0;
            int done = 0;
            while (done < tags.Length && done < StepRecords && bytes < StepBytes)
            {
                uint tag = tags[done++];
                IndexTable table = Index.TableOf(tag);
                for (uint b = table.FirstBucket(tag); ; b = table.NextBucket(b))
                {
                    ref ulong bucket = ref table.Bucket(b);
                    for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
                    {
                        uint address = Slot.Address(Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match)));
                        if (address == 0)
                            continue;
                        RecordView record = Log.At(address);
                        if (!IsScanned(record, space, withValues, now))
                            continue;
                        records++;
                        if (into is null)
                            continue;
                        ScannedRecord copy = Copy(record, address, withValues);
                        into.Add(copy);
                        bytes += copy.Key.Length + (copy.Stored?.Length ?? 0) + RecordOverhead;
                    }
                    if (table.EndsAt(b, tag))
                        break;
                }
            }
            return done;
        }
    }

    /// <summary>The record of a key that a scan has found before and whose late value could not be copied.</summary>
    public bool TryScanAgain(byte[] key, KeySpace? space, out ScannedRecord record)
    {
        using (Enter())
        {
            ThrowIfClosed();
            record = default;
            ref ulong slot = ref FindSlot(HashOf(key), key);
            if (Unsafe.IsNullRef(ref slot))
                return false;
            uint address = Slot.Address(slot);
            RecordView view = Log.At(address);
            if (!IsScanned(view, space, withValues: true, _store.Time.Now))
                return false;
            record = Copy(view, address, withValue: true);
            return true;
        }
    }

    private static bool IsScanned(in RecordView record, KeySpace? space, bool withValues, long now)
    {
        if (space is not null && (record.Space != space.Id || !record.Key.StartsWith(space.Prefix)))
            return false;
        return record.IsTombstone ? withValues : !record.IsExpired(now);
    }

    /// <summary>Copies the newest state of the keys that changed since <paramref name="sequence"/>, as much as a step allows; advances it past what was looked at.</summary>
    /// <param name="sequence">Where to begin.</param>
    /// <param name="most">How many changes to look at.</param>
    /// <param name="room">How many bytes of keys and values are wanted; reduced by what was found. Nothing longer is found, but what comes first when <paramref name="any"/>.</param>
    /// <param name="any">Whether the first record is taken however long it is.</param>
    /// <param name="into">Where the records go.</param>
    /// <param name="next">Where the changes end now.</param>
    /// <returns>How many changes can no longer be told: forgotten by the full log, or their record was evicted or expired.</returns>
    public long ReadChanges(ref long sequence, int most, ref long room, bool any, List<ScannedRecord> into, out long next)
    {
        using (Enter())
        {
            ThrowIfClosed();
            next = Changes.Next;
            long lost = 0;
            if (sequence < Changes.First)
            {
                lost = Changes.First - sequence;
                sequence = Changes.First;
            }
            long bytes = 0;
            for (most = Math.Min(most, StepRecords); sequence < Changes.Next && most > 0 && bytes < StepBytes; sequence++, most--)
            {
                switch (Find(Changes[sequence], out RecordView record, out uint address))
                {
                    case ChangeState.Current:
                        long size = record.Key.Length + record.OriginalLength + (long)RecordOverhead;
                        if (size > room && !any)
                        {
                            room = 0;
                            return lost;
                        }
                        FaultPoint.Allocation();
                        any = false;
                        room = Math.Max(0, room - size);
                        ScannedRecord copy = Copy(record, address, withValue: true) with { Sequence = sequence };
                        into.Add(copy);
                        bytes += copy.Key.Length + (copy.Stored?.Length ?? 0) + RecordOverhead;
                        break;
                    case ChangeState.Gone:
                        lost++;
                        break;
                }
            }
            return lost;
        }
    }

    /// <summary>What a change says now, whose late value could not be copied.</summary>
    /// <returns>False when it says nothing any more; then <paramref name="lost"/> tells whether a later change does.</returns>
    public bool TryReadChangeAgain(long sequence, out ScannedRecord record, out bool lost)
    {
        using (Enter())
        {
            ThrowIfClosed();
            record = default;
            ChangeState state = ChangeState.Gone;
            if (sequence >= Changes.First)
            {
                state = Find(Changes[sequence], out RecordView view, out uint address);
                if (state == ChangeState.Current)
                    record = Copy(view, address, withValue: true) with { Sequence = sequence };
            }
            lost = state == ChangeState.Gone;
            return state == ChangeState.Current;
        }
    }

    /// <summary>Whether there are changes after <paramref name="sequence"/>.</summary>
    public bool HasChangesAfter(long sequence)
    {
        using (Enter())
            return Changes.Next > sequence;
    }

    public (long First, long Next) ChangeRange()
    {
        using (Enter())
            return (Changes.First, Changes.Next);
    }

    private enum ChangeState
    {
        /// <summary>The record is what the change left.</summary>
        Current,

        /// <summary>The key has changed again: a later entry tells.</summary>
        Superseded,

        /// <summary>The record is no longer here, and no later change explains it.</summary>
        Gone,
    }

    private ChangeState Find(in ChangeEntry change, out RecordView record, out uint address)
    {
        record = default;
        address = 0;
        uint tag = Slot.TagOf(change.Hash);
        IndexTable table = Index.TableOf(tag);
        for (uint b = table.FirstBucket(tag); ; b = table.NextBucket(b))
        {
            ref ulong bucket = ref table.Bucket(b);
            for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
            {
                ulong slot = Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match));
                if (Slot.Address(slot) == 0)
                    continue;
                RecordView candidate = Log.At(Slot.Address(slot));
                // the place is the quick proof, the key's hash the sure one
                if (Slot.Address(slot) != change.Address && HashOf(candidate.Key) != change.Hash)
                    continue;
                if (candidate.Version == change.Version)
                {
                    // the same version again: a deletion of it, or another node's write that won the tie; the first is told by its own entry, the second is not ours to tell
                    if (candidate.IsTombstone != change.Tombstone || candidate.Origin != _store.NodeId)
                        return ChangeState.Superseded;
                    record = candidate;
                    address = Slot.Address(slot);
                    return ChangeState.Current;
                }
                if (HashOf(candidate.Key) == change.Hash)
                    return ChangeState.Superseded;
            }
            if (table.EndsAt(b, tag))
                return ChangeState.Gone;
        }
    }

    private ScannedRecord Copy(in RecordView record, uint address, bool withValue)
    {
        LateValue late = default;
        byte[]? value = null;
        if (withValue && !record.IsTombstone)
        {
            if (record.ValueLength <= MaxStepValueBytes)
                value = record.Value.ToArray();
            else
            {
                (Segment segment, int offset) = Log.PlaceOf(address);
                late = new LateValue(segment, segment.Generation, offset, offset + Record.BodyOffset(record.IsExtended) + record.KeyLength, record.ValueLength);
            }
        }
        return new ScannedRecord(
            record.Key.ToArray(), value, record.IsCompressed, record.IsTombstone, record.Version, record.IsTombstone ? 0 : record.ExpireAt, record.Origin, late);
    }
}
