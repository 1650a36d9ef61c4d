using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>
/// What MemoryPack 1.21.4 accepts in a type and writes code for that does not compile (MST0016): setters and members that its code cannot reach, constructors it
/// cannot call.
/// </summary>
internal static class MemoryPackTraps
{
    /// <summary>What is wrong, or null: the end of a sentence.</summary>
    public static string? Find(INamedTypeSymbol type, StoredType stored, Compilation compilation)
    {
        if (type.DeclaringSyntaxReferences.IsEmpty || stored.Mode is MemoryPackMembers.Mode.None or MemoryPackMembers.Mode.NoGenerate or MemoryPackMembers.Mode.Collection)
            return null;
        if (type.StaticConstructors.Any(static c => !c.IsImplicitlyDeclared && IsWritten(c)))
            return "it has a static constructor, and MemoryPack writes one; put its content into 'static partial void StaticConstructor()'";
        if (stored.Mode is MemoryPackMembers.Mode.Union || type.IsUnmanagedType)
            return null;
        IMethodSymbol? constructor = MemoryPackSupport.ConstructorOf(type);
        return AgainstConstructor(constructor, stored, compilation)
            ?? AgainstRequired(type, constructor, stored)
            ?? stored.Members.Select(m => AgainstMember(m, type, constructor, compilation)).FirstOrDefault(static r => r is not null);
    }

    private static bool IsWritten(ISymbol symbol) =>
        symbol.DeclaringSyntaxReferences.Any(static r => !r.SyntaxTree.FilePath.EndsWith(".g.cs", StringComparison.Ordinal));

    private static string? AgainstConstructor(IMethodSymbol? constructor, StoredType stored, Compilation compilation)
    {
        if (constructor is null)
            return null;
        if (WarningIds.IsForbidden(constructor))
            return "every use of its constructor is an error ([Obsolete(…, error: true)])";
        foreach (IParameterSymbol parameter in constructor.Parameters)
        {
            if (parameter.RefKind is not (RefKind.None or RefKind.In))
                return $"the parameter '{parameter.Name}' of its constructor is passed by reference";
            StoredMember member = stored.Members.FirstOrDefault(m => MemoryPackSupport.SameName(parameter.Name, m.Name));
            if (member.Symbol is not null && !compilation.HasImplicitConversion(member.Type, parameter.Type))
            {
                return $"the parameter '{parameter.Name}' of its constructor has the type '{parameter.Type.ToDisplayString()}', "
                    + $"which its member '{member.Name}' does not fit";
            }
        }
        return null;
    }

    // MemoryPack sets required members in an initializer: not those that it does not store, nor those that the constructor takes, nor any of a type whose
    // instances it makes before it reads them
    private static string? AgainstRequired(INamedTypeSymbol type, IMethodSymbol? constructor, StoredType stored)
    {
        if (constructor?.GetAttributes().Any(static a => a.AttributeClass?.Name == "SetsRequiredMembersAttribute") == true)
            return null;
        foreach (ISymbol member in type.DataMembers())
        {
            if (member is not (IPropertySymbol { IsRequired: true } or IFieldSymbol { IsRequired: true }))
                continue;
            string? reason = !MemoryPackMembers.IsStored(member) ? "it is not stored"
                : MemoryPackSupport.IsParameter(constructor, member.Name) ? "it is a parameter of the constructor; mark that [SetsRequiredMembers]"
                : stored.Mode == MemoryPackMembers.Mode.CircularReference ? "instances of a type in CircularReference mode are made before they are read"
                : null;
            if (reason is not null)
                return $"its required member '{member.Name}' is not set when it is read: {reason}";
        }
        return null;
    }

    private static string? AgainstMember(StoredMember member, INamedTypeSymbol type, IMethodSymbol? constructor, Compilation compilation)
    {
        if (WarningIds.IsForbidden(member.Symbol))
            return $"every use of its member '{member.Name}' is an error ([Obsolete(…, error: true)]); mark it [MemoryPackIgnore]";
        if (member.Type.TypeKind is TypeKind.Pointer or TypeKind.FunctionPointer)
            return $"its member '{member.Name}' is a pointer; mark it [MemoryPackIgnore]";
        if (SymbolEqualityComparer.Default.Equals(member.Symbol.ContainingType, type))
            return null;
        // what others cannot reach in an assembly is not there for its readers: neither MemoryPack nor this code sees it in a build
        if (!SymbolEqualityComparer.Default.Equals(member.Symbol.ContainingAssembly, type.ContainingAssembly))
            return null;
        string declared = member.Symbol.ContainingType.Name;
        if (!compilation.IsSymbolAccessibleWithin(member.Symbol, type, type))
            return $"'{member.Name}' of '{declared}' cannot be reached from it; mark it [MemoryPackIgnore]";
        if (member.Symbol is not IPropertySymbol property)
            return null;
        if (property.GetMethod is { } getter && !compilation.IsSymbolAccessibleWithin(getter, type, type))
            return $"the getter of '{member.Name}' in '{declared}' cannot be reached from it; make it protected or public, or mark the member [MemoryPackIgnore]";
        // assigned to an instance that is there already, or in an initializer unless the constructor takes it
        bool isSet = property.SetMethod is { IsInitOnly: false } && !property.IsRequired;
        if (property.SetMethod is { } setter && (isSet || !MemoryPackSupport.IsParameter(constructor, member.Name)) && !compilation.IsSymbolAccessibleWithin(setter, type, type))
            return $"the setter of '{member.Name}' in '{declared}' cannot be reached from it; make it protected or public, or mark the member [MemoryPackIgnore]";
        return null;
    }
}
