using System.Text;
using Encoder = MemStorage.Keys.KeyEncoder;

namespace MemStorage;

public sealed partial class MemStore
{
    /// <summary>Copies of many items; absent keys are absent from the result. Not atomic over keys.</summary>
    /// <param name="keys">Each as in <see cref="Get(string)"/>; repeated ones count once.</param>
    /// <exception cref="ArgumentException">A key is null or not allowed.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public Dictionary<string, StoredItem> BatchGet(IEnumerable<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        _ = IsRefused(StoreOperation.Read);
        var result = new Dictionary<string, StoredItem>(StringComparer.Ordinal);
        foreach (string[] chunk in keys.Chunk(Storage.ReadBatch.Capacity))
        {
            Storage.ReadBatch.Read(_engine, RawSpace, chunk, (string key, ReadOnlySpan<byte> value, in Storage.RecordInfo info) => result[key] = StoredItem.Wrap(value.ToArray(), info.Version, ToTime(info.ExpireAt), key));
        }
        ThrowIfClosed(); // what a store did not find because it was closed meanwhile must not look absent
        return result;
    }

    /// <summary>Views of many items; absent keys are absent from the result. Not atomic over keys.</summary>
    /// <inheritdoc cref="BatchGet(IEnumerable{string})"/>
    [return: NoCopy]
    public Dictionary<string, NoCopyItem> BatchGetNoCopy(IEnumerable<string> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ThrowIfClosed();
        var result = new Dictionary<string, NoCopyItem>(StringComparer.Ordinal);
        foreach (string key in keys)
            if (TryGetNoCopy(key, out NoCopyItem item))
                result[key] = item;
        return result;
    }

    /// <summary>
    /// Reads many values in one go, without allocating: look-ups of up to 64 keys are done side by side, so that their cache misses overlap. The values go one after the other
    /// into <paramref name="destination"/>.
    /// </summary>
    /// <param name="keys">Each as in <see cref="Get(string)"/>.</param>
    /// <param name="destination">Where the values go.</param>
    /// <param name="ranges">For each key where its value is in <paramref name="destination"/>; <c>default</c> with <paramref name="infos"/>' version 0: absent.</param>
    /// <param name="infos">For each key version and expiry; version 0: absent.</param>
    /// <returns>How many of the keys were handled: all, or fewer when <paramref name="destination"/> is full; call again with the rest.</returns>
    /// <exception cref="ArgumentException">A key is null or not allowed, or a span is shorter than <paramref name="keys"/>.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public int BatchGet(ReadOnlySpan<string> keys, Span<byte> destination, Span<Range> ranges, Span<ItemInfo> infos)
    {
        if (ranges.Length < keys.Length || infos.Length < keys.Length)
            throw new ArgumentException($"There are {keys.Length} keys, but room for {ranges.Length} ranges and {infos.Length} infos.", nameof(ranges));
        _ = IsRefused(StoreOperation.Read);
        int handled = Storage.ReadBatch.Read(_engine, RawSpace, keys, destination, ranges, infos);
        ThrowIfClosed(); // as above
        return handled;
    }

    /// <summary>Stores many items. Each is judged on its own: the result has what happened to each key, nothing is skipped silently.</summary>
    /// <param name="items">Keys and items as in <see cref="Set(string, StoredItem)"/>; of a repeated key the last result counts.</param>
    /// <returns>One result per key.</returns>
    /// <exception cref="ArgumentException">
    /// A key is not allowed or an item is null. All are checked before the first is stored: nothing is stored then.
    /// </exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.ClockDrift"/>) a version is too far ahead; the items before it are stored.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public Dictionary<string, SetResult> BatchSet(IEnumerable<KeyValuePair<string, StoredItem>> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        ThrowIfClosed();
        KeyValuePair<string, StoredItem>[] all = [.. items];
        Span<byte> stack = stackalloc byte[Encoder.StackBytes];
        foreach ((string key, StoredItem item) in all)
        {
            _ = Encoder.Encode(key, stack);
            if (item is null)
                throw new ArgumentException($"The item of key '{key}' is null.", nameof(items));
        }
        var results = new Dictionary<string, SetResult>(all.Length, StringComparer.Ordinal);
        foreach ((string key, StoredItem item) in all)
            results[key] = Set(key, item, out _);
        return results;
    }

    /// <summary>
    /// All live keys used directly on the store (not those of key spaces), no expired ones, no tombstones. Enumerates without stopping writers: a key that is there all
    /// the time is seen exactly once, one that comes or goes meanwhile may be. Expensive (a walk over the index and every record); for monitoring.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public IEnumerable<string> Keys() => ScanKeys(RawSpace).Select(static key => Encoding.UTF8.GetString(key));
}
