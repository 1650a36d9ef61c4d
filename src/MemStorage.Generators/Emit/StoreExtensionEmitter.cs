using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The method on the store: <c>store.Orders()</c>.</summary>
internal static class StoreExtensionEmitter
{
    public static string Emit(EntityModel entity)
    {
        if (entity.ExtensionAccessibility is not { } accessibility)
            return "";
        return $$"""
            /// <summary>Gives the repository of <see cref="{{Identifiers.ToXml(entity.Source)}}"/> of a store.</summary>
            {{Source.Attributes(entity.BreaksClsCompliance && accessibility == "public")}}
            {{accessibility}} static class {{entity.ExtensionClass}}
            {
                /// <summary>The repository of <see cref="{{Identifiers.ToXml(entity.Source)}}"/>; the same one on every call for the same store.</summary>
                /// <param name="store">The store.</param>
                /// <exception cref="global::System.ArgumentNullException"><paramref name="store"/> is null.</exception>
                /// <exception cref="global::System.ObjectDisposedException">The store is closed.</exception>
                /// <exception cref="global::MemStorage.MemStorageException">Another entity has the same key space.</exception>
                public static {{entity.RepositorySource}} {{entity.ExtensionName}}(this global::MemStorage.MemStore store)
                {
                    global::System.ArgumentNullException.ThrowIfNull(store);
                    return store.GetRepository(static s => new {{entity.RepositorySource}}(s));
                }
            }
            """;
    }
}
