using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Looks for types within a member's type that MemoryPack has no formatter for (MST0023). Of the member's own type MemoryPack's generator says so; what
/// arrays and generic types are made of it does not look at, and the first write throws.
/// </summary>
internal static class SerializableParser
{
    /// <summary>The first type within the member's type that cannot be serialized, or null.</summary>
    public static ITypeSymbol? FindUnknown(StoredMember member)
    {
        if (member.HasCustomFormatter || member.Symbol.HasMemoryPack("MemoryPackAllowSerializeAttribute"))
            return null;
        return FirstWithin(member.Type);
    }

    private static ITypeSymbol? FirstWithin(ITypeSymbol type)
    {
        if (type is IArrayTypeSymbol array)
            return First(array.ElementType);
        if (type is not INamedTypeSymbol { IsGenericType: true } generic || generic.HasMemoryPack(ContractNames.MemoryPackable))
            return null;
        foreach (ITypeSymbol argument in generic.TypeArguments)
        {
            if (First(argument) is { } found)
                return found;
        }
        return null;
    }

    private static ITypeSymbol? First(ITypeSymbol type) => IsKnown(type) ? FirstWithin(type) : type;

    private static bool IsKnown(ITypeSymbol type)
    {
        if (type.TypeKind is TypeKind.Enum or TypeKind.TypeParameter or TypeKind.Error || type.IsUnmanagedType || type.SpecialType == SpecialType.System_String)
            return true;
        // told by MST0010
        if (MemberParser.IsUnstorable(type))
            return true;
        return type switch
        {
            IArrayTypeSymbol array => array.Rank <= 4,
            INamedTypeSymbol named => named.HasMemoryPack(ContractNames.MemoryPackable)
                || (named.IsAbstract && named.HasMemoryPack(ContractNames.MemoryPackUnion))
                || named.OriginalDefinition.AllInterfaces.Any(static i => i.IsNamed(ContractNames.MemoryPackNamespace, "IMemoryPackable"))
                || named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T
                || FormatterTable.ForGeneric(named) is not null
                || IsKnownOfPlatform(named),
            _ => false,
        };
    }

    private static bool IsKnownOfPlatform(INamedTypeSymbol type)
    {
        string? space = type.Name switch
        {
            "Version" or "Uri" or "Type" or "TimeZoneInfo" => "System",
            "BigInteger" => "System.Numerics",
            "BitArray" => "System.Collections",
            "StringBuilder" => "System.Text",
            "CultureInfo" => "System.Globalization",
            _ => null,
        };
        return space is not null && type.IsNamed(space, type.Name);
    }
}
