using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>The file of one entity: its repository, its composite key, its method on the store.</summary>
internal static class EntityFileEmitter
{
    public static string Emit(EntityModel entity)
    {
        string types = Source.Blocks([RepositoryEmitter.Emit(entity), InterfaceEmitter.Emit(entity), CompositeKeyEmitter.Emit(entity)]);
        for (int i = entity.Containers.Count - 1; i >= 0; i--)
        {
            ContainerModel container = entity.Containers[i];
            types = $$"""
                partial {{container.Keywords}} {{container.Name}}
                {
                {{types.Indent(1)}}
                }
                """;
        }
        return Source.Finish(Source.Blocks(
        [
            Source.Header(entity.Silenced),
            entity.Namespace.Length == 0 ? "" : $"namespace {entity.Namespace};",
            types,
            StoreExtensionEmitter.Emit(entity),
        ]));
    }
}
