using MemStorage.Versions;

namespace MemStorage.Storage;

// Scaffold: a locked dictionary with the engine's contract, replaced by the sharded log.
internal sealed class StorageEngine(MemStoreOptions options, HybridLogicalClock clock)
{
    private sealed record Entry(byte[] Value, long Version, long ExpireAt, bool Tombstone, int Origin, KeySpace Space, int Generation);

    private readonly Lock _lock = new();
    private readonly SortedDictionary<string, Entry> _entries = new(StringComparer.Ordinal);
    private int _generation;

    private static string Text(ReadOnlySpan<byte> key) => System.Text.Encoding.UTF8.GetString(key);

    private long Now => options.TimeProvider.GetUtcNow().ToUnixTimeMilliseconds();

    private bool Live(Entry e) => !e.Tombstone && (e.ExpireAt == 0 || e.ExpireAt > Now);

    public WriteOutcome Write(ReadOnlySpan<byte> key, KeySpace space, ReadOnlySpan<byte> value, in WriteRequest request, out long version)
    {
        lock (_lock)
        {
            string k = Text(key);
            long v = request.Version == 0 ? clock.Next() : request.Version;
            version = v;
            if (_entries.TryGetValue(k, out Entry? e))
            {
                bool live = Live(e);
                if (request.Condition == WriteCondition.ExpectedVersion)
                {
                    if (!live) { version = e.Version; return WriteOutcome.NotFound; }
                    if (e.Version != request.ExpectedVersion) { version = e.Version; return WriteOutcome.Superseded; }
                }
                else if (request.Condition == WriteCondition.Absent && live) { version = e.Version; return WriteOutcome.Superseded; }
                if (!ConflictRule.Replaces(e.Version, !live, v, false)) { version = e.Version; return WriteOutcome.Superseded; }
            }
            else if (request.Condition == WriteCondition.ExpectedVersion) { version = 0; return WriteOutcome.NotFound; }
            _entries[k] = new Entry(value.ToArray(), v, request.ExpireAt, value.Length == 0, request.Origin, space, ++_generation);
            return WriteOutcome.Stored;
        }
    }

    public DeleteResult Remove(ReadOnlySpan<byte> key, KeySpace space, in WriteRequest request, out long version)
    {
        lock (_lock)
        {
            string k = Text(key);
            bool live = _entries.TryGetValue(k, out Entry? e) && Live(e);
            long v = request.Version == 0 ? clock.Next() : request.Version;
            version = v;
            if (e is not null && e.Version > v) { version = e.Version; return DeleteResult.VersionMismatch; }
            _entries[k] = new Entry([], v, 0, true, request.Origin, space, ++_generation);
            return live ? DeleteResult.Deleted : DeleteResult.NotFound;
        }
    }

    private Entry? Find(ReadOnlySpan<byte> key, out RecordInfo info)
    {
        lock (_lock)
        {
            if (_entries.TryGetValue(Text(key), out Entry? e) && Live(e))
            {
                info = new RecordInfo(e.Version, e.ExpireAt, 1, e.Generation, e.Origin);
                return e;
            }
            info = default;
            return null;
        }
    }

    public bool Read(ReadOnlySpan<byte> key, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        Entry? e = Find(key, out info);
        length = e?.Value.Length ?? 0;
        if (e is null)
            return false;
        scratch.Ensure(length);
        e.Value.CopyTo(scratch.Span);
        return true;
    }

    public bool TryLocate(ReadOnlySpan<byte> key, KeySpace space, out RecordInfo info) => Find(key, out info) is not null;

    public bool ReadNoCopy(ReadOnlySpan<byte> key, KeySpace space, out ReadOnlyMemory<byte> value, out RecordInfo info)
    {
        Entry? e = Find(key, out info);
        value = e?.Value;
        return e is not null;
    }

    public bool Touch(ReadOnlySpan<byte> key, long expireAt, long expectedVersion = 0)
    {
        lock (_lock)
        {
            string k = Text(key);
            if (!_entries.TryGetValue(k, out Entry? e) || !Live(e) || (expectedVersion != 0 && e.Version != expectedVersion))
                return false;
            _entries[k] = e with { ExpireAt = expireAt };
            return true;
        }
    }

    public IEnumerable<byte[]> ScanKeys(KeySpace space)
    {
        lock (_lock)
            return [.. _entries.Where(p => p.Value.Space == space && Live(p.Value)).Select(p => System.Text.Encoding.UTF8.GetBytes(p.Key))];
    }

    public void Clear()
    {
        lock (_lock)
            _entries.Clear();
    }

    public long Count(KeySpace space)
    {
        lock (_lock)
            return _entries.Values.Count(e => e.Space == space && Live(e));
    }
}
