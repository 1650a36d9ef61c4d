using System.Text;
using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The registration of an assembly's repositories with dependency injection.</summary>
internal static class RegistrationEmitter
{
    public static string Emit(RegistrationModel registration)
    {
        string accessibility = registration.Repositories.Any(static r => r.IsPublic) ? "public" : "internal";
        string lines = Source.Lines(registration.Repositories.Select(static r => $$"""
            services.TryAddSingleton(static provider => provider.GetRequiredService<global::MemStorage.MemStore>().GetRepository(static store => new {{r.Repository}}(store)));
            services.TryAddSingleton<global::MemStorage.IMemStorageRepository<{{r.Key}}, {{r.Entity}}>>(static provider => provider.GetRequiredService<{{r.Repository}}>());
            """));
        return Source.Finish($$"""
            {{Source.Header(registration.Repositories.SelectMany(static r => r.Silenced).Distinct().OrderBy(static id => id, StringComparer.Ordinal))}}

            using Microsoft.Extensions.DependencyInjection;
            using Microsoft.Extensions.DependencyInjection.Extensions;

            namespace {{NamespaceOf(registration.AssemblyName)}};

            /// <summary>Registers the repositories of this assembly.</summary>
            {{Source.Attributes(breaksClsCompliance: false)}}
            {{accessibility}} static class MemStorageRepositoryServiceCollectionExtensions
            {
                /// <summary>
                /// Registers the repository of each entity of this assembly as a singleton, by its class and as
                /// <see cref="global::MemStorage.IMemStorageRepository{TKey, TEntity}"/>. The <see cref="global::MemStorage.MemStore"/> comes from the
                /// same services. What is registered already stays.
                /// </summary>
                /// <param name="services">The services.</param>
                /// <returns>The services.</returns>
                /// <exception cref="global::System.ArgumentNullException"><paramref name="services"/> is null.</exception>
                public static global::Microsoft.Extensions.DependencyInjection.IServiceCollection AddMemStorageRepositories(this global::Microsoft.Extensions.DependencyInjection.IServiceCollection services)
                {
                    global::System.ArgumentNullException.ThrowIfNull(services);
            {{lines.Indent(2)}}
                    return services;
                }
            }
            """);
    }

    // the assembly's name as a namespace: where its code usually lives, and apart from the same method of other assemblies
    private static string NamespaceOf(string assemblyName)
    {
        StringBuilder name = new();
        foreach (string segment in assemblyName.Split('.'))
        {
            string identifier = new(segment.Select(static c => char.IsLetterOrDigit(c) ? c : '_').ToArray());
            if (identifier.Length == 0)
                continue;
            if (char.IsDigit(identifier[0]))
                identifier = "_" + identifier;
            name.Append(name.Length == 0 ? "" : ".").Append(Identifiers.Escape(identifier));
        }
        return name.Length == 0 ? "MemStorageRepositories" : name.ToString();
    }
}
