using System.Collections.Immutable;
using System.Composition;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.EntityShape;

/// <summary>MST0005 and MST0012: makes <c>set</c> accessors <c>init</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp), Shared]
public sealed class InitOnlyFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(ShapeRules.MutableKey.Id, ShapeRules.MutableShared.Id);

    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            // the places of the accessors travel with the diagnostic: for MST0012 they are in other files
            Location[] places = [.. diagnostic.AdditionalLocations.Where(static l => l.IsInSource)];
            if (places.Length == 0)
                continue;
            string title = diagnostic.Id == ShapeRules.MutableKey.Id ? "Change 'set' to 'init'" : "Change every 'set' of the entity to 'init'";
            context.RegisterCodeFix(CodeAction.Create(title, c => ChangeAsync(context.Document.Project.Solution, places, c), equivalenceKey: title), diagnostic);
        }
        return Task.CompletedTask;
    }

    private static async Task<Solution> ChangeAsync(Solution solution, Location[] places, CancellationToken cancellationToken)
    {
        foreach (IGrouping<SyntaxTree?, Location> file in places.GroupBy(static l => l.SourceTree))
        {
            if (solution.GetDocument(file.Key) is not { } document || await document.GetSyntaxRootAsync(cancellationToken).ConfigureAwait(false) is not { } root)
                continue;
            AccessorDeclarationSyntax[] accessors =
            [
                .. file.Select(l => root.FindNode(l.SourceSpan)).OfType<AccessorDeclarationSyntax>().Where(static a => a.IsKind(SyntaxKind.SetAccessorDeclaration)),
            ];
            SyntaxNode changed = root.ReplaceNodes(accessors, static (_, set) => SyntaxFactory.AccessorDeclaration(
                SyntaxKind.InitAccessorDeclaration, set.AttributeLists, set.Modifiers,
                SyntaxFactory.Token(SyntaxKind.InitKeyword).WithTriviaFrom(set.Keyword), set.Body, set.ExpressionBody, set.SemicolonToken));
            solution = solution.WithDocumentSyntaxRoot(document.Id, changed);
        }
        return solution;
    }
}
