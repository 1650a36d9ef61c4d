using System.Globalization;
using Xunit;

namespace MemStorage.Tests.Support;

/// <summary>
/// Everything of a store that a caller can see, as text that can be compared: entries with versions, expiry and bytes, and the counts that a
/// refused call must not move.
/// </summary>
internal static class StoreImage
{
    public static string Of(MemStore store)
    {
        // the statistics first: reading the entries counts reads
        MemStoreStats stats = store.Stats();
        MemoryReport report = store.GetMemoryReport();
        return string.Create(CultureInfo.InvariantCulture, $"keys {stats.KeyCount} bytes {stats.TotalBytes} tombstones {stats.TombstoneCount} live {report.LiveBytes}\n{Entries(store)}");
    }

    /// <summary>The entries alone.</summary>
    public static string Entries(MemStore store)
    {
        List<string> lines = [];
        foreach (string key in store.Keys())
        {
            Assert.True(store.TryGet(key, out StoredItem? item), $"Keys() returned '{key}', which cannot be read.");
            lines.Add(string.Create(CultureInfo.InvariantCulture, $"{key} @{item.Version} until {item.ExpireAt?.ToUnixTimeMilliseconds()} = {Convert.ToHexString(item.Value.Span)}"));
        }
        lines.Sort(StringComparer.Ordinal);
        return string.Join('\n', lines);
    }

    /// <summary>Runs <paramref name="refused"/> and asserts that the store looks as before.</summary>
    public static void AssertUnchanged(MemStore store, Action refused)
    {
        string before = Of(store);
        refused();
        Assert.Equal(before, Of(store));
    }
}
