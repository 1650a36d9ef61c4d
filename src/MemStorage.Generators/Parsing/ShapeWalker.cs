using System.Text;
using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Model;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Computes what MemoryPack stores of an entity. The fingerprint covers names, types and order of the stored members, and the same of every
/// type they reach. Types that can be looked into are numbered rather than named, so that moving or renaming one changes no fingerprint:
/// it changes no stored byte either.
/// </summary>
internal sealed class ShapeWalker
{
    private static readonly SymbolDisplayFormat s_format = new(
        SymbolDisplayGlobalNamespaceStyle.Omitted,
        SymbolDisplayTypeQualificationStyle.NameAndContainingTypesAndNamespaces,
        SymbolDisplayGenericsOptions.IncludeTypeParameters,
        miscellaneousOptions: SymbolDisplayMiscellaneousOptions.UseSpecialTypes | SymbolDisplayMiscellaneousOptions.ExpandValueTuple);

    private readonly Dictionary<ITypeSymbol, int> _numbers = new(SymbolEqualityComparer.Default);
    private readonly List<string> _definitions = [];

    private readonly StoredTypes _types;

    private ShapeWalker(StoredTypes types) => _types = types;

    /// <summary>The shape of an entity.</summary>
    public static ShapeModel Describe(INamedTypeSymbol entity, StoredTypes types)
    {
        ShapeWalker walker = new(types);
        _ = walker.Reference(entity);
        string text = string.Join(" ", walker.Stored(entity).Select(static m => $"{m.Name}:{NameOf(m.Type).Replace(" ", "")}"));
        return new ShapeModel(
            StableHash.Compute(string.Join("\n", walker._definitions)),
            text,
            types.Of(entity).Mode == MemoryPackMembers.Mode.VersionTolerant);
    }

    private string Reference(ITypeSymbol type)
    {
        switch (type)
        {
            case IArrayTypeSymbol array:
                return $"{Reference(array.ElementType)}[{array.Rank}]";
            case INamedTypeSymbol { TypeKind: TypeKind.Enum, EnumUnderlyingType: { } underlying }:
                return NameOf(underlying);
            case INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable:
                return Reference(nullable.TypeArguments[0]) + "?";
            case INamedTypeSymbol named when CanLookInto(named):
                return "#" + Define(named);
            case INamedTypeSymbol { IsGenericType: true } generic:
                return $"{NameOf(generic.ConstructedFrom)}({string.Join(",", AllArguments(generic).Select(Reference))})";
            default:
                return NameOf(type);
        }
    }

    private int Define(INamedTypeSymbol type)
    {
        if (_numbers.TryGetValue(type, out int known))
            return known;
        int number = _numbers.Count;
        _numbers.Add(type, number);
        _definitions.Add("");
        MemoryPackMembers.Mode mode = _types.Of(type).Mode;
        StringBuilder text = new();
        text.Append('#').Append(number).Append(':').Append(type.IsUnmanagedType ? "raw" : mode.ToString()).Append('{');
        if (mode == MemoryPackMembers.Mode.Union)
        {
            foreach ((int tag, INamedTypeSymbol unionCase) in MemoryPackMembers.UnionCases(type))
                text.Append(tag).Append('=').Append(Reference(unionCase)).Append(';');
        }
        else
        {
            bool numbered = mode is MemoryPackMembers.Mode.VersionTolerant or MemoryPackMembers.Mode.CircularReference;
            foreach (StoredMember member in Stored(type))
            {
                if (numbered)
                    text.Append(member.Order ?? -1).Append(' ');
                text.Append(member.Name).Append(':');
                text.Append(member.HasCustomFormatter ? "custom " + NameOf(member.Type) : Reference(member.Type)).Append(';');
            }
        }
        _definitions[number] = text.Append('}').ToString();
        return number;
    }

    // a type without references is copied as it lies in memory: every field, in order; any other as MemoryPack's members
    private IEnumerable<StoredMember> Stored(INamedTypeSymbol type) => type.IsUnmanagedType
        ? type.GetMembers().Where(static m => m is IFieldSymbol { IsStatic: false, IsConst: false }).Select(static m => MemoryPackMembers.Describe(((IFieldSymbol)m).AssociatedSymbol ?? m))
        : _types.Of(type).Members;

    private bool CanLookInto(INamedTypeSymbol type)
    {
        if (type.SpecialType != SpecialType.None)
            return false;
        if (_types.Of(type).Mode is MemoryPackMembers.Mode.Object or MemoryPackMembers.Mode.VersionTolerant
            or MemoryPackMembers.Mode.CircularReference or MemoryPackMembers.Mode.Union)
        {
            return true;
        }
        return type is { IsUnmanagedType: true, IsTupleType: false } && !IsFromSystem(type);
    }

    private static string NameOf(ITypeSymbol type) => type.SpecialType switch
    {
        SpecialType.System_Int32 => "int",
        SpecialType.System_Int64 => "long",
        SpecialType.System_String => "string",
        SpecialType.System_Boolean => "bool",
        SpecialType.System_Decimal => "decimal",
        SpecialType.System_Double => "double",
        SpecialType.System_DateTime => "System.DateTime",
        _ => type.ToDisplayString(s_format),
    };

    private static bool IsFromSystem(INamedTypeSymbol type)
    {
        INamespaceSymbol space = type.ContainingNamespace;
        while (space is { IsGlobalNamespace: false, ContainingNamespace.IsGlobalNamespace: false })
            space = space.ContainingNamespace;
        return space.Name == "System";
    }

    private static IEnumerable<ITypeSymbol> AllArguments(INamedTypeSymbol type) =>
        type.ContainingType is { IsGenericType: true } outer ? AllArguments(outer).Concat(type.TypeArguments) : type.TypeArguments;
}
