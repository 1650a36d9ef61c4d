using System.Collections.Concurrent;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing;

/// <summary>Which methods, properties, fields and parameters yield shared objects: by [NoCopy], or by the project's configuration. Thread-safe.</summary>
internal sealed class SourceCatalog
{
    private readonly KnownSymbols _symbols;
    private readonly TypeFactsNames _names;
    private readonly HashSet<string> _configured;
    private readonly ConcurrentDictionary<ISymbol, bool> _returns = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, bool> _members = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, bool> _parameters = new(SymbolEqualityComparer.Default);
    private readonly ConcurrentDictionary<ISymbol, bool> _sources = new(SymbolEqualityComparer.Default);

    internal delegate string TypeFactsNames(ITypeSymbol? type);

    public SourceCatalog(KnownSymbols symbols, IEnumerable<string> configured, TypeFactsNames names)
    {
        _symbols = symbols;
        _names = names;
        _configured = new HashSet<string>(configured, StringComparer.Ordinal);
    }

    /// <summary>Whether a call yields a shared object, as its result or through a parameter.</summary>
    public bool IsSource(IMethodSymbol method) => _sources.TryGetValue(Definition(method), out bool known) ? known : _sources.GetOrAdd(Definition(method),
        _ => ReturnsShared(method) || method.Parameters.Any(p => p.RefKind is RefKind.Out or RefKind.Ref && IsSharedOut(method, p)));

    public bool ReturnsShared(IMethodSymbol method)
    {
        IMethodSymbol definition = Definition(method);
        return _returns.TryGetValue(definition, out bool known) ? known : _returns.GetOrAdd(definition, _ => definition.HasContract(_symbols.NoCopyAttribute, onReturnValue: true) || IsConfigured(definition));
    }

    public bool IsSharedOut(IMethodSymbol method, IParameterSymbol parameter) =>
        (parameter.RefKind == RefKind.Out && IsConfigured(Definition(method))) || HasParameterContract(parameter);

    /// <summary>A property or field that yields a shared object.</summary>
    public bool IsSharedMember(ISymbol member)
    {
        if (member is not (IPropertySymbol or IFieldSymbol))
            return false;
        ISymbol definition = member.OriginalDefinition;
        return _members.TryGetValue(definition, out bool known) ? known : _members.GetOrAdd(definition,
            d => d.HasContract(_symbols.NoCopyAttribute) || (d is IPropertySymbol { GetMethod: { } getter } && getter.HasContract(_symbols.NoCopyAttribute, onReturnValue: true)) || IsConfigured(d));
    }

    /// <summary>An input parameter whose argument is shared: the method must not change it.</summary>
    public bool IsSharedParameter(IParameterSymbol parameter) => parameter.RefKind != RefKind.Out && HasParameterContract(parameter);

    private bool HasParameterContract(IParameterSymbol parameter) =>
        _parameters.TryGetValue(parameter.OriginalDefinition, out bool known) ? known : _parameters.GetOrAdd(parameter.OriginalDefinition, _ => parameter.HasContractOnParameter(_symbols.NoCopyAttribute));

    private bool IsConfigured(ISymbol member)
    {
        if (_configured.Count == 0 || member.ContainingType is not { } type)
            return false;
        if (Matches(type))
            return true;
        for (INamedTypeSymbol? t = type.BaseType; t is not null; t = t.BaseType)
        {
            if (Matches(t))
                return true;
        }
        return type.AllInterfaces.Any(Matches);

        bool Matches(INamedTypeSymbol t) => _names(t) is { Length: > 0 } name && (_configured.Contains(name + "." + member.Name) || _configured.Contains(name + ".*"));
    }

    private static IMethodSymbol Definition(IMethodSymbol method) => (method.ReducedFrom ?? method).OriginalDefinition;
}
