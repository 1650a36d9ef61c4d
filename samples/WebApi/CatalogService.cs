using MemStorage.Extensions;
using Microsoft.Extensions.Caching.Hybrid;
using OpenTelemetry.Metrics;
using WebApi.Catalog;
using WebApi.Offers;

namespace WebApi;

/// <summary>
/// A small product catalogue. One store with one byte bound holds the products (typed, versioned), what HybridCache caches, whole responses, and the sessions.
/// </summary>
public static class CatalogService
{
    /// <summary>Puts the service together; tests change the builder before it is built.</summary>
    public static WebApplication Build(string[] args, Action<WebApplicationBuilder>? configure = null)
    {
        // The settings lie beside the program, wherever it is started from.
        WebApplicationBuilder builder = WebApplication.CreateBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });

        // The store, its health check, IDistributedCache on it (HybridCache and session state need nothing else), and the output cache.
        builder.Services
            .AddMemStorage(builder.Configuration.GetSection("MemStorage"))
            .AddDistributedCache()
            .AddOutputCache()
            .AddHealthCheck();
        builder.Services.AddMemStorageRepositories(); // generated: ProductRepository
        builder.Services.AddHybridCache(o => o.DefaultEntryOptions = new HybridCacheEntryOptions
        {
            Expiration = TimeSpan.FromMinutes(5),
            // HybridCache's own first level keeps objects on the heap, outside the bound. The store is in this process and fast: one level is enough.
            Flags = HybridCacheEntryFlags.DisableLocalCache,
        });
        builder.Services.AddSession(o => o.IdleTimeout = TimeSpan.FromMinutes(20));
        builder.Services.AddSingleton<OfferCalculator>();

        builder.Services.AddOpenTelemetry().WithMetrics(m => m
            .AddMeter(MemStoreMetrics.MeterName)
            .AddAspNetCoreInstrumentation()
            .AddRuntimeInstrumentation()
            .AddPrometheusExporter());

        // On SIGTERM: no new requests, those in flight get this long, then the store closes, after everything that uses it.
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = TimeSpan.FromSeconds(10));

        configure?.Invoke(builder);
        WebApplication app = builder.Build();
        app.UseSession();
        app.UseOutputCache();
        app.MapCatalog();
        app.MapOffers();
        app.MapHealthChecks("/health");
        app.MapPrometheusScrapingEndpoint("/metrics");
        return app;
    }
}
