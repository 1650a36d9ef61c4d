using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Sharing.Flow;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Sharing;

/// <summary>Passes or stores a copy: <c>x with { }</c> of a record, <c>ToArray()</c> of an array, <c>new List&lt;T&gt;(…)</c> of a list.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(CopyArgumentCodeFix)), Shared]
public sealed class CopyArgumentCodeFix : CodeFixProvider
{
    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(SharingRules.WritableEscapeId, SharingRules.PassedToMutatorId, SharingRules.StoredBackId, SharingRules.StoredId);

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
            if (Subject(root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true), diagnostic.Id) is not { } expression || !Helps(diagnostic, expression, model, context.CancellationToken) || Copy(expression, model, context.CancellationToken) is not { } copy)
                continue;
            string verb = diagnostic.Id == SharingRules.StoredId ? "Keep" : diagnostic.Id == SharingRules.StoredBackId ? "Store" : "Pass";
            context.RegisterCodeFix(CodeAction.Create($"{verb} a copy", _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(expression, copy.WithTriviaFrom(expression)))), "MemStorage.Copy"), diagnostic);
        }
    }

    private static ExpressionSyntax? Subject(SyntaxNode node, string id)
    {
        // A stored object is reported at what it is assigned to.
        if (id == SharingRules.StoredId)
            return node.Parent is AssignmentExpressionSyntax { RawKind: (int)SyntaxKind.SimpleAssignmentExpression } assignment && assignment.Left == node ? assignment.Right : null;
        return node switch
        {
            ArgumentSyntax { RefKindKeyword.RawKind: 0 } argument => argument.Expression,
            ExpressionSyntax { Parent: ArgumentSyntax { RefKindKeyword.RawKind: 0 } } expression => expression,
            _ => null,
        };
    }

    /// <summary>Whether a shallow copy is enough: the elements of a list are in the copy too.</summary>
    private static bool Helps(Diagnostic diagnostic, ExpressionSyntax expression, SemanticModel model, CancellationToken cancellationToken)
    {
        ITypeSymbol? type = model.GetTypeInfo(expression, cancellationToken).Type;
        bool isRecord = type is INamedTypeSymbol { IsRecord: true };
        switch (diagnostic.Id)
        {
            case SharingRules.StoredBackId:
                return isRecord;
            case SharingRules.StoredId when isRecord:
                return true;
            case SharingRules.PassedToMutatorId when !diagnostic.Properties.ContainsKey(SharingRules.Deep):
                return true;
            case SharingRules.StoredId or SharingRules.PassedToMutatorId:
                var facts = new TypeFacts(model.Compilation);
                return type switch
                {
                    IArrayTypeSymbol array => facts.CarrierOf(array.ElementType) == Carrier.Nothing,
                    INamedTypeSymbol { IsRecord: false, IsGenericType: true } named => named.TypeArguments.All(e => facts.CarrierOf(e) == Carrier.Nothing),
                    _ => false,
                };
            default:
                return true;
        }
    }

    private static ExpressionSyntax? Copy(ExpressionSyntax expression, SemanticModel model, CancellationToken cancellationToken)
    {
        Microsoft.CodeAnalysis.TypeInfo info = model.GetTypeInfo(expression, cancellationToken);
        string text = expression.WithoutTrivia().ToString();
        string operand = expression is IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax ? text : "(" + text + ")";
        switch (info.Type)
        {
            case INamedTypeSymbol { IsRecord: true, TypeKind: TypeKind.Class }:
                return SyntaxFactory.ParseExpression(operand + " with { }");
            case IArrayTypeSymbol { Rank: 1 } when HasLinq(expression, model):
                return SyntaxFactory.ParseExpression(operand + ".ToArray()");
            case IArrayTypeSymbol { Rank: 1 } array:
                return SyntaxFactory.ParseExpression($"({array.ToMinimalDisplayString(model, expression.SpanStart)}){operand}.Clone()");
            case INamedTypeSymbol { Name: "Span" or "Memory", ContainingNamespace.Name: "System" } when info.ConvertedType is INamedTypeSymbol { Name: "Span" or "Memory" }:
                return SyntaxFactory.ParseExpression(operand + ".ToArray()");
            // A span that the array was converted to stays what the callee asked for.
            case INamedTypeSymbol { TypeKind: TypeKind.Class, Name: "List" or "HashSet" or "Dictionary" or "Queue" or "SortedSet" or "SortedDictionary" } collection
                when collection.ContainingNamespace.ToDisplayString() == "System.Collections.Generic":
                return SyntaxFactory.ParseExpression($"new {collection.ToMinimalDisplayString(model, NullableFlowState.None, expression.SpanStart)}({text})");
            default:
                return null;
        }
    }

    /// <summary>Whether <c>ToArray</c> is in scope as an extension method here.</summary>
    private static bool HasLinq(ExpressionSyntax expression, SemanticModel model) =>
        model.GetTypeInfo(expression).Type is { } type && model.LookupSymbols(expression.SpanStart, type, "ToArray", includeReducedExtensionMethods: true).OfType<IMethodSymbol>().Any(static m => m.Parameters.Length == 0);
}
