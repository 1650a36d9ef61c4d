using System.Text;

namespace MemStorage.Bench.Build;

/// <summary>The source of so many entities, each in a file of its own, and of code that uses them.</summary>
internal static class EntitySource
{
    public static IEnumerable<(string Path, string Text)> Files(int entities)
    {
        for (int i = 0; i < entities; i++)
            yield return ($"Entity{i}.cs", Entity(i));
        yield return ("Use.cs", Use(entities));
        yield return ("Unrelated.cs", Unrelated(0));
    }

    /// <summary>A file that no entity knows; another edition is another text.</summary>
    public static string Unrelated(int edition) => $$"""
        namespace Shop;

        internal static class Unrelated
        {
            internal static int Edition() => {{edition}};
        }
        """;

    /// <summary>An entity; another edition has another member.</summary>
    public static string Entity(int number, int edition = 0) => $$"""
        using System;
        using System.Collections.Generic;
        using MemoryPack;
        using MemStorage;

        namespace Shop;

        [MemStorageEntity]
        [MemoryPackable]
        public partial class Entity{{number}}
        {
            [MemStorageKey]
            public int Id { get; set; }

            [MemStorageVersion]
            public long Version { get; set; }

            [MemStorageIndex]
            public string Customer { get; set; } = "";

            public DateTime CreatedAt { get; set; }

            public decimal Total { get; set; }

            public List<string> Lines { get; set; } = [];
        {{(edition == 0 ? "" : $"\n    public int Added{edition} {{ get; set; }}\n")}}}
        """;

    private static string Use(int entities)
    {
        StringBuilder text = new("""
            using System.Linq;
            using MemStorage;

            namespace Shop;

            internal static class Use
            {

            """);
        for (int i = 0; i < entities; i++)
        {
            text.AppendLine($$"""
                    internal static decimal Sum{{i}}(Entity{{i}}Repository repository, int id)
                    {
                        if (!repository.TryGetNoCopy(id, out Entity{{i}}? shared))
                            return 0;
                        decimal total = shared.Total;
                        for (int line = 0; line < shared.Lines.Count; line++)
                            total += shared.Lines[line].Length;
                        var own = repository.Get(id);
                        own.Total = total;
                        return repository.Set(own) == SetResult.Stored ? total : 0;
                    }

                """);
        }
        return text.Append('}').ToString();
    }
}
