using System.Diagnostics.CodeAnalysis;
using MemStorage.Extensions.Configuration;
using MemStorage.Settings;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.DependencyInjection;

/// <summary>One registered store; an instance per service key, in the service collection. Also its builder.</summary>
/// <param name="services">The services.</param>
/// <param name="serviceKey">The key; null for the default store.</param>
/// <param name="optionsName">The name of its options, which no other store of these services has.</param>
internal sealed class MemStoreRegistration(IServiceCollection services, object? serviceKey, string optionsName) : IMemStorageBuilder
{
    private readonly List<IConfiguration> _sections = [];
    private readonly List<Action<IServiceProvider>> _checks = [];
    private readonly Dictionary<Type, List<ServiceDescriptor>> _replaceable = [];

    public IServiceCollection Services => services;

    public object? ServiceKey => serviceKey;

    public string OptionsName => optionsName;

    /// <summary>What the store is called unless the options say otherwise.</summary>
    public string DefaultName { get; } = serviceKey is null ? new MemStoreOptions().Name : serviceKey.ToString() is { Length: > 0 } text ? text : "(empty key)";

    /// <summary>The health checks of this store by name: what is added again takes the place of the former.</summary>
    public Dictionary<string, HealthCheckRegistration> HealthChecks { get; } = [];

    /// <summary>The name of the options of a new store: the text of its key, made different where another store has it.</summary>
    public static string NameOfOptions(object? serviceKey, IEnumerable<MemStoreRegistration> others)
    {
        string name = serviceKey switch
        {
            null => "",
            string { Length: > 0 } text => text,
            // a key that is no text may print like one; the empty text is the name of the default store's options
            _ => $"{serviceKey.GetType().FullName}:{serviceKey}",
        };
        HashSet<string> taken = [.. others.Select(o => o.OptionsName)];
        string unique = name;
        for (int i = 2; taken.Contains(unique); i++)
            unique = $"{name}#{i}";
        return unique;
    }

    /// <summary>Registers options of this store: bound from its sections (or a part of them), validated at start.</summary>
    /// <remarks>To be called before the first action of the user that configures the same options, so that code runs after configuration.</remarks>
    public void AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(OptionTable<TOptions> table, string? subsection)
        where TOptions : class
    {
        TableBoundOptions<TOptions> binder = new(OptionsName, table, _sections, subsection);
        services.AddSingleton<IConfigureOptions<TOptions>>(binder);
        services.AddSingleton<IValidateOptions<TOptions>>(binder);
        services.AddOptions<TOptions>(OptionsName);
        _checks.Add(provider => _ = provider.GetRequiredService<IOptionsMonitor<TOptions>>().Get(OptionsName));
    }

    /// <summary>Everything that is wrong with the options of this store.</summary>
    public IEnumerable<string> Faults(IServiceProvider provider)
    {
        foreach (Action<IServiceProvider> check in _checks)
        {
            IEnumerable<string> faults = [];
            try
            {
                check(provider);
            }
            catch (OptionsValidationException e)
            {
                faults = e.Failures;
            }
            foreach (string fault in faults)
                yield return serviceKey is null || _sections.Count > 0 ? fault : $"Store '{DefaultName}': {fault}";
        }
    }

    public void Bind(IConfiguration section) => _sections.Add(section);

    /// <summary>Registers services in place of those that were registered under the same <paramref name="group"/> before, at the end of the list: the last call holds.</summary>
    public void Replace(Type group, params ServiceDescriptor[] descriptors)
    {
        if (_replaceable.TryGetValue(group, out List<ServiceDescriptor>? former))
            foreach (ServiceDescriptor descriptor in former)
                services.Remove(descriptor);
        _replaceable[group] = [.. descriptors];
        foreach (ServiceDescriptor descriptor in descriptors)
            services.Add(descriptor);
    }

    public bool Has(Type group) => _replaceable.ContainsKey(group);

    public T Resolve<T>(IServiceProvider provider)
        where T : notnull =>
        serviceKey is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(serviceKey);

    /// <summary>The registrations in a collection of services.</summary>
    public static IEnumerable<MemStoreRegistration> All(IServiceCollection services) =>
        services.Where(d => d.ServiceType == typeof(MemStoreRegistration) && !d.IsKeyedService).Select(d => (MemStoreRegistration)d.ImplementationInstance!);

    /// <summary>The registration behind a builder that a user holds.</summary>
    public static MemStoreRegistration Of(IMemStorageBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder as MemStoreRegistration ?? throw new ArgumentException("The builder does not come from AddMemStorage.", nameof(builder));
    }
}
