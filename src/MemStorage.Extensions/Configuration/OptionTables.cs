using System.Globalization;
using MemStorage.Settings;

namespace MemStorage.Extensions.Configuration;

/// <summary>The options of this package. Those of the store are its own table (<see cref="MemStoreOptionTable"/>).</summary>
internal static class OptionTables
{
    /// <summary>What both caches allow as the name of their key space.</summary>
    public const string KeySpaceAllowed = "a name of 1 to 1024 characters";

    public static OptionTable<MemStoreDistributedCacheOptions> DistributedCache { get; } = new(nameof(MemStoreDistributedCacheOptions), [],
    [
        OptionRows.Text<MemStoreDistributedCacheOptions>("KeySpace", KeySpaceAllowed, o => o.KeySpace, (o, v) => o.KeySpace = v, IsKeySpace),
        OptionRows.Int<MemStoreDistributedCacheOptions>("MaxKeyBytes", "bytes of UTF-8", "1 to 65528 bytes of UTF-8", o => o.MaxKeyBytes, (o, v) => o.MaxKeyBytes = v, IsKeyLimit),
        OptionRows.Int<MemStoreDistributedCacheOptions>("MaxPayloadBytes", "bytes", "0 to 1073741824 bytes", o => o.MaxPayloadBytes, (o, v) => o.MaxPayloadBytes = v,
            v => v is >= 0 and <= MemStoreDistributedCacheOptions.HighestMaxPayloadBytes),
        OptionRows.Choice<MemStoreDistributedCacheOptions, RefusedWriteBehavior>("RefusedWrites", o => o.RefusedWrites, (o, v) => o.RefusedWrites = v),
    ], []);

    public static OptionTable<MemStoreHealthOptions> Health { get; } = new(nameof(MemStoreHealthOptions), [],
    [
        OptionRows.Span<MemStoreHealthOptions>("SampleInterval", "00:00:01 to 01:00:00", o => o.SampleInterval, (o, v) => o.SampleInterval = v, TimeSpan.FromSeconds(1), TimeSpan.FromHours(1)),
        OptionRows.Span<MemStoreHealthOptions>("Window", "SampleInterval to 1.00:00:00", o => o.Window, (o, v) => o.Window = v, TimeSpan.FromSeconds(1), TimeSpan.FromDays(1)),
        Percent("DegradedOccupiedPercent", "0 to 100 percent, not above UnhealthyOccupiedPercent", o => o.DegradedOccupiedPercent, (o, v) => o.DegradedOccupiedPercent = v),
        Percent("UnhealthyOccupiedPercent", "0 to 100 percent", o => o.UnhealthyOccupiedPercent, (o, v) => o.UnhealthyOccupiedPercent = v),
        OptionRows.Number<MemStoreHealthOptions>("UnhealthyRefusedPercent", "percent of the writes", "0 (exclusive) to 100 percent of the writes", o => o.UnhealthyRefusedPercent, (o, v) => o.UnhealthyRefusedPercent = v,
            v => v is > 0 and <= 100),
        OptionRows.Span<MemStoreHealthOptions>("DegradedTurnover", "00:00:00 (never) to 30.00:00:00", o => o.DegradedTurnover, (o, v) => o.DegradedTurnover = v, TimeSpan.Zero, TimeSpan.FromDays(30)),
        OptionRows.Span<MemStoreHealthOptions>("UnhealthyTurnover", "00:00:00 (never) to DegradedTurnover", o => o.UnhealthyTurnover, (o, v) => o.UnhealthyTurnover = v, TimeSpan.Zero, TimeSpan.FromDays(30)),
        Percent("DegradedDriftPercent", "0 to 100 percent of MaxClockDrift, not above UnhealthyDriftPercent where that is not 0", o => o.DegradedDriftPercent, (o, v) => o.DegradedDriftPercent = v),
        Percent("UnhealthyDriftPercent", "0 (never) to 100 percent of MaxClockDrift", o => o.UnhealthyDriftPercent, (o, v) => o.UnhealthyDriftPercent = v),
    ],
    [
        new("Window", ["SampleInterval"], o => o.Window >= o.SampleInterval ? null : $"SampleInterval to 1.00:00:00 ({OptionRows.TimeUnit}); SampleInterval is {o.SampleInterval:c}"),
        new("DegradedOccupiedPercent", ["UnhealthyOccupiedPercent"], o => AtMost(o.DegradedOccupiedPercent, o.UnhealthyOccupiedPercent, "UnhealthyOccupiedPercent")),
        new("UnhealthyTurnover", ["DegradedTurnover"], o => o.UnhealthyTurnover <= o.DegradedTurnover ? null : $"00:00:00 (never) to DegradedTurnover ({OptionRows.TimeUnit}); DegradedTurnover is {o.DegradedTurnover:c}"),
        new("DegradedDriftPercent", ["UnhealthyDriftPercent"], o => o.UnhealthyDriftPercent == 0 ? null : AtMost(o.DegradedDriftPercent, o.UnhealthyDriftPercent, "UnhealthyDriftPercent")),
    ]);

    public static bool IsKeySpace(string name) => name is { Length: >= 1 and <= 1024 } && name[0] != (char)1;

    public static bool IsKeyLimit(int bytes) => bytes is >= 1 and <= KeySpace.MaxKeyBytes;

    private static OptionRow<MemStoreHealthOptions, double> Percent(string name, string allowed, Func<MemStoreHealthOptions, double> get, Action<MemStoreHealthOptions, double> set) =>
        OptionRows.Number(name, "percent", allowed, get, set, static v => v is >= 0 and <= 100);

    private static string? AtMost(double value, double most, string name) => value <= most ? null : string.Create(CultureInfo.InvariantCulture, $"0 to {most} ({name})");
}
