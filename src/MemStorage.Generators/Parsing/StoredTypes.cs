using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>What MemoryPack stores of the types that one entity reaches: several parsers ask, each type is looked into once. Lives for one run of the parser.</summary>
internal sealed class StoredTypes
{
    private readonly Dictionary<INamedTypeSymbol, StoredType> _types = new(SymbolEqualityComparer.Default);

    /// <summary>What is known of a type.</summary>
    public StoredType Of(INamedTypeSymbol type)
    {
        if (!_types.TryGetValue(type, out StoredType? known))
            _types.Add(type, known = new StoredType(type));
        return known;
    }
}

/// <summary>A type as MemoryPack sees it.</summary>
internal sealed class StoredType(INamedTypeSymbol type)
{
    private List<StoredMember>? _members;
    private List<ISymbol>? _places;
    private bool? _isExtended;

    /// <summary>How it is stored.</summary>
    public MemoryPackMembers.Mode Mode { get; } = MemoryPackMembers.ModeOf(type);

    /// <summary>What is stored of it, in order.</summary>
    public List<StoredMember> Members => _members ??= MemoryPackMembers.StoredMembers(type);

    /// <summary>Whether every member must have a number: said so, or not said for a type that reads other shapes of itself.</summary>
    public bool HasExplicitLayout { get; } = MemoryPackMembers.HasExplicitLayout(type);

    /// <summary>The place of a member among those that are stored, before numbers move them.</summary>
    public int PlaceOf(StoredMember member)
    {
        _places ??= MemoryPackMembers.InDeclaredOrder(type);
        return _places.FindIndex(m => SymbolEqualityComparer.Default.Equals(m, member.Symbol));
    }

    /// <summary>Whether MemoryPack's generator extends it.</summary>
    public bool IsExtended(CancellationToken cancellationToken) => _isExtended ??= MemoryPackSupport.WillExtend(type, this, cancellationToken);
}

/// <summary>A stored member.</summary>
/// <param name="Symbol">The property or field.</param>
/// <param name="Type">Its type.</param>
/// <param name="Order">The number on <c>[MemoryPackOrder]</c>, or null.</param>
/// <param name="Formatter">The attribute with which the user chose a formatter for it, or null.</param>
internal readonly record struct StoredMember(ISymbol Symbol, ITypeSymbol Type, int? Order, AttributeData? Formatter)
{
    /// <summary>Whether a formatter of the user's choice writes it.</summary>
    public bool HasCustomFormatter => Formatter is not null;

    /// <summary>Its name.</summary>
    public string Name => Symbol.Name;
}
