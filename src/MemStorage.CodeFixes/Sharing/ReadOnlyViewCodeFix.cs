using System.Collections.Immutable;
using System.Composition;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Sharing;

/// <summary>MST1003: passes a read-only view without a copy, where the callee has an overload that takes one: <c>sink.Write((ReadOnlySpan&lt;byte&gt;)shared.Bytes)</c>.</summary>
[ExportCodeFixProvider(LanguageNames.CSharp, Name = nameof(ReadOnlyViewCodeFix)), Shared]
public sealed class ReadOnlyViewCodeFix : CodeFixProvider
{
    private static readonly ImmutableHashSet<string> ReadOnlyTypes = ImmutableHashSet.Create(
        StringComparer.Ordinal, "ReadOnlySpan", "ReadOnlyMemory", "IReadOnlyList", "IReadOnlyCollection", "IReadOnlyDictionary", "IReadOnlySet", "IEnumerable");

    /// <inheritdoc/>
    public override ImmutableArray<string> FixableDiagnosticIds { get; } = ImmutableArray.Create(SharingRules.WritableEscapeId);

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
            SyntaxNode node = root.FindNode(diagnostic.Location.SourceSpan, getInnermostNodeForTie: true);
            ExpressionSyntax? expression = node is ArgumentSyntax { RefKindKeyword.RawKind: 0 } argument ? argument.Expression : node as ExpressionSyntax;
            if (expression is null || ViewOf(expression, model, context.CancellationToken) is not { } view)
                continue;
            context.RegisterCodeFix(CodeAction.Create("Pass a read-only view", _ => Task.FromResult(context.Document.WithSyntaxRoot(root.ReplaceNode(expression, view.WithTriviaFrom(expression)))), "MemStorage.ReadOnlyView"), diagnostic);
        }
    }

    private static ExpressionSyntax? ViewOf(ExpressionSyntax expression, SemanticModel model, CancellationToken cancellationToken)
    {
        if (expression.Parent is not ArgumentSyntax { Parent: ArgumentListSyntax { Parent: InvocationExpressionSyntax call } list } argument
            || model.GetSymbolInfo(call, cancellationToken).Symbol is not IMethodSymbol method || method.MethodKind == MethodKind.DelegateInvoke
            || model.GetTypeInfo(expression, cancellationToken).Type is not { } type)
            return null;
        int index = argument.NameColon is { } named ? IndexOf(method, named.Name.Identifier.ValueText) : list.Arguments.IndexOf(argument);
        foreach (IMethodSymbol candidate in method.ContainingType.GetMembers(method.Name).OfType<IMethodSymbol>())
        {
            if (index < 0 || index >= candidate.Parameters.Length || candidate.Parameters.Length != method.Parameters.Length || candidate.Parameters[index].Type is not INamedTypeSymbol { IsGenericType: true } view
                || !ReadOnlyTypes.Contains(view.Name) || !model.Compilation.ClassifyCommonConversion(type, view).Exists)
                continue;
            string operand = expression.WithoutTrivia().ToString();
            if (expression is not (IdentifierNameSyntax or MemberAccessExpressionSyntax or InvocationExpressionSyntax or ElementAccessExpressionSyntax or ParenthesizedExpressionSyntax))
                operand = "(" + operand + ")";
            ExpressionSyntax cast = SyntaxFactory.ParseExpression($"({view.ToMinimalDisplayString(model, NullableFlowState.None, expression.SpanStart)}){operand}");
            if (SymbolEqualityComparer.Default.Equals(model.GetSpeculativeSymbolInfo(call.SpanStart, call.ReplaceNode(expression, cast), SpeculativeBindingOption.BindAsExpression).Symbol, candidate))
                return cast;
        }
        return null;
    }

    private static int IndexOf(IMethodSymbol method, string parameter)
    {
        for (int i = 0; i < method.Parameters.Length; i++)
        {
            if (method.Parameters[i].Name == parameter)
                return i;
        }
        return -1;
    }
}
