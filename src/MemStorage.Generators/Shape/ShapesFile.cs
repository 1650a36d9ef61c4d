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
/// <c>key space, fingerprint, members</c>; lines that begin with # are comments.
/// </summary>
internal sealed class ShapesFile
{
    private readonly Dictionary<string, string> _fingerprints = new(StringComparer.Ordinal);

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
                    shapes._fingerprints[fields[0]] = fields[1].Trim();
            }
            return shapes;
        }
        return null;
    }

    /// <summary>The line of an entity.</summary>
    public static string LineOf(EntityModel entity) => string.Join("\t", entity.Options.KeySpace, FingerprintOf(entity), entity.Shape.Text);

    /// <summary>Reports MST0013 when the entity's line is missing or says something else.</summary>
    public void Check(SymbolAnalysisContext context, INamedTypeSymbol entity, EntityModel model)
    {
        if (model.Shape.VersionTolerant)
            return;
        string what;
        if (!_fingerprints.TryGetValue(model.Options.KeySpace, out string? recorded))
            what = $"is not recorded in {ShapeRules.ShapesFile}";
        else if (!string.Equals(recorded, FingerprintOf(model), StringComparison.OrdinalIgnoreCase))
            what = $"is {FingerprintOf(model)}, but {ShapeRules.ShapesFile} says {recorded}";
        else
            return;
        // for the fixes: the line, and for a type whose members are stored one by one, which those are
        ImmutableDictionary<string, string?> properties = ImmutableDictionary<string, string?>.Empty.Add(ShapeRules.ShapeLineProperty, LineOf(model));
        if (!entity.IsUnmanagedType)
            properties = properties.Add(ShapeRules.StoredMembersProperty, string.Join(" ", MemoryPackMembers.StoredMembers(entity).Select(static m => m.Name)));
        context.ReportDiagnostic(Diagnostic.Create(ShapeRules.ShapeChanged, entity.SourceLocation(), properties, entity.Name, what));
    }

    private static string FingerprintOf(EntityModel entity) => entity.Shape.Fingerprint.ToString("x8", CultureInfo.InvariantCulture);
}
