using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Members of a version-tolerant type whose initializer does not count when a record of an older shape is read (MST0020): MemoryPack sets a member
/// that the record lacks to its default, unless it is told not to.
/// </summary>
internal static class ToleranceParser
{
    private const string Suppress = "SuppressDefaultInitializationAttribute";

    /// <summary>The members.</summary>
    public static IEnumerable<ISymbol> LosingInitializers(INamedTypeSymbol type, StoredType stored, CancellationToken cancellationToken)
    {
        if (type.IsUnmanagedType || stored.Mode != MemoryPackMembers.Mode.VersionTolerant)
            yield break;
        IMethodSymbol? constructor = MemoryPackSupport.ConstructorOf(type);
        foreach (StoredMember member in stored.Members)
        {
            if (member.Symbol.HasMemoryPack(Suppress) || IsRequired(member.Symbol)
                || member.Symbol is IPropertySymbol { SetMethod: null } or IFieldSymbol { IsReadOnly: true }
                || constructor?.Parameters.Any(p => MemoryPackSupport.SameName(p.Name, member.Name)) == true)
            {
                continue;
            }
            if (InitializerOf(member.Symbol, cancellationToken) is { } initializer && !IsDefault(initializer))
                yield return member.Symbol;
        }
    }

    private static bool IsRequired(ISymbol member) => member is IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true };

    private static ExpressionSyntax? InitializerOf(ISymbol member, CancellationToken cancellationToken) =>
        member.DeclaringSyntaxReferences.FirstOrDefault()?.GetSyntax(cancellationToken) switch
        {
            PropertyDeclarationSyntax property => property.Initializer?.Value,
            VariableDeclaratorSyntax field => field.Initializer?.Value,
            _ => null,
        };

    private static bool IsDefault(ExpressionSyntax value) => value switch
    {
        PostfixUnaryExpressionSyntax { RawKind: (int)SyntaxKind.SuppressNullableWarningExpression } suppressed => IsDefault(suppressed.Operand),
        DefaultExpressionSyntax => true,
        LiteralExpressionSyntax literal => literal.Kind() is SyntaxKind.NullLiteralExpression or SyntaxKind.DefaultLiteralExpression or SyntaxKind.FalseLiteralExpression
            || literal.Token.Value is 0 or 0L or 0d or 0f or 0u or 0ul || literal.Token.Value is decimal and 0m,
        _ => false,
    };
}
