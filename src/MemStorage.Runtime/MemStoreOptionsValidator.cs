using System.Globalization;
using System.Numerics;
using MemStorage.Storage;

namespace MemStorage;

/// <summary>The ranges of <see cref="MemStoreOptions"/>.</summary>
internal static class MemStoreOptionsValidator
{
    private const long MinMemoryBytes = 64 << 10;

    /// <summary>The options that are out of range: which, and a sentence with value and range.</summary>
    public static IEnumerable<(string Option, string Message)> Faults(MemStoreOptions o)
    {
        if (string.IsNullOrEmpty(o.Name))
            yield return Fault(nameof(o.Name), o.Name is null ? "null" : "empty", "a text that is not empty");
        if (o.MaxMemoryBytes != 0 && o.MaxMemoryBytes is < MinMemoryBytes or > StoreLayout.MaxLimitBytes)
        {
            yield return Fault(
                nameof(o.MaxMemoryBytes), o.MaxMemoryBytes, string.Create(CultureInfo.InvariantCulture, $"0 (use MaxMemoryMB), or 65,536 to {StoreLayout.MaxLimitBytes:N0} (16 TiB)"));
        }
        if (o.MaxMemoryBytes == 0 && o.MaxMemoryMB > StoreLayout.MaxLimitBytes >> 20)
            yield return Fault(nameof(o.MaxMemoryMB), o.MaxMemoryMB, string.Create(CultureInfo.InvariantCulture, $"at most {StoreLayout.MaxLimitBytes >> 20:N0} (16 TiB)"));
        if (o.ShardCount is < 0 or > 4096)
            yield return Fault(nameof(o.ShardCount), o.ShardCount, "0 (automatic) to 4,096");
        if (o.SegmentBytes != 0 && (o.SegmentBytes is < StoreLayout.MinSegmentBytes or > StoreLayout.MaxSegmentBytes || !BitOperations.IsPow2(o.SegmentBytes)))
            yield return Fault(nameof(o.SegmentBytes), o.SegmentBytes, "0 (automatic) or a power of two from 1,024 to 1,048,576");
        if (o.CompressionThreshold < 1)
            yield return Fault(nameof(o.CompressionThreshold), o.CompressionThreshold, "at least 1");
        if (!Enum.IsDefined(o.EvictionMode))
            yield return Fault(nameof(o.EvictionMode), (int)o.EvictionMode, "Evict (0) or Refuse (1)");
        if (o.EvictThreshold is < 1 or > 100)
            yield return Fault(nameof(o.EvictThreshold), o.EvictThreshold, "1 to 100 percent");
        if (o.EvictTarget < 0 || o.EvictTarget >= o.EvictThreshold)
            yield return Fault(nameof(o.EvictTarget), o.EvictTarget, $"0 to {o.EvictThreshold - 1} percent (below EvictThreshold)");
        if (o.EvictBatchSize is < 1 or > 1_000_000)
            yield return Fault(nameof(o.EvictBatchSize), o.EvictBatchSize, "1 to 1,000,000");
        if (o.TombstoneRetention < TimeSpan.Zero || o.TombstoneRetention > TimeSpan.FromDays(30))
            yield return Fault(nameof(o.TombstoneRetention), o.TombstoneRetention, "zero to 30 days");
        if (o.MaxClockDrift < TimeSpan.FromMilliseconds(1) || o.MaxClockDrift > TimeSpan.FromDays(1))
            yield return Fault(nameof(o.MaxClockDrift), o.MaxClockDrift, "1 millisecond to 1 day");
        if (o.ExpirySweepInterval < TimeSpan.Zero || o.ExpirySweepInterval > TimeSpan.FromDays(1))
            yield return Fault(nameof(o.ExpirySweepInterval), o.ExpirySweepInterval, "zero (off) to 1 day");
        if (o.NodeId is < 0 or > ushort.MaxValue)
            yield return Fault(nameof(o.NodeId), o.NodeId, "0 to 65,535");
        if (o.TimeProvider is null)
            yield return Fault(nameof(o.TimeProvider), "null", "a time provider");
        long limit = StoreLayout.LimitOf(o);
        if (o.ChangeLogBytes < -1 || o.ChangeLogBytes > limit / 4)
            yield return Fault(nameof(o.ChangeLogBytes), o.ChangeLogBytes, string.Create(CultureInfo.InvariantCulture, $"-1 (automatic), or 0 to {limit / 4:N0} (a quarter of the bound)"));
        if (o.SegmentBytes > 0 && limit / o.SegmentBytes < 16)
            yield return Fault(nameof(o.SegmentBytes), o.SegmentBytes, string.Create(CultureInfo.InvariantCulture, $"at most {limit / 16:N0} (a sixteenth of the bound)"));
    }

    private static (string Option, string Message) Fault(string option, object value, string range) =>
        (option, string.Create(CultureInfo.InvariantCulture, $"{nameof(MemStoreOptions)}.{option} is {value}; allowed: {range}."));
}
