using System.Diagnostics.Metrics;
using MemStorage.Extensions.Caching;
using MemStorage.Extensions.Diagnostics;

namespace MemStorage.Extensions;

/// <summary>
/// The instruments on the Meter <c>MemStorage</c>, for all stores of a service provider. All are observable: they read the statistics that the store keeps anyway when a
/// listener asks, so a read or a write costs the same with and without a listener. <c>docs/observability.md</c> lists them.
/// </summary>
/// <remarks>Registered by <c>AddMemStorage</c>; create one yourself for stores that live outside a service provider. Thread-safe.</remarks>
public sealed class MemStoreMetrics : IDisposable
{
    /// <summary>The name of the Meter.</summary>
    public const string MeterName = "MemStorage";

    private const string NameTag = "dotnet.cache.name";
    private const string SpaceTag = "memstorage.keyspace";
    private const int OwnStatistics = 255;

    // The platform renamed its attribute from "type" to "result" in .NET 11; both stand on each measurement, with the same value, so that dashboards of either kind work.
    private static readonly KeyValuePair<string, object?>[] s_hit = [new("dotnet.cache.request.type", "hit"), new("dotnet.cache.request.result", "hit")];
    private static readonly KeyValuePair<string, object?>[] s_miss = [new("dotnet.cache.request.type", "miss"), new("dotnet.cache.request.result", "miss")];

    private readonly Lock _lock = new();
    private readonly Meter? _owned;
    private volatile MemStoreObserver[] _stores = [];
    private volatile bool _disposed;

    /// <summary>Creates the instruments.</summary>
    /// <param name="meterFactory">Where the Meter comes from; without one the process-wide way, <c>new Meter</c>.</param>
    public MemStoreMetrics(IMeterFactory? meterFactory = null)
    {
        Meter meter = meterFactory?.Create(MeterName) ?? (_owned = new Meter(MeterName));

        // The platform's names, per key space; the sum over the key spaces is the store.
        meter.CreateObservableCounter("dotnet.cache.requests", Requests, "{request}", "Reads, by whether they found an entry.");
        PerSpace(meter, "dotnet.cache.evictions", "{eviction}", "Entries dropped for want of room.", s => s.EvictCount);
        meter.CreateObservableUpDownCounter("dotnet.cache.entries", () => Spaces(s => s.KeyCount), "{entry}", "Live entries.");
        meter.CreateObservableGauge("dotnet.cache.estimated_size", () => Spaces(s => s.TotalBytes), "By", "Bytes of keys, stored values and record headers of live entries.");

        meter.CreateObservableCounter("memstorage.writes", Writes, "{write}", "Writes, by what they did.");
        PerSpace(meter, "memstorage.deletes", "{delete}", "Deletes attempted.", s => s.DeleteCount);
        PerSpace(meter, "memstorage.expirations", "{entry}", "Entries dropped because they had expired.", s => s.ExpiredCount);
        PerSpace(meter, "memstorage.shape_mismatches", "{read}", "Typed reads that met a record of another shape of the entity and were misses.", s => s.ShapeMismatches);
        PerSpace(meter, "memstorage.index.faults", "{fault}", "Writes and deletes that a secondary index could not follow for want of memory.", s => s.IndexFaults);
        PerSpace(meter, "memstorage.index.scans", "{search}", "Searches by an indexed member that had to look at every entity.", s => s.IndexScans);
        PerSpace(meter, "memstorage.records.written", "By", "Bytes of the records that writes and deletes stored.", s => s.WrittenBytes);
        PerSpace(meter, "memstorage.records.copied", "By", "Bytes of the records that cleaning and eviction copied by themselves.", s => s.CopiedBytes);
        meter.CreateObservableCounter("memstorage.records.reclaimed", () => Stores((s, tags) => [new(s.Stats().ReclaimedBytes, tags)]), "By",
            "Bytes of the records, live and dead, in segments that were cleaned or evicted.");
        meter.CreateObservableUpDownCounter("memstorage.tombstones", () => Spaces(s => s.TombstoneCount), "{tombstone}", "Deletions remembered.");
        meter.CreateObservableGauge("memstorage.values.original", () => Spaces(s => s.OriginalBytes), "By", "Bytes of the values before compression.");
        meter.CreateObservableGauge("memstorage.values.stored", () => Spaces(s => s.CompressedBytes), "By", "Bytes of the values as stored.");

        meter.CreateObservableGauge("memstorage.memory.limit", () => Stores((s, tags) => [new(s.GetMemoryReport().LimitBytes, tags)]), "By", "The bound.");
        meter.CreateObservableGauge("memstorage.memory.used", () => Stores(Memory), "By", "What counts against the bound, by purpose; the purposes sum to the whole.");
        meter.CreateObservableGauge("memstorage.memory.shared", () => Stores((s, tags) => [new(s.GetMemoryReport().SharedBytes, tags)]), "By",
            "Bytes outside the bound that outstanding no-copy results hold alive.");
        meter.CreateObservableCounter("memstorage.changes.lost", () => Stores((s, tags) => [new(s.Stats().LostChanges, tags)]), "{change}",
            "Changes that readers of the change feed missed.");
        meter.CreateObservableGauge("memstorage.clock.ahead", ClockAhead, "s", "How far the wall clock is behind the store's clock.");
        meter.CreateObservableCounter("memstorage.distributed_cache.rejections", () => Rejections(CacheKind.Distributed), "{operation}", "Operations of the distributed cache that failed, by reason.");
        meter.CreateObservableCounter("memstorage.output_cache.rejections", () => Rejections(CacheKind.Output), "{operation}", "Operations of the output cache that failed, by reason.");
    }

    /// <summary>
    /// Reports a store from now on, until it is closed; once, however often it is observed. The second of two stores of one name is reported as <c>name#2</c>, and so on, so that each has series
    /// of its own.
    /// </summary>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    public void Observe(MemStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        Observe(MemStoreObserver.Find(store) ?? new MemStoreObserver(store, new MemStoreOptions { TimeProvider = store.TimeProvider }, new MemStoreHealthOptions()));
    }

    /// <summary>A store is reported once however often it is observed.</summary>
    internal void Observe(MemStoreObserver store)
    {
        lock (_lock)
        {
            MemStoreObserver[] open = [.. _stores.Where(s => !s.Store.IsClosed)];
            MemStoreObserver? former = open.FirstOrDefault(s => s.Store == store.Store);
            if (former == store)
                return;
            // the later one knows more: it comes from the store's registration
            store.Label = former?.Label ?? LabelOf(store.Store.Name, open);
            _stores = [.. open.Where(s => s != former), store];
        }
    }

    // Two stores of one name must not report one series: the second of them has a number behind its name.
    private static string LabelOf(string name, MemStoreObserver[] others)
    {
        string label = name;
        for (int i = 2; others.Any(o => o.Label == label); i++)
            label = $"{name}#{i}";
        return label;
    }

    /// <summary>Stops reporting.</summary>
    public void Dispose()
    {
        _disposed = true;
        _stores = [];
        _owned?.Dispose();
    }

    private MemStoreObserver[] Open() => _disposed ? [] : [.. _stores.Where(s => !s.Store.IsClosed)];

    private List<Measurement<long>> Requests()
    {
        List<Measurement<long>> all = [];
        ForEachSpace((name, space, stats) =>
        {
            all.Add(new(stats.HitCount, [name, space, .. s_hit]));
            all.Add(new(stats.MissCount, [name, space, .. s_miss]));
        });
        return all;
    }

    private List<Measurement<long>> Writes()
    {
        List<Measurement<long>> all = [];
        ForEachSpace((name, space, stats) =>
        {
            all.Add(new(stats.SetCount - stats.SupersededCount - stats.MemoryLimitCount, name, space, new("memstorage.write.result", "stored")));
            all.Add(new(stats.SupersededCount, name, space, new("memstorage.write.result", "superseded")));
            all.Add(new(stats.MemoryLimitCount, name, space, new("memstorage.write.result", "memory_limit")));
        });
        return all;
    }

    private static IEnumerable<Measurement<long>> Memory(MemStore store, KeyValuePair<string, object?> name)
    {
        MemoryReport r = store.GetMemoryReport();
        (string Purpose, long Bytes)[] purposes =
        [
            ("live", r.LiveBytes), ("dead", r.DeadBytes), ("free", r.FreeBytes), ("index", r.IndexBytes), ("ghost", r.GhostBytes), ("change_log", r.ChangeLogBytes),
            ("secondary_index", r.SecondaryIndexBytes),
        ];
        return purposes.Select(p => new Measurement<long>(p.Bytes, name, new("memstorage.memory.purpose", p.Purpose)));
    }

    private List<Measurement<double>> ClockAhead()
    {
        List<Measurement<double>> all = [];
        foreach (MemStoreObserver s in Open())
            all.Add(new(s.Store.Clock.Ahead.TotalSeconds, new KeyValuePair<string, object?>(NameTag, s.Label)));
        return all;
    }

    private List<Measurement<long>> Rejections(CacheKind kind)
    {
        List<Measurement<long>> all = [];
        foreach (MemStoreObserver s in Open())
        {
            CacheFaults[] caches = [.. s.Caches.Where(c => c.Kind == kind).Select(c => c.Faults)];
            if (caches.Length == 0)
                continue;
            KeyValuePair<string, object?> name = new(NameTag, s.Label);
            Add(caches.Sum(c => c.InvalidKeys), "invalid_key");
            Add(caches.Sum(c => c.Oversized), "payload_too_large");
            Add(caches.Sum(c => c.Refused), "memory_limit");
            Add(caches.Sum(c => c.Malformed), "malformed_entry");

            void Add(long count, string reason) => all.Add(new(count, name, new("memstorage.rejection.reason", reason)));
        }
        return all;
    }

    private void PerSpace(Meter meter, string name, string unit, string description, Func<MemStoreStats, long> value) =>
        meter.CreateObservableCounter(name, () => Spaces(value), unit, description);

    private List<Measurement<long>> Spaces(Func<MemStoreStats, long> value)
    {
        List<Measurement<long>> all = [];
        ForEachSpace((name, space, stats) => all.Add(new(value(stats), name, space)));
        return all;
    }

    private List<Measurement<long>> Stores(Func<MemStore, KeyValuePair<string, object?>, IEnumerable<Measurement<long>>> measure)
    {
        List<Measurement<long>> all = [];
        foreach (MemStoreObserver s in Open())
        {
            try
            {
                all.AddRange(measure(s.Store, new(NameTag, s.Label)));
            }
            catch (ObjectDisposedException)
            {
                // closed meanwhile: a store that is gone reports nothing
            }
        }
        return all;
    }

    private void ForEachSpace(Action<KeyValuePair<string, object?>, KeyValuePair<string, object?>, MemStoreStats> action)
    {
        foreach (MemStoreObserver s in Open())
        {
            try
            {
                // The store counts 255 spaces one by one and all further ones together.
                int n = 0;
                foreach (KeySpace space in s.Store.KeySpaces.Take(OwnStatistics + 1))
                    action(new(NameTag, s.Label), new(SpaceTag, n++ < OwnStatistics ? space.Name : "(others)"), space.Stats());
            }
            catch (ObjectDisposedException)
            {
                // as above
            }
        }
    }
}
