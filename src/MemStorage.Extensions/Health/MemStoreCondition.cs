using System.Globalization;

namespace MemStorage.Extensions.Health;

/// <summary>What can be wrong with a store.</summary>
internal enum ConditionKind
{
    /// <summary>A store that does not evict is nearly full.</summary>
    Occupied,

    /// <summary>Writes were refused for want of room.</summary>
    Refused,

    /// <summary>Evictions replace everything too quickly.</summary>
    Turnover,

    /// <summary>Changes were lost before they were drained.</summary>
    Gap,

    /// <summary>The bound is more than the process can have, or an allocation failed.</summary>
    Memory,

    /// <summary>The wall clock is behind.</summary>
    ClockDrift,
}

/// <summary>One thing that is wrong, and how badly.</summary>
internal readonly record struct Condition(ConditionKind Kind, bool Unhealthy, string Text);

/// <summary>The rules; pure, so that each border can be tested.</summary>
internal static class MemStoreCondition
{
    public static List<Condition> Judge(MemStoreReading reading, MemStoreHealthOptions rules, bool refuses)
    {
        List<Condition> found = [];
        if (reading.AvailableBytes > 0 && reading.LimitBytes > reading.AvailableBytes)
            found.Add(new(ConditionKind.Memory, false,
                Text($"the bound of {reading.LimitBytes:N0} bytes is above the {reading.AvailableBytes:N0} bytes that the process can have; the store keeps to {reading.CeilingBytes:N0}")));
        else if (reading.FailedAllocations > 0)
            found.Add(new(ConditionKind.Memory, false,
                Text($"{reading.FailedAllocations:N0} allocations failed for want of memory within {reading.Elapsed.TotalSeconds:F0} s; the store keeps to {reading.CeilingBytes:N0} of its bound of {reading.LimitBytes:N0} bytes")));
        if (refuses && reading.OccupiedPercent >= rules.DegradedOccupiedPercent)
            found.Add(new(ConditionKind.Occupied, reading.OccupiedPercent >= rules.UnhealthyOccupiedPercent,
                Text($"{reading.OccupiedPercent:F1} % of the bound of {reading.LimitBytes:N0} bytes is occupied, and this store does not evict")));
        if (reading.RefusedWrites > 0)
            found.Add(new(ConditionKind.Refused, 100.0 * reading.RefusedWrites >= rules.UnhealthyRefusedPercent * Math.Max(1, reading.Writes),
                Text($"{reading.RefusedWrites:N0} of {reading.Writes:N0} writes were refused for want of room within {reading.Elapsed.TotalSeconds:F0} s")));
        if (reading.Turnover is { } turnover && rules.DegradedTurnover > TimeSpan.Zero && turnover < rules.DegradedTurnover)
            found.Add(new(ConditionKind.Turnover, turnover < rules.UnhealthyTurnover,
                Text($"evictions ({reading.Entries / turnover.TotalSeconds:F0} per second) replace all {reading.Entries:N0} entries within {turnover.TotalSeconds:F1} s")));
        if (reading.LostChanges > 0)
            found.Add(new(ConditionKind.Gap, false, Text($"{reading.LostChanges:N0} changes were missed by readers of the change feed within {reading.Elapsed.TotalSeconds:F0} s")));
        if (reading.ClockAhead > TimeSpan.Zero && reading.ClockAheadPercent >= rules.DegradedDriftPercent)
            found.Add(new(ConditionKind.ClockDrift, rules.UnhealthyDriftPercent > 0 && reading.ClockAheadPercent >= rules.UnhealthyDriftPercent,
                Text($"the wall clock is {reading.ClockAhead.TotalMilliseconds:N0} ms behind the store's, {reading.ClockAheadPercent:N0} % of MaxClockDrift")));
        return found;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
