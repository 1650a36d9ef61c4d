using Xunit;

namespace MemStorage.Tests.Model;

// What the store tells, against what the model says it must tell.
internal sealed partial class HistoryRunner
{
    private void Get(int key)
    {
        _gets++;
        bool found = _store.TryGet(KeyOf(key), out StoredItem? item);
        Compare(key, found, found ? item!.Value.Span : default, item?.Version ?? 0, item?.ExpireAt);
        if (found)
            Assert.Equal(KeyOf(key), item!.Key);
    }

    private void GetNoCopy(int key)
    {
        _gets++;
        bool found = _store.TryGetNoCopy(KeyOf(key), out NoCopyItem item);
        Compare(key, found, item.Value.Span, item.Version, item.ExpireAt);
        if (found)
            _held.Add((item, item.Value.ToArray()));
    }

    private void BatchGet()
    {
        int[] keys = [.. _model.Entries.Select(p => p.Key)];
        Dictionary<string, StoredItem> found = _store.BatchGet(keys.Select(KeyOf));
        foreach (int key in keys)
        {
            _gets++;
            bool present = found.TryGetValue(KeyOf(key), out StoredItem? item);
            Compare(key, present, present ? item!.Value.Span : default, item?.Version ?? 0, item?.ExpireAt);
        }
    }

    private void Compare(int key, bool found, ReadOnlySpan<byte> value, long version, DateTimeOffset? expireAt)
    {
        if (found)
            _hits++;
        ModelEntry? live = _model.FindLive(key, NowMs);
        if (!found)
        {
            Assert.True(live is null || _configuration.Evicts, $"Key {key} is gone; it should have version {live?.Version}.");
            return;
        }
        Assert.True(live is not null, $"Key {key} was read with version {version}; it should be {Describe(_model.Find(key))}.");
        Assert.Equal(live.Version, version);
        Assert.Equal(At(live.ExpireAt), expireAt);
        Assert.True(value.SequenceEqual(live.Value), $"Key {key} has other bytes than were written.");
    }

    private string Describe(ModelEntry? entry) =>
        entry is null ? "absent" : entry.IsTombstone ? $"deleted by version {entry.Version}" : entry.IsExpired(NowMs) ? $"expired since {NowMs - entry.ExpireAt} ms" : $"version {entry.Version}";

    private void CompareKeys()
    {
        List<string> keys = [.. _store.Keys().Order(StringComparer.Ordinal)];
        List<string> expected = [.. _model.Entries.Where(p => p.Value.IsLive(NowMs)).Select(p => KeyOf(p.Key)).Order(StringComparer.Ordinal)];
        if (_configuration.Evicts)
        {
            Assert.Equal(keys.Count, keys.Distinct().Count());
            Assert.Empty(keys.Except(expected));
        }
        else
            Assert.Equal(expected, keys);
    }

    /// <summary>Exact where nothing has expired or been forgotten; otherwise between what must and what may be there.</summary>
    private void CompareStats()
    {
        MemStoreStats stats = _store.Stats();
        StoreInvariants.AssertReport(_store.GetMemoryReport(), stats);
        Assert.Equal(_sets, stats.SetCount);
        Assert.Equal(_gets, stats.GetCount);
        Assert.Equal(_hits, stats.HitCount);
        Assert.Equal(_deletes, stats.DeleteCount);
        long live = 0, liveBytes = 0, values = 0, valueBytes = 0, kept = 0, tombstones = 0;
        foreach ((int key, ModelEntry entry) in _model.Entries)
        {
            bool mayBeGone = _model.MayBeForgotten(key, NowMs);
            if (entry.IsTombstone)
            {
                tombstones++;
                kept += mayBeGone ? 0 : 1;
                continue;
            }
            values++;
            valueBytes += entry.Value!.Length;
            if (mayBeGone)
                continue;
            live++;
            liveBytes += entry.Value.Length;
        }
        if (_configuration.Evicts)
            live = liveBytes = kept = 0;
        // an expired entry that was deleted with a lower version may have become a tombstone
        Assert.InRange(stats.KeyCount, live, values);
        Assert.InRange(stats.OriginalBytes, liveBytes, valueBytes);
        Assert.InRange(stats.TombstoneCount, kept, tombstones + _uncertain.Count);
    }

    /// <summary>Every operation tells the model's newest state of a key that changed; every changed key is told, or a loss is.</summary>
    private void Drain()
    {
        SyncBuffer buffer = _store.GetSyncBuffer();
        HashSet<int> told = [];
        Dictionary<string, int> keys = _model.Entries.ToDictionary(p => KeyOf(p.Key), p => p.Key);
        foreach (SyncOperation operation in buffer.Operations)
        {
            Assert.True(keys.TryGetValue(operation.Key, out int key), $"'{operation.Key}' was told, but never written.");
            // an explicit version that is written again after it has expired or been evicted is told again
            Assert.True(told.Add(key) || _repeated.Contains(key), $"Key {key} was told twice.");
            if (_uncertain.Contains(key))
                continue;
            ModelEntry entry = _model.Find(key)!;
            Assert.True(_changed.Contains(key), $"Key {key} was told, but has not changed here since the last drain.");
            Assert.Equal(entry.Version, operation.Item.Version);
            Assert.Equal(entry.IsTombstone ? OpType.OpDelete : OpType.OpSet, operation.OpType);
            Assert.True(operation.Item.Value.Span.SequenceEqual(entry.Value), $"Key {key} was told with other bytes than were written.");
            Assert.Equal(_configuration.NodeId, operation.Origin);
            if (!entry.IsTombstone)
                Assert.Equal(At(entry.ExpireAt), operation.Item.ExpireAt);
        }
        if (buffer.LostOperations == 0 && !_configuration.Evicts)
        {
            foreach (int key in _changed)
                Assert.True(told.Contains(key) || _model.MayBeForgotten(key, NowMs) || _uncertain.Contains(key), $"Key {key} has changed ({Describe(_model.Find(key))}), was not told, and no loss was told.");
        }
        _changed.Clear();
        _repeated.Clear();
        _written.Clear();
    }

    private void CompareEverything()
    {
        CompareKeys();
        CompareStats();
        foreach (int key in _model.Entries.Select(p => p.Key).ToArray())
        {
            Get(key);
            GetNoCopy(key);
        }
        Drain();
    }
}
