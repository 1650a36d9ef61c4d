using System.Globalization;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.Caching.Memory;
using WebApi;
using WebApi.Catalog;
using WebApi.Offers;

namespace WebApiLoad;

/// <summary>What the collector did in a server since its start.</summary>
internal sealed record GcFigures(double PauseMilliseconds, int Gen0, int Gen1, int Gen2, long HeapBytes, long WorkingSetBytes);

/// <summary>The sample service, and the same routes on MemoryCache and HybridCache with its defaults.</summary>
internal static class Servers
{
    public static async Task RunAsync(string kind, string url, int products)
    {
        await using WebApplication app = kind == "memstorage" ? MemStorage(url, products) : MemoryCache(url, products);
        app.MapGet("/gc", () => new GcFigures(GC.GetTotalPauseDuration().TotalMilliseconds, GC.CollectionCount(0), GC.CollectionCount(1), GC.CollectionCount(2),
            GC.GetTotalMemory(false), Environment.WorkingSet));
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
        builder.Services.AddHybridCache();
        builder.Services.AddSingleton<OfferCalculator>();
        WebApplication app = builder.Build();
        IMemoryCache cache = app.Services.GetRequiredService<IMemoryCache>();
        long version = 0;
        for (int id = 1; id <= products; id++)
            cache.Set(id, With(Make(id), ++version));

        app.MapGet("/products/{id:int}", (int id, IMemoryCache c, HttpResponse response) =>
        {
            if (!c.TryGetValue(id, out Product? product))
                return Results.NotFound();
            response.Headers.ETag = string.Create(CultureInfo.InvariantCulture, $"\"{product!.Version}\"");
            return Results.Ok(product);
        });
        app.MapPut("/products/{id:int}", (int id, ProductBody body, IMemoryCache c) =>
        {
            c.Set(id, With(new Product { Id = id, Name = body.Name, Category = body.Category, Price = body.Price }, Interlocked.Increment(ref version)));
            return Results.NoContent();
        });
        app.MapGet("/offers/{id:int}/{quantity:int}", async (int id, int quantity, IMemoryCache c, HybridCache hybrid, OfferCalculator calculator, CancellationToken ct) =>
        {
            if (!c.TryGetValue(id, out Product? product))
                return Results.NotFound();
            return Results.Ok(await hybrid.GetOrCreateAsync(string.Create(CultureInfo.InvariantCulture, $"offer:{id}:{product!.Version}:{quantity}"), (calculator, id, quantity, product.Price),
                static (s, t) => s.calculator.CalculateAsync(s.id, s.quantity, s.Price, t), cancellationToken: ct));
        });
        return app;
    }

    private static Product With(Product product, long version)
    {
#pragma warning disable MST2009 // there is no store behind this one
        product.Version = version;
#pragma warning restore MST2009
        return product;
    }
}
