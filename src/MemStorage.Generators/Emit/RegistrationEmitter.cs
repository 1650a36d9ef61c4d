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

    /// <summary>What hides the short method from assemblies that see the internals of this one: there it would be ambiguous with their own.</summary>
    public static string EmitEmbedded() => Source.Finish($$"""
        {{Source.Header([])}}
        #pragma warning disable // its shape is the compiler's to say

        namespace Microsoft.CodeAnalysis;

        internal sealed partial class EmbeddedAttribute : global::System.Attribute
        {
        }
        """);

    public static string Emit(RegistrationModel registration)
    {
        string assembly = IdentifierOf(registration.AssemblyName);
        string prefix = char.IsDigit(assembly[0]) ? "_" : "";
        string method = $"Add{assembly}Repositories";
        bool hasOwn = registration.Repositories.Count > 0;
        string shorter = !hasOwn ? Short(string.Concat(registration.Friends.Select(static f => $"\n    {f}(services);")), "The repositories of the assemblies whose internals this one sees.")
            : method == ShortName ? ""
            : Short($"\n    {prefix}{assembly}RepositoryServiceCollectionExtensions.{method}(services);", $"The same as <c>{method}</c>, short, for the assembly itself.");
        return Source.Finish(Source.Blocks(
        [
            Source.Header(registration.Repositories.SelectMany(static r => r.Silenced).Distinct().OrderBy(static id => id, StringComparer.Ordinal)),
            hasOwn ? "using Microsoft.Extensions.DependencyInjection.Extensions;" : "",
            "namespace Microsoft.Extensions.DependencyInjection;",
            hasOwn ? Own(registration, prefix + assembly, method) : "",
            shorter.Length == 0 ? "" : $$"""
                /// <summary>The registration of {{registration.AssemblyName}} as it calls it itself.</summary>
                {{Source.Attributes(breaksClsCompliance: false)}}
                [global::{{Parsing.ContractNames.Embedded.Replace("Attribute", "")}}]
                internal static class {{prefix}}{{assembly}}OwnRepositoryServiceCollectionExtensions
                {
                {{shorter.Indent(1)}}
                }
                """,
        ]));
    }

    private static string Short(string statements, string summary) => $$"""
        /// <summary>{{summary}}</summary>
        /// <param name="services">The services.</param>
        /// <returns>The services.</returns>
        /// <exception cref="global::System.ArgumentNullException"><paramref name="services"/> is null.</exception>
        internal static {{Services}} {{ShortName}}(this {{Services}} services)
        {{{statements}}
            return services;
        }
        """;

    private static string Own(RegistrationModel registration, string assembly, string method)
    {
        string accessibility = registration.Repositories.Any(static r => r.IsPublic) ? "public" : "internal";
        string lines = Source.Lines(registration.Repositories.Select(static r => Source.Lines(
        [
            $"services.TryAddSingleton(static provider => provider.GetRequiredService<global::MemStorage.MemStore>().GetRepository(static store => new {r.Repository}(store)));",
            .. r.Interface is null ? Array.Empty<string>() : [$"services.TryAddSingleton<{r.Interface}>(static provider => provider.GetRequiredService<{r.Repository}>());"],
            $"services.TryAddSingleton<global::MemStorage.IMemStorageRepository<{r.Key}, {r.Entity}>>(static provider => provider.GetRequiredService<{r.Repository}>());",
        ])));
        return $$"""
            /// <summary>Registers the repositories of {{registration.AssemblyName}}.</summary>
            {{Source.Attributes(breaksClsCompliance: false)}}
            {{accessibility}} static class {{assembly}}RepositoryServiceCollectionExtensions
            {
                /// <summary>
                /// Registers the repository of each entity of {{registration.AssemblyName}} as a singleton, by its class, by its own interface and as
                /// <see cref="global::MemStorage.IMemStorageRepository{TKey, TEntity}"/>. The <see cref="global::MemStorage.MemStore"/> comes from the
                /// same services. What is registered already stays.
                /// </summary>
                /// <param name="services">The services.</param>
                /// <returns>The services.</returns>
                /// <exception cref="global::System.ArgumentNullException"><paramref name="services"/> is null.</exception>
                {{accessibility}} static {{Services}} {{method}}(this {{Services}} services)
                {
                    global::System.ArgumentNullException.ThrowIfNull(services);
            {{lines.Indent(2)}}
                    return services;
                }
            }
            """;
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
        return name.Length == 0 ? "Assembly" : name.ToString();
    }
}
