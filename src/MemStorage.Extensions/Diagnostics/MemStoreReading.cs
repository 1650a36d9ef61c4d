namespace MemStorage.Extensions;

/// <summary>What the statistics of a store say about its condition: totals now, and what happened within <see cref="MemStoreHealthOptions.Window"/>.</summary>
public sealed record MemStoreReading
{
    /// <summary>The name of the store.</summary>
    public required string StoreName { get; init; }

    /// <summary>The time between the two samples that the rates come from; zero for the first.</summary>
    public TimeSpan Elapsed { get; init; }

    /// <summary>The bound in bytes.</summary>
    public long LimitBytes { get; init; }

    /// <summary>The bytes that the process can have: of the container, of the heap limit, or of the machine.</summary>
    public long AvailableBytes { get; init; }

    /// <summary>What the store allows itself at present (<see cref="MemoryReport.CeilingBytes"/>).</summary>
    public long CeilingBytes { get; init; }

    /// <summary>Allocations of the store within the window that failed for want of memory.</summary>
    public long FailedAllocations { get; init; }

    /// <summary>What counts against the bound, in bytes.</summary>
    public long UsedBytes { get; init; }

    /// <summary>The percentage of the bound that is neither free nor reclaimable.</summary>
    public double OccupiedPercent { get; init; }

    /// <summary>Live entries.</summary>
    public long Entries { get; init; }

    /// <summary>Entries evicted within the window.</summary>
    public long Evictions { get; init; }

    /// <summary>Evictions per second.</summary>
    public double EvictionsPerSecond { get; init; }

    /// <summary>
    /// How long evictions take to replace all entries, at the rate that was kept up during at least half of the window; null when there was none, or when less than
    /// <see cref="MemStoreHealthOptions.SampleInterval"/> was seen. A burst, as when a store is filled, is no rate.
    /// </summary>
    public TimeSpan? Turnover { get; init; }

    /// <summary>Writes attempted within the window.</summary>
    public long Writes { get; init; }

    /// <summary>Writes refused for want of room within the window.</summary>
    public long RefusedWrites { get; init; }

    /// <summary>Typed reads within the window that met a record of another shape.</summary>
    public long ShapeMismatches { get; init; }

    /// <summary>Changes within the window that readers of the change feed missed.</summary>
    public long LostChanges { get; init; }

    /// <summary>Distributed-cache entries within the window that the cache had not written.</summary>
    public long MalformedCacheEntries { get; init; }

    /// <summary>How far the wall clock is behind the store's clock; zero when it is not.</summary>
    public TimeSpan ClockAhead { get; init; }

    /// <summary><see cref="ClockAhead"/> as a percentage of <see cref="MemStoreOptions.MaxClockDrift"/>.</summary>
    public double ClockAheadPercent { get; init; }
}
