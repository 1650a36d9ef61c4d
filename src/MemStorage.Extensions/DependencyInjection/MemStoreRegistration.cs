using MemStorage.Extensions.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace MemStorage.Extensions.DependencyInjection;

/// <summary>One registered store; an instance per service key, in the service collection. Also its builder.</summary>
internal sealed class MemStoreRegistration(IServiceCollection services, object? serviceKey) : IMemStorageBuilder
{
    public IServiceCollection Services => services;

    public object? ServiceKey => serviceKey;

    // A key that is no string may print like another one; its type keeps apart what can be kept apart.
    public string OptionsName { get; } = serviceKey switch
    {
        null => "",
        string text => text,
        _ => $"{serviceKey.GetType().FullName}:{serviceKey}",
    };

    /// <summary>The sections that the store, its distributed cache and its health rules are bound from; filled in while services are registered.</summary>
    public TableBoundOptions<MemStoreOptions> Store { get; private set; } = null!;

    public TableBoundOptions<MemStoreDistributedCacheOptions> Cache { get; private set; } = null!;

    public TableBoundOptions<MemStoreHealthOptions> Health { get; private set; } = null!;

    public void CreateBinders()
    {
        Store = new(OptionsName, OptionTables.MemStore);
        Cache = new(OptionsName, OptionTables.DistributedCache);
        Health = new(OptionsName, OptionTables.Health);
    }

    public void Bind(IConfiguration section)
    {
        Store.Sections.Add(section);
        Cache.Sections.Add(section.GetSection(OptionTables.DistributedCacheSection));
        Health.Sections.Add(section.GetSection(OptionTables.HealthSection));
    }

    public T Resolve<T>(IServiceProvider provider)
        where T : notnull =>
        serviceKey is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(serviceKey);
}
