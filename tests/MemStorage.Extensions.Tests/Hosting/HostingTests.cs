using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Hosting;

public sealed class HostingTests
{
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
            await Assert.ThrowsAsync<ObjectDisposedException>(() => request.WaitAsync(TimeSpan.FromSeconds(30), Token));
    }
}
