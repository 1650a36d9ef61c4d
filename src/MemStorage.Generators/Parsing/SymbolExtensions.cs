using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace MemStorage.Generators.Parsing;

/// <summary>Questions about symbols that several parsers ask.</summary>
internal static class SymbolExtensions
{
    /// <summary>The attribute of this name and namespace, or null.</summary>
    public static AttributeData? FindAttribute(this ISymbol symbol, string containingNamespace, string name)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (attribute.AttributeClass is { } type && type.IsNamed(containingNamespace, name))
                return attribute;
        }
        return null;
    }

    /// <summary>Whether MemoryPack's attribute of this name is there.</summary>
    public static bool HasMemoryPack(this ISymbol symbol, string name) => symbol.FindAttribute(ContractNames.MemoryPackNamespace, name) is not null;

    /// <summary>Our attribute of this name, on the member or on what it overrides.</summary>
    public static AttributeData? FindContract(this ISymbol member, string name)
    {
        for (ISymbol? current = member; current is not null; current = (current as IPropertySymbol)?.OverriddenProperty)
        {
            if (current.FindAttribute(ContractNames.RuntimeNamespace, name) is { } attribute)
                return attribute;
        }
        return null;
    }

    /// <summary>Whether the type has this name and stands in this (dotted) namespace.</summary>
    public static bool IsNamed(this ITypeSymbol type, string containingNamespace, string name)
    {
        if (type.Name != name || type.ContainingType is not null)
            return false;
        INamespaceSymbol? space = type.ContainingNamespace;
        int end = containingNamespace.Length;
        while (space is { IsGlobalNamespace: false })
        {
            int start = end - space.Name.Length;
            if (start < 0 || string.CompareOrdinal(containingNamespace, start, space.Name, 0, space.Name.Length) != 0)
                return false;
            if (start == 0)
                return space.ContainingNamespace is { IsGlobalNamespace: true };
            if (containingNamespace[start - 1] != '.')
                return false;
            end = start - 1;
            space = space.ContainingNamespace;
        }
        return false;
    }

    /// <summary>The type and its base types, the most derived first, without <see cref="object"/> and <see cref="ValueType"/>.</summary>
    public static IEnumerable<INamedTypeSymbol> SelfAndBases(this INamedTypeSymbol type)
    {
        for (INamedTypeSymbol? current = type; current is not null && current.SpecialType is not (SpecialType.System_Object or SpecialType.System_ValueType); current = current.BaseType)
            yield return current;
    }

    /// <summary>Instance properties and fields that people wrote, inherited ones included; of hidden and overridden ones the most derived.</summary>
    public static List<ISymbol> DataMembers(this INamedTypeSymbol type)
    {
        HashSet<string> names = new(StringComparer.Ordinal);
        List<ISymbol> members = [];
        foreach (INamedTypeSymbol current in type.SelfAndBases())
        {
            foreach (ISymbol member in current.GetMembers())
            {
                if (member is IPropertySymbol { IsStatic: false, IsIndexer: false } or IFieldSymbol { IsStatic: false }
                    && member is { IsImplicitlyDeclared: false, CanBeReferencedByName: true } && names.Add(member.Name))
                {
                    members.Add(member);
                }
            }
        }
        return members;
    }

    /// <summary>The type of a property or field.</summary>
    public static ITypeSymbol TypeOf(this ISymbol member) => member is IPropertySymbol property ? property.Type : ((IFieldSymbol)member).Type;

    /// <summary>Whether every declaration of the type says <c>partial</c>.</summary>
    public static bool IsPartial(this INamedTypeSymbol type, CancellationToken cancellationToken)
    {
        foreach (SyntaxReference reference in type.DeclaringSyntaxReferences)
        {
            if (reference.GetSyntax(cancellationToken) is not TypeDeclarationSyntax declaration || !declaration.Modifiers.Any(SyntaxKind.PartialKeyword))
                return false;
        }
        return type.DeclaringSyntaxReferences.Length > 0;
    }

    /// <summary>Where people wrote it; generated files last.</summary>
    public static Location SourceLocation(this ISymbol symbol)
    {
        foreach (Location location in symbol.Locations)
        {
            if (location.IsInSource)
                return location;
        }
        return Location.None;
    }

    /// <summary>Where a setter is written; null for one that is not written, as that of a positional member.</summary>
    public static Location? WrittenSetter(this IMethodSymbol setter) =>
        setter.DeclaringSyntaxReferences.FirstOrDefault() is { } reference && reference.GetSyntax() is AccessorDeclarationSyntax accessor ? accessor.GetLocation() : null;

    /// <summary>Where the attribute stands, or the symbol it is on.</summary>
    public static Location SourceLocation(this AttributeData attribute, ISymbol symbol, CancellationToken cancellationToken) =>
        attribute.ApplicationSyntaxReference is { } reference
            ? Location.Create(reference.SyntaxTree, reference.Span)
            : symbol.SourceLocation();

    /// <summary>The least visible of the type and everything it is made of: containing types, elements, type arguments.</summary>
    public static bool IsPublicEverywhere(this ITypeSymbol type) => type switch
    {
        IArrayTypeSymbol array => array.ElementType.IsPublicEverywhere(),
        INamedTypeSymbol named => named.DeclaredAccessibility == Accessibility.Public
            && (named.ContainingType is null || named.ContainingType.IsPublicEverywhere())
            && named.TypeArguments.All(IsPublicEverywhere),
        _ => true,
    };
}
