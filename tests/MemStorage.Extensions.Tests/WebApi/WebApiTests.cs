using System.Net;
using System.Net.Http.Json;
using System.Runtime.CompilerServices;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using MemStorage.AspNetCore;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using WebApi;
using WebApi.Catalog;
using WebApi.Offers;

namespace MemStorage.Extensions.Tests.WebApi;

/// <summary>The sample service over real HTTP on loopback.</summary>
public sealed partial class WebApiTests : IAsyncLifetime
{
    private WebApplication _app = null!;
    private HttpClient _client = null!;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _app = CatalogService.Build(["--urls", "http://127.0.0.1:0", "--MemStorage:MaxMemoryMB", "16"], b => b.Logging.ClearProviders());
        await _app.StartAsync(Token);
        _client = new HttpClient(new SocketsHttpHandler { UseCookies = true }) { BaseAddress = new Uri(_app.Urls.Single()) };
    }

    public async ValueTask DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    private async Task<string> Put(int id, object body, string? ifMatch = null, HttpStatusCode expected = HttpStatusCode.NoContent)
    {
        using HttpRequestMessage request = new(HttpMethod.Put, $"/products/{id}") { Content = JsonContent.Create(body) };
        if (ifMatch is not null)
            request.Headers.TryAddWithoutValidation("If-Match", ifMatch);
        using HttpResponseMessage response = await _client.SendAsync(request, Token);
        Assert.Equal(expected, response.StatusCode);
        return response.Headers.ETag?.ToString() ?? "";
    }

    [Fact]
    public async Task Products_are_written_read_found_changed_by_version_and_deleted()
    {
        Assert.Equal(HttpStatusCode.NotFound, (await _client.GetAsync("/products/1", Token)).StatusCode);
        string first = await Put(1, new { name = "lamp", category = "light", price = 19.90 });
        HttpResponseMessage read = await _client.GetAsync("/products/1", Token);
        Assert.Equal(first, read.Headers.ETag!.ToString());
        Product product = (await read.Content.ReadFromJsonAsync<Product>(Token))!;
        Assert.Equal(("lamp", "light", 19.90m), (product.Name, product.Category, product.Price));

        string second = await Put(1, new { name = "lamp", category = "light", price = 25 }, first);
        Assert.NotEqual(first, second);
        await Put(1, new { name = "lamp", category = "light", price = 1 }, first, HttpStatusCode.PreconditionFailed);
        await Put(1, new { name = "lamp", category = "light", price = 1 }, "nonsense", HttpStatusCode.BadRequest);
        await Put(2, new { name = "lamp", category = "light", price = 1 }, first, HttpStatusCode.NotFound);

        await Put(3, new { name = "torch", category = "light", price = 9 });
        await Put(4, new { name = "chair", category = "seat", price = 49 });
        Product[] found = (await _client.GetFromJsonAsync<Product[]>("/products?category=light", Token))!;
        using (HttpResponseMessage cached = await _client.GetAsync("/products?category=light", Token))
            Assert.NotNull(cached.Headers.Age); // from the output cache, which lies in the store too
        Assert.Equal([1, 3], found.Select(p => p.Id).Order());
        Assert.Equal(25, found.Single(p => p.Id == 1).Price);

        Assert.Equal(HttpStatusCode.NoContent, (await _client.DeleteAsync("/products/1", Token)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _client.DeleteAsync("/products/1", Token)).StatusCode);
        Assert.Equal([3], (await _client.GetFromJsonAsync<Product[]>("/products?category=light", Token))!.Select(p => p.Id)); // evicted by its tag
        Assert.Equal(1, _app.Services.GetRequiredService<MemStoreOutputCache>().KeySpace.Count);
    }

    [Fact]
    public async Task HybridCache_runs_over_the_same_store_with_tags_and_one_calculation_for_many()
    {
        await Put(1, new { name = "lamp", category = "light", price = 10 });
        Offer?[] offers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => _client.GetFromJsonAsync<Offer>("/offers/1/100", Token)));
        Assert.All(offers, o => Assert.Equal(900, o!.Total));
        OfferCalculator calculator = _app.Services.GetRequiredService<OfferCalculator>();
        int before = calculator.Calculations;
        Assert.Equal(900, (await _client.GetFromJsonAsync<Offer>("/offers/1/100", Token))!.Total);
        Assert.Equal(before, calculator.Calculations); // from the store

        await _client.DeleteAsync("/offers", Token);
        await _client.GetFromJsonAsync<Offer>("/offers/1/100", Token);
        Assert.Equal(before + 1, calculator.Calculations);

        await Put(1, new { name = "lamp", category = "light", price = 20 }); // another version is another key
        Assert.Equal(1800, (await _client.GetFromJsonAsync<Offer>("/offers/1/100", Token))!.Total);
        Assert.True(_app.Services.GetRequiredService<MemStoreDistributedCache>().KeySpace.Count > 0);
    }

    [Fact]
    public async Task Session_state_lies_in_the_store()
    {
        for (int i = 1; i <= 3; i++)
            Assert.Equal(i, await (await _client.PostAsync("/visits", null, Token)).Content.ReadFromJsonAsync<int>(Token));
        Assert.Equal(1, _app.Services.GetRequiredService<MemStoreDistributedCache>().KeySpace.Count);
    }

    [Fact]
    public async Task Health_and_metrics_answer()
    {
        await Put(1, new { name = "lamp", category = "light", price = 10 });
        await _client.GetAsync("/products/1", Token);
        await _client.GetAsync("/products/2", Token);
        Assert.Equal("Healthy", await _client.GetStringAsync("/health", Token));
        string metrics = await _client.GetStringAsync("/metrics", Token);
        string[] lines = [.. metrics.Split('\n').Where(l => l.Contains("dotnet_cache_name=\"catalog\"", StringComparison.Ordinal))];
        Assert.Contains(lines, l => l.StartsWith("dotnet_cache_requests_total{", StringComparison.Ordinal) && l.Contains("Product", StringComparison.Ordinal)
            && l.Contains("dotnet_cache_request_type=\"hit\"", StringComparison.Ordinal) && l.TrimEnd().EndsWith("} 1", StringComparison.Ordinal));
        Assert.Contains(lines, l => l.StartsWith("memstorage_memory_limit_bytes{", StringComparison.Ordinal) && l.TrimEnd().EndsWith("} 16777216", StringComparison.Ordinal));

        // Every series that the dashboard asks for is there.
        string dashboard = await File.ReadAllTextAsync(Path.Combine(Path.GetDirectoryName(Here())!, "../../../docs/grafana-dashboard.json"), Token);
        string[] series = [.. JsonNode.Parse(dashboard)!["panels"]!.AsArray().SelectMany(p => p!["targets"]?.AsArray() ?? []).SelectMany(t => Series().Matches((string)t!["expr"]!)).Select(m => m.Value).Distinct()];
        Assert.True(series.Length > 10);
        Assert.All(series, s => Assert.Contains($"\n{s}{{", metrics, StringComparison.Ordinal));

        await _app.Services.GetRequiredService<MemStore>().CloseAsync(Token);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, (await _client.GetAsync("/health", Token)).StatusCode);
    }

    private static string Here([CallerFilePath] string path = "") => path;

    [GeneratedRegex(@"\b(memstorage|dotnet_cache)_\w+(?=\{)")]
    private static partial Regex Series();

    [Fact]
    public async Task A_request_in_flight_when_the_host_stops_still_finds_the_store_open()
    {
        TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
        await using WebApplication app = CatalogService.Build(["--urls", "http://127.0.0.1:0", "--MemStorage:MaxMemoryMB", "16"], b =>
        {
            b.Logging.ClearProviders();
            b.Services.PostConfigure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromMinutes(5)); // the request ends by itself, however slow the machine
        });
        app.MapGet("/slow", async (MemStore store) =>
        {
            TaskCompletionSource stopping = new(TaskCreationOptions.RunContinuationsAsynchronously);
            using CancellationTokenRegistration _ = app.Lifetime.ApplicationStopping.Register(stopping.SetResult);
            reached.SetResult();
            await stopping.Task;
            return store.Set("last", new StoredItem([1])) == SetResult.Stored ? "stored" : "lost";
        });
        await app.StartAsync(Token);
        MemStore held = app.Services.GetRequiredService<MemStore>();
        Task<string> inFlight = _client.GetStringAsync(new Uri(new Uri(app.Urls.Single()), "/slow"), Token);
        await reached.Task;
        await app.StopAsync(Token);
        Assert.Equal("stored", await inFlight);
        Assert.False(held.IsClosed);
        await app.DisposeAsync();
        Assert.True(held.IsClosed);
    }
}
