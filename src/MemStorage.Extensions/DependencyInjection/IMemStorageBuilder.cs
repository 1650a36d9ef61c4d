namespace Microsoft.Extensions.DependencyInjection;

/// <summary>What <c>AddMemStorage</c> and <c>AddKeyedMemStorage</c> return: one registered store, to which more can be added.</summary>
public interface IMemStorageBuilder
{
    /// <summary>The services.</summary>
    IServiceCollection Services { get; }

    /// <summary>The service key of the store; null for the default store.</summary>
    object? ServiceKey { get; }

    /// <summary>The name under which the options of this store are registered (<c>IOptionsMonitor.Get</c>); empty for the default store.</summary>
    string OptionsName { get; }
}
