using MemStorage.Storage.Index;

namespace MemStorage.Storage;

// What goes over all shards.
internal sealed partial class StorageEngine
{
    /// <summary>The records of a space (null: of all), each key at most once. Holds one shard's lock for one step at a time, and copies long values without it.</summary>
    public IEnumerable<ScannedRecord> Scan(KeySpace? space, bool withValues)
    {
        uint[] tags = [];
        var step = new List<ScannedRecord>();
        foreach (Shard shard in _shards)
        {
            for (long cursor = 0; cursor >= 0;)
            {
                int count = shard.ReadTags(ref cursor, ref tags);
                for (int done = 0; done < count;)
                {
                    step.Clear();
                    done += shard.ScanStep(tags.AsSpan(done, count - done), space, withValues, step, out _);
                    foreach (ScannedRecord record in step)
                        if (TryComplete(shard, space, record, out ScannedRecord whole))
                            yield return whole;
                }
            }
        }
    }

    /// <summary>Copies a value that comes late. False: the entry has gone meanwhile.</summary>
    private static bool TryComplete(Shard shard, KeySpace? space, ScannedRecord record, out ScannedRecord whole)
    {
        while (record.IsLate)
        {
            if (record.TryComplete(out whole))
                return true;
            if (!shard.TryScanAgain(record.Key, space, out record))
                return false;
        }
        whole = record;
        return true;
    }

    public long Count(KeySpace space)
    {
        long count = 0;
        foreach (Shard shard in _shards)
            count += space.Id == 255 ? CountOneByOne(shard, space) : shard.EntriesOf(space.Id);
        return count;
    }

    /// <summary>The entries of a space that has no number of its own.</summary>
    private static long CountOneByOne(Shard shard, KeySpace space)
    {
        long count = 0;
        uint[] tags = [];
        for (long cursor = 0; cursor >= 0;)
        {
            int length = shard.ReadTags(ref cursor, ref tags);
            for (int done = 0; done < length;)
            {
                done += shard.ScanStep(tags.AsSpan(done, length - done), space, withValues: false, into: null, out int records);
                count += records;
            }
        }
        return count;
    }

    /// <summary>What is needed is made, and what can be refused is refused, before the first shard changes: all of it goes, or nothing.</summary>
    public void Clear()
    {
        ThrowIfReentered();
        FaultPoint.Allocation();
        var empty = new IndexTable[_shards.Length][];
        for (int i = 0; i < empty.Length; i++)
            empty[i] = HashIndex.CreateEmpty();
        for (int i = 0; i < empty.Length; i++)
            _shards[i].Clear(empty[i]);
        DropSpares(close: false);
    }

    /// <summary>Foreign code that runs under the lock of one shard (a time provider) must not clear or close the others.</summary>
    public void ThrowIfReentered()
    {
        foreach (Shard shard in _shards)
            shard.ThrowIfHeld();
    }

    /// <summary>Everything goes, and no call is answered any more.</summary>
    public void Dispose()
    {
        try
        {
            _background.Dispose();
        }
        finally // a timer of the caller's that throws leaves no store half closed
        {
            foreach (Shard shard in _shards)
                shard.Close();
            DropSpares(close: true);
            _readSlot.Dispose();
        }
    }

    /// <summary>Checks all invariants; for tests, on a store without callers.</summary>
    public void Validate()
    {
        foreach (Shard shard in _shards)
            shard.Validate();
        _store.Budget.Spares.Validate();
        MemoryReport report = Report(out long counter);
        long sum = report.LiveBytes + report.DeadBytes + report.FreeBytes + report.IndexBytes + report.GhostBytes + report.ChangeLogBytes + report.SecondaryIndexBytes;
        if (sum != counter)
            throw new InvalidOperationException($"Invariant: the report sums to {sum}, the counter is {counter}.");
        if (counter > _store.Layout.LimitBytes)
            throw new InvalidOperationException($"Invariant: {counter} bytes used, {_store.Layout.LimitBytes} allowed.");
    }
}
