using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers;

/// <summary>
/// The types of the MemStorage runtime, resolved once per compilation. Each is the set of all types of that name (usually one), so that a
/// compilation that sees two copies (a source package, an internal attribute of the user's own) still works.
/// </summary>
internal sealed class KnownSymbols
{
    private static readonly ConditionalWeakTable<Compilation, KnownSymbols> s_known = new();

    private KnownSymbols(Compilation compilation)
    {
        Compilation = compilation;
        NoCopyAttribute = compilation.GetTypesByMetadataName("MemStorage.NoCopyAttribute");
        MustCheckAttribute = compilation.GetTypesByMetadataName("MemStorage.MustCheckAttribute");
        MutatesAttribute = compilation.GetTypesByMetadataName("MemStorage.MutatesAttribute");
        PureAttribute = compilation.GetTypesByMetadataName("MemStorage.PureAttribute");
        VersionAttribute = compilation.GetTypesByMetadataName("MemStorage.MemStorageVersionAttribute");
        EntityAttribute = compilation.GetTypesByMetadataName("MemStorage.MemStorageEntityAttribute");
        MemStore = compilation.GetTypesByMetadataName("MemStorage.MemStore");
        KeySpace = compilation.GetTypesByMetadataName("MemStorage.KeySpace");
        Repository = compilation.GetTypesByMetadataName("MemStorage.MemStorageRepository`3");
        RepositoryInterface = compilation.GetTypesByMetadataName("MemStorage.IMemStorageRepository`2");
    }

    public Compilation Compilation { get; }

    public ImmutableArray<INamedTypeSymbol> NoCopyAttribute { get; }

    public ImmutableArray<INamedTypeSymbol> MustCheckAttribute { get; }

    public ImmutableArray<INamedTypeSymbol> MutatesAttribute { get; }

    public ImmutableArray<INamedTypeSymbol> PureAttribute { get; }

    public ImmutableArray<INamedTypeSymbol> VersionAttribute { get; }

    public ImmutableArray<INamedTypeSymbol> EntityAttribute { get; }

    public ImmutableArray<INamedTypeSymbol> MemStore { get; }

    public ImmutableArray<INamedTypeSymbol> KeySpace { get; }

    public ImmutableArray<INamedTypeSymbol> Repository { get; }

    public ImmutableArray<INamedTypeSymbol> RepositoryInterface { get; }

    /// <summary>Whether the compilation sees the runtime (or at least its annotations). Without it most rules have nothing to do.</summary>
    public bool RuntimeIsReferenced => !MemStore.IsEmpty || !NoCopyAttribute.IsEmpty;

    /// <summary>Whether the assembly is the runtime as it comes in the package.</summary>
    public bool IsRuntime(IAssemblySymbol assembly) =>
        assembly.Name == "MemStorage.Runtime" && MemStore.Length == 1 && SymbolEqualityComparer.Default.Equals(MemStore[0].ContainingAssembly, assembly);

    /// <summary>Looked up once for both analyzers: each name is searched in every assembly that the compilation refers to. They live as long as the compilation.</summary>
    public static KnownSymbols Create(Compilation compilation) => s_known.GetValue(compilation, static c => new KnownSymbols(c));

    /// <summary>Whether <paramref name="type"/> is a typed repository: derives from the base class or implements the interface.</summary>
    public bool IsRepository(ITypeSymbol? type)
    {
        if (type is null || (Repository.IsEmpty && RepositoryInterface.IsEmpty))
            return false;
        for (ITypeSymbol? t = type; t is not null; t = t.BaseType)
        {
            if (Repository.Contains(t.OriginalDefinition))
                return true;
        }
        if (RepositoryInterface.Contains(type.OriginalDefinition))
            return true;
        foreach (INamedTypeSymbol i in type.AllInterfaces)
        {
            if (RepositoryInterface.Contains(i.OriginalDefinition))
                return true;
        }
        return false;
    }

    /// <summary>Whether <paramref name="type"/> is the byte store or one of its key spaces.</summary>
    public bool IsByteStore(ITypeSymbol? type) => type is not null && (MemStore.Contains(type.OriginalDefinition) || KeySpace.Contains(type.OriginalDefinition));
}

/// <summary>Symbol questions that several rules ask.</summary>
internal static class SymbolExtensions
{
    /// <summary>Membership by symbol identity. (The default comparer of symbols compares nullability too; types here are definitions, so that it does not matter.)</summary>
    public static bool Contains(this ImmutableArray<INamedTypeSymbol> types, ITypeSymbol type)
    {
        foreach (INamedTypeSymbol candidate in types)
        {
            if (SymbolEqualityComparer.Default.Equals(candidate, type))
                return true;
        }
        return false;
    }

    public static bool HasAny(this ImmutableArray<AttributeData> attributes, ImmutableArray<INamedTypeSymbol> types)
    {
        if (types.IsEmpty || attributes.IsEmpty)
            return false;
        foreach (AttributeData attribute in attributes)
        {
            if (attribute.AttributeClass is { } type && types.Contains((ITypeSymbol)type))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether the member, what it overrides, or an interface member that it implements carries the attribute: a contract written once on the
    /// interface holds for every implementation.
    /// </summary>
    public static bool HasContract(this ISymbol member, ImmutableArray<INamedTypeSymbol> types, bool onReturnValue = false)
    {
        if (types.IsEmpty)
            return false;
        foreach (ISymbol m in member.WithInheritedContracts())
        {
            if (m.GetAttributes().HasAny(types) || (onReturnValue && m is IMethodSymbol method && method.GetReturnTypeAttributes().HasAny(types)))
                return true;
        }
        return false;
    }

    /// <summary>The same for a parameter: on it, or on the parameter of the same position in what the method overrides or implements.</summary>
    public static bool HasContractOnParameter(this IParameterSymbol parameter, ImmutableArray<INamedTypeSymbol> types)
    {
        if (types.IsEmpty)
            return false;
        if (parameter.GetAttributes().HasAny(types))
            return true;
        if (parameter.ContainingSymbol is not IMethodSymbol { MethodKind: not (MethodKind.LocalFunction or MethodKind.AnonymousFunction) } method)
            return false;
        foreach (ISymbol m in method.WithInheritedContracts())
        {
            if (m is IMethodSymbol other && parameter.Ordinal < other.Parameters.Length && other.Parameters[parameter.Ordinal].GetAttributes().HasAny(types))
                return true;
        }
        return false;
    }

    /// <summary>The member itself, what it overrides, and the interface members that it implements; definitions, not constructed.</summary>
    public static IEnumerable<ISymbol> WithInheritedContracts(this ISymbol member)
    {
        member = member.OriginalDefinition;
        yield return member;
        for (ISymbol? m = Overridden(member); m is not null; m = Overridden(m))
            yield return m.OriginalDefinition;
        if (member.IsStatic || member is not (IMethodSymbol or IPropertySymbol or IEventSymbol))
            yield break;
        // An interface may be implemented where the member is declared or where what it overrides is.
        for (ISymbol? m = member; m is not null; m = Overridden(m)?.OriginalDefinition)
        {
            INamedTypeSymbol? type = m.ContainingType;
            if (type is null || type.TypeKind == TypeKind.Interface)
                yield break;
            foreach (INamedTypeSymbol i in type.AllInterfaces)
            {
                foreach (ISymbol candidate in i.GetMembers(Unqualified(m.Name)))
                {
                    if (SymbolEqualityComparer.Default.Equals(type.FindImplementationForInterfaceMember(candidate), m))
                        yield return candidate.OriginalDefinition;
                }
            }
        }

        static ISymbol? Overridden(ISymbol symbol) => symbol switch
        {
            IMethodSymbol m => m.OverriddenMethod,
            IPropertySymbol p => p.OverriddenProperty,
            IEventSymbol e => e.OverriddenEvent,
            _ => null,
        };

        static string Unqualified(string name) => name.LastIndexOf('.') is >= 0 and var dot && dot + 1 < name.Length ? name.Substring(dot + 1) : name;
    }

    /// <summary>Whether code outside the assembly can call it.</summary>
    public static bool IsExternallyVisible(this ISymbol symbol)
    {
        for (ISymbol? s = symbol; s is not null and not INamespaceSymbol; s = s.ContainingSymbol)
        {
            if (s.DeclaredAccessibility is not (Accessibility.Public or Accessibility.Protected or Accessibility.ProtectedOrInternal))
                return false;
            // Nobody derives from a sealed type.
            if (s.DeclaredAccessibility != Accessibility.Public && s.ContainingType is { IsSealed: true })
                return false;
        }
        return true;
    }
}
