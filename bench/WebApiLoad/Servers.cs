using System.Globalization;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using OpenTelemetry.Metrics;
using WebApi;
using WebApi.Catalog;
using WebApi.Offers;

namespace WebApiLoad;

/// <summary>What a server has used and what its collector did since its start; the longest pause since the figures were asked for the last time.</summary>
internal sealed record Usage(
    double ProcessorMilliseconds, long AllocatedBytes, double PauseMilliseconds, double LongestPauseMilliseconds, int Gen0, int Gen1, int Gen2, long HeapBytes, long WorkingSetBytes);

/// <summary>The sample service, and the same service (routes, middleware, instrumentation) on MemoryCache and HybridCache with its defaults.</summary>
internal static class Servers
{
    private const string OnMemStorage = "memstorage";
    private const string OnMemoryCache = "memorycache";

    public static IReadOnlyList<string> Kinds { get; } = [OnMemStorage, OnMemoryCache];

    public static string Title(string kind) => kind == OnMemStorage ? "MemStorage" : "MemoryCache + HybridCache default";

    public static async Task RunAsync(string kind, string url, int products)
    {
        await using WebApplication app = kind == OnMemStorage ? MemStorage(url, products) : MemoryCache(url, products);
        PauseWatch.Start();
        app.MapGet("/usage", () =>
        {
            Usage figures = new(Environment.CpuUsage.TotalTime.TotalMilliseconds, GC.GetTotalAllocatedBytes(), GC.GetTotalPauseDuration().TotalMilliseconds, PauseWatch.LongestMilliseconds, GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2),
                GC.GetTotalMemory(false), Environment.WorkingSet);
            PauseWatch.Reset();
            return figures;
        });
        app.MapPost("/stop", (IHostApplicationLifetime lifetime) => lifetime.StopApplication());
        await app.RunAsync();
    }

    public static Product Make(int id) => new() { Id = id, Category = "category " + (id % 1000).ToString(CultureInfo.InvariantCulture), Name = $"product number {id} with a name of usual length", Price = id % 500 + 0.99m };

    private static WebApplication MemStorage(string url, int products)
    {
        WebApplication app = CatalogService.Build(["--urls", url], b => b.Logging.ClearProviders());
        ProductRepository repository = app.Services.GetRequiredService<ProductRepository>();
        for (int id = 1; id <= products; id++)
            repository.SetOrThrow(Make(id));
        return app;
    }

    private static WebApplication MemoryCache(string url, int products)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(["--urls", url]);
        builder.Logging.ClearProviders();
        builder.Services.AddMemoryCache();
        builder.Services.AddDistributedMemoryCache(); // for the session
        builder.Services.AddHybridCache();
        builder.Services.AddSession();
        builder.Services.AddOutputCache();
        builder.Services.AddHealthChecks();
        builder.Services.AddSingleton<OfferCalculator>();
        builder.Services.AddOpenTelemetry().WithMetrics(m => m.AddAspNetCoreInstrumentation().AddRuntimeInstrumentation().AddPrometheusExporter());
        WebApplication app = builder.Build();
        app.UseSession();
        app.UseOutputCache();
        IMemoryCache cache = app.Services.GetRequiredService<IMemoryCache>();
        // as many digits as the other service's versions have: they are part of every answer and of the keys of the offers
        long version = 100_000_000_000_000_000;
        for (int id = 1; id <= products; id++)
            cache.Set(id, With(Make(id), ++version));

        app.MapGet("/products/{id:int}", Results<Ok<Product>, NotFound> (int id, IMemoryCache c, HttpResponse response) =>
        {
            if (!c.TryGetValue(id, out Product? product))
                return TypedResults.NotFound();
            response.Headers.ETag = Tag(product!.Version);
            return TypedResults.Ok(product);
        });
        app.MapPut("/products/{id:int}", async Task<IResult> (int id, ProductBody body, IMemoryCache c, IOutputCacheStore responses, HttpResponse response, CancellationToken cancellationToken) =>
        {
            Product product = With(new Product { Id = id, Name = body.Name, Category = body.Category, Price = body.Price }, Interlocked.Increment(ref version));
            c.Set(id, product);
            response.Headers.ETag = Tag(product.Version);
            await responses.EvictByTagAsync("listings", cancellationToken);
            return Results.NoContent();
        });
        app.MapGet("/offers/{id:int}/{quantity:int:min(1):max(10000)}", async (int id, int quantity, IMemoryCache c, HybridCache hybrid, OfferCalculator calculator, CancellationToken ct) =>
        {
            if (!c.TryGetValue(id, out Product? product))
                return Results.NotFound();
            return Results.Ok(await hybrid.GetOrCreateAsync(string.Create(CultureInfo.InvariantCulture, $"offer:{id}:{product!.Version}:{quantity}"), (calculator, id, quantity, product.Price),
                static (s, t) => s.calculator.CalculateAsync(s.id, s.quantity, s.Price, t), tags: ["offers", $"product:{id}"], cancellationToken: ct));
        });
        app.MapHealthChecks("/health");
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }

    private static string Tag(long version) => string.Create(CultureInfo.InvariantCulture, $"\"{version}\"");

    private static Product With(Product product, long version)
    {
#pragma warning disable MST2009 // there is no store behind this one
        product.Version = version;
#pragma warning restore MST2009
        return product;
    }
}
