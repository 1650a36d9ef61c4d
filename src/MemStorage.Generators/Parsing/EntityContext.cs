using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>What the parsers of one entity share. Lives for one run of the parser only.</summary>
internal sealed class EntityContext(INamedTypeSymbol entity, Compilation compilation, ShapeReporter reporter, CancellationToken cancellationToken)
{
    /// <summary>The entity.</summary>
    public INamedTypeSymbol Entity { get; } = entity;

    /// <summary>Where it stands.</summary>
    public Compilation Compilation { get; } = compilation;

    /// <summary>Takes what is wrong.</summary>
    public ShapeReporter Reporter { get; } = reporter;

    /// <summary>Ends the work.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>Its properties and fields, inherited ones included.</summary>
    public List<ISymbol> Members { get; } = entity.DataMembers();

    /// <summary><c>global::Namespace.Outer.</c></summary>
    public string QualifiedPrefix
    {
        get
        {
            string source = Entity.ToSource();
            return source.Substring(0, source.LastIndexOf('.') is int dot and >= 0 ? dot + 1 : source.LastIndexOf(':') + 1);
        }
    }

    /// <summary>The members with our attribute of this name.</summary>
    public List<(ISymbol Member, AttributeData Attribute)> Marked(string attribute)
    {
        List<(ISymbol, AttributeData)> marked = [];
        foreach (ISymbol member in Members)
        {
            if (member.FindContract(attribute) is { } found)
                marked.Add((member, found));
        }
        return marked;
    }

    /// <summary>Reports MST0009 when MemoryPack leaves the member out.</summary>
    public bool CheckStored(ISymbol member, string role)
    {
        if (MemoryPackMembers.IsStored(member))
            return true;
        string reason = member.HasMemoryPack(ContractNames.MemoryPackIgnore) ? "it is marked [MemoryPackIgnore]"
            : member is IPropertySymbol { GetMethod: null } ? "it has no getter"
            : "it is not public and not marked [MemoryPackInclude]";
        Reporter.Report(ShapeRules.NotStored, member, role, member.Name, reason);
        return false;
    }

    /// <summary>Reports MST0014 when a class beside the entity cannot read the member.</summary>
    public bool CheckReadable(ISymbol member, string role)
    {
        ISymbol access = member is IPropertySymbol { GetMethod: { } getter } ? getter : member;
        if (Compilation.IsSymbolAccessibleWithin(access, Entity.ContainingAssembly) || IsVisibleAround(access))
            return true;
        Reporter.Report(ShapeRules.Unreachable, member, role, member.Name, "it must be internal or public");
        return false;
    }

    // inside a container that is itself not visible everywhere, accessibility within the assembly says no although a neighbour can reach the member
    private bool IsVisibleAround(ISymbol access) =>
        SymbolEqualityComparer.Default.Equals(access.ContainingAssembly, Entity.ContainingAssembly)
        && access.DeclaredAccessibility is Accessibility.Public or Accessibility.Internal or Accessibility.ProtectedOrInternal;
}
