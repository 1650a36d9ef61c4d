using System.Collections.Concurrent;
using MemStorage.Analyzers.Sharing.Flow;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing;

/// <summary>[Mutates] and [Pure]: what methods say about themselves. Thread-safe.</summary>
internal sealed class Contracts
{
    private readonly KnownSymbols _symbols;
    private readonly ConcurrentDictionary<IMethodSymbol, bool> _pure = new(SymbolEqualityComparer.Default);

    public Contracts(KnownSymbols symbols) => _symbols = symbols;

    public bool MutatesReceiver(IMethodSymbol method) => (method.ReducedFrom ?? method).HasContract(_symbols.MutatesAttribute);

    public bool MutatesParameter(IMethodSymbol method, int ordinal) =>
        !_symbols.MutatesAttribute.IsEmpty && method.Parameters[ordinal].HasContractOnParameter(_symbols.MutatesAttribute);

    public bool IsPureParameter(IMethodSymbol method, int ordinal) =>
        !_symbols.PureAttribute.IsEmpty && method.Parameters[ordinal].HasContractOnParameter(_symbols.PureAttribute);

    /// <summary>Whether the method says that it changes nothing; the attributes of other libraries with that name are believed too.</summary>
    public bool IsPure(IMethodSymbol method)
    {
        IMethodSymbol definition = (method.ReducedFrom ?? method).OriginalDefinition;
        return _pure.TryGetValue(definition, out bool known) ? known : _pure.GetOrAdd(definition,
            m => m.HasContract(_symbols.PureAttribute) || m.GetAttributes().Any(static a => a.AttributeClass?.Name == "PureAttribute"));
    }

    /// <summary>What a member has promised not to change, so that it is checked on its own side as well. Only our own attribute is checked.</summary>
    public ulong PureOrigins(IMethodSymbol? method)
    {
        if (method is null || _symbols.PureAttribute.IsEmpty)
            return 0;
        bool all = method.HasContract(_symbols.PureAttribute);
        ulong mask = all && method.MethodKind != MethodKind.Constructor ? Origins.Self(Origins.ThisIndex) | Origins.Inner(Origins.ThisIndex) : 0;
        foreach (IParameterSymbol p in method.Parameters)
        {
            // A callback may hand out something new, which may be changed.
            if (p.Type.TypeKind == TypeKind.Delegate)
                continue;
            if (all || p.HasContractOnParameter(_symbols.PureAttribute))
                mask |= Origins.Self(p.Ordinal + 1) | Origins.Inner(p.Ordinal + 1);
        }
        return mask;
    }
}
