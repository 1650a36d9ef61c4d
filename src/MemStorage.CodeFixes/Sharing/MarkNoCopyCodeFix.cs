using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Formatting;
using Microsoft.CodeAnalysis.Simplification;

namespace MemStorage.CodeFixes.Sharing;

/// <summary>Marks a member that hands out a shared object: <c>[return: NoCopy]</c> on a method, <c>[NoCopy]</c> on a property or out parameter.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(MarkNoCopyCodeFix)), Shared]
public sealed class MarkNoCopyCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(SharingRules.ReturnedUnmarkedId);

    /// <inheritdoc/>
    public override FixAllProvider GetFixAllProvider() => FixAllProvider.Create(static async (context, document, diagnostics) =>
    {
        SyntaxNode? root = await document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return document;
        // Two returns of one member ask for one attribute.
        SyntaxNode[] targets = [.. diagnostics.Select(d => TargetOf(root, d, model, context.CancellationToken)).OfType<SyntaxNode>().Distinct()];
        return document.WithSyntaxRoot(root.ReplaceNodes(targets, static (_, now) => Marked(now)));
    });

    /// <inheritdoc/>
    public override async Task RegisterCodeFixesAsync(CodeFixContext context)
    {
        SyntaxNode? root = await context.Document.GetSyntaxRootAsync(context.CancellationToken).ConfigureAwait(false);
        SemanticModel? model = await context.Document.GetSemanticModelAsync(context.CancellationToken).ConfigureAwait(false);
        if (root is null || model is null)
            return;
        foreach (Diagnostic diagnostic in context.Diagnostics)
        {
            if (TargetOf(root, diagnostic, model, context.CancellationToken) is { } target)
                context.RegisterCodeFix(CodeAction.Create(target is MethodDeclarationSyntax ? "Add [return: NoCopy]" : "Add [NoCopy]", _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(target, Marked(target)))), "MemStorage.MarkNoCopy"), diagnostic);
        }
    }

    private static SyntaxNode? TargetOf(SyntaxNode root, Diagnostic diagnostic, SemanticModel model, CancellationToken cancellationToken)
    {
        SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
        if (node.FirstAncestorOrSelf<MemberDeclarationSyntax>() is not { } member)
            return null;
        // An out parameter is reported where it is assigned.
        if (node is IdentifierNameSyntax && node.Parent is AssignmentExpressionSyntax assignment && assignment.Left == node && model.GetSymbolInfo(node, cancellationToken).Symbol is IParameterSymbol { RefKind: RefKind.Out } parameter)
            return parameter.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) as ParameterSyntax;
        return member is MethodDeclarationSyntax or PropertyDeclarationSyntax or IndexerDeclarationSyntax ? member : null;
    }

    private static SyntaxNode Marked(SyntaxNode target)
    {
        AttributeSyntax attribute = SyntaxFactory.Attribute(SyntaxFactory.ParseName("global::MemStorage.NoCopy").WithAdditionalAnnotations(Simplifier.Annotation));
        AttributeListSyntax list = SyntaxFactory.AttributeList(SyntaxFactory.SingletonSeparatedList(attribute));
        if (target is ParameterSyntax parameter)
            return parameter.WithoutLeadingTrivia().WithAttributeLists(parameter.AttributeLists.Insert(0, list.WithTrailingTrivia(SyntaxFactory.Space))).WithLeadingTrivia(parameter.GetLeadingTrivia());
        if (target is MethodDeclarationSyntax)
            list = list.WithTarget(SyntaxFactory.AttributeTargetSpecifier(SyntaxFactory.Token(SyntaxKind.ReturnKeyword)).WithTrailingTrivia(SyntaxFactory.Space));
        var member = (MemberDeclarationSyntax)target;
        SyntaxTriviaList leading = member.GetLeadingTrivia();
        SyntaxTriviaList indent = SyntaxFactory.TriviaList(leading.Reverse().TakeWhile(static t => t.IsKind(SyntaxKind.WhitespaceTrivia)).Reverse());
        list = list.WithTrailingTrivia(SyntaxFactory.ElasticCarriageReturnLineFeed).WithAdditionalAnnotations(Formatter.Annotation);
        MemberDeclarationSyntax bare = member.WithLeadingTrivia(indent);
        return bare.WithAttributeLists(bare.AttributeLists.Insert(0, list)).WithLeadingTrivia(leading);
    }
}
