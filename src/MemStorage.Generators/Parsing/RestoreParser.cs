using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Which stored members MemoryPack 1.21.4 does not set when it reads a type (MST0015). It sets what has a setter that its code can use, be it
/// <c>init</c> or private, and what a parameter of the constructor is named after. A getter that calculates from what comes back is no loss.
/// </summary>
internal static class RestoreParser
{
    /// <summary>The members of a type that do not come back, and why.</summary>
    public static IEnumerable<(ISymbol Member, string Reason)> Lost(INamedTypeSymbol type, StoredType stored, CancellationToken cancellationToken)
    {
        // a type without references is copied as it lies in memory
        if (type.IsUnmanagedType || stored.Mode is not (MemoryPackMembers.Mode.Object or MemoryPackMembers.Mode.VersionTolerant or MemoryPackMembers.Mode.CircularReference))
            yield break;
        IMethodSymbol? constructor = MemoryPackSupport.ConstructorOf(type);
        bool circular = stored.Mode == MemoryPackMembers.Mode.CircularReference;
        HashSet<string> storedNames = new(stored.Members.Select(static m => m.Name), StringComparer.Ordinal);
        foreach (StoredMember member in stored.Members)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (constructor?.Parameters.Any(p => MemoryPackSupport.SameName(p.Name, member.Name)) == true)
                continue;
            if (member.Symbol is not IPropertySymbol property)
                continue; // a readonly field that is no parameter is MemoryPack's to report
            bool settable = property.SetMethod is { } setter && IsSettable(type, setter);
            // without [SetsRequiredMembers] on the constructor its code for required members does not compile, which is MST0016
            bool required = property.IsRequired && constructor?.GetAttributes().Any(static a => a.AttributeClass?.Name == "SetsRequiredMembersAttribute") == true;
            if (circular && settable && (property.SetMethod!.IsInitOnly || required))
                yield return (property, $"MemoryPack does not set {(required ? "required" : "init-only")} members of a type in CircularReference mode; use 'set'");
            else if (!settable && HoldsValueOfItsOwn(type, property, storedNames, cancellationToken))
                yield return (property, Reason(type, property));
        }
    }

    private static string Reason(INamedTypeSymbol type, IPropertySymbol property) =>
        SymbolEqualityComparer.Default.Equals(property.ContainingType.OriginalDefinition, type.OriginalDefinition)
            ? "it has no setter, and no parameter of the constructor is named after it; add 'init', a parameter, or [MemoryPackIgnore]"
            : $"it has no setter that '{type.Name}' can use, and no parameter of the constructor is named after it; it is declared in '{property.ContainingType.Name}'";

    // what a base type of another assembly keeps private is not even seen in that assembly's reference
    private static bool IsSettable(INamedTypeSymbol type, IMethodSymbol setter) =>
        SymbolEqualityComparer.Default.Equals(setter.ContainingAssembly, type.ContainingAssembly)
        || setter.DeclaredAccessibility switch
        {
            Accessibility.Private => false,
            Accessibility.Internal or Accessibility.ProtectedAndInternal => setter.ContainingAssembly.GivesAccessTo(type.ContainingAssembly),
            _ => true,
        };

    /// <summary>Whether a getter gives something that only it knows: an own field, or a field that is not stored.</summary>
    private static bool HoldsValueOfItsOwn(INamedTypeSymbol type, IPropertySymbol property, HashSet<string> storedNames, CancellationToken cancellationToken)
    {
        if (property.IsAbstract)
            return false;
        if (property.DeclaringSyntaxReferences.IsEmpty)
            return IsAutomatic(property.GetMethod);
        foreach (SyntaxReference reference in property.DeclaringSyntaxReferences)
        {
            switch (reference.GetSyntax(cancellationToken))
            {
                case PropertyDeclarationSyntax { AccessorList: { } accessors } declaration when accessors.Accessors.All(static a => a is { Body: null, ExpressionBody: null }):
                    return property.SetMethod is not null || IsForeign(type, property) || !IsConstant(declaration, property, cancellationToken);
                case PropertyDeclarationSyntax when IsForeign(type, property):
                    return false; // an assembly shows no bodies, and the editor must say no more than the build
                case PropertyDeclarationSyntax declaration:
                    return Returned(declaration).SelectMany(Heads).Any(n => IsHiddenState(n, property, storedNames));
            }
        }
        return true; // a positional member whose constructor is not the one that MemoryPack calls
    }

    private static IEnumerable<ExpressionSyntax> Returned(PropertyDeclarationSyntax declaration)
    {
        if (declaration.ExpressionBody is { } arrow)
            return [arrow.Expression];
        AccessorDeclarationSyntax? getter = declaration.AccessorList?.Accessors.FirstOrDefault(static a => a.Keyword.ValueText == "get");
        if (getter?.ExpressionBody is { } body)
            return [body.Expression];
        return getter?.DescendantNodes().OfType<ReturnStatementSyntax>().Select(static r => r.Expression).OfType<ExpressionSyntax>() ?? [];
    }

    // what the value of an expression is taken from: _lines, _lines.AsReadOnly(), _lines ?? [], new Wrapper(_lines); not what a comparison looks at
    private static IEnumerable<ExpressionSyntax> Heads(ExpressionSyntax expression) => expression switch
    {
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax } access => [access.Name],
        MemberAccessExpressionSyntax access => Heads(access.Expression),
        InvocationExpressionSyntax call => Heads(call.Expression),
        ConditionalAccessExpressionSyntax access => Heads(access.Expression),
        ElementAccessExpressionSyntax access => Heads(access.Expression),
        CastExpressionSyntax cast => Heads(cast.Expression),
        ParenthesizedExpressionSyntax inner => Heads(inner.Expression),
        PostfixUnaryExpressionSyntax postfix => Heads(postfix.Operand),
        AssignmentExpressionSyntax assignment => Heads(assignment.Left),
        BinaryExpressionSyntax { OperatorToken.ValueText: "??" } either => Heads(either.Left),
        ConditionalExpressionSyntax either => Heads(either.WhenTrue).Concat(Heads(either.WhenFalse)),
        BaseObjectCreationExpressionSyntax { ArgumentList: { } arguments } => arguments.Arguments.SelectMany(static a => Heads(a.Expression)),
        _ => [expression],
    };

    private static bool IsForeign(INamedTypeSymbol type, IPropertySymbol property) => !SymbolEqualityComparer.Default.Equals(property.ContainingAssembly, type.ContainingAssembly);

    private static bool IsAutomatic(IMethodSymbol? getter) =>
        getter?.FindAttribute("System.Runtime.CompilerServices", "CompilerGeneratedAttribute") is not null;

    // always the same: nothing that could be lost
    private static bool IsConstant(PropertyDeclarationSyntax declaration, IPropertySymbol property, CancellationToken cancellationToken)
    {
        bool constant = declaration.Initializer?.Value switch
        {
            null => true,
            LiteralExpressionSyntax => true,
            PrefixUnaryExpressionSyntax { Operand: LiteralExpressionSyntax } => true,
            MemberAccessExpressionSyntax access => IsConstantName(access.Name.Identifier.ValueText, access.Expression, property),
            InvocationExpressionSyntax { Expression: IdentifierNameSyntax { Identifier.ValueText: "nameof" } } => true,
            _ => false,
        };
        return constant && !property.ContainingType.DeclaringSyntaxReferences
            .Select(r => r.GetSyntax(cancellationToken)).OfType<TypeDeclarationSyntax>()
            .SelectMany(static t => t.Members).OfType<ConstructorDeclarationSyntax>()
            .SelectMany(static c => c.DescendantNodes()).OfType<AssignmentExpressionSyntax>()
            .Any(a => NameOf(a.Left) == property.Name);
    }

    // string.Empty and constants of an enum
    private static bool IsConstantName(string name, ExpressionSyntax owner, IPropertySymbol property) =>
        (name == "Empty" && owner.ToString() is "string" or "String") || (property.Type.TypeKind == TypeKind.Enum && owner.ToString().EndsWith(property.Type.Name, StringComparison.Ordinal));

    private static bool IsHiddenState(SyntaxNode node, IPropertySymbol property, HashSet<string> storedNames)
    {
        // 'field' is an expression of its own from C# 14 on
        if (node is ExpressionSyntax and not IdentifierNameSyntax && node.ToString() == "field")
            return true;
        if (node is not IdentifierNameSyntax name)
            return false;
        string text = name.Identifier.ValueText;
        if (storedNames.Contains(text))
            return false;
        foreach (INamedTypeSymbol current in property.ContainingType.SelfAndBases())
        {
            if (current.GetMembers(text).FirstOrDefault() is IFieldSymbol { IsStatic: false, IsConst: false })
                return true;
        }
        return false;
    }

    private static string? NameOf(ExpressionSyntax target) => target switch
    {
        IdentifierNameSyntax name => name.Identifier.ValueText,
        MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax, Name: var name } => name.Identifier.ValueText,
        _ => null,
    };
}
