using MemStorage;
using MemStorage.AspNetCore;
using MemStorage.AspNetCore.Caching;
using MemStorage.Extensions.Caching;
using MemStorage.Extensions.DependencyInjection;
using MemStorage.Extensions.Diagnostics;
using MemStorage.Settings;
using Microsoft.AspNetCore.OutputCaching;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the output cache of ASP.NET Core on a registered store.</summary>
public static class MemStorageOutputCacheExtensions
{
    /// <summary>
    /// Registers output caching with the store behind it, in place of the middleware's own memory store; the pipeline still needs <c>app.UseOutputCache()</c>. Policies are set as always, by
    /// <c>services.AddOutputCache(o =&gt; …)</c>, before or after. There is one output cache in an application: of several calls the last one holds, for whichever store.
    /// </summary>
    /// <param name="builder">The builder.</param>
    /// <param name="configure">Limits and key space; runs after the <c>OutputCache</c> subsection.</param>
    /// <exception cref="ArgumentNullException"><paramref name="builder"/> is null.</exception>
    public static IMemStorageBuilder AddOutputCache(this IMemStorageBuilder builder, Action<MemStoreOutputCacheOptions>? configure = null)
    {
        MemStoreRegistration registration = MemStoreRegistration.Of(builder);
        IServiceCollection services = builder.Services;
        if (!services.Any(d => d.ServiceType == typeof(Marker) && ((Marker)d.ImplementationInstance!).Registration == registration))
        {
            services.AddSingleton(new Marker(registration));
            registration.AddOptions(OutputCacheOptionTable.Table, MemStoreOptionTable.OutputCacheSection);
        }
        if (configure is not null)
            services.Configure(builder.OptionsName, configure);
        services.AddOutputCache();
        foreach (MemStoreRegistration other in MemStoreRegistration.All(services).ToArray())
            other.Replace(typeof(IOutputCacheStore)); // there is one: whoever enumerates shall not make those of former calls
        registration.Replace(
            typeof(IOutputCacheStore),
            ServiceDescriptor.Singleton(provider => Create(provider, registration)),
            ServiceDescriptor.Singleton<IOutputCacheStore>(provider => provider.GetRequiredService<MemStoreOutputCache>()));
        return builder;
    }

    private static MemStoreOutputCache Create(IServiceProvider provider, MemStoreRegistration registration)
    {
        MemStoreOutputCache cache = new(
            registration.Resolve<MemStore>(provider),
            provider.GetRequiredService<IOptionsMonitor<MemStoreOutputCacheOptions>>().Get(registration.OptionsName));
        registration.Resolve<MemStoreObserver>(provider).Add(CacheKind.Output, cache.Faults);
        return cache;
    }

    // The options of a store are bound from configuration once, however often this is called.
    private sealed record Marker(MemStoreRegistration Registration);
}
