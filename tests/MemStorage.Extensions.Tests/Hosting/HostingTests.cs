using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using WebApi.Catalog;

namespace MemStorage.Extensions.Tests.Hosting;

public sealed class HostingTests
{
    /// <summary>A test that waits for this long has found a hang; a busy machine is not meant.</summary>
    private static readonly TimeSpan s_longEnough = TimeSpan.FromMinutes(5);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static HostApplicationBuilder Builder()
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        builder.Logging.AddFakeLogging();
        return builder;
    }

    /// <summary>Uses the store at every moment of its own life, and notes whether it was open.</summary>
    private sealed class Witness(MemStore store, List<string> log) : IHostedService, IAsyncDisposable
    {
        public Task StartAsync(CancellationToken cancellationToken) => Note("start");

        public Task StopAsync(CancellationToken cancellationToken) => Note("stop");

        public async ValueTask DisposeAsync() => await Note("dispose");

        private Task Note(string moment)
        {
            Assert.Equal(SetResult.Stored, store.Set("last", new StoredItem(Encoding.UTF8.GetBytes(moment))));
            log.Add(moment);
            return Task.CompletedTask;
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task The_store_closes_after_the_services_that_use_it(bool storeFirst)
    {
        HostApplicationBuilder builder = Builder();
        List<string> log = [];
        builder.Services.AddSingleton(log);
        if (storeFirst)
            builder.Services.AddMemStorage(o => o.MaxMemoryMB = 8);
        builder.Services.AddHostedService<Witness>();
        if (!storeFirst)
            builder.Services.AddMemStorage(o => o.MaxMemoryMB = 8);
        IHost host = builder.Build();
        await host.StartAsync(Token);
        MemStore store = host.Services.GetRequiredService<MemStore>();
        await host.StopAsync(Token);
        Assert.False(store.IsClosed); // a service may still write while it is disposed
        await ((IAsyncDisposable)host).DisposeAsync();
        Assert.True(store.IsClosed);
        Assert.Equal(["start", "stop", "dispose"], log);
    }

    [Fact]
    public async Task Each_key_is_a_store_of_its_own()
    {
        ServiceCollection services = new();
        services.AddMemStorage(o => o.MaxMemoryMB = 8);
        services.AddKeyedMemStorage("sessions", o => o.MaxMemoryMB = 8).AddDistributedCache();
        services.AddKeyedMemStorage(42, o => o.MaxMemoryMB = 8);
        services.AddKeyedMemStorage("42", o => o.MaxMemoryMB = 8);
        await using ServiceProvider provider = services.BuildServiceProvider();
        MemStore[] stores =
        [
            provider.GetRequiredService<MemStore>(), provider.GetRequiredKeyedService<MemStore>("sessions"), provider.GetRequiredKeyedService<MemStore>(42), provider.GetRequiredKeyedService<MemStore>("42"),
        ];
        Assert.Equal(4, stores.Distinct().Count());
        Assert.Equal(["default", "sessions", "42", "42"], stores.Select(s => s.Name));
        Assert.Null(provider.GetService<IDistributedCache>());
        Assert.Same(stores[1], provider.GetRequiredKeyedService<MemStoreDistributedCache>("sessions").KeySpace.Store);
        Assert.Same(provider.GetRequiredKeyedService<MemStoreDistributedCache>("sessions"), provider.GetRequiredKeyedService<IDistributedCache>("sessions"));
    }

    [Fact]
    public async Task Adding_the_same_store_twice_configures_it_further()
    {
        ServiceCollection services = new();
        services.AddMemStorage(o => o.MaxMemoryMB = 8);
        services.AddMemStorage(o => o.Name = "again");
        Assert.Single(services, d => d.ServiceType == typeof(MemStore));
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("again", provider.GetRequiredService<MemStore>().Name);
    }

    [Fact]
    public async Task The_distributed_cache_takes_the_place_of_one_that_was_registered_before()
    {
        ServiceCollection services = new();
        services.AddDistributedMemoryCache();
        services.AddMemStorage(o => o.MaxMemoryMB = 8).AddDistributedCache();
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.IsType<MemStoreDistributedCache>(provider.GetRequiredService<IDistributedCache>());
    }

    [Fact]
    public async Task A_time_provider_in_the_services_becomes_the_stores_clock_unless_the_options_name_another()
    {
        FakeTimeProvider time = new(), other = new();
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(time);
        services.AddMemStorage(o => o.MaxMemoryMB = 8);
        services.AddKeyedMemStorage("other", o =>
        {
            o.MaxMemoryMB = 8;
            o.TimeProvider = other;
        });
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Same(time, provider.GetRequiredService<MemStore>().TimeProvider);
        Assert.Same(other, provider.GetRequiredKeyedService<MemStore>("other").TimeProvider);
    }

    [Fact]
    public async Task Start_and_stop_are_one_line_each()
    {
        HostApplicationBuilder builder = Builder();
        builder.Services.AddMemStorage(o =>
        {
            o.Name = "orders";
            o.MaxMemoryMB = 8;
        });
        using IHost host = builder.Build();
        await host.StartAsync(Token);
        await host.StopAsync(Token);
        IReadOnlyList<FakeLogRecord> lines = [.. host.Services.GetFakeLogCollector().GetSnapshot().Where(r => r.Category == "MemStorage")];
        Assert.Equal(2, lines.Count);
        Assert.Equal("Store 'orders' started: bound of 8388608 bytes, Evict", lines[0].Message);
        Assert.StartsWith("The host has stopped; store 'orders' (0 entries, hit rate", lines[1].Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Requests_that_outlive_the_store_get_ObjectDisposedException_and_do_not_hang()
    {
        ServiceCollection services = new();
        services.AddMemStorage(o => o.MaxMemoryMB = 8).AddDistributedCache();
        ServiceProvider provider = services.BuildServiceProvider();
        IDistributedCache cache = provider.GetRequiredService<IDistributedCache>();
        TaskCompletionSource running = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task[] requests = [.. Enumerable.Range(0, 4).Select(i => Task.Run(() =>
        {
            byte[] payload = new byte[1000];
            for (int n = 0; ; n++)
            {
                cache.Set($"{i}:{n % 100}", payload, new());
                cache.Get($"{i}:{n % 50}");
                if (n == 100)
                    running.TrySetResult();
            }
        }, Token))];
        await running.Task;
        await provider.DisposeAsync();
        foreach (Task request in requests)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => request.WaitAsync(s_longEnough, Token));
    }

    [Fact]
    public async Task Callers_who_wait_for_one_load_while_the_store_is_closed_get_ObjectDisposedException_and_do_not_hang()
    {
        ServiceCollection services = new();
        services.AddMemStorage(o => o.MaxMemoryMB = 8);
        services.AddSingleton<ProductRepository>();
        ServiceProvider provider = services.BuildServiceProvider();
        ProductRepository products = provider.GetRequiredService<ProductRepository>();
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<Product>[] callers = [.. Enumerable.Range(0, 10).Select(_ => products.GetOrCreateAsync(1, async (id, _) =>
        {
            await gate.Task;
            return new Product { Id = id, Name = "lamp", Category = "light" };
        }, Token).AsTask())];
        await provider.DisposeAsync();
        gate.SetResult();
        foreach (Task<Product> caller in callers)
            await Assert.ThrowsAsync<ObjectDisposedException>(() => caller.WaitAsync(s_longEnough, Token));
        await Assert.ThrowsAsync<ObjectDisposedException>(() => products.GetOrCreateAsync(2, (id, _) => Task.FromResult(new Product { Id = id, Name = "", Category = "" }), Token).AsTask());
    }

    [Fact]
    public async Task HybridCache_over_a_closed_store_makes_each_value_anew_and_does_not_hang()
    {
        ServiceCollection services = new();
        services.AddMemStorage(o => o.MaxMemoryMB = 8).AddDistributedCache();
        services.AddHybridCache(o => o.DefaultEntryOptions = new() { Flags = HybridCacheEntryFlags.DisableLocalCache });
        await using ServiceProvider provider = services.BuildServiceProvider();
        HybridCache cache = provider.GetRequiredService<HybridCache>();
        await provider.GetRequiredService<MemStore>().CloseAsync(Token);
        for (int i = 0; i < 3; i++)
            Assert.Equal(i, await cache.GetOrCreateAsync("k", _ => new ValueTask<int>(i), cancellationToken: Token).AsTask().WaitAsync(s_longEnough, Token));
    }
}
