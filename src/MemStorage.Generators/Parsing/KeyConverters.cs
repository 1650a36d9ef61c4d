using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Finds the converters that users name with <c>[MemStorageKeyConverter]</c>: on a type, or on the assembly. Lives for one run of the parser.</summary>
internal sealed class KeyConverters(Compilation compilation)
{
    /// <summary>The converter of a type; null when there is none, or, with a reason, when it cannot be used.</summary>
    public KeyConverter? Find(ITypeSymbol type, out string reason)
    {
        reason = "";
        foreach ((AttributeData attribute, bool onType) in Attributes(type))
        {
            if (attribute.AttributeClass is not { } named || !named.IsNamed(ContractNames.RuntimeNamespace, ContractNames.KeyConverter)
                || attribute.ConstructorArguments is not [{ Value: INamedTypeSymbol converter }])
            {
                continue;
            }
            INamedTypeSymbol[] ways =
            [
                .. converter.AllInterfaces.Where(i => i.Name == ContractNames.KeyConverterInterface && i.IsNamed(ContractNames.RuntimeNamespace, i.Name)
                    && SymbolEqualityComparer.Default.Equals(i.TypeArguments[0], type)),
            ];
            if (ways.Length == 0 && !onType)
                continue; // that of another type
            reason = ways.Length != 1
                    ? $"its converter '{converter.ToDisplayString()}' must implement IMemStorageKeyConverter<{type.ToDisplayString()}, …>, once"
                : converter.IsUnboundGenericType || converter.TypeKind is not (TypeKind.Class or TypeKind.Struct)
                    ? $"its converter '{converter.ToDisplayString()}' must be a class or a struct that is not generic"
                : !compilation.IsSymbolAccessibleWithin(converter, compilation.Assembly)
                    ? $"its converter '{converter.ToDisplayString()}' must be internal or public"
                : "";
            return reason.Length > 0 ? null : new KeyConverter(converter, ways[0].TypeArguments[1]);
        }
        return null;
    }

    // the type's own first; then those of this assembly, which knows best what it does with types of others
    private IEnumerable<(AttributeData Attribute, bool OnType)> Attributes(ITypeSymbol type) =>
        type.GetAttributes().Select(static a => (a, true)).Concat(compilation.Assembly.GetAttributes().Select(static a => (a, false)));
}

/// <summary>A converter of keys.</summary>
/// <param name="Type">The converter's type.</param>
/// <param name="Stored">What it turns keys into.</param>
internal sealed record KeyConverter(INamedTypeSymbol Type, ITypeSymbol Stored);
