using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace MemStorage.CodeFixes.Sharing;

/// <summary><c>orders.GetNoCopy(42).Total = 1;</c> becomes <c>orders.Update(42, o => o.Total = 1)</c>, with a look at its result.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UpdateCodeFix)), Shared]
public sealed class UpdateCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(SharingRules.ChangeId);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => WellKnownFixAllProviders.BatchFixer;

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<ExpressionStatementSyntax>() is not { } statement
                || diagnostic.AdditionalLocations.Count != 1 || diagnostic.AdditionalLocations[0].SourceTree != root.SyntaxTree
                || root.FindNode(diagnostic.AdditionalLocations[0].SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<InvocationExpressionSyntax>() is not { } read)
                continue;
            if (Rewrite(statement, read, model, context.CancellationToken) is { } update)
                context.RegisterCodeFix(CodeAction.Create("Change the stored entity with 'Update'", _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(statement, update))), "MemStorage.Update"), diagnostic);
        }
    }

    private static StatementSyntax? Rewrite(ExpressionStatementSyntax statement, InvocationExpressionSyntax read, SemanticModel model, CancellationToken cancellationToken)
    {
        // The read stands in the statement itself and is the leftmost part of what is changed.
        if (!statement.Span.Contains(read.Span) || statement.Expression.SpanStart != read.SpanStart || statement.Expression == read
            || read.Expression is not MemberAccessExpressionSyntax { Name.Identifier.ValueText: "GetNoCopy", Expression: { } repository }
            || read.ArgumentList.Arguments.Count != 1 || read.ArgumentList.Arguments[0].NameColon is not null
            || statement.DescendantTrivia(static n => true).Any(static t => t.IsDirective)
            || statement.Expression.DescendantNodes().Any(static n => n is AwaitExpressionSyntax or ThisExpressionSyntax))
            return null;
        if (model.GetTypeInfo(repository, cancellationToken).Type is not { } type || model.GetTypeInfo(read, cancellationToken).Type is not { IsValueType: false } entity
            || model.LookupSymbols(statement.SpanStart, type, "Update").OfType<IMethodSymbol>().FirstOrDefault(m => m.Parameters.Length == 2
                && m.Parameters[1].Type is INamedTypeSymbol { Name: "Action", TypeArguments.Length: 1 } action && SymbolEqualityComparer.Default.Equals(action.TypeArguments[0], entity)) is not { } update)
            return null;
        if (statement.Parent is not (BlockSyntax or SwitchSectionSyntax) || statement.Expression.DescendantNodes().OfType<IdentifierNameSyntax>().Any(n => !CanBeCaptured(model.GetSymbolInfo(n, cancellationToken).Symbol)))
            return null;
        string parameter = FreeName(statement, model, "entity");
        string body = statement.Expression.ReplaceNode(read, SyntaxFactory.IdentifierName(parameter).WithTriviaFrom(read)).WithoutTrivia().ToString();
        // entity => entity.Parent = x would be taken for a function from entity to entity
        if (model.GetTypeInfo(statement.Expression, cancellationToken).Type is { } value && model.Compilation.ClassifyCommonConversion(value, entity).IsImplicit)
            body = "{ " + body + "; }";
        string updated = update.ReturnType.ToMinimalDisplayString(model, statement.SpanStart) + ".Updated";
        string exception = model.Compilation.GetTypeByMetadataName("System.InvalidOperationException")?.ToMinimalDisplayString(model, statement.SpanStart) ?? "global::System.InvalidOperationException";
        string text = $"if ({repository.WithoutTrivia()}.Update({read.ArgumentList.Arguments[0].WithoutTrivia()}, {parameter} => {body}) is not {updated})\n{{\nthrow new {exception}(\"The entry is gone, or too large.\");\n}}";
        return SyntaxFactory.ParseStatement(text).WithTriviaFrom(statement).WithAdditionalAnnotations(Formatter.Annotation);
    }

    private static bool CanBeCaptured(ISymbol? symbol) => symbol switch
    {
        IParameterSymbol p => p.RefKind == RefKind.None && !p.Type.IsRefLikeType,
        ILocalSymbol local => !local.IsRef && !local.Type.IsRefLikeType,
        _ => true,
    };

    private static string FreeName(SyntaxNode at, SemanticModel model, string name)
    {
        var taken = new HashSet<string>(at.FirstAncestorOrSelf<MemberDeclarationSyntax>()?.DescendantTokens().Where(static t => t.IsKind(SyntaxKind.IdentifierToken)).Select(static t => t.ValueText) ?? [], StringComparer.Ordinal);
        taken.UnionWith(model.LookupSymbols(at.SpanStart, name: name).Select(static s => s.Name));
        string free = name;
        for (int i = 2; taken.Contains(free); i++)
            free = name + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return free;
    }
}
