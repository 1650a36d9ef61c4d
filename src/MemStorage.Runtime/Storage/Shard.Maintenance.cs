using System.Runtime.CompilerServices;
using MemStorage.Storage.Eviction;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>Where one shard's bytes are.</summary>
internal struct ShardMemory
{
    public long Live;
    public long Dead;
    public long Free;
    public long Index;
    public long Ghost;
    public long ChangeLog;
}

internal sealed partial class Shard
{
    /// <summary>The most steps in which everything here is looked at once, each of so many records of a segment. Read without the lock: an estimate.</summary>
    internal long StepsPerRound(int records) => Log.AppendedBytes / ((long)Record.LeastBytes * records) + Log.SegmentsInUse + 1;

    internal long DrainStepsPerRound => StepsPerRound(_store.EvictBatchSize);

    /// <summary>One step of background eviction, as long as one of a writer's own: a writer may be waiting for the lock. False: at or below the target.</summary>
    public bool DrainStep()
    {
        using (Enter())
            return !_closed && _reclaimer.Drain(_store.EvictBatchSize);
    }

    /// <summary>Evicts or cleans a segment and gives memory back to the bound, for a write that waits for it. False: nothing left to give.</summary>
    public bool GiveBack(bool force)
    {
        using (EnterToWrite())
        {
            ThrowIfClosed();
            return _reclaimer.GiveBack(force);
        }
    }

    /// <summary>
    /// Evicts a large value whose array has <paramref name="least"/> to <paramref name="most"/> bytes: an old one that was not asked for, or with <paramref name="anyAge"/> the
    /// least asked for. False: there is none.
    /// </summary>
    public bool EvictLarge(int least, long most, bool anyAge)
    {
        if (Log.OversizeCount == 0) // read without the lock: a hint
            return false;
        using (EnterToWrite())
        {
            ThrowIfClosed();
            return _reclaimer.EvictLarge(least, most, anyAge);
        }
    }

    /// <summary>Evicts the large value whose turn it is, if its array has <paramref name="least"/> to <paramref name="most"/> bytes. False: it has not.</summary>
    public bool EvictLargeInTurn(int least, long most)
    {
        if (Log.OversizeCount == 0) // read without the lock: a hint
            return false;
        using (EnterToWrite())
        {
            ThrowIfClosed();
            return _reclaimer.EvictLargeInTurn(least, most);
        }
    }

    /// <summary>A write was refused before it came here.</summary>
    public void CountMemoryLimit(KeySpace space)
    {
        using (Enter())
        {
            ThrowIfClosed();
            EnsureUsage(space.Id);
            ref SpaceUsage usage = ref Usage(space.Id);
            usage.Sets++;
            usage.MemoryLimits++;
        }
    }

    /// <summary>Holds the shard still until <see cref="Thaw"/>, so that a report over all shards is of one moment. Shards are frozen in ascending order.</summary>
    public void Freeze()
    {
        if (_lock.IsHeldByCurrentThread)
            ThrowReentered();
        TestHooks.BeforeLock(_lock);
        FaultPoint.Lock();
        _lock.Enter();
    }

    public void Thaw() => _lock.Exit();

    /// <summary>Only while the shard is frozen.</summary>
    public void AddTo(ref ShardMemory memory, SpaceUsage[] usage)
    {
        for (int i = 0; i < _usage.Length; i++)
        {
            usage[i].Add(_usage[i]);
            memory.Live += _usage[i].LiveBytes;
        }
        memory.Dead += Log.DeadBytes;
        memory.Free += Log.AllocatedBytes + Log.OversizeBytes - Log.AppendedBytes;
        memory.Index += Index.Bytes;
        memory.Ghost += GhostBytes;
        memory.ChangeLog += Changes.Bytes;
    }

    public void AddUsage(SpaceUsage[] usage)
    {
        using (Enter())
        {
            for (int i = 0; i < _usage.Length; i++)
                usage[i].Add(_usage[i]);
        }
    }

    public long EntriesOf(byte space)
    {
        using (Enter())
            return space < _usage.Length ? _usage[space].Entries : 0;
    }

    /// <summary>
    /// Checks every invariant of this shard, for tests: each slot names a record of its key, each live record is reached once, live and dead bytes equal the records,
    /// queues and free lists hold each segment once, probes reach every entry. Costs a walk over everything, under the lock.
    /// </summary>
    /// <exception cref="InvalidOperationException">An invariant does not hold; the message says which.</exception>
    public void Validate()
    {
        using (Enter())
        {
            var reached = new HashSet<uint>();
            long live = ValidateIndex(reached);
            ValidateSegments(reached, out long scannedLive, out long scannedDead);
            Require(live == scannedLive, "live bytes by index {0}, by segments {1}", live, scannedLive);
            Require(scannedDead == Log.DeadBytes, "dead bytes by segments {0}, counted {1}", scannedDead, Log.DeadBytes);
            Require(live + Log.DeadBytes == Log.AppendedBytes, "live and dead bytes {0}, appended {1}", live + Log.DeadBytes, Log.AppendedBytes);
            long counted = 0, entries = 0;
            foreach (SpaceUsage usage in _usage)
            {
                counted += usage.LiveBytes;
                entries += usage.Entries + usage.Tombstones;
            }
            Require(counted == live, "live bytes by key space {0}, by index {1}", counted, live);
            Require(entries == Index.Count, "entries by key space {0}, by index {1}", entries, Index.Count);
        }
    }

    private long ValidateIndex(HashSet<uint> reached)
    {
        long live = 0;
        long count = 0;
        long bytes = 0;
        IndexTable? last = null;
        Require(Index.NamesItsOnlyTable, "readers see another table than the directory has, of {0}", Index.Directory.Length);
        foreach (IndexTable table in Index.Directory)
        {
            if (table == last)
                continue;
            last = table;
            bytes += table.Bytes;
            int inTable = 0;
            for (uint b = 0; b < (uint)table.Buckets; b++)
            {
                ref ulong bucket = ref table.Bucket(b);
                for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
                {
                    ref ulong slot = ref Unsafe.Add(ref bucket, i);
                    if (slot == 0)
                        continue;
                    inTable++;
                    RecordView record = Log.At(Slot.Address(slot));
                    ulong hash = HashOf(record.Key);
                    Require(Slot.TagOf(hash) == Slot.Tag(slot), "a slot with tag {0} names a record with tag {1}", Slot.Tag(slot), Slot.TagOf(hash));
                    Require(Unsafe.AreSame(ref FindSlot(hash, record.Key), ref slot), "a probe does not reach the slot of address {0}", Slot.Address(slot));
                    Require(reached.Add(Slot.Address(slot)), "two slots name address {0}", Slot.Address(slot));
                    Require(record.Version > 0, "a record has version {0}", record.Version);
                    live += record.Size;
                }
            }
            Require(inTable == table.Count, "a table counts {0} and holds {1}", table.Count, inTable);
            count += inTable;
        }
        Require(count == Index.Count, "the index counts {0} and holds {1}", Index.Count, count);
        Require(bytes <= Index.Bytes, "the index takes {0} bytes and counts {1}", bytes, Index.Bytes);
        return live;
    }

    private void ValidateSegments(HashSet<uint> reached, out long live, out long dead)
    {
        live = dead = 0;
        long allocated = 0;
        long oversize = 0;
        int found = 0;
        Require(Log.HasRoomForEveryNumber, "giving back one of {0} numbers would allocate", Log.HighestId);
        var queued = new HashSet<int>();
        foreach (LogKind kind in (ReadOnlySpan<LogKind>)[LogKind.Small, LogKind.Main, LogKind.Tombstones])
        {
            for (int id = Log.Queue(kind).Oldest; id != 0; id = Log.Info(id).Newer)
            {
                Require(queued.Add(id), "segment {0} is queued twice", id);
                Require(Log.Info(id).Log == kind, "segment {0} is in the wrong queue", id);
            }
        }
        for (int id = 1; id <= Log.HighestId; id++)
        {
            SegmentInfo info = Log.Info(id);
            if (info.State == SegmentState.None)
                continue;
            if (Log.IsOversize(id))
                oversize += Log.BytesOf(id);
            else
                allocated += Log.BytesOf(id);
            Require(queued.Contains(id) == info.State is SegmentState.Open or SegmentState.Closed, "segment {0} is {1} and queued: {2}", id, info.State, queued.Contains(id));
            long deadHere = 0;
            for (int offset = 0; offset < info.Position;)
            {
                RecordView record = Log.At(id, offset);
                int size = record.Size;
                if (reached.Contains(Log.AddressOf(id, offset)))
                {
                    live += size;
                    found++;
                }
                else
                    deadHere += size;
                offset += size;
                Require(offset <= info.Position, "a record of segment {0} ends behind its tail", id);
            }
            Require(deadHere == info.Dead, "segment {0} counts {1} dead bytes and has {2}", id, info.Dead, deadHere);
            dead += deadHere;
        }
        Require(found == reached.Count, "{0} slots, {1} records", reached.Count, found);
        Require(allocated == Log.AllocatedBytes, "segments take {0}, counted {1}", allocated, Log.AllocatedBytes);
        Require(oversize == Log.OversizeBytes, "large values take {0}, counted {1}", oversize, Log.OversizeBytes);
    }

    private static void Require(bool holds, string message, params ReadOnlySpan<object> values)
    {
        if (!holds)
            throw new InvalidOperationException("Invariant: " + string.Format(System.Globalization.CultureInfo.InvariantCulture, message, values));
    }
}
