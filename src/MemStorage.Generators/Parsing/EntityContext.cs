using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>What the parsers of one entity share. Lives for one run of the parser only.</summary>
internal sealed class EntityContext
{
    public EntityContext(INamedTypeSymbol entity, Compilation compilation, ShapeReporter reporter, CancellationToken cancellationToken)
    {
        Entity = entity;
        Compilation = compilation;
        Reporter = reporter;
        CancellationToken = cancellationToken;
        KeyTypes = new KeyTypeParser(compilation);
        FindMarked();
        CheckMisplaced();
    }

    /// <summary>The entity.</summary>
    public INamedTypeSymbol Entity { get; }

    /// <summary>Where it stands.</summary>
    public Compilation Compilation { get; }

    /// <summary>Takes what is wrong.</summary>
    public ShapeReporter Reporter { get; }

    /// <summary>Ends the work.</summary>
    public CancellationToken CancellationToken { get; }

    /// <summary>What MemoryPack stores of it and of the types it reaches.</summary>
    public StoredTypes Types { get; } = new();

    /// <summary>Which types can be keys.</summary>
    public KeyTypeParser KeyTypes { get; }

    /// <summary>The warnings that naming what it is made of would bring.</summary>
    public WarningIds Warnings { get; } = new();

    /// <summary>The members marked as key.</summary>
    public List<MarkedMember> Keys { get; } = [];

    /// <summary>Whether something that can be no member of an entity is marked as its key.</summary>
    public bool HasMisplacedKey { get; private set; }

    /// <summary>The members marked as version.</summary>
    public List<MarkedMember> Versions { get; } = [];

    /// <summary>The members marked as index.</summary>
    public List<MarkedMember> Indexes { get; } = [];

    /// <summary><c>global::Namespace.Outer.</c></summary>
    public string QualifiedPrefix
    {
        get
        {
            string source = Entity.ToSource();
            return source.Substring(0, source.LastIndexOf('.') is int dot and >= 0 ? dot + 1 : source.LastIndexOf(':') + 1);
        }
    }

    // its properties and fields, inherited ones included, with our attributes on them or on what they override
    private void FindMarked()
    {
        foreach (ISymbol member in Entity.DataMembers())
        {
            bool key = false, version = false, index = false;
            for (ISymbol? current = member; current is not null; current = (current as IPropertySymbol)?.OverriddenProperty)
            {
                foreach (AttributeData attribute in current.GetAttributes())
                {
                    if (attribute.AttributeClass is not { Name: ContractNames.Key or ContractNames.Version or ContractNames.Index } type
                        || !type.IsNamed(ContractNames.RuntimeNamespace, type.Name))
                    {
                        continue;
                    }
                    switch (type.Name)
                    {
                        case ContractNames.Key when !key:
                            key = true;
                            Keys.Add(new MarkedMember(member, attribute));
                            break;
                        case ContractNames.Version when !version:
                            version = true;
                            Versions.Add(new MarkedMember(member, attribute));
                            break;
                        case ContractNames.Index when !index:
                            index = true;
                            Indexes.Add(new MarkedMember(member, attribute));
                            break;
                    }
                }
            }
        }
    }

    // attributes where MemoryPack never looks (MST0009): without a word the key would be missed elsewhere, and an index not at all
    private void CheckMisplaced()
    {
        foreach (INamedTypeSymbol type in Entity.SelfAndBases())
        {
            foreach (ISymbol member in type.GetMembers())
            {
                if (ReasonAgainst(member) is not { } reason)
                    continue;
                foreach (AttributeData attribute in member.GetAttributes())
                {
                    string? role = attribute.AttributeClass switch
                    {
                        { Name: ContractNames.Key } => "key",
                        { Name: ContractNames.Version } => "version",
                        { Name: ContractNames.Index } => "index",
                        _ => null,
                    };
                    if (role is null || !attribute.AttributeClass!.IsNamed(ContractNames.RuntimeNamespace, attribute.AttributeClass!.Name))
                        continue;
                    HasMisplacedKey |= role == "key";
                    Reporter.Report(ShapeRules.NotStored, PlaceOf(member), role, member.Name.Substring(member.Name.LastIndexOf('.') + 1), reason);
                }
            }
        }
    }

    private static string? ReasonAgainst(ISymbol member) => member switch
    {
        IPropertySymbol { IsIndexer: true } => "it is an indexer",
        IPropertySymbol { ExplicitInterfaceImplementations: [var implemented, ..] } =>
            $"it is the explicit implementation of '{implemented.ContainingType.Name}.{implemented.Name}'; mark a public member",
        IFieldSymbol { IsConst: true } => "it is a constant",
        IPropertySymbol { IsStatic: true } or IFieldSymbol { IsStatic: true } => "it is static",
        _ => null,
    };

    // what stands in another project is reported at the entity
    private ISymbol PlaceOf(ISymbol member) => SymbolEqualityComparer.Default.Equals(member.ContainingAssembly, Entity.ContainingAssembly) ? member : Entity;

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
        if (WarningIds.IsForbidden(member))
        {
            Reporter.Report(ShapeRules.Unreachable, member, role, member.Name, "every use of it is an error ([Obsolete(…, error: true)])");
            return false;
        }
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

/// <summary>A member with one of our attributes.</summary>
/// <param name="Member">The property or field.</param>
/// <param name="Attribute">The attribute.</param>
internal readonly record struct MarkedMember(ISymbol Member, AttributeData Attribute);
