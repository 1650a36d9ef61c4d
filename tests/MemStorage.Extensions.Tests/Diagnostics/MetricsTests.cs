using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace MemStorage.Extensions.Tests.Diagnostics;

public sealed class MetricsTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    // Other tests have meters of the same name in this process; this store's measurements are told by its name.
    private readonly string _name = "orders " + Guid.NewGuid();
    private readonly ServiceProvider _provider;
    private readonly List<Metric> _exported = [];
    private readonly MeterProvider _sdk;

    public MetricsTests()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_time);
        services.AddMetrics();
        services.AddMemStorage(o =>
        {
            o.Name = _name;
            o.MaxMemoryMB = 8;
            o.AsyncEviction = false;
        }).AddDistributedCache(o => o.MaxPayloadBytes = 100);
        _provider = services.BuildServiceProvider();
        _sdk = Sdk.CreateMeterProviderBuilder().AddMeter(MemStoreMetrics.MeterName).AddInMemoryExporter(_exported).Build();
    }

    public async ValueTask DisposeAsync()
    {
        _sdk.Dispose();
        await _provider.DisposeAsync();
    }

    /// <summary>What the SDK collected: name and tags (by name, in order) to value.</summary>
    private Dictionary<string, double> Collect(string? name = null)
    {
        string mine = $"dotnet.cache.name={name ?? _name}";
        _exported.Clear();
        Assert.True(_sdk.ForceFlush());
        Dictionary<string, double> all = [];
        foreach (Metric metric in _exported)
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                List<string> tags = [];
                foreach (KeyValuePair<string, object?> tag in point.Tags)
                    tags.Add($"{tag.Key}={tag.Value}");
                if (!tags.Remove(mine))
                    continue;
                all.Add($"{metric.Name}{{{string.Join(',', tags.Order())}}}", metric.MetricType switch
                {
                    MetricType.LongSum or MetricType.LongSumNonMonotonic => point.GetSumLong(),
                    MetricType.LongGauge => point.GetGaugeLastValueLong(),
                    MetricType.DoubleGauge => point.GetGaugeLastValueDouble(),
                    _ => throw new InvalidOperationException($"{metric.Name} is a {metric.MetricType}"),
                });
            }
        return all;
    }

    [Fact]
    public void The_platforms_names_are_read_through_the_OpenTelemetry_SDK()
    {
        MemStore store = _provider.GetRequiredService<MemStore>();
        IDistributedCache cache = _provider.GetRequiredService<IDistributedCache>();
        Assert.Equal(SetResult.Stored, store.Set("a", new StoredItem(new byte[10])));
        Assert.True(store.TryGet("a", out _));
        Assert.False(store.TryGet("b", out _));
        for (int i = 0; i < 3; i++)
            cache.Set($"k{i}", [1, 2, 3], new());
        for (int i = 0; i < 5; i++)
            cache.Get($"k{i}");

        Dictionary<string, double> all = Collect();
        Assert.Equal(3, all["dotnet.cache.requests{dotnet.cache.request.result=hit,dotnet.cache.request.type=hit,memstorage.keyspace=distributed-cache}"]);
        Assert.Equal(2, all["dotnet.cache.requests{dotnet.cache.request.result=miss,dotnet.cache.request.type=miss,memstorage.keyspace=distributed-cache}"]);
        Assert.Equal(1, all["dotnet.cache.requests{dotnet.cache.request.result=hit,dotnet.cache.request.type=hit,memstorage.keyspace=}"]);
        Assert.Equal(1, all["dotnet.cache.requests{dotnet.cache.request.result=miss,dotnet.cache.request.type=miss,memstorage.keyspace=}"]);
        Assert.Equal(3, all["dotnet.cache.entries{memstorage.keyspace=distributed-cache}"]);
        Assert.Equal(0, all["dotnet.cache.evictions{memstorage.keyspace=distributed-cache}"]);
        Assert.True(all["dotnet.cache.estimated_size{memstorage.keyspace=distributed-cache}"] >= 3 * 4);
        Assert.Equal(3, all["memstorage.writes{memstorage.keyspace=distributed-cache,memstorage.write.result=stored}"]);
        Assert.Equal(8 * 1024 * 1024, all["memstorage.memory.limit{}"]);
    }

    [Fact]
    public void The_purposes_of_memory_sum_to_what_is_used()
    {
        MemStore store = _provider.GetRequiredService<MemStore>();
        for (int i = 0; i < 100; i++)
            Assert.Equal(SetResult.Stored, store.Set($"k{i}", new StoredItem(new byte[100])));
        Dictionary<string, double> all = Collect();
        double sum = all.Where(m => m.Key.StartsWith("memstorage.memory.used{", StringComparison.Ordinal)).Sum(m => m.Value);
        Assert.Equal(store.GetMemoryReport().UsedBytes, sum);
        Assert.InRange(sum, 1, store.GetMemoryReport().LimitBytes);
    }

    /// <summary>"1 + copied / written is the write amplification".</summary>
    [Fact]
    public void The_bytes_that_writes_move_are_those_of_the_statistics()
    {
        MemStore store = _provider.GetRequiredService<MemStore>();
        // about half of the bound is live, and keys are overwritten in no order: every segment that is used again has live records, which have to be moved
        Random random = new(1);
        byte[] bytes = new byte[700];
        random.NextBytes(bytes);
        for (int i = 0; i < 60_000; i++)
            Assert.Equal(SetResult.Stored, store.Set($"k{random.Next(10_000)}", new StoredItem(bytes[..random.Next(100, 700)])));
        MemStoreStats stats;
        Dictionary<string, double> all;
        do
        {
            // background eviction may still move some between the two looks; it ends
            stats = store.Stats();
            all = Collect();
        }
        while (store.Stats() is var after && (after.CopiedBytes != stats.CopiedBytes || after.ReclaimedBytes != stats.ReclaimedBytes));
        Assert.True(stats.CopiedBytes > 0);
        Assert.Equal(stats.WrittenBytes, Sum("memstorage.records.written{"));
        Assert.Equal(stats.CopiedBytes, Sum("memstorage.records.copied{"));
        Assert.Equal(stats.ReclaimedBytes, all["memstorage.records.reclaimed{}"]);

        double Sum(string name) => all.Where(m => m.Key.StartsWith(name, StringComparison.Ordinal)).Sum(m => m.Value);
    }

    [Fact]
    public void Rejections_of_the_distributed_cache_are_counted_by_reason()
    {
        IDistributedCache cache = _provider.GetRequiredService<IDistributedCache>();
        Assert.Throws<MemStorageException>(() => cache.Get(""));
        Assert.Throws<MemStorageException>(() => cache.Set("k", new byte[101], new()));
        Dictionary<string, double> all = Collect();
        Assert.Equal(1, all["memstorage.distributed_cache.rejections{memstorage.rejection.reason=invalid_key}"]);
        Assert.Equal(1, all["memstorage.distributed_cache.rejections{memstorage.rejection.reason=payload_too_large}"]);
        Assert.Equal(0, all["memstorage.distributed_cache.rejections{memstorage.rejection.reason=memory_limit}"]);
    }

    [Fact]
    public void The_clock_ahead_of_the_wall_clock_is_told_in_seconds()
    {
        MemStore store = _provider.GetRequiredService<MemStore>();
        long ahead = (_time.GetUtcNow().AddSeconds(20).ToUnixTimeMilliseconds()) << 16;
        Assert.True(store.Clock.TryObserve(ahead));
        Assert.Equal(20, Collect()["memstorage.clock.ahead{}"], 3);
    }

    [Fact]
    public async Task A_closed_store_reports_nothing()
    {
        await _provider.GetRequiredService<MemStore>().CloseAsync(TestContext.Current.CancellationToken);
        Assert.Empty(Collect());
    }

    [Fact]
    public void All_instruments_are_observable_so_nothing_is_recorded_on_the_hot_path()
    {
        List<Instrument> instruments = [];
        int measurements = 0;
        using MeterListener listener = new()
        {
            InstrumentPublished = (instrument, l) =>
            {
                if (instrument.Meter.Name != MemStoreMetrics.MeterName || instrument.Meter.Scope != _provider.GetService<IMeterFactory>())
                    return;
                instruments.Add(instrument);
                l.EnableMeasurementEvents(instrument);
            },
        };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => measurements++);
        listener.SetMeasurementEventCallback<double>((_, _, _, _) => measurements++);
        MemStore store = _provider.GetRequiredService<MemStore>();
        listener.Start();
        Assert.All(instruments, i => Assert.True(i.IsObservable, i.Name));
        Assert.Equal(23, instruments.Count);

        // A listener is attached, and a thousand operations make not one measurement and allocate nothing that they would not allocate without it.
        Assert.Equal(SetResult.Stored, store.GetKeySpace("s").Set("k"u8, "v"u8));
        KeySpace space = store.GetKeySpace("s");
        byte[] room = new byte[16];
        for (int i = 0; i < 1_000; i++)
            Assert.True(space.TryGet("k"u8, room, out _, out _));
        Assert.Equal(0, measurements);
        listener.RecordObservableInstruments();
        Assert.True(measurements > 0);
    }

    [Fact]
    public void The_store_cannot_call_an_instrument_because_its_assembly_does_not_know_them() =>
        Assert.DoesNotContain(typeof(MemStore).Assembly.GetReferencedAssemblies(), a => a.Name == typeof(Meter).Assembly.GetName().Name);

    [Fact]
    public void A_store_outside_a_service_provider_can_be_observed_too()
    {
        string name = "alone " + Guid.NewGuid();
        using MemStore store = new(new MemStoreOptions { Name = name, MaxMemoryMB = 8 });
        using MemStoreMetrics metrics = new();
        metrics.Observe(store);
        Assert.Contains("memstorage.memory.limit{}", Collect(name).Keys);
        metrics.Dispose();
        Assert.DoesNotContain("memstorage.memory.limit{}", Collect(name).Keys);
    }
}
