using System.Collections.Immutable;
using System.Globalization;
using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Generators.Shape;

/// <summary>
/// <c>MemStorage.Shapes.txt</c>: one line for each entity, so that a change of what is stored shows in a review. A line is
/// <c>key space, fingerprint, members</c>, and of a version-tolerant entity a fourth field with its places and what lies there, which no later shape
/// may contradict; lines that begin with # are comments.
/// </summary>
internal sealed class ShapesFile
{
    private const string Advice = "; records stored under the other shape will be misses. Update the file or make the entity version-tolerant";

    private readonly Dictionary<string, (string Fingerprint, string Slots)> _lines = new(StringComparer.Ordinal);

    private ShapesFile()
    {
    }

    /// <summary>The file among the additional files; null when there is none, and then nothing is checked.</summary>
    public static ShapesFile? Find(ImmutableArray<AdditionalText> files, CancellationToken cancellationToken)
    {
        foreach (AdditionalText file in files)
        {
            if (!string.Equals(Path.GetFileName(file.Path), ShapeRules.ShapesFile, StringComparison.OrdinalIgnoreCase) || file.GetText(cancellationToken) is not { } text)
                continue;
            ShapesFile shapes = new();
            foreach (TextLine line in text.Lines)
            {
                string[] fields = line.ToString().Split('\t');
                if (fields.Length >= 2 && !fields[0].StartsWith("#", StringComparison.Ordinal))
                    shapes._lines[fields[0]] = (fields[1].Trim(), fields.Length > 3 ? fields[3].Trim() : "");
            }
            return shapes;
        }
        return null;
    }

    /// <summary>Reports MST0013 when the entity's line is missing or says something else.</summary>
    public void Check(SymbolAnalysisContext context, INamedTypeSymbol entity, EntityModel model)
    {
        string what;
        bool known = _lines.TryGetValue(model.Options.KeySpace, out (string Fingerprint, string Slots) recorded);
        if (!known)
            what = $"is not recorded in {ShapeRules.ShapesFile}" + (model.Shape.VersionTolerant ? "; update it" : Advice);
        else if (model.Shape.VersionTolerant)
        {
            if (DifferenceOf(recorded.Slots, model.Shape.Slots) is not { } difference)
                return;
            what = difference + "; records stored with what contradicts it will be misses. Update the file";
        }
        else if (!string.Equals(recorded.Fingerprint, FingerprintOf(model), StringComparison.OrdinalIgnoreCase))
            what = $"is {FingerprintOf(model)}, but {ShapeRules.ShapesFile} says {recorded.Fingerprint}" + Advice;
        else
            return;
        // for the fixes: the line, and for a type whose members are stored one by one, which those are
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty.Add(ShapeRules.ShapeLineProperty, LineOf(model, recorded.Slots ?? ""));
        if (!entity.IsUnmanagedType && !model.Shape.VersionTolerant)
            properties = properties.Add(ShapeRules.StoredMembersProperty, string.Join(" ", MemoryPackMembers.StoredMembers(entity).Select(static m => m.Name)));
        context.ReportDiagnostic(Diagnostic.Create(ShapeRules.ShapeChanged, entity.SourceLocation(), properties, entity.Name, what));
    }

    // a place that is gone stays in the line: its number must not come back with another type
    private static string LineOf(EntityModel entity, string recorded)
    {
        string line = string.Join("\t", entity.Options.KeySpace, FingerprintOf(entity), entity.Shape.Text);
        if (!entity.Shape.VersionTolerant)
            return line;
        HashSet<string> now = new(entity.Shape.Slots.Select(static s => s.Path), StringComparer.Ordinal);
        IEnumerable<string> gone = SlotsOf(recorded).Where(s => !now.Contains(s.Path)).Select(static s => $"{s.Path}:{s.Hash}:{s.Name}");
        return line + "\t" + string.Join(" ", entity.Shape.Slots.Select(static s => $"{s.Path}:{HashOf(s)}:{s.Name}").Concat(gone));
    }

    private static string? DifferenceOf(string recorded, IReadOnlyList<SlotModel> slots)
    {
        Dictionary<string, (string Hash, string Name)> known = new(StringComparer.Ordinal);
        foreach ((string path, string hash, string name) in SlotsOf(recorded))
            known[path] = (hash, name);
        List<string> added = [];
        foreach (SlotModel slot in slots)
        {
            if (!known.TryGetValue(slot.Path, out (string Hash, string Name) before))
                added.Add(slot.Path);
            else if (!string.Equals(before.Hash, HashOf(slot), StringComparison.OrdinalIgnoreCase))
                return slot.Path == "key" ? "has another key than it had" : $"has something else under {NameOf(slot.Path)} than it had";
            else if (before.Name != slot.Name && slots.FirstOrDefault(s => s.Name == before.Name && s.Parent == slot.Parent) is { } moved)
                return $"has '{before.Name}' under {NameOf(moved.Path)}, where it was under {NameOf(slot.Path)}";
        }
        return added.Count == 0 ? null : $"has {string.Join(", ", added.Select(NameOf))}, not recorded in {ShapeRules.ShapesFile}";
    }

    private static string NameOf(string path) => path.IndexOf('=') is int equals and >= 0
        ? $"the value {path.Substring(equals + 1)} of the enum in order {path.Substring(0, path.IndexOf('#'))}"
        : path == "key" ? "its key" : "order " + path;

    // path:hash:name
    private static IEnumerable<(string Path, string Hash, string Name)> SlotsOf(string text)
    {
        foreach (string field in text.Split(' '))
        {
            if (field.Split(':') is [var path, var hash, var name])
                yield return (path, hash, name);
        }
    }

    private static string HashOf(SlotModel slot) => slot.Hash.ToString("x4", CultureInfo.InvariantCulture);

    private static string FingerprintOf(EntityModel entity) => entity.Shape.Fingerprint.ToString("x8", CultureInfo.InvariantCulture);
}
