using System.Collections.Concurrent;
using System.Collections.Immutable;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Versions;

/// <summary>The types that the version rules ask about, beside <see cref="KnownSymbols"/>, and what the rules want to know of a symbol. Thread-safe.</summary>
internal sealed class VersionSymbols
{
    private readonly ConcurrentDictionary<IMethodSymbol, bool> _mustCheck = new(SymbolEqualityComparer.Default);
    private readonly ImmutableArray<INamedTypeSymbol> _items;
    private readonly ImmutableArray<INamedTypeSymbol> _keyAttribute;
    private readonly ImmutableArray<INamedTypeSymbol> _entityTraits;
    private readonly ImmutableArray<INamedTypeSymbol> _tasks;

    private VersionSymbols(KnownSymbols known)
    {
        Known = known;
        Compilation compilation = known.Compilation;
        StoredItem = compilation.GetTypesByMetadataName("MemStorage.StoredItem");
        _items = StoredItem
            .AddRange(compilation.GetTypesByMetadataName("MemStorage.NoCopyItem"))
            .AddRange(compilation.GetTypesByMetadataName("MemStorage.ItemInfo"))
            .AddRange(compilation.GetTypesByMetadataName("MemStorage.EntityInfo"));
        _keyAttribute = compilation.GetTypesByMetadataName("MemStorage.MemStorageKeyAttribute");
        _entityTraits = compilation.GetTypesByMetadataName("MemStorage.Typed.IEntityTraits`2");
        _tasks = compilation.GetTypesByMetadataName("System.Threading.Tasks.Task`1").AddRange(compilation.GetTypesByMetadataName("System.Threading.Tasks.ValueTask`1"));
        Exception = compilation.GetTypesByMetadataName("MemStorage.MemStorageException");
        LinqExpression = compilation.GetTypesByMetadataName("System.Linq.Expressions.Expression`1");
    }

    public KnownSymbols Known { get; }

    public ImmutableArray<INamedTypeSymbol> StoredItem { get; }

    public ImmutableArray<INamedTypeSymbol> Exception { get; }

    public ImmutableArray<INamedTypeSymbol> LinqExpression { get; }

    /// <summary>Null when the compilation does not see the runtime.</summary>
    public static VersionSymbols? TryCreate(KnownSymbols known) => known.MustCheckAttribute.IsEmpty ? null : new VersionSymbols(known);

    public bool IsStoredItem(ITypeSymbol? type) => type is not null && StoredItem.Contains(type.OriginalDefinition);

    /// <summary>Whether the type is one of the byte store's views of an entry, which have a <c>Version</c>.</summary>
    public bool IsItem(ITypeSymbol? type) => type is not null && _items.Contains(type.OriginalDefinition);

    /// <summary><c>Task&lt;T&gt;</c> or <c>ValueTask&lt;T&gt;</c>.</summary>
    public bool IsTask(ITypeSymbol? type) => type is INamedTypeSymbol { IsGenericType: true } && _tasks.Contains(type.OriginalDefinition);

    /// <summary>Whether the member carries the version of an entity or of an item of the byte store.</summary>
    public bool IsVersionMember(ISymbol member) =>
        IsEntityVersion(member) || (member is IPropertySymbol { Name: "Version" } && IsItem(member.ContainingType));

    /// <summary>Whether the member is marked <c>[MemStorageVersion]</c>.</summary>
    public bool IsEntityVersion(ISymbol member) => member is IPropertySymbol or IFieldSymbol && member.OriginalDefinition.GetAttributes().HasAny(Known.VersionAttribute);

    /// <summary>Whether the member is marked <c>[MemStorageKey]</c>, or is the key of an item of the byte store.</summary>
    public bool IsKeyMember(ISymbol member) =>
        (member is IPropertySymbol or IFieldSymbol && member.OriginalDefinition.GetAttributes().HasAny(_keyAttribute))
        || (member is IPropertySymbol { Name: "Key" } && IsItem(member.ContainingType));

    /// <summary>Whether entities of this type carry their version (the byte store's items always do).</summary>
    public bool HasVersionMember(ITypeSymbol? entity)
    {
        if (IsItem(entity))
            return true;
        for (ITypeSymbol? type = entity; type is not null; type = type.BaseType)
        {
            foreach (ISymbol member in type.GetMembers())
            {
                if (IsEntityVersion(member))
                    return true;
            }
        }
        return false;
    }

    /// <summary>Whether the method is <c>IEntityTraits.SetVersion</c> or implements it: the store's own way to set the member.</summary>
    public bool IsSetVersionOfTraits(IMethodSymbol method) =>
        method.Name.EndsWith("SetVersion", StringComparison.Ordinal) && method.ContainingType is { } type
        && (_entityTraits.Contains(type.OriginalDefinition) || type.AllInterfaces.Any(i => _entityTraits.Contains(i.OriginalDefinition)));

    /// <summary>
    /// Whether the result of a call must be looked at: the method, what it overrides or implements, its return value, or the type that it
    /// returns (also inside a task) is marked <c>[MustCheck]</c>. A type argument that merely happens to be such a type does not count
    /// (<c>queue.Dequeue()</c>), unless the call hands on what a delegate returned (<c>Task.Run(() => orders.Set(o))</c>).
    /// </summary>
    public bool MustCheck(IMethodSymbol method)
    {
        if (method.ReturnsVoid)
            return false;
        if (method.MethodKind == MethodKind.DelegateInvoke)
            return IsMustCheckType(method.ReturnType) || method.OriginalDefinition.GetReturnTypeAttributes().HasAny(Known.MustCheckAttribute);
        if (_mustCheck.GetOrAdd(method.OriginalDefinition, Decide))
            return true;
        return method.IsGenericMethod && ReturnsWhatADelegateReturned(method.OriginalDefinition) && IsMustCheckType(method.ReturnType);
    }

    private bool Decide(IMethodSymbol method) => IsMustCheckType(method.ReturnType) || method.HasContract(Known.MustCheckAttribute, onReturnValue: true);

    /// <summary>Whether the type, what a task of it holds, or a base type of it is marked.</summary>
    public bool IsMustCheckType(ITypeSymbol? type)
    {
        if (IsTask(type))
            type = ((INamedTypeSymbol)type!).TypeArguments[0];
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        for (ITypeSymbol? t = type; t is not null; t = t.BaseType)
        {
            if (t.OriginalDefinition.GetAttributes().HasAny(Known.MustCheckAttribute))
                return true;
        }
        return false;
    }

    /// <summary><c>T M&lt;T&gt;(Func&lt;T&gt;)</c>, <c>Task&lt;T&gt; M&lt;T&gt;(Func&lt;Task&lt;T&gt;&gt;)</c> and the like.</summary>
    private bool ReturnsWhatADelegateReturned(IMethodSymbol definition)
    {
        ITypeSymbol? result = Unwrap(definition.ReturnType);
        if (result is not ITypeParameterSymbol { DeclaringMethod: not null } parameter)
            return false;
        foreach (IParameterSymbol p in definition.Parameters)
        {
            if (p.Type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke } && SymbolEqualityComparer.Default.Equals(Unwrap(invoke.ReturnType), parameter))
                return true;
        }
        return false;

        ITypeSymbol Unwrap(ITypeSymbol type) => IsTask(type) ? ((INamedTypeSymbol)type).TypeArguments[0] : type;
    }
}
