using System.Text;
using MemStorage.Storage;

namespace MemStorage;

// Scaffold of the public byte API; signatures are final, bodies are replaced with the sharded log.
public sealed partial class MemStore
{
    private static byte[] Encode(string key)
    {
        ArgumentException.ThrowIfNullOrEmpty(key);
        byte[] k = Encoding.UTF8.GetBytes(key);
        return k.Length <= ushort.MaxValue ? k : throw new ArgumentException($"The key has {k.Length} bytes of UTF-8; 1 to 65,535 are allowed.", nameof(key));
    }

    private static long Ms(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds() ?? 0;

    private static DateTimeOffset? At(long ms) => ms == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(ms);

    /// <summary>A copy of the item.</summary>
    public StoredItem Get(string key) => TryGet(key, out StoredItem? item) ? item : throw new MemStorageException(MemStorageError.NotFound, $"No entry '{key}'.", key);

    /// <summary>A copy of the item.</summary>
    public bool TryGet(string key, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out StoredItem item)
    {
        ScratchBuffer scratch = new(stackalloc byte[512]);
        bool found = Read(Encode(key), RawSpace, ref scratch, out int length, out RecordInfo info);
        item = found ? StoredItem.Wrap(scratch.Span[..length].ToArray(), info.Version, At(info.ExpireAt), key) : null;
        scratch.Dispose();
        return found;
    }

    /// <summary>A view of the stored bytes.</summary>
    [return: NoCopy]
    public NoCopyItem GetNoCopy(string key) => TryGetNoCopy(key, out NoCopyItem item) ? item : throw new MemStorageException(MemStorageError.NotFound, $"No entry '{key}'.", key);

    /// <summary>A view of the stored bytes.</summary>
    public bool TryGetNoCopy(string key, [NoCopy] out NoCopyItem item)
    {
        bool found = ReadNoCopy(Encode(key), RawSpace, out ReadOnlyMemory<byte> value, out RecordInfo info);
        item = new NoCopyItem(value, info.Version, info.ExpireAt);
        return found;
    }

    /// <summary>Many copies.</summary>
    public Dictionary<string, StoredItem> BatchGet(IEnumerable<string> keys)
    {
        var result = new Dictionary<string, StoredItem>();
        foreach (string key in keys)
            if (TryGet(key, out StoredItem? item))
                result[key] = item;
        return result;
    }

    /// <summary>Many views.</summary>
    [return: NoCopy]
    public Dictionary<string, NoCopyItem> BatchGetNoCopy(IEnumerable<string> keys)
    {
        var result = new Dictionary<string, NoCopyItem>();
        foreach (string key in keys)
            if (TryGetNoCopy(key, out NoCopyItem item))
                result[key] = item;
        return result;
    }

    /// <summary>Stores.</summary>
    [MustCheck]
    public SetResult Set(string key, StoredItem item) => Set(key, item, out _);

    /// <summary>Stores; tells the version stored, or the winner's.</summary>
    [MustCheck]
    public SetResult Set(string key, StoredItem item, out long version)
    {
        ArgumentNullException.ThrowIfNull(item);
        return (SetResult)Write(Encode(key), RawSpace, item.Value.Span, new WriteRequest(item.Version, Ms(item.ExpireAt)), out version);
    }

    /// <summary>Stores or throws; returns the version stored.</summary>
    public long SetOrThrow(string key, StoredItem item) => Set(key, item, out long version) switch
    {
        SetResult.Stored => version,
        SetResult.Superseded => throw new MemStorageException(MemStorageError.VersionMismatch, $"'{key}' has version {version}, which wins over {item.Version}.", key),
        _ => throw new MemStorageException(MemStorageError.MemoryLimit, $"'{key}' does not fit.", key),
    };

    /// <summary>Many writes; one result per key.</summary>
    [MustCheck]
    public Dictionary<string, SetResult> BatchSet(IEnumerable<KeyValuePair<string, StoredItem>> items) => items.ToDictionary(p => p.Key, p => Set(p.Key, p.Value));

    /// <summary>Deletes unconditionally, with the clock's next version.</summary>
    [MustCheck]
    public DeleteResult Delete(string key) => Remove(Encode(key), RawSpace, default, out _);

    /// <summary>Deletes unless the stored version is newer.</summary>
    [MustCheck]
    public DeleteResult Delete(string key, long version) => Remove(Encode(key), RawSpace, new WriteRequest(version), out _);

    /// <summary>Deletes or throws.</summary>
    public void DeleteOrThrow(string key, long version)
    {
        if (Delete(key, version) is not DeleteResult.Deleted)
            throw new MemStorageException(MemStorageError.VersionMismatch, $"'{key}' was not deleted.", key);
    }

    /// <summary>All live keys.</summary>
    public IEnumerable<string> Keys() => ScanKeys(RawSpace).Select(Encoding.UTF8.GetString);

    /// <summary>Removes everything.</summary>
    public void Clear()
    {
        ThrowIfClosed();
        _engine.Clear();
    }

    /// <summary>Statistics of the whole store.</summary>
    public MemStoreStats Stats() => new() { KeyCount = CountOf(RawSpace) };

    /// <summary>Where every byte is.</summary>
    public MemoryReport GetMemoryReport() => new();

    /// <summary>Pending changes, drained.</summary>
    public SyncBuffer GetSyncBuffer() => new([], 0);

    /// <summary>Applies one replicated change.</summary>
    [MustCheck]
    public SetResult Apply(SyncOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        return (SetResult)Write(Encode(operation.Key), RawSpace, operation.Item.Value.Span,
            new WriteRequest(operation.Item.Version, Ms(operation.Item.ExpireAt), WriteCondition.Replicated, 0, operation.Origin), out _);
    }
}
