using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Decides whether a type can be (part of) a key and how it is written.</summary>
internal static class KeyTypeParser
{
    private const string Types = "integers, Guid, string, char, bool, enums, DateOnly, TimeOnly, TimeSpan, DateTime, DateTimeOffset";
    private const string Keys = "keys are " + Types + ", and readonly record structs of those";
    private const string Indexes = "indexed are " + Types + ", float, double, decimal, and readonly record structs of those";

    /// <summary>The model of the type, or null and the reason against it.</summary>
    /// <param name="type">The type.</param>
    /// <param name="reason">Why not, as the end of a sentence.</param>
    public static KeyPartModel? Parse(ITypeSymbol type, out string reason) => Parse(type, indexed: false, depth: 0, out reason);

    /// <summary>The same for an indexed value, which is compared but never read back: it may be a fraction.</summary>
    public static KeyPartModel? ParseIndexed(ITypeSymbol type, out string reason) => Parse(type, indexed: true, depth: 0, out reason);

    private static KeyPartModel? Parse(ITypeSymbol type, bool indexed, int depth, out string reason)
    {
        reason = "";
        if (type is { IsReferenceType: true, NullableAnnotation: NullableAnnotation.Annotated } || type.OriginalDefinition.SpecialType == SpecialType.System_Nullable_T)
        {
            reason = $"{(indexed ? "a part of an indexed value" : "a key")} is never null, so its type must not be nullable";
            return null;
        }
        if (type.TypeKind == TypeKind.Enum && type is INamedTypeSymbol { EnumUnderlyingType: { } underlying })
            return new KeyPartModel(type.ToSource(), KeyPartKind.Enum, underlying.ToSource(), default);
        if (IsPrimitive(type) || (indexed && IsFraction(type)))
            return new KeyPartModel(type.ToSource(), KeyPartKind.Primitive, "", default);
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Struct } record && IsRecordStruct(record))
            return ParseRecord(record, indexed, depth, out reason);

        reason = IsFraction(type)
            ? $"'{type.ToDisplayString()}' has values that are equal and look different, or the other way round; {Keys}"
            : $"'{type.ToDisplayString()}' is not one of the supported types; {(indexed ? Indexes : Keys)}";
        return null;
    }

    // a record struct is a key when its positional members are all it consists of: then they can be written, and read back through its constructor
    private static KeyPartModel? ParseRecord(INamedTypeSymbol record, bool indexed, int depth, out string reason)
    {
        string name = record.ToDisplayString();
        if (!record.IsReadOnly)
        {
            reason = $"'{name}' is not a readonly record struct";
            return null;
        }
        IMethodSymbol? constructor = PositionalConstructor(record);
        if (constructor is null || depth > 4)
        {
            reason = $"'{name}' has no positional members, as in 'readonly record struct {record.Name}(int Value)', that make up all of its state";
            return null;
        }
        List<KeyMemberModel> parts = [];
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            if (Parse(parameter.Type, indexed, depth + 1, out string inner) is not { } part)
            {
                reason = $"in '{name}', '{parameter.Name}': {inner}";
                return null;
            }
            parts.Add(new KeyMemberModel(Identifiers.Escape(parameter.Name), parameter.Name, Identifiers.ToParameter(parameter.Name), part, ""));
        }
        reason = "";
        return new KeyPartModel(record.ToSource(), KeyPartKind.Record, "", parts.ToEquatableArray());
    }

    // metadata does not say that a struct was written as a record; one that compares by value and can be taken apart behaves like one
    private static bool IsRecordStruct(INamedTypeSymbol type) => type.IsRecord
        || (type.DeclaringSyntaxReferences.IsEmpty
            && type.GetMembers("Deconstruct").Any(static m => m is IMethodSymbol { DeclaredAccessibility: Accessibility.Public })
            && type.AllInterfaces.Any(i => i.IsNamed("System", "IEquatable") && SymbolEqualityComparer.Default.Equals(i.TypeArguments[0], type)));

    private static IMethodSymbol? PositionalConstructor(INamedTypeSymbol record)
    {
        int state = record.GetMembers().Count(static m => m is IFieldSymbol { IsStatic: false });
        foreach (IMethodSymbol constructor in record.InstanceConstructors)
        {
            if (constructor.DeclaredAccessibility == Accessibility.Public && constructor.Parameters.Length > 0 && constructor.Parameters.Length == state
                && constructor.Parameters.All(p => record.GetMembers(p.Name).Any(m => m is IPropertySymbol { GetMethod.DeclaredAccessibility: Accessibility.Public } property
                    && SymbolEqualityComparer.Default.Equals(property.Type, p.Type))))
            {
                return constructor;
            }
        }
        return null;
    }

    private static bool IsFraction(ITypeSymbol type) => type.SpecialType is SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal;

    private static bool IsPrimitive(ITypeSymbol type)
    {
        switch (type.SpecialType)
        {
            case SpecialType.System_Byte or SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_UInt16
                or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64
                or SpecialType.System_Boolean or SpecialType.System_Char or SpecialType.System_String or SpecialType.System_DateTime:
                return true;
            case SpecialType.None:
                return type is INamedTypeSymbol { IsGenericType: false, IsValueType: true }
                    && type.Name is "Guid" or "DateOnly" or "TimeOnly" or "TimeSpan" or "DateTimeOffset" or "Int128" or "UInt128"
                    && type.IsNamed("System", type.Name);
            default:
                return false;
        }
    }
}
