using System.Reflection;

namespace MemStorage.Tests;

/// <summary>
/// What must hold for a store whenever no call is running. Every test ends with it (see <c>StoreTest</c>), model-based tests call
/// it after each history.
/// </summary>
internal static class StoreInvariants
{
    /// <summary>The store's own validator over its structures, then what its public reports promise.</summary>
    public static void Assert(MemStore store)
    {
        // eviction in the background may still be at work when the last writer has ended: what it has left to do is done here, and then it finds nothing any more
        if (store.Engine.Store.AsyncEviction)
            store.Engine.Background.EvictToTarget();
        store.ValidateInvariants();
        AssertReport(store.GetMemoryReport(), store.Stats());
        AssertKeys(store);
    }

    /// <summary>"The purposes sum to UsedBytes, which never exceeds LimitBytes"; "Live records by key space; they sum to LiveBytes".</summary>
    public static void AssertReport(MemoryReport report, MemStoreStats stats)
    {
        long sum = report.LiveBytes + report.DeadBytes + report.FreeBytes + report.IndexBytes + report.GhostBytes + report.ChangeLogBytes + report.SecondaryIndexBytes;
        Xunit.Assert.True(sum == report.UsedBytes, $"The purposes sum to {sum}, the counter says {report.UsedBytes}: {report}");
        Xunit.Assert.True(report.UsedBytes <= report.LimitBytes, $"{report.UsedBytes} bytes are used, {report.LimitBytes} are allowed: {report}");
        foreach (PropertyInfo property in typeof(MemoryReport).GetProperties())
        {
            if (property.PropertyType == typeof(long))
                Xunit.Assert.True((long)property.GetValue(report)! >= 0, $"{property.Name} is negative: {report}");
        }
        foreach (PropertyInfo property in typeof(MemStoreStats).GetProperties())
        {
            if (property.PropertyType == typeof(long))
                Xunit.Assert.True((long)property.GetValue(stats)! >= 0, $"{property.Name} is negative: {stats}");
        }
        Xunit.Assert.True(report.KeySpaces.Sum(s => s.LiveBytes) == report.LiveBytes, $"The key spaces do not sum to {report.LiveBytes} live bytes: {string.Join(", ", report.KeySpaces)}");
        Xunit.Assert.True(stats.HitCount <= stats.GetCount, $"More hits than reads: {stats}");
        Xunit.Assert.True(stats.SupersededCount + stats.MemoryLimitCount <= stats.SetCount, $"More refusals than writes: {stats}");
        Xunit.Assert.True(stats.CompressedBytes <= stats.OriginalBytes, $"Compression was kept where it did not pay: {stats}");
        Xunit.Assert.True(stats.TotalBytes <= report.LiveBytes, $"Live entries have {stats.TotalBytes} bytes, live records {report.LiveBytes}.");
    }

    /// <summary>Keys are told once each, can be read, and are no more than the counter says (expired ones count until they are swept).</summary>
    private static void AssertKeys(MemStore store)
    {
        HashSet<string> keys = new(StringComparer.Ordinal);
        foreach (string key in store.Keys())
        {
            Xunit.Assert.True(keys.Add(key), $"Keys() returned '{key}' twice.");
            Xunit.Assert.True(store.TryGet(key, out StoredItem? item), $"Keys() returned '{key}', which cannot be read.");
            Xunit.Assert.True(item.IsValid, $"'{key}' has no version.");
            Xunit.Assert.False(item.IsTombstone, $"'{key}' is a tombstone.");
        }
        long count = store.Stats().KeyCount;
        Xunit.Assert.True(keys.Count <= count, $"{keys.Count} keys are live, the counter says {count}.");
    }
}
