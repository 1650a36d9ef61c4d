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
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            bool key = diagnostic.Id == ShapeRules.MutableKey.Id;
            Location[] places = key ? [.. diagnostic.AdditionalLocations.Where(static l => l.IsInSource)] : await SettersAsync(context, diagnostic).ConfigureAwait(false);
            if (places.Length == 0)
                continue;
            string title = key ? "Change 'set' to 'init'" : "Change every 'set' of the entity to 'init'";
            context.RegisterCodeFix(CodeAction.Create(title, c => ChangeAsync(context.Document.Project.Solution, places, c), equivalenceKey: title), diagnostic);
        }
    }

    // the setters that MST0012 names, in whatever project of the solution they stand
    private static async Task<Location[]> SettersAsync(CodeFixContext context, Diagnostic diagnostic)
    {
        Solution solution = context.Document.Project.Solution;
        Compilation? compilation = await context.Document.Project.GetCompilationAsync(context.CancellationToken).ConfigureAwait(false);
        if (compilation is null
            || !diagnostic.Properties.TryGetValue(ShapeRules.EntityProperty, out string? id) || !diagnostic.Properties.TryGetValue(ShapeRules.MutableMembersProperty, out string? names)
            || id is null || names is null || DocumentationCommentId.GetFirstSymbolForDeclarationId(id, compilation) is not INamedTypeSymbol entity)
        {
            return [];
        }
        List<Location> places = [];
        foreach (string name in names.Split(' '))
        {
            IPropertySymbol? property = null;
            for (INamedTypeSymbol? type = entity; type is not null && property is null; type = type.BaseType)
                property = type.GetMembers(name).OfType<IPropertySymbol>().FirstOrDefault();
            if (property?.SetMethod?.DeclaringSyntaxReferences.FirstOrDefault() is { } setter && solution.GetDocument(setter.SyntaxTree) is not null
                && await setter.GetSyntaxAsync(context.CancellationToken).ConfigureAwait(false) is AccessorDeclarationSyntax accessor)
            {
                places.Add(accessor.GetLocation());
            }
        }
        return [.. places];
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
