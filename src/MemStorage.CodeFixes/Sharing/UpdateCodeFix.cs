using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Sharing;

/// <summary><c>orders.GetNoCopy(42).Total = 1;</c> becomes <c>orders.Update(42, o => o.Total = 1)</c>, with its result looked at by the writer.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(UpdateCodeFix)), Shared]
public sealed class UpdateCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(SharingRules.ChangeId);

    // Each use needs a name for its result and a look at it: not something to do everywhere at once.
    /// <inheritdoc/>
    public override FixAllProvider? GetFixAllProvider() => null;

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
            || !model.LookupSymbols(statement.SpanStart, type, "Update").OfType<IMethodSymbol>().Any(m => m.Parameters.Length == 2
                && m.Parameters[1].Type is INamedTypeSymbol { Name: "Action", TypeArguments.Length: 1 } action && SymbolEqualityComparer.Default.Equals(action.TypeArguments[0], entity)))
            return null;
        string parameter = FreeName(statement, model, "entity");
        string result = FreeName(statement, model, "updated");
        if (statement.Parent is not BlockSyntax)
            return null;
        ExpressionSyntax body = statement.Expression.ReplaceNode(read, SyntaxFactory.IdentifierName(parameter).WithTriviaFrom(read));
        string text = $"var {result} = {repository.WithoutTrivia()}.Update({read.ArgumentList.Arguments[0].WithoutTrivia()}, {parameter} => {body.WithoutTrivia()});";
        return SyntaxFactory.ParseStatement(text).WithTriviaFrom(statement);
    }

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
