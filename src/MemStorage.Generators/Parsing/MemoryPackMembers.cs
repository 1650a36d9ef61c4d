using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>How MemoryPack reads a type, seen from its attributes only: its generator and ours cannot see each other's output.</summary>
internal static class MemoryPackMembers
{
    /// <summary>The values of <c>MemoryPack.GenerateType</c>.</summary>
    public enum Mode
    {
        Object = 0,
        VersionTolerant = 1,
        CircularReference = 2,
        Collection = 3,
        NoGenerate = 4,
        Union = 100,
        None = -1,
    }

    /// <summary>How the type is stored; <see cref="Mode.None"/> when it is not MemoryPackable.</summary>
    public static Mode ModeOf(ITypeSymbol type)
    {
        if (type.FindAttribute(ContractNames.MemoryPackNamespace, ContractNames.MemoryPackable) is not { } attribute)
            return Mode.None;
        Mode mode = Mode.Object;
        if (attribute.ConstructorArguments.Length > 0 && attribute.ConstructorArguments[0] is { Type.Name: "GenerateType", Value: int value })
            mode = (Mode)value;
        return mode == Mode.Object && (type.IsAbstract || type.IsStatic) ? Mode.Union : mode;
    }

    /// <summary>Whether the type says, or means by saying nothing else, that each member has a number.</summary>
    public static bool HasExplicitLayout(ITypeSymbol type)
    {
        if (type.FindAttribute(ContractNames.MemoryPackNamespace, ContractNames.MemoryPackable) is not { } attribute)
            return false;
        foreach (TypedConstant argument in attribute.ConstructorArguments)
        {
            if (argument is { Type.Name: "SerializeLayout", Value: int layout })
                return layout == 1;
        }
        return ModeOf(type) is Mode.VersionTolerant or Mode.CircularReference;
    }

    /// <summary>Whether MemoryPack stores this property or field: public or included, not ignored, readable.</summary>
    public static bool IsStored(ISymbol member)
    {
        if (member is IPropertySymbol { GetMethod: null })
            return false;
        bool stored = member.DeclaredAccessibility == Accessibility.Public;
        foreach (AttributeData attribute in member.GetAttributes())
        {
            if (attribute.AttributeClass is not { } type)
                continue;
            if (type.IsNamed(ContractNames.MemoryPackNamespace, ContractNames.MemoryPackIgnore))
                return false;
            stored |= type.IsNamed(ContractNames.MemoryPackNamespace, ContractNames.MemoryPackInclude);
        }
        return stored;
    }

    /// <summary>The members MemoryPack stores, as declared, base types first.</summary>
    public static List<ISymbol> InDeclaredOrder(INamedTypeSymbol type) => All(type).FindAll(IsStored);

    /// <summary>The members MemoryPack stores, in the order it stores them: base types first, then as declared or as numbered.</summary>
    public static List<StoredMember> StoredMembers(INamedTypeSymbol type)
    {
        List<ISymbol> all = All(type);
        List<StoredMember> stored = new(all.Count);
        bool numbered = false;
        foreach (ISymbol member in all)
        {
            if (!IsStored(member))
                continue;
            stored.Add(Describe(member));
            numbered |= stored[stored.Count - 1].Order is not null;
        }
        return numbered
            ? stored.Select(static (m, i) => (Member: m, Order: m.Order ?? i)).OrderBy(static p => p.Order).Select(static p => p.Member).ToList()
            : stored;
    }

    private static List<ISymbol> All(INamedTypeSymbol type)
    {
        List<ISymbol> all = [];
        foreach (INamedTypeSymbol current in type.SelfAndBases().Reverse())
        {
            int inherited = all.Count;
            foreach (ISymbol member in Declared(current))
            {
                // a hiding member stands where it is declared, not where the hidden one stood
                for (int i = 0; i < inherited; i++)
                {
                    if (all[i].Name != member.Name)
                        continue;
                    all.RemoveAt(i);
                    inherited--;
                    break;
                }
                all.Add(member);
            }
        }
        return all;
    }

    /// <summary>What the attributes of a member say.</summary>
    public static StoredMember Describe(ISymbol member) => new(member, member.TypeOf(), OrderOf(member), CustomFormatter(member));

    private static IEnumerable<ISymbol> Declared(INamedTypeSymbol type)
    {
        IEnumerable<ISymbol> declared = type.GetMembers().Where(static m =>
            m is IPropertySymbol { IsStatic: false, IsIndexer: false, IsOverride: false } or IFieldSymbol { IsStatic: false }
            && m is { IsImplicitlyDeclared: false, CanBeReferencedByName: true });
        // metadata keeps fields and properties apart, so the declared order between them is only known in source
        return type.DeclaringSyntaxReferences.IsEmpty ? declared.OrderBy(static m => m is IFieldSymbol ? 0 : 1) : declared;
    }

    private static int? OrderOf(ISymbol member) =>
        member.FindAttribute(ContractNames.MemoryPackNamespace, ContractNames.MemoryPackOrder) is { ConstructorArguments: [{ Value: int order }, ..] } ? order : null;

    /// <summary>The types of a union with their tags.</summary>
    public static IEnumerable<(int Tag, INamedTypeSymbol Type)> UnionCases(ITypeSymbol type)
    {
        foreach (AttributeData attribute in type.GetAttributes())
        {
            if (attribute.AttributeClass is { } c && c.IsNamed(ContractNames.MemoryPackNamespace, ContractNames.MemoryPackUnion)
                && attribute.ConstructorArguments is [{ Value: ushort tag }, { Value: INamedTypeSymbol unionCase }])
            {
                yield return (tag, unionCase);
            }
        }
    }

    private static AttributeData? CustomFormatter(ISymbol member)
    {
        foreach (AttributeData attribute in member.GetAttributes())
        {
            for (INamedTypeSymbol? type = attribute.AttributeClass; type is not null; type = type.BaseType)
            {
                if (type.Name == "MemoryPackCustomFormatterAttribute" && type.ContainingNamespace is { Name: ContractNames.MemoryPackNamespace })
                    return attribute;
            }
        }
        return null;
    }
}
