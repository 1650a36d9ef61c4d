using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Decides whether a type can be (part of) a key and how it is written: simple values as they are, other value types part by part or as what a converter of the
/// user makes of them. Lives for one run of the parser.
/// </summary>
internal sealed class KeyTypeParser(Compilation compilation)
{
    private const int MaxDepth = 5;
    private const string Types = "integers, Guid, string, char, bool, enums, DateOnly, TimeOnly, TimeSpan, DateTime, DateTimeOffset";
    private const string Keys = "keys are " + Types + ", and readonly structs of those";
    private const string Indexes = "indexed are " + Types + ", float, double, decimal, and readonly structs of those";
    private const string Converter = "or name a converter once, on the type or the assembly: [MemStorageKeyConverter(typeof(…))]";

    private readonly KeyConverters _converters = new(compilation);

    /// <summary>The model of the type, or null and the reason against it.</summary>
    /// <param name="type">The type.</param>
    /// <param name="reason">Why not, as the end of a sentence.</param>
    public KeyPartModel? Parse(ITypeSymbol type, out string reason) => Parse(type, indexed: false, depth: 0, out reason);

    /// <summary>The same for an indexed value, which is compared but never read back: it may be a fraction.</summary>
    public KeyPartModel? ParseIndexed(ITypeSymbol type, out string reason) => Parse(type, indexed: true, depth: 0, out reason);

    private KeyPartModel? Parse(ITypeSymbol type, bool indexed, int depth, out string reason)
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
        if (depth >= MaxDepth)
        {
            reason = $"'{type.ToDisplayString()}' is nested more than {MaxDepth} types deep";
            return null;
        }
        if (_converters.Find(type, out reason) is { } converter)
            return ParseConverted(type, converter, indexed, depth, out reason);
        if (reason.Length > 0)
            return null;
        if (type is INamedTypeSymbol { TypeKind: TypeKind.Struct, IsTupleType: false, IsRefLikeType: false } value && !IsFraction(type))
            return ParseParts(value, indexed, depth, out reason);

        reason = IsFraction(type)
            ? $"'{type.ToDisplayString()}' has values that are equal and look different, or the other way round; {Keys}"
            : $"'{type.ToDisplayString()}' is not one of the supported types; {(indexed ? Indexes : Keys)}; {Converter}";
        return null;
    }

    private KeyPartModel? ParseConverted(ITypeSymbol type, KeyConverter converter, bool indexed, int depth, out string reason)
    {
        if (Parse(converter.Stored, indexed, depth + 1, out string inner) is not { } stored)
        {
            reason = $"the converter '{converter.Type.ToDisplayString()}' of '{type.ToDisplayString()}' stores a '{converter.Stored.ToDisplayString()}': {inner}";
            return null;
        }
        reason = "";
        return new KeyPartModel(
            type.ToSource(), KeyPartKind.Converted, "", One(new KeyMemberModel("", "stored", "stored", stored, "")), converter.Type.ToSource(), CanBeNull: type.IsReferenceType);
    }

    // a value type is a key when its parts are all it consists of: then they can be written, and it can be made of them again
    private KeyPartModel? ParseParts(INamedTypeSymbol type, bool indexed, int depth, out string reason)
    {
        string name = type.ToDisplayString();
        if (KeyParts.Find(type, compilation, out string against) is not { } found)
        {
            reason = $"'{name}' {against}; {Converter}";
            return null;
        }
        List<KeyMemberModel> parts = [];
        foreach (KeyPart part in found.Parts)
        {
            if (Parse(part.Type, indexed, depth + 1, out string inner) is not { } model)
            {
                reason = $"in '{name}', '{part.Name}': {inner}";
                return null;
            }
            parts.Add(new KeyMemberModel(part.Access, part.Name, Identifiers.ToParameter(part.Name), model, ""));
        }
        reason = "";
        return new KeyPartModel(type.ToSource(), KeyPartKind.Record, "", parts.ToEquatableArray(), found.Maker, found.ByInitializer);
    }

    private static EquatableArray<KeyMemberModel> One(KeyMemberModel member) => new([member]);

    private static bool IsFraction(ITypeSymbol type) => type.SpecialType is SpecialType.System_Single or SpecialType.System_Double or SpecialType.System_Decimal
        || (type.Name == "Half" && type.IsNamed("System", "Half"));

    private static bool IsPrimitive(ITypeSymbol type)
    {
        switch (type.SpecialType)
        {
            case SpecialType.System_Byte or SpecialType.System_SByte or SpecialType.System_Int16 or SpecialType.System_UInt16
                or SpecialType.System_Int32 or SpecialType.System_UInt32 or SpecialType.System_Int64 or SpecialType.System_UInt64
                or SpecialType.System_String or SpecialType.System_Char or SpecialType.System_Boolean or SpecialType.System_DateTime:
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
