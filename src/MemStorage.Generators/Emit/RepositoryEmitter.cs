using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The repository class. It holds what only the generator knows; the logic is in its base class.</summary>
internal static class RepositoryEmitter
{
    public static string Emit(EntityModel entity)
    {
        string members = Source.Blocks(
        [
            Constructors(entity),
            KeyPartOverloadsEmitter.Emit(entity),
            .. IndexEmitter.Emit(entity),
            TraitsEmitter.Emit(entity),
        ]);
        return $$"""
            /// <summary>
            /// The typed repository of <see cref="{{Identifiers.ToXml(entity.Source)}}"/> over a store. Thread-safe. Its members are described at
            /// <see cref="global::MemStorage.IMemStorageRepository{TKey, TEntity}"/>.
            /// </summary>
            {{Source.Attributes(entity.BreaksClsCompliance)}}
            {{entity.Accessibility}} sealed partial class {{entity.RepositoryName}}
                : global::MemStorage.{{(entity.IsUnmanaged ? "MemStorageUnmanagedRepository" : "MemStorageRepository")}}<{{entity.Key.Type}}, {{entity.Source}}, {{entity.RepositorySource}}.Traits>{{(entity.HasInterface ? ", " + entity.InterfaceSource : "")}}
            {
            {{members.Indent(1)}}
            }
            """;
    }

    private static string Constructors(EntityModel entity)
    {
        string constructor = $$"""
            /// <summary>Creates a repository over a store. Prefer the one that the store keeps, from the generated method of the store or from dependency injection.</summary>
            /// <param name="store">The store.</param>
            /// <exception cref="global::System.ArgumentNullException"><paramref name="store"/> is null.</exception>
            /// <exception cref="global::MemStorage.MemStorageException">Another entity has the same key space.</exception>
            public {{entity.RepositoryName}}(global::MemStorage.MemStore store)
                : base(store)
            {
            }
            """;
        return Source.Blocks([FormatterEmitter.Emit(entity), constructor]);
    }
}
