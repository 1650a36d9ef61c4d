using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>
/// The interface of a repository: what the general one has, and what only this entity has. No member has a default implementation: not every mocking library
/// can play one.
/// </summary>
internal static class InterfaceEmitter
{
    public static string Emit(EntityModel entity)
    {
        if (!entity.HasInterface)
            return "";
        string general = entity.IsUnmanaged ? "IMemStorageUnmanagedRepository" : "IMemStorageRepository";
        string members = Source.Blocks([KeyPartOverloadsEmitter.EmitForInterface(entity), .. entity.Indexes.SelectMany(index => Find(entity, index))]);
        return $$"""
            /// <summary>
            /// What <see cref="{{Identifiers.ToXml(entity.RepositorySource)}}"/> does, to be injected, and replaced in tests. Its members are described at
            /// <see cref="global::MemStorage.IMemStorageRepository{TKey, TEntity}"/>.
            /// </summary>
            {{Source.Attributes(entity.BreaksClsCompliance)}}
            {{entity.Accessibility}} partial interface {{entity.InterfaceName}} : global::MemStorage.{{general}}<{{entity.Key.Type}}, {{entity.Source}}>
            {
            {{members.Indent(1)}}
            }
            """.Replace("{\n\n}", "{\n}");
    }

    private static IEnumerable<string> Find(EntityModel entity, IndexModel index)
    {
        string parameter = Identifiers.ToParameter(index.PlainName);
        string type = IndexEmitter.TypeOf(index);
        string all = "global::System.Collections.Generic.IEnumerable<" + entity.Source + ">";
        yield return $$"""
            /// <summary>The live entities whose {{index.Reference}} has this value, as fresh objects in the order of their keys' bytes.</summary>
            /// <param name="{{parameter.TrimStart('@')}}">The value.</param>
            {{all}} FindBy{{index.PlainName}}({{type}} {{parameter}});
            """;
        if (!index.Part.IsOrdered)
            yield break;
        yield return $$"""
            /// <summary>The live entities whose {{index.Reference}} is in a range, as fresh objects in ascending order.</summary>
            /// <param name="from">The lowest value; included.</param>
            /// <param name="to">The highest value; included. Below <paramref name="from"/> there is nothing to find.</param>
            {{all}} Find{{index.PlainName}}Between({{index.Part.Type}} from, {{index.Part.Type}} to);
            """;
    }
}
