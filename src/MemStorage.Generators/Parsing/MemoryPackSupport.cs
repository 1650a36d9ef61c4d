using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Whether MemoryPack's generator will extend a type. When it will not, it reports a diagnostic of its own (MEMPACK…), and a repository
/// would only add errors in code that nobody wrote. The checks repeat those of MemoryPack 1.21.4; what they do not cover counts as supported.
/// </summary>
internal static class MemoryPackSupport
{
    private const int MaxMembers = 250;

    public static bool WillExtend(INamedTypeSymbol type, StoredType stored, CancellationToken cancellationToken)
    {
        // a type of another assembly was extended when that assembly was built
        if (type.DeclaringSyntaxReferences.IsEmpty)
            return true;
        MemoryPackMembers.Mode mode = stored.Mode;
        if (mode is MemoryPackMembers.Mode.None or MemoryPackMembers.Mode.NoGenerate || !type.IsPartial(cancellationToken))
            return false;
        for (INamedTypeSymbol? container = type.ContainingType; container is not null; container = container.ContainingType)
        {
            if (!container.IsPartial(cancellationToken))
                return false;
        }
        if (mode is MemoryPackMembers.Mode.Collection or MemoryPackMembers.Mode.Union || type.IsUnmanagedType)
            return true;
        List<StoredMember> members = stored.Members;
        return members.Count < MaxMembers
            && members.All(CanSerialize)
            && HasConstructor(type, members, mode)
            && HasOrders(members, mode);
    }

    private static bool HasConstructor(INamedTypeSymbol type, List<StoredMember> members, MemoryPackMembers.Mode mode)
    {
        IMethodSymbol[] written = [.. type.InstanceConstructors.Where(static c => !c.IsImplicitlyDeclared)];
        IMethodSymbol[] marked = [.. written.Where(static c => c.HasMemoryPack(ContractNames.MemoryPackConstructor))];
        if (written.Length > 1 && marked.Length != 1)
            return false;
        IMethodSymbol? constructor = written.Length switch
        {
            0 => null,
            1 => written[0],
            _ => marked[0],
        };
        bool IsParameter(string member) => constructor?.Parameters.Any(p => SameName(p.Name, member)) == true;
        return (mode != MemoryPackMembers.Mode.CircularReference || constructor is null || constructor.Parameters.IsEmpty)
            && (constructor is null || constructor.Parameters.All(p => members.Any(m => SameName(p.Name, m.Name))))
            && members.All(m => m.Symbol is not IFieldSymbol { IsReadOnly: true } || IsParameter(m.Name));
    }

    /// <summary>The constructor with which MemoryPack makes an instance; null for the one that is not written, or when it has no choice.</summary>
    public static IMethodSymbol? ConstructorOf(INamedTypeSymbol type)
    {
        IMethodSymbol[] written = [.. type.InstanceConstructors.Where(static c => !c.IsImplicitlyDeclared)];
        return written.Length == 1 ? written[0] : written.FirstOrDefault(static c => c.HasMemoryPack(ContractNames.MemoryPackConstructor));
    }

    private static bool HasOrders(List<StoredMember> members, MemoryPackMembers.Mode mode)
    {
        if (mode is not (MemoryPackMembers.Mode.VersionTolerant or MemoryPackMembers.Mode.CircularReference))
            return true;
        List<int?> orders = members.ConvertAll(static m => m.Order);
        return orders.All(static o => o is not null) && orders.Distinct().Count() == orders.Count;
    }

    private static bool CanSerialize(StoredMember member)
    {
        ITypeSymbol type = member.Type;
        if (member.HasCustomFormatter)
            return true;
        if (type.SpecialType is SpecialType.System_Object or SpecialType.System_Array or SpecialType.System_Delegate or SpecialType.System_MulticastDelegate
            || type.TypeKind == TypeKind.Delegate || type.IsRefLikeType)
        {
            return false;
        }
        return type.TypeKind is TypeKind.Enum or TypeKind.TypeParameter or TypeKind.Error
            || type.IsUnmanagedType
            || type.SpecialType == SpecialType.System_String
            || type is IArrayTypeSymbol { Rank: <= 4 }
            || type.HasMemoryPack(ContractNames.MemoryPackable)
            || (type.IsAbstract && type.HasMemoryPack(ContractNames.MemoryPackUnion))
            || type.OriginalDefinition.AllInterfaces.Any(static i => i.IsNamed(ContractNames.MemoryPackNamespace, "IMemoryPackable"))
            || IsKnown(type)
            || member.Symbol.HasMemoryPack("MemoryPackAllowSerializeAttribute");
    }

    private static bool IsKnown(ITypeSymbol type)
    {
        // of the definition: what a constructed type implements would be constructed for each one anew
        if (type.OriginalDefinition.AllInterfaces.Any(static i => i.OriginalDefinition.SpecialType == SpecialType.System_Collections_Generic_IEnumerable_T)
            || type.OriginalDefinition.SpecialType is SpecialType.System_Collections_Generic_IEnumerable_T or SpecialType.System_Nullable_T)
        {
            return true;
        }
        string? space = type.Name switch
        {
            "Version" or "Uri" or "Type" or "Lazy" or "Tuple" or "ValueTuple" or "Memory" or "ReadOnlyMemory" or "TimeZoneInfo" => "System",
            "BigInteger" => "System.Numerics",
            "BitArray" => "System.Collections",
            "StringBuilder" => "System.Text",
            "CultureInfo" => "System.Globalization",
            "KeyValuePair" or "PriorityQueue" => "System.Collections.Generic",
            "ReadOnlySequence" => "System.Buffers",
            _ => null,
        };
        return space is not null && type.IsNamed(space, type.Name);
    }

    /// <summary>Whether MemoryPack takes a parameter for a member.</summary>
    public static bool SameName(string parameter, string member) =>
        parameter.Equals(member, StringComparison.OrdinalIgnoreCase)
        || parameter.Replace("_", "").Equals(member.Replace("_", ""), StringComparison.OrdinalIgnoreCase);
}
