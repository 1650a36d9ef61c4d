using System.Diagnostics.Metrics;
using MemStorage;
using MemStorage.Extensions;
using MemStorage.Extensions.Configuration;
using MemStorage.Extensions.DependencyInjection;
using MemStorage.Extensions.Diagnostics;
using MemStorage.Extensions.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers <see cref="MemStore"/> and what belongs to it.</summary>
public static class MemStorageServiceCollectionExtensions
{
    /// <summary>
    /// Registers a <see cref="MemStore"/> as a singleton, with its metrics. The options are validated when the host starts, all faults in one
    /// <see cref="OptionsValidationException"/>. The store starts before the hosted services and closes with the service provider, after every service that was given it.
    /// A <see cref="TimeProvider"/> in the services becomes the store's clock unless the options name another.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="configure">Sets options; runs after what was bound from configuration.</param>
    /// <returns>A builder, for the distributed cache and the health check. Calling this twice configures the same store further.</returns>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> is null.</exception>
    public static IMemStorageBuilder AddMemStorage(this IServiceCollection services, Action<MemStoreOptions>? configure = null) => Add(services, null, null, configure);

    /// <summary>As <see cref="AddMemStorage(IServiceCollection, Action{MemStoreOptions})"/>, with options from configuration.</summary>
    /// <param name="services">The services.</param>
    /// <param name="section">
    /// A section whose keys are the properties of <see cref="MemStoreOptions"/>; <c>DistributedCache</c> and <c>Health</c> are subsections. An unknown key is a fault, so that a misspelt
    /// bound does not become the default one. Read once, when the store is created.
    /// </param>
    /// <param name="configure">Sets options after the section.</param>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="section"/> is null.</exception>
    public static IMemStorageBuilder AddMemStorage(this IServiceCollection services, IConfiguration section, Action<MemStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, null, section, configure);
    }

    /// <summary>
    /// As <see cref="AddMemStorage(IServiceCollection, Action{MemStoreOptions})"/>, for one of several stores: it is resolved with its key (<c>[FromKeyedServices]</c>). The store's
    /// <see cref="MemStoreOptions.Name"/> is the key unless the options say otherwise.
    /// </summary>
    /// <param name="services">The services.</param>
    /// <param name="serviceKey">The key.</param>
    /// <param name="configure">Sets options.</param>
    /// <exception cref="ArgumentNullException"><paramref name="services"/> or <paramref name="serviceKey"/> is null.</exception>
    public static IMemStorageBuilder AddKeyedMemStorage(this IServiceCollection services, object serviceKey, Action<MemStoreOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        return Add(services, serviceKey, null, configure);
    }

    /// <inheritdoc cref="AddKeyedMemStorage(IServiceCollection, object, Action{MemStoreOptions})"/>
    /// <param name="section">As for <see cref="AddMemStorage(IServiceCollection, IConfiguration, Action{MemStoreOptions})"/>.</param>
#pragma warning disable CS1573 // inherited
    public static IMemStorageBuilder AddKeyedMemStorage(this IServiceCollection services, object serviceKey, IConfiguration section, Action<MemStoreOptions>? configure = null)
#pragma warning restore CS1573
    {
        ArgumentNullException.ThrowIfNull(serviceKey);
        ArgumentNullException.ThrowIfNull(section);
        return Add(services, serviceKey, section, configure);
    }

    private static MemStoreRegistration Add(IServiceCollection services, object? serviceKey, IConfiguration? section, Action<MemStoreOptions>? configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        MemStoreRegistration registration = services
            .Where(d => d.ServiceType == typeof(MemStoreRegistration) && !d.IsKeyedService)
            .Select(d => (MemStoreRegistration)d.ImplementationInstance!)
            .FirstOrDefault(r => Equals(r.ServiceKey, serviceKey)) ?? Register(services, serviceKey);
        if (section is not null)
            registration.Bind(section);
        if (configure is not null)
            services.Configure(registration.OptionsName, configure);
        return registration;
    }

    private static MemStoreRegistration Register(IServiceCollection services, object? serviceKey)
    {
        MemStoreRegistration registration = new(services, serviceKey);
        services.AddSingleton(registration);
        registration.AddOptions(OptionTables.MemStore, subsection: null);
        registration.AddOptions(OptionTables.DistributedCache, OptionTables.DistributedCacheSection);
        registration.AddOptions(OptionTables.Health, OptionTables.HealthSection);
        if (serviceKey is not null)
            services.Configure<MemStoreOptions>(registration.OptionsName, o => o.Name = serviceKey.ToString() is { Length: > 0 } name ? name : o.Name);
        services.AddOptions<MemStoreOptions>(registration.OptionsName).PostConfigure<IServiceProvider>(static (o, provider) =>
        {
            if (o.TimeProvider == TimeProvider.System && provider.GetService<TimeProvider>() is { } time)
                o.TimeProvider = time;
        });

        services.TryAddSingleton(static provider => new MemStoreMetrics(provider.GetService<IMeterFactory>()));
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, MemStoreHostedService>());
        if (serviceKey is null)
        {
            services.TryAddSingleton(provider => CreateStore(provider, registration));
            services.TryAddSingleton(provider => Observe(registration.Resolve<MemStore>(provider), provider, registration));
        }
        else
        {
            services.TryAddKeyedSingleton(serviceKey, (provider, _) => CreateStore(provider, registration));
            services.TryAddKeyedSingleton(serviceKey, (provider, _) => Observe(registration.Resolve<MemStore>(provider), provider, registration));
        }
        return registration;
    }

    private static MemStore CreateStore(IServiceProvider provider, MemStoreRegistration registration)
    {
        MemStore store = new(provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(registration.OptionsName));
        _ = Observe(store, provider, registration); // metrics begin with the store, also where there is no host
        return store;
    }

    private static MemStoreObserver Observe(MemStore store, IServiceProvider provider, MemStoreRegistration registration) => MemStoreObserver.Of(store, s =>
    {
        MemStoreObserver observer = new(
            s,
            provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(registration.OptionsName),
            provider.GetRequiredService<IOptionsMonitor<MemStoreHealthOptions>>().Get(registration.OptionsName));
        provider.GetRequiredService<MemStoreMetrics>().Observe(observer);
        return observer;
    });
}
