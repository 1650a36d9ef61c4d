using System.Runtime.CompilerServices;
using MemStorage.Extensions.Caching;
using MemStorage.Settings;

namespace MemStorage.Extensions.Diagnostics;

/// <summary>
/// Turns the running totals of one store into rates, by comparing with the oldest sample inside the window. The host samples on a timer; a health check samples too, so it
/// works without a host. Thread-safe.
/// </summary>
internal sealed class MemStoreObserver(MemStore store, MemStoreOptions options, MemStoreHealthOptions health)
{
    /// <summary>How finely the window is seen.</summary>
    public const int SamplesPerWindow = 60;

    private static readonly ConditionalWeakTable<MemStore, MemStoreObserver> s_observers = [];

    private readonly Lock _lock = new();
    private readonly Queue<Sample> _samples = new();
    private readonly List<(CacheKind Kind, CacheFaults Faults)> _caches = [];

    /// <summary>The observer of a store; one per store.</summary>
    public static MemStoreObserver Of(MemStore store, Func<MemStore, MemStoreObserver> create) => s_observers.GetValue(store, s => create(s));

    /// <summary>The observer of a store, if it has one.</summary>
    public static MemStoreObserver? Find(MemStore store) => s_observers.TryGetValue(store, out MemStoreObserver? observer) ? observer : null;

    public MemStore Store => store;

    /// <summary>The name of the store in metrics: its own, or with a number behind where another reports under it already.</summary>
    public string Label { get; set; } = store.Name;

    public MemStoreHealthOptions Health => health;

    /// <summary>Whether the store refuses writes rather than evict.</summary>
    public bool Refuses => options.EvictionMode == EvictionMode.Refuse;

    /// <summary>The caches on this store that are registered for interfaces of the platform.</summary>
    public IReadOnlyList<(CacheKind Kind, CacheFaults Faults)> Caches
    {
        get
        {
            lock (_lock)
                return [.. _caches];
        }
    }

    public void Add(CacheKind kind, CacheFaults faults)
    {
        lock (_lock)
            _caches.Add((kind, faults));
    }

    /// <summary>Takes a sample and compares it with the past.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MemStoreReading Read()
    {
        MemStoreStats stats = store.Stats();
        MemoryReport report = store.GetMemoryReport();
        TimeProvider time = options.TimeProvider;
        lock (_lock)
        {
            Sample now = new(time.GetTimestamp(), stats.EvictCount, stats.SetCount, stats.MemoryLimitCount, stats.ShapeMismatches, stats.LostChanges, _caches.Sum(c => c.Faults.Malformed),
                report.FailedAllocations);
            Sample then = Remember(now, time);
            TimeSpan elapsed = time.GetElapsedTime(then.Timestamp, now.Timestamp);
            double perSecond = elapsed > TimeSpan.Zero ? (now.Evictions - then.Evictions) / elapsed.TotalSeconds : 0;
            double lasting = elapsed >= health.SampleInterval ? LastingEvictions(now, time) : 0;
            TimeSpan ahead = stats.ClockAhead;
            return new MemStoreReading
            {
                StoreName = store.Name,
                Elapsed = elapsed,
                LimitBytes = report.LimitBytes,
                UsedBytes = report.UsedBytes,
                OccupiedPercent = report.LimitBytes == 0 ? 0 : 100.0 * (report.UsedBytes - report.FreeBytes - report.DeadBytes) / report.LimitBytes,
                Entries = stats.KeyCount,
                Evictions = now.Evictions - then.Evictions,
                EvictionsPerSecond = perSecond,
                Turnover = lasting > 0 ? TimeSpan.FromSeconds(Math.Min(stats.KeyCount / lasting, TimeSpan.MaxValue.TotalSeconds / 2)) : null,
                AvailableBytes = AvailableMemory.Bytes,
                CeilingBytes = report.CeilingBytes,
                FailedAllocations = now.FailedAllocations - then.FailedAllocations,
                Writes = now.Writes - then.Writes,
                RefusedWrites = now.Refused - then.Refused,
                ShapeMismatches = now.ShapeMismatches - then.ShapeMismatches,
                LostChanges = now.LostChanges - then.LostChanges,
                MalformedCacheEntries = now.Malformed - then.Malformed,
                ClockAhead = ahead,
                ClockAheadPercent = 100.0 * ahead.Ticks / options.MaxClockDrift.Ticks,
            };
        }
    }

    /// <summary>Takes a sample between two readings, so that a burst can be told from what lasts. A closed store has none.</summary>
    public void Sense()
    {
        try
        {
            Read();
        }
        catch (ObjectDisposedException)
        {
            // the next reading tells
        }
    }

    /// <summary>
    /// The evictions per second that were reached or passed during at least half of the window: while a store is filled it evicts what it was filled with a second before, which is over when it is
    /// over and says nothing about the bound.
    /// </summary>
    private double LastingEvictions(Sample now, TimeProvider time)
    {
        List<(double PerSecond, double Seconds)> parts = [];
        Sample[] samples = [.. _samples, now];
        for (int i = 1; i < samples.Length; i++)
        {
            double seconds = time.GetElapsedTime(samples[i - 1].Timestamp, samples[i].Timestamp).TotalSeconds;
            if (seconds > 0)
                parts.Add(((samples[i].Evictions - samples[i - 1].Evictions) / seconds, seconds));
        }
        double left = parts.Sum(p => p.Seconds) / 2;
        foreach ((double perSecond, double seconds) in parts.OrderByDescending(p => p.PerSecond))
        {
            left -= seconds;
            if (left <= 0)
                return perSecond;
        }
        return 0;
    }

    // Keeps some sixty samples however often it is asked, and always one that is at least a window old, if there ever was one.
    private Sample Remember(Sample now, TimeProvider time)
    {
        while (_samples.Count > 1 && time.GetElapsedTime(_samples.ElementAt(1).Timestamp, now.Timestamp) >= health.Window)
            _samples.Dequeue();
        if (_samples.Count == 0 || time.GetElapsedTime(_samples.Last().Timestamp, now.Timestamp) >= health.Window / SamplesPerWindow)
            _samples.Enqueue(now);
        return _samples.Peek();
    }

    private readonly record struct Sample(long Timestamp, long Evictions, long Writes, long Refused, long ShapeMismatches, long LostChanges, long Malformed, long FailedAllocations);
}
