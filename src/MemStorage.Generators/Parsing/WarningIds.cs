using MemStorage.Generators.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// The warnings that using a symbol brings because it is obsolete or experimental. Generated code names the entity, and turns them off: whoever uses
/// the repository names the entity too, and is told there.
/// </summary>
internal sealed class WarningIds
{
    private readonly SortedSet<string> _ids = new(StringComparer.Ordinal);

    /// <summary>Adds those of a symbol and of the types around it.</summary>
    public void Add(ISymbol? symbol)
    {
        for (; symbol is IPropertySymbol or IFieldSymbol or INamedTypeSymbol; symbol = symbol.ContainingType)
        {
            foreach (AttributeData attribute in symbol.GetAttributes())
            {
                if (IsObsolete(attribute))
                    _ids.Add(DiagnosticIdOf(attribute) ?? (attribute.ConstructorArguments.Length == 0 ? "CS0612" : "CS0618"));
                else if (attribute.AttributeClass?.Name == "ExperimentalAttribute" && attribute.ConstructorArguments is [{ Value: string id }])
                    _ids.Add(id);
            }
        }
    }

    /// <summary>All of them, in order.</summary>
    public EquatableArray<string> ToModel() => _ids.ToEquatableArray();

    /// <summary>Whether every use of the symbol is an error, which nothing turns off.</summary>
    public static bool IsForbidden(ISymbol symbol)
    {
        foreach (AttributeData attribute in symbol.GetAttributes())
        {
            if (IsObsolete(attribute) && attribute.ConstructorArguments is [_, { Value: true }])
                return true;
        }
        return false;
    }

    private static bool IsObsolete(AttributeData attribute) => attribute.AttributeClass is { Name: "ObsoleteAttribute" } type && type.IsNamed("System", type.Name);

    private static string? DiagnosticIdOf(AttributeData attribute)
    {
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            if (argument is { Key: "DiagnosticId", Value.Value: string id })
                return id;
        }
        return null;
    }
}
