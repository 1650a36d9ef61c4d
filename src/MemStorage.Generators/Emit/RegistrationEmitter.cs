using System.Text;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>
/// The registration of an assembly's repositories with dependency injection. It stands where every host looks for such methods, so the one that others
/// can see has the assembly's name in its own: of two assemblies with entities neither is in the other's way.
/// </summary>
internal static class RegistrationEmitter
{
    private const string Services = "global::Microsoft.Extensions.DependencyInjection.IServiceCollection";
    private const string ShortName = "AddMemStorageRepositories";

    public static string Emit(RegistrationModel registration)
    {
        string accessibility = registration.Repositories.Any(static r => r.IsPublic) ? "public" : "internal";
        string assembly = IdentifierOf(registration.AssemblyName);
        string method = $"Add{assembly}Repositories";
        string lines = Source.Lines(registration.Repositories.Select(static r => $$"""
            services.TryAddSingleton(static provider => provider.GetRequiredService<global::MemStorage.MemStore>().GetRepository(static store => new {{r.Repository}}(store)));
            services.TryAddSingleton<global::MemStorage.IMemStorageRepository<{{r.Key}}, {{r.Entity}}>>(static provider => provider.GetRequiredService<{{r.Repository}}>());
            """));
        string registrations = $$"""
            /// <summary>
            /// Registers the repository of each entity of {{registration.AssemblyName}} as a singleton, by its class and as
            /// <see cref="global::MemStorage.IMemStorageRepository{TKey, TEntity}"/>. The <see cref="global::MemStorage.MemStore"/> comes from the
            /// same services. What is registered already stays.
            /// </summary>
            /// <param name="services">The services.</param>
            /// <returns>The services.</returns>
            /// <exception cref="global::System.ArgumentNullException"><paramref name="services"/> is null.</exception>
            {{accessibility}} static {{Services}} {{method}}(this {{Services}} services)
            {
                global::System.ArgumentNullException.ThrowIfNull(services);
            {{lines.Indent(1)}}
                return services;
            }
            """;
        string shorter = method == ShortName ? "" : $$"""
            /// <summary>The same, short, for the assembly itself: <see cref="{{method}}"/>.</summary>
            /// <param name="services">The services.</param>
            /// <returns>The services.</returns>
            /// <exception cref="global::System.ArgumentNullException"><paramref name="services"/> is null.</exception>
            internal static {{Services}} {{ShortName}}(this {{Services}} services) => {{method}}(services);
            """;
        return Source.Finish($$"""
            {{Source.Header(registration.Repositories.SelectMany(static r => r.Silenced).Distinct().OrderBy(static id => id, StringComparer.Ordinal))}}

            using Microsoft.Extensions.DependencyInjection.Extensions;

            namespace Microsoft.Extensions.DependencyInjection;

            /// <summary>Registers the repositories of {{registration.AssemblyName}}.</summary>
            {{Source.Attributes(breaksClsCompliance: false)}}
            {{accessibility}} static class {{(char.IsDigit(assembly[0]) ? "_" : "")}}{{assembly}}RepositoryServiceCollectionExtensions
            {
            {{Source.Blocks([registrations, shorter]).Indent(1)}}
            }
            """);
    }

    // Shop.Orders -> ShopOrders
    private static string IdentifierOf(string assemblyName)
    {
        StringBuilder name = new();
        bool begins = true;
        foreach (char c in assemblyName)
        {
            bool belongs = char.IsLetterOrDigit(c);
            if (belongs)
                name.Append(begins ? char.ToUpperInvariant(c) : c);
            begins = !belongs;
        }
        return name.ToString();
    }
}
