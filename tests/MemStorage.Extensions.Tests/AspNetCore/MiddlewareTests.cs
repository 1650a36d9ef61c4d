using System.Net;
using System.Net.Http.Json;
using MemStorage.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Options;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.AspNetCore;

/// <summary>The platform's own output-cache and session middleware on the store, over HTTP on loopback.</summary>
public sealed class MiddlewareTests : IAsyncDisposable
{
    private readonly FakeTimeProvider _time = new(DateTimeOffset.UtcNow);
    private readonly List<IAsyncDisposable> _apps = [];
    private int _made;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        foreach (IAsyncDisposable app in _apps)
            await app.DisposeAsync();
    }

    private async Task<(WebApplication App, HttpClient Client)> Start(Action<IMemStorageBuilder>? caches = null, Action<OutputCacheOptions>? policies = null)
    {
        WebApplicationBuilder builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseUrls("http://127.0.0.1:0");
        builder.Logging.AddFakeLogging();
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton<TimeProvider>(_time);
        IMemStorageBuilder store = builder.Services.AddMemStorage(o =>
        {
            o.MaxMemoryMB = 16;
            o.AsyncEviction = false;
        }).AddDistributedCache();
        if (caches is null)
            store.AddOutputCache();
        else
            caches(store);
        builder.Services.AddOutputCache(policies ?? (_ => { }));
        builder.Services.AddSession(o => o.IdleTimeout = TimeSpan.FromMinutes(20));
        WebApplication app = builder.Build();
        _apps.Add(app);
        app.UseRouting();
        app.UseSession();
        app.UseOutputCache();
        app.MapGet("/page/{id}", (string id) => $"{id}: {Interlocked.Increment(ref _made)}").CacheOutput(p => p.Expire(TimeSpan.FromMinutes(1)).Tag("pages").SetVaryByQuery("v"));
        app.MapGet("/news", () => $"news: {Interlocked.Increment(ref _made)}").CacheOutput(p => p.Expire(TimeSpan.FromMinutes(1)).Tag("news"));
        app.MapGet("/large", () => Results.Bytes(new byte[100_000])).CacheOutput(p => p.Expire(TimeSpan.FromMinutes(1)));
        app.MapPost("/visits", (HttpContext context) =>
        {
            int visits = (context.Session.GetInt32("visits") ?? 0) + 1;
            context.Session.SetInt32("visits", visits);
            return visits;
        });
        await app.StartAsync(Token);
        return (app, new HttpClient(new SocketsHttpHandler { UseCookies = true }) { BaseAddress = new Uri(app.Urls.Single()) });
    }

    [Fact]
    public async Task A_response_is_made_once_and_then_comes_from_the_store()
    {
        (WebApplication app, HttpClient client) = await Start();
        Assert.IsType<MemStoreOutputCache>(app.Services.GetRequiredService<IOutputCacheStore>());
        for (int i = 0; i < 5; i++)
            Assert.Equal("a: 1", await client.GetStringAsync("/page/a", Token));
        Assert.Equal("b: 2", await client.GetStringAsync("/page/b", Token));
        Assert.Equal("a: 3", await client.GetStringAsync("/page/a?v=2", Token)); // varies as the policy says
        Assert.Equal("a: 1", await client.GetStringAsync("/page/a?other=2", Token));
        Assert.Equal(3, app.Services.GetRequiredService<MemStoreOutputCache>().KeySpace.Count);
        client.Dispose();
    }

    [Fact]
    public async Task Large_bodies_and_headers_come_back_as_they_were()
    {
        (WebApplication app, HttpClient client) = await Start();
        for (int i = 0; i < 3; i++)
        {
            using HttpResponseMessage response = await client.GetAsync("/large", Token);
            Assert.Equal(100_000, (await response.Content.ReadAsByteArrayAsync(Token)).Length);
            Assert.Equal("application/octet-stream", response.Content.Headers.ContentType!.MediaType);
            Assert.Equal(i > 0, response.Headers.Age is not null); // the middleware's mark of a cached response
        }
        Assert.Equal(2, app.Services.GetRequiredService<MemStoreOutputCache>().KeySpace.Stats().HitCount);
        client.Dispose();
    }

    [Fact]
    public async Task A_policy_s_time_is_kept_by_the_clock_of_the_store()
    {
        (_, HttpClient client) = await Start();
        Assert.Equal("a: 1", await client.GetStringAsync("/page/a", Token));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Equal("a: 1", await client.GetStringAsync("/page/a", Token));
        _time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal("a: 2", await client.GetStringAsync("/page/a", Token));
        client.Dispose();
    }

    [Fact]
    public async Task Eviction_by_tag_takes_all_responses_of_the_tag()
    {
        (WebApplication app, HttpClient client) = await Start();
        Assert.Equal("a: 1", await client.GetStringAsync("/page/a", Token));
        Assert.Equal("b: 2", await client.GetStringAsync("/page/b", Token));
        Assert.Equal("news: 3", await client.GetStringAsync("/news", Token));
        await app.Services.GetRequiredService<IOutputCacheStore>().EvictByTagAsync("pages", Token);
        Assert.Equal("a: 4", await client.GetStringAsync("/page/a", Token));
        Assert.Equal("b: 5", await client.GetStringAsync("/page/b", Token));
        Assert.Equal("news: 3", await client.GetStringAsync("/news", Token));
        client.Dispose();
    }

    [Fact]
    public async Task What_the_store_refuses_is_logged_and_counted_and_the_client_gets_its_response()
    {
        (WebApplication app, HttpClient client) = await Start(s => s.AddOutputCache(o =>
        {
            o.MaxPayloadBytes = 10;
            o.MaxKeyBytes = 100;
        }));
        Assert.Equal("a: 1", await client.GetStringAsync("/page/a", Token));
        string longPath = "/page/" + new string('x', 300);
        Assert.EndsWith(": 2", await client.GetStringAsync(longPath, Token), StringComparison.Ordinal);
        MemStoreOutputCache cache = app.Services.GetRequiredService<MemStoreOutputCache>();
        Assert.Equal(0, cache.KeySpace.Count);
        Assert.Equal(1, cache.Faults.Oversized);
        Assert.Equal(2, cache.Faults.InvalidKeys); // the look-up and the write
        Assert.Contains(app.Services.GetFakeLogCollector().GetSnapshot(), r => r.Exception is MemStorageException { Error: MemStorageError.ValueTooLarge });
        Assert.Contains(app.Services.GetFakeLogCollector().GetSnapshot(), r => r.Exception is MemStorageException { Error: MemStorageError.InvalidKey });
        client.Dispose();
    }

    /// <summary>A stranger's address is no fault of the service: each request gets its answer, and nobody gets another's.</summary>
    [Fact]
    public async Task Addresses_that_make_no_key_are_answered_and_mix_no_responses_up()
    {
        (WebApplication app, HttpClient client) = await Start(s => s.AddOutputCache(o => o.MaxKeyBytes = 1_000));
        string query = Uri.EscapeDataString(new string('中', 600)); // fewer characters than the limit, more bytes
        for (int i = 0; i < 25; i++)
            Assert.StartsWith("stranger: ", await client.GetStringAsync($"/page/stranger?v={query}", Token), StringComparison.Ordinal);
        Assert.Equal(50, app.Services.GetRequiredService<MemStoreOutputCache>().Faults.InvalidKeys);
        await Parallel.ForAsync(0, 200, Token, async (i, token) =>
        {
            for (int round = 0; round < 2; round++)
                Assert.StartsWith($"user{i}: ", await client.GetStringAsync($"/page/user{i}", token), StringComparison.Ordinal);
        });
        client.Dispose();
    }

    [Fact]
    public async Task A_closed_store_costs_the_cache_and_not_the_response()
    {
        (WebApplication app, HttpClient client) = await Start();
        Assert.Equal("a: 1", await client.GetStringAsync("/page/a", Token));
        await app.Services.GetRequiredService<MemStore>().CloseAsync(Token);
        Assert.Equal("a: 2", await client.GetStringAsync("/page/a", Token));
        client.Dispose();
    }

    [Fact]
    public async Task A_keyed_store_can_be_the_output_cache_and_options_come_from_its_section()
    {
        ServiceCollection services = new();
        services.AddLogging();
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["Stores:Pages:MaxMemoryMB"] = "8",
            ["Stores:Pages:OutputCache:KeySpace"] = "pages",
            ["Stores:Pages:OutputCache:MaxKeyBytes"] = "77",
        }).Build().GetSection("Stores:Pages");
        services.AddKeyedMemStorage("pages", section).AddOutputCache(o => o.MaxPayloadBytes = 5).AddOutputCache(o => o.RefusedWrites = RefusedWriteBehavior.Drop);
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Equal("pages", provider.GetRequiredService<MemStoreOutputCache>().KeySpace.Name);
        Assert.Same(provider.GetRequiredKeyedService<MemStore>("pages"), provider.GetRequiredService<MemStoreOutputCache>().KeySpace.Store);
        MemStoreOutputCacheOptions options = provider.GetRequiredService<IOptionsMonitor<MemStoreOutputCacheOptions>>().Get("pages");
        Assert.Equal((77, 5, RefusedWriteBehavior.Drop), (options.MaxKeyBytes, options.MaxPayloadBytes, options.RefusedWrites));
    }

    [Fact]
    public async Task Faults_of_its_section_name_section_key_value_and_range()
    {
        ServiceCollection services = new();
        services.AddLogging();
        IConfiguration section = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["MemStorage:OutputCache:MaxKeyBytes"] = "0",
            ["MemStorage:OutputCache:MaxPayloadBytes"] = "lots",
            ["MemStorage:OutputCache:MaxPayload"] = "1",
        }).Build().GetSection("MemStorage");
        services.AddMemStorage(section).AddOutputCache();
        await using ServiceProvider provider = services.BuildServiceProvider();
        OptionsValidationException e = Assert.Throws<OptionsValidationException>(() => provider.GetRequiredService<IStartupValidator>().Validate());
        Assert.Equal(
            [
                "MemStorage:OutputCache:MaxPayload is not a known key; known are: KeySpace, MaxKeyBytes, MaxPayloadBytes, RefusedWrites.",
                "MemStorage:OutputCache:MaxPayloadBytes = 'lots' cannot be read; allowed: 0 to 1073741824 bytes.",
                "MemStorage:OutputCache:MaxKeyBytes = 0 is out of range; allowed: 1 to 65528 bytes of UTF-8.",
            ],
            e.Failures);
    }

    [Fact]
    public async Task A_session_lives_for_its_idle_time_and_each_request_renews_it()
    {
        (WebApplication app, HttpClient client) = await Start();
        async Task<int> Visit() => await (await client.PostAsync("/visits", null, Token)).Content.ReadFromJsonAsync<int>(Token);
        Assert.Equal(1, await Visit());
        for (int i = 2; i <= 4; i++)
        {
            _time.Advance(TimeSpan.FromMinutes(19));
            Assert.Equal(i, await Visit());
        }
        Assert.Equal(1, app.Services.GetRequiredService<MemStoreDistributedCache>().KeySpace.Count);
        _time.Advance(TimeSpan.FromMinutes(21));
        Assert.Equal(1, await Visit());
        client.Dispose();
    }
}
