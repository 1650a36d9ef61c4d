using System.Diagnostics.CodeAnalysis;
using MemStorage.Extensions.Configuration;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.DependencyInjection;

/// <summary>One registered store; an instance per service key, in the service collection. Also its builder.</summary>
internal sealed class MemStoreRegistration(IServiceCollection services, object? serviceKey) : IMemStorageBuilder
{
    private readonly List<IConfiguration> _sections = [];

    public IServiceCollection Services => services;

    public object? ServiceKey => serviceKey;

    // A key that is no string may print like another one; its type keeps apart what can be kept apart.
    public string OptionsName { get; } = serviceKey switch
    {
        null => "",
        string text => text,
        _ => $"{serviceKey.GetType().FullName}:{serviceKey}",
    };

    /// <summary>Registers options of this store: bound from its sections (or a part of them), validated at start.</summary>
    /// <remarks>To be called before the first action of the user that configures the same options, so that code runs after configuration.</remarks>
    public void AddOptions<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicParameterlessConstructor)] TOptions>(OptionTable<TOptions> table, string? subsection)
        where TOptions : class
    {
        TableBoundOptions<TOptions> binder = new(OptionsName, table, _sections, subsection);
        services.AddSingleton<IConfigureOptions<TOptions>>(binder);
        services.AddSingleton<IValidateOptions<TOptions>>(binder);
        services.AddOptions<TOptions>(OptionsName).ValidateOnStart();
    }

    public void Bind(IConfiguration section) => _sections.Add(section);

    public T Resolve<T>(IServiceProvider provider)
        where T : notnull =>
        serviceKey is null ? provider.GetRequiredService<T>() : provider.GetRequiredKeyedService<T>(serviceKey);

    /// <summary>The registration behind a builder that a user holds.</summary>
    public static MemStoreRegistration Of(IMemStorageBuilder builder)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder as MemStoreRegistration ?? throw new ArgumentException("The builder does not come from AddMemStorage.", nameof(builder));
    }
}
