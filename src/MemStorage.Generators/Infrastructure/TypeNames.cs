using System.Text;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Infrastructure;

/// <summary>
/// Writes the names of the usual types as <see cref="SymbolDisplayFormat.FullyQualifiedFormat"/> would, in a tenth of the time: an entity has dozens of
/// them, and they are what a run of the generator would otherwise spend most of its time on.
/// </summary>
internal static class TypeNames
{
    /// <summary>The name, or null for a type that the compiler has to name: a tuple, a pointer, <c>dynamic</c>, an error.</summary>
    public static string? Write(ITypeSymbol type)
    {
        if (Keyword(type.SpecialType) is { } keyword)
            return keyword;
        StringBuilder text = new();
        return TryAppend(text, type) ? text.ToString() : null;
    }

    private static bool TryAppend(StringBuilder text, ITypeSymbol type)
    {
        if (Keyword(type.SpecialType) is { } keyword)
        {
            text.Append(keyword);
            return true;
        }
        switch (type)
        {
            // the brackets of arrays of arrays stand in the order of reading, so the outer ones come first
            case IArrayTypeSymbol { IsSZArray: true, ElementType: not IArrayTypeSymbol } array:
                if (!TryAppend(text, array.ElementType))
                    return false;
                text.Append("[]");
                return true;
            case INamedTypeSymbol { TypeKind: TypeKind.Class or TypeKind.Struct or TypeKind.Interface or TypeKind.Enum, IsTupleType: false, SpecialType: not (SpecialType.System_IntPtr or SpecialType.System_UIntPtr) } named:
                if (named.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
                {
                    if (!TryAppend(text, named.TypeArguments[0]))
                        return false;
                    text.Append('?');
                    return true;
                }
                return TryAppendNamed(text, named);
            default:
                return false;
        }
    }

    private static bool TryAppendNamed(StringBuilder text, INamedTypeSymbol type)
    {
        if (NeedsCompiler(type.Name))
            return false;
        if (type.ContainingType is { } container)
        {
            if (!TryAppendNamed(text, container))
                return false;
            text.Append('.');
        }
        else
        {
            text.Append("global::");
            if (!TryAppendNamespace(text, type.ContainingNamespace))
                return false;
        }
        text.Append(type.Name);
        if (type.TypeArguments.Length == 0)
            return true;
        for (int i = 0; i < type.TypeArguments.Length; i++)
        {
            text.Append(i == 0 ? "<" : ", ");
            if (!TryAppend(text, type.TypeArguments[i]))
                return false;
        }
        text.Append('>');
        return true;
    }

    private static bool TryAppendNamespace(StringBuilder text, INamespaceSymbol space)
    {
        if (space.IsGlobalNamespace)
            return true;
        if (NeedsCompiler(space.Name) || !TryAppendNamespace(text, space.ContainingNamespace))
            return false;
        text.Append(space.Name).Append('.');
        return true;
    }

    // the compiler knows best which words it escapes; all of them are lower-case
    private static bool NeedsCompiler(string name) => name.Length == 0 || name[0] is (>= 'a' and <= 'z') or '_' or '<';

    private static string? Keyword(SpecialType type) => type switch
    {
        SpecialType.System_Boolean => "bool",
        SpecialType.System_Byte => "byte",
        SpecialType.System_SByte => "sbyte",
        SpecialType.System_Int16 => "short",
        SpecialType.System_UInt16 => "ushort",
        SpecialType.System_Int32 => "int",
        SpecialType.System_UInt32 => "uint",
        SpecialType.System_Int64 => "long",
        SpecialType.System_UInt64 => "ulong",
        SpecialType.System_Char => "char",
        SpecialType.System_Single => "float",
        SpecialType.System_Double => "double",
        SpecialType.System_Decimal => "decimal",
        SpecialType.System_String => "string",
        SpecialType.System_Object => "object",
        _ => null,
    };
}
