using System.Globalization;
using MemStorage;
using QuickStart.Output;

namespace QuickStart.Steps;

/// <summary>Collections of each generation since the process began.</summary>
internal readonly record struct GarbageCollections(int Gen0, int Gen1, int Gen2, TimeSpan Pause)
{
    public static GarbageCollections Now() => new(GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2), GC.GetTotalPauseDuration());
}

/// <summary>Where every byte is, and what the run did.</summary>
internal static class Closing
{
    public static void Run(Screen screen, MemStore store, List<Rate> rates, GarbageCollections before)
    {
        MemStoreStats stats = store.Stats();
        MemoryReport report = store.GetMemoryReport();
        GarbageCollections now = GarbageCollections.Now();
        List<(string, string, string)> rows =
        [
            ("entries", N(stats.KeyCount), string.Join(", ", report.KeySpaces.Where(space => space.Entries > 0).Select(space => $"{N(space.Entries)} {space.Name}"))),
            ("bytes in use", N(report.UsedBytes), $"of {N(report.LimitBytes)}"),
            ("  live records", N(report.LiveBytes), "headers, keys, values, padding"),
            ("  dead records", N(report.DeadBytes), "overwritten or deleted, not yet reclaimed"),
            ("  free room", N(report.FreeBytes), "in segments that are allocated"),
            ("  index", N(report.IndexBytes), ""),
            ("  ghost", N(report.GhostBytes), "what eviction remembers"),
            ("  change log", N(report.ChangeLogBytes), ""),
            ("  secondary indexes", N(report.SecondaryIndexBytes), "FindByName"),
            ("shared segments", N(report.SharedBytes), "outside the store, held by no-copy results"),
            ("bytes in use per entry", F((double)report.UsedBytes / Math.Max(1, stats.KeyCount)), "key and value and all that is kept for them, index by name, change log and free room included"),
            ("  of them record", F((double)report.LiveBytes / Math.Max(1, stats.KeyCount)), "header, key, value, padding"),
            ("hit rate", stats.HitRate.ToString("P2", CultureInfo.InvariantCulture), $"{N(stats.HitCount)} of {N(stats.GetCount)} reads"),
            ("compression ratio", stats.CompressionRatio.ToString("P1", CultureInfo.InvariantCulture), $"{N(stats.OriginalBytes)} bytes of values stored in {N(stats.CompressedBytes)}"),
            ("evicted, expired", $"{N(stats.EvictCount)}, {N(stats.ExpiredCount)}", ""),
            .. rates.Select(rate => (rate.Name, $"{N((long)rate.PerSecond)}/s", $"{N(rate.Operations)} operations, wall clock, this run")),
            ("collections", $"{now.Gen0 - before.Gen0}, {now.Gen1 - before.Gen1}, {now.Gen2 - before.Gen2}", "generations 0, 1, 2, of the whole run"),
            ("paused for them", $"{(now.Pause - before.Pause).TotalMilliseconds.ToString("N1", CultureInfo.InvariantCulture)} ms", "the objects of the sample itself included"),
        ];
        screen.Table("The store at the end", rows);
        long sum = report.LiveBytes + report.DeadBytes + report.FreeBytes + report.IndexBytes + report.GhostBytes + report.ChangeLogBytes + report.SecondaryIndexBytes;
        screen.Promise(sum == report.UsedBytes && report.UsedBytes <= report.LimitBytes, $"the purposes sum to the bytes in use ({sum:N0}), within the bound");
        screen.Promise(report.KeySpaces.Sum(space => space.LiveBytes) == report.LiveBytes, $"the key spaces sum to the live bytes");
    }

    private static string N(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static string F(double value) => value.ToString("N1", CultureInfo.InvariantCulture);
}
