using System.Numerics;

namespace MemStorage.Extensions.Configuration;

/// <summary>All options that can come from configuration. The ranges of <see cref="MemStore"/> are the store's own; a test compares each border with its constructor.</summary>
internal static class OptionTables
{
    public const string DistributedCacheSection = "DistributedCache";
    public const string HealthSection = "Health";

    /// <summary>Of the package MemStorage.AspNetCore; named here so that its section is no unknown key of the store.</summary>
    public const string OutputCacheSection = "OutputCache";

    public static OptionTable<MemStoreOptions> MemStore { get; } = new(nameof(MemStoreOptions), [DistributedCacheSection, OutputCacheSection, HealthSection],
    [
        Text<MemStoreOptions>("Name", "a name that is not empty", o => o.Name, (o, v) => o.Name = v, v => v is { Length: > 0 }),
        Int<MemStoreOptions>("MaxMemoryMB", "a whole number of MiB; 0 or less means 512", o => o.MaxMemoryMB, (o, v) => o.MaxMemoryMB = v, _ => true),
        Long<MemStoreOptions>("MaxMemoryBytes", "0 (use MaxMemoryMB) or at least 65536 bytes", o => o.MaxMemoryBytes, (o, v) => o.MaxMemoryBytes = v, (v, _) => v is 0 or >= 65_536),
        Int<MemStoreOptions>("ShardCount", "0 (automatic) to 4096", o => o.ShardCount, (o, v) => o.ShardCount = v, v => v is >= 0 and <= 4096),
        Int<MemStoreOptions>("SegmentBytes", "0 (automatic) or a power of two from 1024 to 1048576", o => o.SegmentBytes, (o, v) => o.SegmentBytes = v,
            v => v is 0 or (>= 1024 and <= 1_048_576) && BitOperations.PopCount((uint)v) <= 1),
        Bool<MemStoreOptions>("CompressionEnabled", o => o.CompressionEnabled, (o, v) => o.CompressionEnabled = v),
        Int<MemStoreOptions>("CompressionThreshold", "1 to 2147483647 bytes", o => o.CompressionThreshold, (o, v) => o.CompressionThreshold = v, v => v >= 1),
        Choice<MemStoreOptions, EvictionMode>("EvictionMode", o => o.EvictionMode, (o, v) => o.EvictionMode = v),
        Int<MemStoreOptions>("EvictThreshold", "1 to 100 percent", o => o.EvictThreshold, (o, v) => o.EvictThreshold = v, v => v is >= 1 and <= 100),
        new OptionRow<MemStoreOptions, int>("EvictTarget", "0 percent to EvictThreshold - 1", o => o.EvictTarget, (o, v) => o.EvictTarget = v, OptionParsers.Int32,
            (v, o) => v >= 0 && v < o.EvictThreshold),
        Int<MemStoreOptions>("EvictBatchSize", "1 to 1000000 records", o => o.EvictBatchSize, (o, v) => o.EvictBatchSize = v, v => v is >= 1 and <= 1_000_000),
        Bool<MemStoreOptions>("AsyncEviction", o => o.AsyncEviction, (o, v) => o.AsyncEviction = v),
        Span<MemStoreOptions>("TombstoneRetention", "00:00:00 to 30.00:00:00", o => o.TombstoneRetention, (o, v) => o.TombstoneRetention = v, TimeSpan.Zero, TimeSpan.FromDays(30)),
        Span<MemStoreOptions>("MaxClockDrift", "00:00:00.001 to 1.00:00:00", o => o.MaxClockDrift, (o, v) => o.MaxClockDrift = v, TimeSpan.FromMilliseconds(1), TimeSpan.FromDays(1)),
        Span<MemStoreOptions>("ExpirySweepInterval", "00:00:00 (only when met) to 1.00:00:00", o => o.ExpirySweepInterval, (o, v) => o.ExpirySweepInterval = v, TimeSpan.Zero, TimeSpan.FromDays(1)),
        Long<MemStoreOptions>("ChangeLogBytes", "-1 (automatic), 0 (none) or at most a quarter of the bound", o => o.ChangeLogBytes, (o, v) => o.ChangeLogBytes = v,
            (v, o) => v >= -1 && v <= Bound(o) / 4),
        Int<MemStoreOptions>("NodeId", "0 to 65535", o => o.NodeId, (o, v) => o.NodeId = v, v => v is >= 0 and <= 65_535),
    ]);

    public static OptionTable<MemStoreDistributedCacheOptions> DistributedCache { get; } = new(nameof(MemStoreDistributedCacheOptions), [],
    [
        Text<MemStoreDistributedCacheOptions>("KeySpace", "a name of 1 to 1024 characters", o => o.KeySpace, (o, v) => o.KeySpace = v, v => v is { Length: >= 1 and <= 1024 }),
        Int<MemStoreDistributedCacheOptions>("MaxKeyBytes", "1 to 65528 bytes of UTF-8", o => o.MaxKeyBytes, (o, v) => o.MaxKeyBytes = v, v => v is >= 1 and <= MemStorage.KeySpace.MaxKeyBytes),
        Int<MemStoreDistributedCacheOptions>("MaxPayloadBytes", "0 to 1073741824 bytes", o => o.MaxPayloadBytes, (o, v) => o.MaxPayloadBytes = v,
            v => v is >= 0 and <= MemStoreDistributedCacheOptions.HighestMaxPayloadBytes),
        Choice<MemStoreDistributedCacheOptions, RefusedWriteBehavior>("RefusedWrites", o => o.RefusedWrites, (o, v) => o.RefusedWrites = v),
    ]);

    public static OptionTable<MemStoreHealthOptions> Health { get; } = new(nameof(MemStoreHealthOptions), [],
    [
        Span<MemStoreHealthOptions>("SampleInterval", "00:00:01 to 01:00:00", o => o.SampleInterval, (o, v) => o.SampleInterval = v, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        Span<MemStoreHealthOptions>("Window", "SampleInterval to 1.00:00:00", o => o.Window, (o, v) => o.Window = v, (v, o) => v >= o.SampleInterval && v <= TimeSpan.FromDays(1)),
        Number<MemStoreHealthOptions>("DegradedOccupiedPercent", "0 to 100 percent, not above UnhealthyOccupiedPercent", o => o.DegradedOccupiedPercent, (o, v) => o.DegradedOccupiedPercent = v,
            (v, o) => v is >= 0 and <= 100 && v <= o.UnhealthyOccupiedPercent),
        Number<MemStoreHealthOptions>("UnhealthyOccupiedPercent", "0 to 100 percent", o => o.UnhealthyOccupiedPercent, (o, v) => o.UnhealthyOccupiedPercent = v, (v, _) => v is >= 0 and <= 100),
        Number<MemStoreHealthOptions>("UnhealthyRefusedPercent", "0 (exclusive) to 100 percent of the writes", o => o.UnhealthyRefusedPercent, (o, v) => o.UnhealthyRefusedPercent = v,
            (v, _) => v is > 0 and <= 100),
        Span<MemStoreHealthOptions>("DegradedTurnover", "00:00:00 (never) to 30.00:00:00", o => o.DegradedTurnover, (o, v) => o.DegradedTurnover = v, TimeSpan.Zero, TimeSpan.FromDays(30)),
        Span<MemStoreHealthOptions>("UnhealthyTurnover", "00:00:00 (never) to DegradedTurnover", o => o.UnhealthyTurnover, (o, v) => o.UnhealthyTurnover = v,
            (v, o) => v >= TimeSpan.Zero && (v == TimeSpan.Zero || v <= o.DegradedTurnover)),
        Number<MemStoreHealthOptions>("DegradedDriftPercent", "0 to 100 percent of MaxClockDrift, not above UnhealthyDriftPercent where that is not 0", o => o.DegradedDriftPercent, (o, v) => o.DegradedDriftPercent = v,
            (v, o) => v is >= 0 and <= 100 && (o.UnhealthyDriftPercent == 0 || v <= o.UnhealthyDriftPercent)),
        Number<MemStoreHealthOptions>("UnhealthyDriftPercent", "0 (never) to 100 percent of MaxClockDrift", o => o.UnhealthyDriftPercent, (o, v) => o.UnhealthyDriftPercent = v, (v, _) => v is >= 0 and <= 100),
    ]);

    /// <summary>The bound in bytes that the options ask for.</summary>
    public static long Bound(MemStoreOptions o) =>
        o.MaxMemoryBytes != 0 ? o.MaxMemoryBytes : (long)(o.MaxMemoryMB > 0 ? o.MaxMemoryMB : MemStoreOptions.DefaultMaxMemoryMB) * 1024 * 1024;

    public static OptionRow<T, string> Text<T>(string name, string allowed, Func<T, string> get, Action<T, string> set, Func<string, bool> valid) =>
        new(name, allowed, get, set, OptionParsers.Text, (v, _) => valid(v));

    public static OptionRow<T, int> Int<T>(string name, string allowed, Func<T, int> get, Action<T, int> set, Func<int, bool> valid) =>
        new(name, allowed, get, set, OptionParsers.Int32, (v, _) => valid(v));

    private static OptionRow<T, long> Long<T>(string name, string allowed, Func<T, long> get, Action<T, long> set, Func<long, T, bool> valid) =>
        new(name, allowed, get, set, OptionParsers.Int64, valid);

    private static OptionRow<T, double> Number<T>(string name, string allowed, Func<T, double> get, Action<T, double> set, Func<double, T, bool> valid) =>
        new(name, allowed, get, set, OptionParsers.Double, valid);

    private static OptionRow<T, bool> Bool<T>(string name, Func<T, bool> get, Action<T, bool> set) =>
        new(name, "true or false", get, set, OptionParsers.Boolean, static (_, _) => true);

    private static OptionRow<T, TimeSpan> Span<T>(string name, string allowed, Func<T, TimeSpan> get, Action<T, TimeSpan> set, TimeSpan lowest, TimeSpan highest) =>
        Span(name, allowed, get, set, (v, _) => v >= lowest && v <= highest);

    private static OptionRow<T, TimeSpan> Span<T>(string name, string allowed, Func<T, TimeSpan> get, Action<T, TimeSpan> set, Func<TimeSpan, T, bool> valid) =>
        new(name, allowed + " (days.hours:minutes:seconds)", get, set, OptionParsers.Span, valid);

    public static OptionRow<T, TEnum> Choice<T, TEnum>(string name, Func<T, TEnum> get, Action<T, TEnum> set)
        where TEnum : struct, Enum =>
        new(name, string.Join(" or ", Enum.GetNames<TEnum>()), get, set, OptionParsers.Enum, static (v, _) => Enum.IsDefined(v));
}
