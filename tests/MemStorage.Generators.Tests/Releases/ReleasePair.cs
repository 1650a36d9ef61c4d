namespace MemStorage.Generators.Tests.Releases;

/// <summary>Two releases of an entity: what the first wrote, the second reads.</summary>
/// <param name="Name">What changed, for people.</param>
/// <param name="Before">The declarations of the first release, see <see cref="Expand"/>.</param>
/// <param name="After">Those of the second.</param>
/// <param name="Make">An expression of the first: the entity that is written.</param>
/// <param name="Key">An expression of the second: the key it is read under.</param>
/// <param name="Show">An expression of the second over the entity <c>x</c>: what was read.</param>
/// <param name="Right">What must be read if anything is; null where nothing can be right.</param>
/// <param name="MustRead">Whether a miss is wrong as well: the shapes are compatible by promise.</param>
/// <param name="ToldByFile">Whether a wrong meaning is one that the checked-in file of shapes tells, and only that.</param>
public sealed record ReleasePair(
    string Name, string Before, string After, string Make, string Key, string Show, string? Right, bool MustRead = false, bool ToldByFile = false)
{
    /// <summary>
    /// The source of one release: <c>$E</c> marks the entity, <c>$P</c> other stored types, <c>$T</c> version-tolerant ones; <c>$0</c> to <c>$9</c> are
    /// orders, which only version-tolerant types have.
    /// </summary>
    public string Expand(bool second, int number, bool tolerant)
    {
        string text = (second ? After : Before).Replace("$P", "[MemoryPackable]", StringComparison.Ordinal)
            .Replace("$T", "[MemoryPackable(GenerateType.VersionTolerant)]", StringComparison.Ordinal)
            .Replace("$E", $"[MemStorageEntity(Name = \"Pair{number}\"), MemoryPackable{(tolerant ? "(GenerateType.VersionTolerant)" : "")}]", StringComparison.Ordinal);
        for (int i = 0; i < 10; i++)
        {
            text = text.Replace("$$" + i, $"[MemoryPackOrder({i})]", StringComparison.Ordinal)
                .Replace("$" + i, tolerant ? $"[MemoryPackOrder({i})]" : "", StringComparison.Ordinal);
        }
        string write = second ? "null!" : Make;
        string read = second
            ? $"repository.TryGet({Key}, out var x) ? System.FormattableString.Invariant($\"{{{Show}}}\") : $\"miss {{repository.ShapeMismatches}}\""
            : "\"\"";
        return $$"""
            namespace Pair{{number}}
            {
            {{text}}
            public static class Program
            {
                public static void Write(MemStore store) => new ThingRepository(store).SetOrThrow({{write}});
                public static string Read(MemStore store) { var repository = new ThingRepository(store); return {{read}}; }
            }
            }
            """;
    }
}
