using System.Runtime.CompilerServices;
using MemStorage.Changes;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>One record as it was under the lock, its value as stored.</summary>
internal readonly record struct ScannedRecord(byte[] Key, byte[]? Stored, bool Compressed, bool Tombstone, long Version, long ExpireAt, int Origin);

internal sealed partial class Shard
{
    /// <summary>
    /// Copies what one table of the index names: an atomic view of one part of the hash range. Following calls go up the range; entries that move between tables in
    /// the meantime only move up, so that each key that is there all the time is seen exactly once.
    /// </summary>
    /// <param name="cursor">Where in the range of tags; 0 at the begin, advanced by the call. -1: the end was reached.</param>
    /// <param name="space">Only this space; null: all.</param>
    /// <param name="withValues">Whether values are copied, and tombstones included.</param>
    /// <param name="into">Where the records go.</param>
    public void ScanTable(ref long cursor, KeySpace? space, bool withValues, List<ScannedRecord> into)
    {
        using (Enter())
        {
            ThrowIfClosed();
            long now = _store.Time.Now;
            IndexTable table = Index.TableOf((uint)cursor);
            for (uint b = 0; b < (uint)table.Buckets; b++)
            {
                ref ulong bucket = ref table.Bucket(b);
                for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
                {
                    ulong slot = Volatile.Read(ref Unsafe.Add(ref bucket, i));
                    if (slot == 0)
                        continue;
                    RecordView record = Log.At(Slot.Address(slot));
                    if (space is not null && (record.Space != space.Id || !record.Key.StartsWith(space.Prefix)))
                        continue;
                    bool live = !record.IsTombstone && !record.IsExpired(now);
                    if (live || (withValues && record.IsTombstone))
                        into.Add(Copy(record, withValues));
                }
            }
            cursor = table.NextInRange;
        }
    }

    /// <summary>Copies the newest state of the keys that changed since <paramref name="sequence"/>; advances it past what was looked at.</summary>
    /// <param name="sequence">Where to begin.</param>
    /// <param name="most">How many changes to look at.</param>
    /// <param name="into">Where the records go.</param>
    /// <param name="next">Where the changes end now.</param>
    /// <returns>How many changes can no longer be told: forgotten by the full log, or their record was evicted or expired.</returns>
    public long ReadChanges(ref long sequence, int most, List<ScannedRecord> into, out long next)
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
            for (; sequence < Changes.Next && most > 0; sequence++, most--)
            {
                ChangeEntry change = Changes[sequence];
                switch (Find(change, out RecordView record))
                {
                    case ChangeState.Current:
                        FaultPoint.Allocation();
                        into.Add(Copy(record, withValue: true));
                        break;
                    case ChangeState.Gone:
                        lost++;
                        break;
                }
            }
            return lost;
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

    private ChangeState Find(in ChangeEntry change, out RecordView record)
    {
        record = default;
        uint tag = Slot.TagOf(change.Hash);
        IndexTable table = Index.TableOf(tag);
        for (uint b = table.FirstBucket(tag); ; b = table.NextBucket(b))
        {
            ref ulong bucket = ref table.Bucket(b);
            for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
            {
                ulong slot = Unsafe.Add(ref bucket, System.Numerics.BitOperations.TrailingZeroCount(match));
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
                    return ChangeState.Current;
                }
                if (HashOf(candidate.Key) == change.Hash)
                    return ChangeState.Superseded;
            }
            if (table.EndsAt(b, tag))
                return ChangeState.Gone;
        }
    }

    private static ScannedRecord Copy(in RecordView record, bool withValue) => new(
        record.Key.ToArray(),
        withValue && !record.IsTombstone ? record.Value.ToArray() : null,
        record.IsCompressed,
        record.IsTombstone,
        record.Version,
        record.IsTombstone ? 0 : record.ExpireAt,
        record.Origin);
}
