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
    /// key (for HybridCache: <c>HybridCacheOptions.DistributedCacheServiceKey</c>). It takes the place of a distributed cache that was registered before. A second call configures the same
    /// cache further.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Limits and key space; runs after the <c>DistributedCache</c> subsection.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IMemStorageBuilder AddDistributedCache(this IMemStorageBuilder builder, Action<MemStoreDistributedCacheOptions>? configure = null)
    {
        MemStoreRegistration registration = MemStoreRegistration.Of(builder);
        if (configure is not null)
            builder.Services.Configure(builder.OptionsName, configure);
        // Replace, so that a second call configures the same cache further and yet comes before whatever was registered in between
        if (registration.ServiceKey is { } key)
            registration.Replace(
                typeof(IDistributedCache),
                ServiceDescriptor.KeyedSingleton(key, (provider, _) => CreateCache(provider, registration)),
                ServiceDescriptor.KeyedSingleton<IDistributedCache>(key, (provider, k) => provider.GetRequiredKeyedService<MemStoreDistributedCache>(k)));
        else
            registration.Replace(
                typeof(IDistributedCache),
                ServiceDescriptor.Singleton(provider => CreateCache(provider, registration)),
                ServiceDescriptor.Singleton<IDistributedCache>(provider => provider.GetRequiredService<MemStoreDistributedCache>()));
        return builder;
    }

    /// <summary>
    /// Registers a health check for the store: degraded or unhealthy by the rules of <see cref="MemStoreHealthOptions"/>, unhealthy when closed. The same rules decide which warnings
    /// are logged. A second call with the same name takes the place of the first.
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
        name ??= DefaultCheckName(registration);
        bool again = registration.HealthChecks.ContainsKey(name);
        registration.HealthChecks[name] = new HealthCheckRegistration(name, provider => new MemStoreHealthCheck(registration.Resolve<MemStoreObserver>(provider)), failureStatus, tags);
        builder.Services.AddHealthChecks();
        if (!again) // the platform refuses two checks of one name when the first health report is asked for; added again, a check takes the place of the former
            builder.Services.Configure<HealthCheckServiceOptions>(o => o.Registrations.Add(registration.HealthChecks[name]));
        return builder;
    }

    private static string DefaultCheckName(MemStoreRegistration registration)
    {
        if (registration.ServiceKey is null)
            return "memstorage";
        string name = $"memstorage-{registration.ServiceKey}";
        // keys of two types can print alike (42 and "42")
        HashSet<string> taken = [.. MemStoreRegistration.All(registration.Services).Where(r => r != registration).SelectMany(r => r.HealthChecks.Keys)];
        string unique = name;
        for (int i = 2; taken.Contains(unique); i++)
            unique = $"{name}#{i}";
        return unique;
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
