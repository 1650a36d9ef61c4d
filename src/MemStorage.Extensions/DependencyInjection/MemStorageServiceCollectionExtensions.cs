using System.Diagnostics.Metrics;
using MemStorage;
using MemStorage.Extensions;
using MemStorage.Extensions.Configuration;
using MemStorage.Extensions.DependencyInjection;
using MemStorage.Extensions.Diagnostics;
using MemStorage.Extensions.Hosting;
using MemStorage.Settings;
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
    /// bound does not become the default one; so is a section that does not exist or is empty. Read once, when the store is created.
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
        if (ReferenceEquals(serviceKey, KeyedService.AnyKey))
            throw new ArgumentException("KeyedService.AnyKey stands for every key; a store has one of its own.", nameof(serviceKey));
        MemStoreRegistration registration = MemStoreRegistration.All(services).FirstOrDefault(r => Equals(r.ServiceKey, serviceKey)) ?? Register(services, serviceKey);
        if (section is not null)
            registration.Bind(section);
        if (configure is not null)
            services.Configure(registration.OptionsName, configure);
        return registration;
    }

    private static MemStoreRegistration Register(IServiceCollection services, object? serviceKey)
    {
        MemStoreRegistration registration = new(services, serviceKey, MemStoreRegistration.NameOfOptions(serviceKey, MemStoreRegistration.All(services)));
        services.AddSingleton(registration);
        if (serviceKey is not null)
            services.Configure<MemStoreOptions>(registration.OptionsName, o => o.Name = registration.DefaultName);
        registration.AddOptions(MemStoreOptionTable.Table, subsection: null);
        registration.AddOptions(OptionTables.DistributedCache, MemStoreOptionTable.DistributedCacheSection);
        registration.AddOptions(OptionTables.Health, MemStoreOptionTable.HealthSection);
        services.AddOptions<MemStoreOptions>(registration.OptionsName).PostConfigure<IServiceProvider>(static (o, provider) =>
        {
            if (o.TimeProvider == TimeProvider.System && provider.GetService<TimeProvider>() is { } time)
                o.TimeProvider = time;
        });

        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<MemStorageSetup>, MemStorageSetup.Validator>());
        services.AddOptions<MemStorageSetup>().ValidateOnStart();
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
        _ = provider.GetRequiredService<IOptions<MemStorageSetup>>().Value; // without a host nobody has validated yet: all faults of all stores, here too
        MemStore store = new(provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(registration.OptionsName));
        _ = Observe(store, provider, registration); // metrics begin with the store, also where there is no host
        return store;
    }

    private static MemStoreObserver Observe(MemStore store, IServiceProvider provider, MemStoreRegistration registration)
    {
        MemStoreObserver observer = MemStoreObserver.Of(store, s => new MemStoreObserver(
            s,
            provider.GetRequiredService<IOptionsMonitor<MemStoreOptions>>().Get(registration.OptionsName),
            provider.GetRequiredService<IOptionsMonitor<MemStoreHealthOptions>>().Get(registration.OptionsName)));
        provider.GetRequiredService<MemStoreMetrics>().Observe(observer);
        return observer;
    }
}
