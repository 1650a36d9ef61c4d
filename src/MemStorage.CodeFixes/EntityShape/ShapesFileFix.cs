using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0013: writes the entity's line into <c>MemStorage.Shapes.txt</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class ShapesFileFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.ShapeChanged.Id);

    /// <summary>None: the batch fixer merges documents of code only.</summary>
    public override FixAllProvider? GetFixAllProvider() => null;

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        TextDocument? file = context.Document.Project.AdditionalDocuments.FirstOrDefault(static d =>
            string.Equals(Path.GetFileName(d.FilePath ?? d.Name), ShapeRules.ShapesFile, StringComparison.OrdinalIgnoreCase));
        if (file is null)
            return Task.CompletedTask;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (!diagnostic.Properties.TryGetValue(ShapeRules.ShapeLineProperty, out string? line) || line is null)
                continue;
            context.RegisterCodeFix(
                CodeAction.Create($"Update {ShapeRules.ShapesFile}", c => UpdateAsync(context.Document.Project.Solution, file, line, c), equivalenceKey: "Update"), diagnostic);
        }
        return Task.CompletedTask;
    }

    private static async Task<Solution> UpdateAsync(Solution solution, TextDocument file, string line, CancellationToken cancellationToken)
    {
        SourceText text = await file.GetTextAsync(cancellationToken).ConfigureAwait(false);
        string name = NameOf(line);
        List<string> lines = [.. text.Lines.Select(static l => l.ToString()).Where(static l => l.Length > 0)];
        lines.RemoveAll(l => NameOf(l) == name);
        // sorted, so that two branches that add entities do not fight over the last line
        int at = lines.FindIndex(l => !l.StartsWith("#", StringComparison.Ordinal) && string.CompareOrdinal(NameOf(l), name) > 0);
        lines.Insert(at < 0 ? lines.Count : at, line);
        return solution.WithAdditionalDocumentText(file.Id, SourceText.From(string.Join("\n", lines) + "\n", text.Encoding));
    }

    private static string NameOf(string line) => line.Split('\t')[0];
}
