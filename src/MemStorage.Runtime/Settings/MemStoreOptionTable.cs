using System.Globalization;
using System.Numerics;
using MemStorage.Storage;

namespace MemStorage.Settings;

/// <summary>The options of <see cref="MemStore"/>: what its constructor checks, configuration binds, and <c>docs/configuration.md</c> lists (a test compares).</summary>
internal static class MemStoreOptionTable
{
    /// <summary>Sections beside the options of a store, of the packages for hosts and for ASP.NET Core.</summary>
    public const string DistributedCacheSection = "DistributedCache";

    /// <inheritdoc cref="DistributedCacheSection"/>
    public const string OutputCacheSection = "OutputCache";

    /// <inheritdoc cref="DistributedCacheSection"/>
    public const string HealthSection = "Health";

    public const long LeastMemoryBytes = 64 << 10;

    /// <summary>512 GiB. More in one store is a slip of the unit, not a wish.</summary>
    public const long MostMemoryBytes = 1L << 39;

    private const int MostMemoryMB = (int)(MostMemoryBytes >> 20);

    public static OptionTable<MemStoreOptions> Table { get; } = new(nameof(MemStoreOptions), [DistributedCacheSection, OutputCacheSection, HealthSection],
    [
        OptionRows.Text<MemStoreOptions>("Name", "a name that is not empty", o => o.Name, (o, v) => o.Name = v, v => v is { Length: > 0 }),
        new OptionRow<MemStoreOptions, int>("MaxMemoryMB", "int", "MiB", "0 (the default) or 1 to 524288 MiB", o => o.MaxMemoryMB, (o, v) => o.MaxMemoryMB = v, Megabytes,
            static (v, _) => v <= MostMemoryMB),
        OptionRows.Long<MemStoreOptions>("MaxMemoryBytes", "bytes", "0 (use MaxMemoryMB) or 65536 to 549755813888 bytes", o => o.MaxMemoryBytes, (o, v) => o.MaxMemoryBytes = v,
            v => v is 0 or (>= LeastMemoryBytes and <= MostMemoryBytes)),
        OptionRows.Int<MemStoreOptions>("ShardCount", "shards", "0 (automatic) to 4096", o => o.ShardCount, (o, v) => o.ShardCount = v, v => v is >= 0 and <= StoreLayout.MaxShards),
        OptionRows.Int<MemStoreOptions>("SegmentBytes", "bytes", "0 (automatic) or a power of two from 1024 to 1048576", o => o.SegmentBytes, (o, v) => o.SegmentBytes = v,
            v => v is 0 or (>= StoreLayout.MinSegmentBytes and <= StoreLayout.MaxSegmentBytes) && BitOperations.PopCount((uint)v) <= 1),
        OptionRows.Bool<MemStoreOptions>("CompressionEnabled", o => o.CompressionEnabled, (o, v) => o.CompressionEnabled = v),
        OptionRows.Int<MemStoreOptions>("CompressionThreshold", "bytes", "1 to 2147483647 bytes", o => o.CompressionThreshold, (o, v) => o.CompressionThreshold = v, v => v >= 1),
        OptionRows.Choice<MemStoreOptions, EvictionMode>("EvictionMode", o => o.EvictionMode, (o, v) => o.EvictionMode = v),
        OptionRows.Int<MemStoreOptions>("EvictThreshold", "percent", "1 to 100 percent", o => o.EvictThreshold, (o, v) => o.EvictThreshold = v, IsPercent),
        new OptionRow<MemStoreOptions, int>("EvictTarget", "int", "percent", "0 percent to EvictThreshold - 1", o => o.EvictTarget, (o, v) => o.EvictTarget = v, OptionParsers.Int32,
            static (v, o) => v is >= 0 and <= 99 || IsPercent(o.EvictThreshold)), // else the rule below says it with the number
        OptionRows.Int<MemStoreOptions>("EvictBatchSize", "records", "1 to 1000000 records", o => o.EvictBatchSize, (o, v) => o.EvictBatchSize = v, v => v is >= 1 and <= 1_000_000),
        OptionRows.Bool<MemStoreOptions>("AsyncEviction", o => o.AsyncEviction, (o, v) => o.AsyncEviction = v),
        OptionRows.Span<MemStoreOptions>("TombstoneRetention", "00:00:00 to 30.00:00:00", o => o.TombstoneRetention, (o, v) => o.TombstoneRetention = v, TimeSpan.Zero, TimeSpan.FromDays(30)),
        OptionRows.Span<MemStoreOptions>("MaxClockDrift", "00:00:00.001 to 1.00:00:00", o => o.MaxClockDrift, (o, v) => o.MaxClockDrift = v, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
        OptionRows.Span<MemStoreOptions>("ExpirySweepInterval", "00:00:00 (only when met) to 1.00:00:00", o => o.ExpirySweepInterval, (o, v) => o.ExpirySweepInterval = v, TimeSpan.Zero, TimeSpan.FromDays(1)),
        OptionRows.Long<MemStoreOptions>("ChangeLogBytes", "bytes", "-1 (automatic), 0 (none) or at most a quarter of the bound", o => o.ChangeLogBytes, (o, v) => o.ChangeLogBytes = v, v => v >= -1),
        OptionRows.Int<MemStoreOptions>("NodeId", "", "0 to 65535", o => o.NodeId, (o, v) => o.NodeId = v, v => v is >= 0 and <= ushort.MaxValue),
        OptionRows.Object<MemStoreOptions, TimeProvider>("TimeProvider", "clock", o => o.TimeProvider),
    ],
    [
        // a rule says what is allowed beside the other options as they are; further limits of the layout belong here as well
        new("EvictTarget", ["EvictThreshold"], o => o.EvictTarget >= 0 && o.EvictTarget < o.EvictThreshold ? null : Text($"0 percent to EvictThreshold - 1, which is {o.EvictThreshold - 1}")),
        new("ChangeLogBytes", ["MaxMemoryMB", "MaxMemoryBytes"], o => o.ChangeLogBytes <= o.BoundBytes / 4 ? null
            : Text($"-1 (automatic), or 0 (none) to {o.BoundBytes / 4} bytes (a quarter of the bound)")),
        new("SegmentBytes", ["MaxMemoryMB", "MaxMemoryBytes"], o => o.SegmentBytes == 0 || o.BoundBytes / o.SegmentBytes >= 16 ? null
            : Text($"0 (automatic) or a power of two from 1024 to {o.BoundBytes / 16} bytes (a sixteenth of the bound)")),
    ]);

    // Zero and less mean the default to code, by the ancestor's contract. Nobody who writes a negative number into a file of configuration means that.
    private static bool Megabytes(string text, out int value, out string? problem)
    {
        if (!OptionParsers.Int32(text, out value, out problem))
            return false;
        problem = value < 0 ? "is negative" : null;
        return problem is null;
    }

    private static bool IsPercent(int threshold) => threshold is >= 1 and <= 100;

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
