using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>For a composite key: the members that take a key, with its parts instead.</summary>
internal static class KeyPartOverloadsEmitter
{
    /// <summary>The members of the repository.</summary>
    public static string Emit(EntityModel entity) => Emit(entity, isInterface: false);

    /// <summary>The same members of its interface.</summary>
    public static string EmitForInterface(EntityModel entity) => Emit(entity, isInterface: true);

    private static string Emit(EntityModel entity, bool isInterface)
    {
        if (!entity.Key.IsComposite)
            return "";
        string access = isInterface ? "" : "public ";
        string type = entity.Source;
        string maybe = $"[global::System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out {type} ";
        string parts = string.Join(", ", entity.Key.Members.Select(static m => $"{m.Part.Type} {m.Parameter}"));
        string key = $"new {entity.Key.Type}({string.Join(", ", entity.Key.Members.Select(static m => m.Parameter))})";
        string entityName = Free("entity", entity);
        string version = Free("version", entity);
        string change = Free("change", entity);
        const string mustCheck = "[global::MemStorage.MustCheck]\n";
        string[] members =
        [
            Member("Get(TKey)", $"{access}{type} Get({parts}) => Get({key});"),
            Member(
                "TryGet(TKey, out TEntity)",
                $"{access}bool TryGet({parts}, {maybe}{entityName}) => TryGet({key}, out {entityName});"),
            Member("GetNoCopy(TKey)", $"[return: global::MemStorage.NoCopy]\n{access}{type} GetNoCopy({parts}) => GetNoCopy({key});"),
            Member(
                "TryGetNoCopy(TKey, out TEntity)",
                $"{access}bool TryGetNoCopy({parts}, [global::MemStorage.NoCopy] {maybe}{entityName}) => TryGetNoCopy({key}, out {entityName});"),
            Member("Contains(TKey)", $"{access}bool Contains({parts}) => Contains({key});"),
            Member(
                "Update(TKey, global::System.Action{TEntity})",
                $"{mustCheck}{access}global::MemStorage.UpdateResult Update({parts}, global::System.Action<{type}> {change}) => Update({key}, {change});"),
            Member(
                "Update(TKey, global::System.Func{TEntity, TEntity})",
                $"{mustCheck}{access}global::MemStorage.UpdateResult Update({parts}, global::System.Func<{type}, {type}> {change}) => Update({key}, {change});"),
            Member("Delete(TKey)", $"{mustCheck}{access}global::MemStorage.DeleteResult Delete({parts}) => Delete({key});"),
            Member(
                "Delete(TKey, long)",
                $"{mustCheck}{access}global::MemStorage.DeleteResult Delete({parts}, long {version}) => Delete({key}, {version});"),
        ];
        return Source.Blocks(members.Select(m => isInterface ? m.Substring(0, m.IndexOf(" => ", StringComparison.Ordinal)) + ";" : m));
    }

    private static string Member(string signature, string text) =>
        $"/// <inheritdoc cref=\"global::MemStorage.IMemStorageRepository{{TKey, TEntity}}.{signature}\"/>\n{text}";

    private static string Free(string name, EntityModel entity) => entity.Key.Members.Any(m => m.Parameter == name) ? name + "_" : name;
}
