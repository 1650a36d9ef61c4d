using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// Whether MemoryPack's generator will extend a type. When it will not, it reports a diagnostic of its own (MEMPACK…), and a repository
/// would only add errors in code that nobody wrote: MST0021 says that there is none. The checks repeat those of MemoryPack 1.21.4; a test holds them against it.
/// </summary>
internal static class MemoryPackSupport
{
    private const int MaxMembers = 250;

    private static readonly string[] s_callbacks = ["MemoryPackOnSerializingAttribute", "MemoryPackOnSerializedAttribute", "MemoryPackOnDeserializingAttribute", "MemoryPackOnDeserializedAttribute"];

    /// <summary>Whether it will.</summary>
    public static bool WillExtend(INamedTypeSymbol type, StoredType stored, CancellationToken cancellationToken) => ReasonAgainst(type, stored, cancellationToken) is null;

    /// <summary>Why it will not, or null: the end of a sentence.</summary>
    public static string? ReasonAgainst(INamedTypeSymbol type, StoredType stored, CancellationToken cancellationToken)
    {
        // a type of another assembly was extended when that assembly was built
        if (type.DeclaringSyntaxReferences.IsEmpty)
            return null;
        MemoryPackMembers.Mode mode = stored.Mode;
        if (mode is MemoryPackMembers.Mode.None)
            return "it is not marked [MemoryPackable]";
        if (mode is MemoryPackMembers.Mode.NoGenerate)
            return "it says GenerateType.NoGenerate";
        for (INamedTypeSymbol? current = type; current is not null; current = current.ContainingType)
        {
            if (!current.IsPartial(cancellationToken))
                return $"'{current.Name}' is not partial";
        }
        if (mode is MemoryPackMembers.Mode.Collection or MemoryPackMembers.Mode.Union)
            return null;
        if (!type.IsAbstract && type.HasMemoryPack(ContractNames.MemoryPackUnion))
            return "it is marked [MemoryPackUnion] but neither abstract nor an interface";
        List<StoredMember> members = stored.Members;
        return (type.IsUnmanagedType ? ReasonAgainstUnmanaged(type, mode) : ReasonAgainstConstruction(type, members, mode))
            ?? ReasonAgainstCallbacks(type)
            ?? ReasonAgainstMembers(type, members)
            ?? ReasonAgainstOrders(members, stored);
    }

    private static string? ReasonAgainstUnmanaged(INamedTypeSymbol type, MemoryPackMembers.Mode mode) => mode == MemoryPackMembers.Mode.VersionTolerant
        ? "it is an unmanaged struct, which is copied as it is in memory and cannot be version-tolerant"
        : type.InstanceConstructors.Any(static c => !c.IsImplicitlyDeclared)
        && type.InstanceConstructors.Any(static c => c.HasMemoryPack(ContractNames.MemoryPackConstructor))
            ? "it is an unmanaged struct, which is copied as it is in memory: no constructor of it is called, and none may be marked [MemoryPackConstructor]"
            : null;

    private static string? ReasonAgainstConstruction(INamedTypeSymbol type, List<StoredMember> members, MemoryPackMembers.Mode mode)
    {
        IMethodSymbol[] written = [.. type.InstanceConstructors.Where(static c => !c.IsImplicitlyDeclared)];
        IMethodSymbol[] marked = [.. written.Where(static c => c.HasMemoryPack(ContractNames.MemoryPackConstructor))];
        if (written.Length > 1 && marked.Length != 1)
            return "it has several constructors, of which exactly one must be marked [MemoryPackConstructor]";
        IMethodSymbol? constructor = ConstructorOf(type);
        if (mode == MemoryPackMembers.Mode.CircularReference && constructor is { Parameters.IsEmpty: false })
            return "a type in CircularReference mode needs a constructor without parameters";
        if (constructor?.Parameters.FirstOrDefault(p => !members.Any(m => SameName(p.Name, m.Name))) is { } parameter)
            return $"the parameter '{parameter.Name}' of its constructor has the name of no stored member";
        foreach (StoredMember member in members)
        {
            if (member.Symbol is IFieldSymbol { IsReadOnly: true } && !IsParameter(constructor, member.Name))
                return $"its readonly field '{member.Name}' is no parameter of its constructor";
        }
        return null;
    }

    private static string? ReasonAgainstCallbacks(INamedTypeSymbol type)
    {
        foreach (ISymbol member in type.GetMembers())
        {
            if (member is not IMethodSymbol { MethodKind: MethodKind.Ordinary } method || method.GetAttributes().IsEmpty || !s_callbacks.Any(method.HasMemoryPack))
                continue;
            if (type.IsUnmanagedType)
                return $"it is an unmanaged struct, for which MemoryPack calls no methods such as '{method.Name}'";
            if (method.Parameters.Length != 0 && !(method.Parameters.Length == 2 && method.Parameters.All(static p => p.RefKind == RefKind.Ref)))
                return $"'{method.Name}' is called by MemoryPack and may have no parameters but the writer's or the reader's two";
        }
        return null;
    }

    private static string? ReasonAgainstMembers(INamedTypeSymbol type, List<StoredMember> members)
    {
        foreach (INamedTypeSymbol current in type.SelfAndBases())
        {
            bool inherited = !SymbolEqualityComparer.Default.Equals(current, type);
            foreach (ISymbol member in current.GetMembers())
            {
                bool included = member.HasMemoryPack(ContractNames.MemoryPackInclude);
                if (member.IsOverride && (included || member.HasMemoryPack(ContractNames.MemoryPackIgnore)))
                    return $"'{member.Name}' overrides a member, so the attribute [{(included ? "MemoryPackInclude" : "MemoryPackIgnore")}] belongs to that one";
                if (inherited && included && member.DeclaredAccessibility == Accessibility.Private)
                    return $"'{member.Name}' is private in '{current.Name}'";
            }
        }
        if (members.Count >= MaxMembers)
            return $"it has {members.Count} stored members, and {MaxMembers - 1} are allowed";
        foreach (StoredMember member in members)
        {
            if (!CanSerialize(member))
                return $"its member '{member.Name}' has the type '{member.Type.ToDisplayString(SymbolDisplayFormat.MinimallyQualifiedFormat)}', which MemoryPack does not store";
            if (member.Symbol.HasMemoryPack(ContractNames.SuppressDefault)
                && member.Symbol is IFieldSymbol { IsReadOnly: true } or IFieldSymbol { IsRequired: true }
                    or IPropertySymbol { SetMethod: null } or IPropertySymbol { SetMethod.IsInitOnly: true } or IPropertySymbol { IsRequired: true })
            {
                return $"its member '{member.Name}' is marked [SuppressDefaultInitialization], and may then be neither readonly, nor init-only, nor required";
            }
        }
        return null;
    }

    private static string? ReasonAgainstOrders(List<StoredMember> members, StoredType stored)
    {
        bool isTolerant = stored.Mode is MemoryPackMembers.Mode.VersionTolerant or MemoryPackMembers.Mode.CircularReference;
        if (stored.HasExplicitLayout)
        {
            foreach (StoredMember member in members)
            {
                if (member.Order is null)
                    return $"its member '{member.Name}' has no [MemoryPackOrder], which the explicit layout wants for all members";
            }
        }
        else if (!isTolerant)
        {
            return null;
        }
        HashSet<int> seen = [];
        for (int i = 0; i < members.Count; i++)
        {
            // without a number a member has that of its place
            int order = members[i].Order ?? stored.PlaceOf(members[i]);
            if (!seen.Add(order))
                return $"its member '{members[i].Name}' has the number {order} of another member";
            if (order is < 0 or >= MaxMembers)
                return $"its member '{members[i].Name}' has the number {order}; allowed are 0 to {MaxMembers - 1}";
            if (!isTolerant && order != i)
                return $"its members must be numbered from 0 without a gap, and '{members[i].Name}' has {order} instead of {i}";
        }
        return null;
    }

    /// <summary>The constructor that MemoryPack calls; null for the one that nobody wrote.</summary>
    public static IMethodSymbol? ConstructorOf(INamedTypeSymbol type)
    {
        if (type.IsUnmanagedType)
            return null;
        IMethodSymbol[] written = [.. type.InstanceConstructors.Where(static c => !c.IsImplicitlyDeclared)];
        return written.Length == 1 ? written[0] : written.FirstOrDefault(static c => c.HasMemoryPack(ContractNames.MemoryPackConstructor));
    }

    /// <summary>Whether a member is a parameter of the constructor.</summary>
    public static bool IsParameter(IMethodSymbol? constructor, string member) => constructor?.Parameters.Any(p => SameName(p.Name, member)) == true;

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

    /// <summary>Whether MemoryPack takes a parameter and a member for the same.</summary>
    public static bool SameName(string parameter, string member) =>
        parameter.Equals(member, StringComparison.OrdinalIgnoreCase)
        || parameter.Replace("_", "").Equals(member.Replace("_", ""), StringComparison.OrdinalIgnoreCase);
}
