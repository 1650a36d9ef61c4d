using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>Finding by indexed members.</summary>
internal static class IndexEmitter
{
    /// <summary>The members of the repository: <c>FindBy…</c>, <c>Find…Between</c> and what writes a value.</summary>
    public static IEnumerable<string> Emit(EntityModel entity)
    {
        for (int i = 0; i < entity.Indexes.Count; i++)
        {
            IndexModel index = entity.Indexes[i];
            string see = index.Reference;
            string parameter = Identifiers.ToParameter(index.PlainName);
            string type = TypeOf(index);
            yield return $$"""
                /// <summary>The live entities whose {{see}} has this value, as fresh objects in the order of their keys' bytes.</summary>
                /// <param name="{{parameter.TrimStart('@')}}">The value.</param>
                public global::System.Collections.Generic.IEnumerable<{{entity.Source}}> FindBy{{index.PlainName}}({{type}} {{parameter}}) =>
                    FindByIndex({{i}}, {{parameter}}, {{WriterOf(index)}});
                """;
            if (index.Part.IsOrdered)
            {
                yield return $$"""
                    /// <summary>The live entities whose {{see}} is in a range, as fresh objects in ascending order.</summary>
                    /// <param name="from">The lowest value; included.</param>
                    /// <param name="to">The highest value; included. Below <paramref name="from"/> there is nothing to find.</param>
                    public global::System.Collections.Generic.IEnumerable<{{entity.Source}}> Find{{index.PlainName}}Between({{index.Part.Type}} from, {{index.Part.Type}} to) =>
                        FindByIndexBetween<{{type}}>({{i}}, from, to, {{WriterOf(index)}});
                    """;
            }
            yield return Source.Member($"private static void {WriterOf(index)}(ref global::MemStorage.Typed.IndexKeyWriter writer, {type} value)", Write(index));
        }
    }

    /// <summary>The member of the traits that writes the indexed members of an entity.</summary>
    public static string EmitWriter(EntityModel entity)
    {
        if (entity.Indexes.Count == 0)
            return "";
        string cases = Source.Lines(entity.Indexes.Select((index, i) => $$"""
            case {{i}}:
                {{WriterOf(index)}}(ref writer, entity.{{index.Name}});
                break;
            """));
        return $$"""
            /// <inheritdoc/>
            public static void WriteIndexKey(int index, ref global::MemStorage.Typed.IndexKeyWriter writer, in {{entity.Source}} entity)
            {
                switch (index)
                {
            {{cases.Indent(2)}}
                    default:
                        throw new global::System.ArgumentOutOfRangeException(nameof(index));
                }
            }
            """;
    }

    // ends with a word that no member of the repository's base and of the traits ends with, whatever the indexed member is called
    private static string WriterOf(IndexModel index) => $"Write{index.PlainName}Index";

    /// <summary>The type of a value to look for.</summary>
    public static string TypeOf(IndexModel index) => index.Part.Type + (index.IsNullable ? "?" : "");

    private static List<string> Write(IndexModel index)
    {
        // the writer knows what to do about a string that is not there
        if (!index.IsNullable || index.Part.Type == "string")
            return [.. Parts(index.Part, "value")];
        return
        [
            """
            if (value is not { } present)
            {
                writer.WriteNull();
                return;
            }
            """,
            "writer.WriteNotNull();",
            .. Parts(index.Part, "present"),
        ];
    }

    private static IEnumerable<string> Parts(KeyPartModel part, string expression) => part.Kind is KeyPartKind.Record or KeyPartKind.Converted
        ? part.Parts.SelectMany(m => Parts(m.Part, KeyExpressions.PartOf(part, m, expression)))
        : [$"writer.Write({expression});"];
}
