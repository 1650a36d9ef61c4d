using System.Diagnostics.Metrics;
using MemStorage.AspNetCore;
using MemStorage.Extensions.Diagnostics;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.Tests.Hosting;

/// <summary>Registered twice, under awkward keys, with and without a key: each store has options, series, caches and checks of its own, each once.</summary>
public sealed class RegistrationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>The empty text, a number beside its text, and a text that looks like the name of a number's options.</summary>
    [Fact]
    public void No_two_stores_share_options()
    {
        ServiceCollection services = new();
        object?[] keys = [null, "", 42, "42", "System.Int32:42", "sessions"];
        IMemStorageBuilder[] builders =
        [
            .. keys.Select((key, i) => key is null ? services.AddMemStorage(o => o.NodeId = i + 1) : services.AddKeyedMemStorage(key, o => o.NodeId = i + 1)),
        ];
        Assert.Equal(keys.Length, builders.Select(b => b.OptionsName).Distinct().Count());
        using ServiceProvider provider = services.BuildServiceProvider();
        for (int i = 0; i < keys.Length; i++)
        {
            MemStore store = keys[i] is { } key ? provider.GetRequiredKeyedService<MemStore>(key) : provider.GetRequiredService<MemStore>();
            Assert.Equal(i + 1, store.NodeId);
            Assert.Equal(i + 1, provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(builders[i].OptionsName).NodeId);
        }
        Assert.Equal(("default", "(empty key)"), (provider.GetRequiredService<MemStore>().Name, provider.GetRequiredKeyedService<MemStore>("").Name));
    }

    [Fact]
    public void A_key_that_stands_for_all_keys_is_refused() =>
        Assert.Equal("serviceKey", Assert.Throws<ArgumentException>(() => new ServiceCollection().AddKeyedMemStorage(KeyedService.AnyKey)).ParamName);

    /// <summary>Row 3.12: "two stores of one name report identical series; … the observer twice doubles series".</summary>
    [Fact]
    public void Each_store_has_series_of_its_own_once()
    {
        using MemStore first = new(new MemStoreOptions { Name = "one", MaxMemoryMB = 1 }), second = new(new MemStoreOptions { Name = "one", MaxMemoryMB = 2 });
        using MemStoreMetrics metrics = new();
        metrics.Observe(first);
        metrics.Observe(first);
        metrics.Observe(second);
        metrics.Observe(second);
        Assert.Equal([("one", 1L << 20), ("one#2", 2L << 20)], Limits("one"));
    }

    [Fact]
    public void A_registered_store_that_is_observed_again_has_its_series_once()
    {
        ServiceCollection services = new();
        services.AddMetrics();
        services.AddMemStorage(o => (o.Name, o.MaxMemoryMB) = ("registered", 8)).AddDistributedCache().AddDistributedCache();
        using ServiceProvider provider = services.BuildServiceProvider();
        MemStore store = provider.GetRequiredService<MemStore>();
        provider.GetRequiredService<MemStoreMetrics>().Observe(store);
        Assert.Equal([("registered", 8L << 20)], Limits("registered"));
    }

    [Fact]
    public async Task A_cache_that_is_added_again_is_one_cache_and_comes_before_what_was_registered_meanwhile()
    {
        ServiceCollection services = new();
        IMemStorageBuilder builder = services.AddMemStorage(o => o.MaxMemoryMB = 8).AddDistributedCache(o => o.MaxKeyBytes = 10);
        services.AddSingleton<IDistributedCache>(_ => throw new InvalidOperationException("registered between"));
        builder.AddDistributedCache(o => o.MaxPayloadBytes = 20).AddOutputCache().AddOutputCache();
        IMemStorageBuilder keyed = services.AddKeyedMemStorage("k", o => o.MaxMemoryMB = 8).AddDistributedCache().AddDistributedCache().AddOutputCache();
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Same(provider.GetRequiredService<MemStoreDistributedCache>(), provider.GetRequiredService<IDistributedCache>());
        Assert.Single(provider.GetServices<MemStoreDistributedCache>());
        Assert.Single(provider.GetKeyedServices<IDistributedCache>("k"));
        MemStoreOutputCache output = Assert.Single(provider.GetServices<MemStoreOutputCache>());
        Assert.Same(provider.GetRequiredKeyedService<MemStore>("k"), output.KeySpace.Store);
        Assert.Same(output, provider.GetRequiredService<IOutputCacheStore>());
        MemStoreDistributedCacheOptions options = provider.GetRequiredService<IOptions<MemStoreDistributedCacheOptions>>().Value;
        Assert.Equal((10, 20), (options.MaxKeyBytes, options.MaxPayloadBytes));
        Assert.Single(provider.GetRequiredService<MemStoreObserver>().Caches, c => c.Kind == Extensions.Caching.CacheKind.Distributed);
    }

    [Fact]
    public async Task A_health_check_that_is_added_again_takes_the_place_of_the_former()
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddMemStorage(o => o.MaxMemoryMB = 8).AddHealthCheck(failureStatus: HealthStatus.Degraded).AddHealthCheck(failureStatus: HealthStatus.Healthy, tags: ["ready"]).AddHealthCheck(name: "other");
        services.AddKeyedMemStorage(42, o => o.MaxMemoryMB = 8).AddHealthCheck();
        services.AddKeyedMemStorage("42", o => o.MaxMemoryMB = 8).AddHealthCheck();
        await using ServiceProvider provider = services.BuildServiceProvider();
        HealthReport report = await provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(["memstorage", "memstorage-42", "memstorage-42#2", "other"], report.Entries.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(["ready"], report.Entries["memstorage"].Tags);
    }

    /// <summary>"keep sessions in a store of their own (AddKeyedMemStorage)".</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Sessions_lie_in_the_keyed_store_whatever_the_other_cache_is(bool sessionsFirst)
    {
        ServiceCollection services = new();
        services.AddLogging();
        services.AddMemStorage(o => o.MaxMemoryMB = 8).AddDistributedCache();
        if (sessionsFirst)
            services.AddSession();
        services.AddKeyedMemStorage("sessions", o => o.MaxMemoryMB = 8).AddSessionStore();
        if (!sessionsFirst)
            services.AddSession();
        await using ServiceProvider provider = services.BuildServiceProvider();
        ISessionStore sessions = Assert.Single(provider.GetServices<ISessionStore>());
        ISession session = sessions.Create("visitor", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), () => true, isNewSessionKey: true);
        session.SetInt32("visits", 3);
        await session.CommitAsync(Token);
        Assert.Equal((0, 1), (provider.GetRequiredService<MemStore>().Stats().KeyCount, provider.GetRequiredKeyedService<MemStore>("sessions").Stats().KeyCount));
        ISession again = sessions.Create("visitor", TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(1), () => true, isNewSessionKey: false);
        Assert.Equal(3, again.GetInt32("visits"));
    }

    private static List<(string Name, long Bytes)> Limits(string prefix)
    {
        List<(string, long)> found = [];
        using MeterListener listener = new();
        listener.InstrumentPublished = (instrument, l) =>
        {
            if (instrument is { Name: "memstorage.memory.limit", Meter.Name: MemStoreMetrics.MeterName })
                l.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, value, tags, _) =>
        {
            foreach (KeyValuePair<string, object?> tag in tags)
                if (tag.Value is string name && name.StartsWith(prefix, StringComparison.Ordinal))
                    found.Add((name, value));
        });
        listener.Start();
        listener.RecordObservableInstruments();
        return [.. found.Order()];
    }
}
