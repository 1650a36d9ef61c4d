using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using WebApi.Catalog;

namespace MemStorage.Extensions.Tests.Diagnostics;

public sealed class HealthAndLogTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<IHost> _hosts = [];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (IHost host in _hosts)
            await ((IAsyncDisposable)host).DisposeAsync();
    }

    private async Task<(IHost Host, MemStore Store)> Start(Action<MemStoreOptions>? configure = null, Action<MemStoreHealthOptions>? health = null, HealthStatus? failureStatus = null)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFakeLogging();
        builder.Services.AddSingleton<TimeProvider>(_time);
        builder.Services.AddMemStorage(o =>
        {
            o.Name = "orders";
            o.MaxMemoryMB = 8;
            o.AsyncEviction = false;
            configure?.Invoke(o);
        }).AddDistributedCache().AddHealthCheck(health, failureStatus: failureStatus);
        IHost host = builder.Build();
        _hosts.Add(host);
        await host.StartAsync(Token);
        return (host, host.Services.GetRequiredService<MemStore>());
    }

    private static async Task<HealthReportEntry> Check(IHost host)
    {
        HealthReport report = await host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        return report.Entries["memstorage"];
    }

    private static string[] Lines(IHost host, LogLevel level) =>
        [.. host.Services.GetFakeLogCollector().GetSnapshot().Where(r => r.Category == "MemStorage" && r.Level >= level).Select(r => r.Message)];

    [Fact]
    public async Task A_store_in_normal_use_is_healthy_and_silent()
    {
        (IHost host, MemStore store) = await Start();
        for (int round = 0; round < 20; round++)
        {
            for (int i = 0; i < 50; i++)
            {
                Assert.Equal(SetResult.Stored, store.Set($"k{i}", new StoredItem(new byte[100])));
                Assert.True(store.TryGet($"k{i}", out _));
                store.TryGet($"missing {i}", out _);
            }
            _time.Advance(TimeSpan.FromSeconds(10));
        }
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Healthy, entry.Status);
        Assert.Equal(50L, entry.Data["entries"]);
        Assert.Equal(8L * 1024 * 1024, entry.Data["limitBytes"]);
        Assert.Empty(Lines(host, LogLevel.Warning));
        Assert.Single(Lines(host, LogLevel.Information)); // the start
    }

    [Fact]
    public async Task Refused_writes_are_degraded_then_unhealthy_logged_once_and_over_after_the_window()
    {
        (IHost host, MemStore store) = await Start(o =>
        {
            o.EvictionMode = EvictionMode.Refuse;
            o.CompressionEnabled = false;
        }, h => h.DegradedOccupiedPercent = h.UnhealthyOccupiedPercent = 100);
        byte[] big = new byte[16 * 1024 * 1024];
        for (int i = 0; i < 99; i++)
            Assert.Equal(SetResult.Stored, store.Set("k", new StoredItem(new byte[10])));
        Assert.Equal(SetResult.MemoryLimit, store.Set("big", new StoredItem(big)));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HealthStatus.Degraded, (await Check(host)).Status);
        for (int i = 0; i < 50; i++)
            Assert.Equal(SetResult.MemoryLimit, store.Set("big", new StoredItem(big)));
        for (int i = 0; i < 4; i++)
            _time.Advance(TimeSpan.FromSeconds(10));
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal("The store 'orders': 51 of 150 writes were refused for want of room within 50 s.", entry.Description);
        string line = Assert.Single(Lines(host, LogLevel.Error));
        Assert.StartsWith("Store 'orders' refused writes: 1 of 100 writes were refused", line, StringComparison.Ordinal);

        for (int i = 0; i < 14; i++)
            _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        Assert.Equal("Store 'orders' is well again: Refused is over", Lines(host, LogLevel.Information)[^1]);
        Assert.InRange(Lines(host, LogLevel.Error).Length, 1, 2); // at most once per window while it lasts
    }

    [Fact]
    public async Task Evictions_that_replace_everything_quickly_are_degraded()
    {
        (IHost host, MemStore store) = await Start(o => o.CompressionEnabled = false);
        byte[] value = new byte[10_000];
        for (int second = 0; second < 10; second++)
        {
            for (int i = 0; i < 1_000; i++)
                Assert.Equal(SetResult.Stored, store.Set($"{second}:{i}", new StoredItem(value)));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("evictions (", entry.Description, StringComparison.Ordinal);
        Assert.StartsWith("Store 'orders' is under pressure: evictions (", Assert.Single(Lines(host, LogLevel.Warning)), StringComparison.Ordinal);
    }

    /// <summary>Row 3.12: "Degraded for a minute after any warm-up (rates over 200 ms)".</summary>
    [Fact]
    public async Task A_store_that_was_filled_at_once_is_well_while_and_after_it_is()
    {
        (IHost host, MemStore store) = await Start(o => o.CompressionEnabled = false);
        byte[] value = new byte[10_000];
        for (int i = 0; i < 3_000; i++)
            Assert.Equal(SetResult.Stored, store.Set($"{i}", new StoredItem(value)));
        Assert.True(store.Stats().EvictCount > store.Stats().KeyCount);
        _time.Advance(TimeSpan.FromMilliseconds(200));
        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        for (int second = 0; second < 90; second++)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        }
        Assert.Empty(Lines(host, LogLevel.Warning));
    }

    /// <summary>"A bound above what is available is told at start (log, health)".</summary>
    [Fact]
    public async Task A_bound_above_the_memory_of_the_process_is_told_at_start()
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes;
        Assert.True(available < 512L << 30, "This machine has more memory than a store may be told to use.");
        (IHost host, MemStore store) = await Start(o => o.MaxMemoryMB = 524_288);
        string line = Assert.Single(Lines(host, LogLevel.Warning));
        Assert.StartsWith("Store 'orders': the bound of 549,755,813,888 bytes is above the ", line, StringComparison.Ordinal);
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Equal(available - available / 4, store.GetMemoryReport().CeilingBytes);
        Assert.Equal((549_755_813_888, available - available / 4, available), (entry.Data["limitBytes"], entry.Data["ceilingBytes"], entry.Data["availableBytes"]));
    }

    [Fact]
    public async Task A_negative_bound_in_code_is_told()
    {
        (IHost host, MemStore _) = await Start(o => o.MaxMemoryMB = -3);
        Assert.StartsWith("Store 'orders': MaxMemoryMB = -3 is no bound; the default of ", Assert.Single(Lines(host, LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_does_not_evict_and_is_nearly_full_is_told_before_it_refuses()
    {
        (IHost host, MemStore store) = await Start(o =>
        {
            o.EvictionMode = EvictionMode.Refuse;
            o.CompressionEnabled = false;
        }, h => h.DegradedOccupiedPercent = 50);
        byte[] value = new byte[10_000];
        for (int i = 0; i < 500; i++)
            Assert.Equal(SetResult.Stored, store.Set($"{i}", new StoredItem(value)));
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Degraded, entry.Status);
        Assert.Contains("is occupied, and this store does not evict", entry.Description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_clock_ahead_is_degraded_then_unhealthy_where_that_is_asked_for_and_over_when_time_catches_up()
    {
        (IHost host, MemStore store) = await Start(health: h => h.UnhealthyDriftPercent = 90);
        Assert.True(store.Clock.TryObserve(_time.GetUtcNow().AddSeconds(40).ToUnixTimeMilliseconds() << 16));
        Assert.Equal(HealthStatus.Degraded, (await Check(host)).Status);
        Assert.True(store.Clock.TryObserve(_time.GetUtcNow().AddSeconds(58).ToUnixTimeMilliseconds() << 16));
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal("The store 'orders': the wall clock is 58,000 ms behind the store's, 97 % of MaxClockDrift.", entry.Description);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.StartsWith("Store 'orders': the wall clock is 48,000 ms behind the store's", Assert.Single(Lines(host, LogLevel.Warning)), StringComparison.Ordinal);
        for (int i = 0; i < 3; i++)
            _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Equal(HealthStatus.Healthy, (await Check(host)).Status);
        Assert.Equal("Store 'orders' is well again: ClockDrift is over", Lines(host, LogLevel.Information)[^1]);
    }

    [Fact]
    public async Task Changes_that_nobody_drained_in_time_are_a_gap()
    {
        (IHost host, MemStore store) = await Start(o => o.ChangeLogBytes = 65_536);
        for (int i = 0; i < 20_000; i++)
            Assert.Equal(SetResult.Stored, store.Set($"{i}", new StoredItem(new byte[1])));
        Assert.True(store.GetSyncBuffer().LostOperations > 0);
        Assert.Contains("changes were missed by readers of the change feed", (await Check(host)).Description, StringComparison.Ordinal);
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Contains(Lines(host, LogLevel.Warning), l => l.StartsWith("Store 'orders' lost changes: ", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Typed_reads_that_met_another_shape_are_logged_once_with_their_number()
    {
        (IHost host, MemStore store) = await Start();
        ProductRepository products = new(store);
        products.SetOrThrow(new Product { Id = 1, Name = "lamp", Category = "light" });
        byte[] key = Assert.Single(products.KeySpace.Keys());
        Assert.Equal(SetResult.Stored, products.KeySpace.Set(key, "written by another version of the service"u8));
        for (int i = 0; i < 3; i++)
            Assert.False(products.TryGet(1, out _));
        for (int i = 0; i < 3; i++)
            _time.Advance(TimeSpan.FromSeconds(10));
        Assert.StartsWith("Store 'orders': 3 typed reads met a record of another shape", Assert.Single(Lines(host, LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Entries_that_the_cache_did_not_write_are_logged()
    {
        (IHost host, MemStore _) = await Start();
        MemStoreDistributedCache cache = host.Services.GetRequiredService<MemStoreDistributedCache>();
        Assert.Equal(SetResult.Stored, cache.KeySpace.Set("k"u8, "foreign"u8));
        for (int i = 0; i < 3; i++)
            Assert.Null(cache.Get("k"));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.StartsWith("Store 'orders': 3 entries in the key space of the distributed or output cache were not written by it", Assert.Single(Lines(host, LogLevel.Warning)), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_closed_store_is_unhealthy_or_what_the_registration_says()
    {
        (IHost host, MemStore store) = await Start();
        await store.CloseAsync(Token);
        HealthReportEntry entry = await Check(host);
        Assert.Equal(HealthStatus.Unhealthy, entry.Status);
        Assert.Equal("The store 'orders' is closed.", entry.Description);
        Assert.IsType<ObjectDisposedException>(entry.Exception);

        (IHost other, MemStore otherStore) = await Start(failureStatus: HealthStatus.Degraded);
        await otherStore.CloseAsync(Token);
        Assert.Equal(HealthStatus.Degraded, (await Check(other)).Status);
    }
}
