namespace MemStorage.Extensions;

/// <summary>When a store counts as degraded or unhealthy. The health check and the warnings in the log follow the same rules.</summary>
public sealed class MemStoreHealthOptions
{
    /// <summary>How often the host samples the store's statistics; 1 second to 1 hour. Default: 10 seconds.</summary>
    public TimeSpan SampleInterval { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>The time over which rates are taken and events count as recent; <see cref="SampleInterval"/> to 1 day. Default: 1 minute.</summary>
    public TimeSpan Window { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>
    /// With <see cref="EvictionMode.Refuse"/>: the percentage of the bound that is occupied (not free, not reclaimable) from which the store is degraded, because writes are about to
    /// be refused. A store that evicts is full in normal operation, so there the percentage alone means nothing. Default: 90.
    /// </summary>
    public double DegradedOccupiedPercent { get; set; } = 90;

    /// <summary>As <see cref="DegradedOccupiedPercent"/>, for unhealthy. Default: 98.</summary>
    public double UnhealthyOccupiedPercent { get; set; } = 98;

    /// <summary>
    /// The percentage of the writes within the window that were refused for want of room from which the store is unhealthy; any refusal makes it degraded. Default: 10.
    /// </summary>
    public double UnhealthyRefusedPercent { get; set; } = 10;

    /// <summary>
    /// Degraded when evictions would replace all entries within this time (entries / evictions per second): the bound is too small for what is asked of it. Zero: never.
    /// Default: 30 seconds.
    /// </summary>
    public TimeSpan DegradedTurnover { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>As <see cref="DegradedTurnover"/>, for unhealthy; zero: never. Default: never, because taking a service out of rotation does not make its cache larger.</summary>
    public TimeSpan UnhealthyTurnover { get; set; }

    /// <summary>Degraded when the wall clock is behind the store's clock by this percentage of <see cref="MemStoreOptions.MaxClockDrift"/>. Default: 50.</summary>
    public double DegradedDriftPercent { get; set; } = 50;

    /// <summary>
    /// As <see cref="DegradedDriftPercent"/>, for unhealthy; zero: never. Default: never, because the store goes on whatever the wall clock does, and taking a service out of rotation does not
    /// set its clock.
    /// </summary>
    public double UnhealthyDriftPercent { get; set; }
}
