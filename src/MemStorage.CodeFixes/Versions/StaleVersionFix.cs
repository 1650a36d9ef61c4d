using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.CodeFixes.Versions;

/// <summary>Replaces a version argument: by the one that was read with the entity (MST2003), or by the one that the earlier write gave (MST2005).</summary>
internal static class StaleVersionFix
{
    public static (string, SyntaxNode)? UseRead(SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic) =>
        diagnostic.Properties.TryGetValue("Version", out string? version) && version is not null && ValueOf(node) is { } value && IsLong(version, value, model)
            ? ($"Use '{version}'", root.ReplaceNode(value, SyntaxFactory.ParseExpression(version).WithTriviaFrom(value)))
            : null;

    public static (string, SyntaxNode)? UseNew(SyntaxNode root, SyntaxNode node, SemanticModel model, Diagnostic diagnostic)
    {
        if (ValueOf(node) is not { } value)
            return null;
        if (diagnostic.Properties.TryGetValue("NewVersion", out string? known) && known is not null)
            return IsLong(known, value, model) ? (Title(known), root.ReplaceNode(value, SyntaxFactory.ParseExpression(known).WithTriviaFrom(value))) : null;
        if (diagnostic.AdditionalLocations is not [{ } at] || at.SourceTree != root.SyntaxTree || root.FindNode(at.SourceSpan, getInnermostNodeForTie: true) is not { } found
            || found.FirstAncestorOrSelf<ArgumentSyntax>() is not { RefKindKeyword.RawKind: (int)SyntaxKind.OutKeyword } discard || !IsInScope(discard, value))
            return null;
        string name = FreeName(value, model);
        ArgumentSyntax declared = discard.WithExpression(SyntaxFactory.ParseExpression("_")).WithExpression(
            SyntaxFactory.DeclarationExpression(SyntaxFactory.PredefinedType(SyntaxFactory.Token(SyntaxKind.LongKeyword)).WithTrailingTrivia(SyntaxFactory.Space), SyntaxFactory.SingleVariableDesignation(SyntaxFactory.Identifier(name)))
                .WithTriviaFrom(discard.Expression));
        return (Title(name), root.ReplaceNodes(new SyntaxNode[] { discard, value }, (old, _) => old == discard ? declared : SyntaxFactory.IdentifierName(name).WithTriviaFrom(value)));
    }

    private static string Title(string name) => $"Use '{name}', the version that the write gave";

    private static ExpressionSyntax? ValueOf(SyntaxNode node) => node is ArgumentSyntax argument ? argument.Expression : (node as ExpressionSyntax) is { Parent: ArgumentSyntax } expression ? expression : null;

    private static bool IsLong(string expression, SyntaxNode at, SemanticModel model) =>
        model.GetSpeculativeTypeInfo(at.SpanStart, SyntaxFactory.ParseExpression(expression), SpeculativeBindingOption.BindAsExpression).Type is { SpecialType: SpecialType.System_Int64 };

    /// <summary>Whether a variable that is declared at the write is known, and assigned on every way, at the later use.</summary>
    private static bool IsInScope(ArgumentSyntax declaration, SyntaxNode use)
    {
        for (SyntaxNode? node = declaration.Parent; node is not null and not StatementSyntax; node = node.Parent)
        {
            // what may not be evaluated may not assign
            if (node is ConditionalExpressionSyntax or SwitchExpressionSyntax or ConditionalAccessExpressionSyntax or AnonymousFunctionExpressionSyntax
                || node is BinaryExpressionSyntax { RawKind: (int)SyntaxKind.LogicalAndExpression or (int)SyntaxKind.LogicalOrExpression or (int)SyntaxKind.CoalesceExpression })
                return false;
        }
        return declaration.FirstAncestorOrSelf<StatementSyntax>() is IfStatementSyntax or ExpressionStatementSyntax or LocalDeclarationStatementSyntax
            && declaration.FirstAncestorOrSelf<StatementSyntax>() is { Parent: BlockSyntax block } && block.Span.Contains(use.Span) && use.SpanStart > declaration.Span.End
            && !use.Ancestors().TakeWhile(n => n != block).Any(static n => n is LocalFunctionStatementSyntax);
    }

    private static string FreeName(SyntaxNode at, SemanticModel model)
    {
        var taken = new HashSet<string>(at.FirstAncestorOrSelf<MemberDeclarationSyntax>()?.DescendantTokens().Where(static t => t.IsKind(SyntaxKind.IdentifierToken)).Select(static t => t.ValueText) ?? [], StringComparer.Ordinal);
        string name = "newVersion";
        for (int i = 2; taken.Contains(name) || model.LookupSymbols(at.SpanStart, name: name).Length > 0; i++)
            name = "newVersion" + i.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return name;
    }
}
