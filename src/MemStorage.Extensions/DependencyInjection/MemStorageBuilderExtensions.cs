using MemStorage;
using MemStorage.Extensions;
using MemStorage.Extensions.Caching;
using MemStorage.Extensions.DependencyInjection;
using MemStorage.Extensions.Diagnostics;
using MemStorage.Extensions.Health;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds platform services on top of a registered store.</summary>
public static class MemStorageBuilderExtensions
{
    /// <summary>
    /// Registers the store as <see cref="IDistributedCache"/>, for HybridCache, session state and everything else that is written for it. For a keyed store the registration has the same
    /// key (for HybridCache: <c>HybridCacheOptions.DistributedCacheServiceKey</c>). It takes the place of a distributed cache that was registered before.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Limits and key space; runs after the <c>DistributedCache</c> subsection.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IMemStorageBuilder AddDistributedCache(this IMemStorageBuilder builder, Action<MemStoreDistributedCacheOptions>? configure = null)
    {
        MemStoreRegistration registration = MemStoreRegistration.Of(builder);
        if (configure is not null)
            builder.Services.Configure(builder.OptionsName, configure);
        if (registration.ServiceKey is { } key)
        {
            builder.Services.AddKeyedSingleton(key, (provider, _) => CreateCache(provider, registration));
            builder.Services.AddKeyedSingleton<IDistributedCache>(key, (provider, k) => provider.GetRequiredKeyedService<MemStoreDistributedCache>(k));
        }
        else
        {
            builder.Services.AddSingleton(provider => CreateCache(provider, registration));
            builder.Services.AddSingleton<IDistributedCache>(provider => provider.GetRequiredService<MemStoreDistributedCache>());
        }
        return builder;
    }

    /// <summary>
    /// Registers a health check for the store: degraded or unhealthy by the rules of <see cref="MemStoreHealthOptions"/>, unhealthy when closed. The same rules decide which warnings
    /// are logged.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">The rules; runs after the <c>Health</c> subsection.</param>
    /// <param name="name">The name of the check. Default: <c>memstorage</c>, for a keyed store with <c>-</c> and its key behind.</param>
    /// <param name="failureStatus">What "unhealthy" is reported as. Default: <see cref="HealthStatus.Unhealthy"/>.</param>
    /// <param name="tags">Tags, to filter checks by.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IMemStorageBuilder AddHealthCheck(
        this IMemStorageBuilder builder, Action<MemStoreHealthOptions>? configure = null, string? name = null, HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        MemStoreRegistration registration = MemStoreRegistration.Of(builder);
        if (configure is not null)
            builder.Services.Configure(builder.OptionsName, configure);
        builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(
            name ?? (registration.ServiceKey is null ? "memstorage" : $"memstorage-{registration.ServiceKey}"),
            provider => new MemStoreHealthCheck(registration.Resolve<MemStoreObserver>(provider)),
            failureStatus,
            tags));
        return builder;
    }

    private static MemStoreDistributedCache CreateCache(IServiceProvider provider, MemStoreRegistration registration)
    {
        MemStoreDistributedCache cache = new(
            registration.Resolve<MemStore>(provider),
            provider.GetRequiredService<IOptionsMonitor<MemStoreDistributedCacheOptions>>().Get(registration.OptionsName));
        registration.Resolve<MemStoreObserver>(provider).Add(CacheKind.Distributed, cache.Faults);
        return cache;
    }
}
