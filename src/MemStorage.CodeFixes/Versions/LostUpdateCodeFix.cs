using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;

namespace MemStorage.CodeFixes.Versions;

/// <summary>
/// MST2002: <c>var o = orders.Get(id); o.Total += 1; orders.SetOrThrow(o);</c> becomes <c>orders.Update(id, o => o.Total += 1)</c> with a look at its
/// result. Offered only where all that stands between the read and the write is changes of the entity: they may run more than once.
/// </summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(LostUpdateCodeFix)), Shared]
public sealed class LostUpdateCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(VersionRules.LostUpdateId);

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
            if (root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true).FirstAncestorOrSelf<InvocationExpressionSyntax>() is { } write
                && ReadChangeWrite.TryFind(write, model, context.CancellationToken) is { } found)
                context.RegisterCodeFix(CodeAction.Create("Change it with 'Update', which reads again on a conflict", _ => Task.FromResult(context.Document.WithSyntaxRoot(Rewrite(root, found))), "MST2002.Update"), diagnostic);
        }
    }

    private static SyntaxNode Rewrite(SyntaxNode root, ReadChangeWrite found)
    {
        ExpressionSyntax update = SyntaxFactory.ParseExpression($"{found.Repository}.Update({found.Key}, {found.Variable} => {found.Body()})");
        StatementSyntax last = found.Last switch
        {
            ExpressionStatementSyntax => SyntaxFactory.ParseStatement($"if ({update} is not {found.Updated})\n{{\nthrow new {found.Exception}(\"The entry is gone, or too large.\");\n}}"),
            _ => found.Last.ReplaceNodes(new SyntaxNode[] { found.Write, found.Stored! }, (old, _) => old == found.Write ? update : SyntaxFactory.ParseExpression(found.Updated).WithTriviaFrom(old)),
        };
        last = last.WithLeadingTrivia(found.Read.GetLeadingTrivia()).WithTrailingTrivia(found.Last.GetTrailingTrivia()).WithAdditionalAnnotations(Formatter.Annotation);
        BlockSyntax block = (BlockSyntax)found.Last.Parent!;
        int first = block.Statements.IndexOf(found.Read), end = block.Statements.IndexOf(found.Last);
        SyntaxList<StatementSyntax> statements = SyntaxFactory.List(block.Statements.Take(first).Append(last).Concat(block.Statements.Skip(end + 1)));
        return root.ReplaceNode(block, block.WithStatements(statements));
    }
}
