using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using MemStorage.Analyzers.Sharing.Flow;
using Microsoft.CodeAnalysis;

namespace MemStorage.Analyzers.Sharing;

/// <summary>What is shared by the analyses of one compilation. Thread-safe.</summary>
internal sealed class SharingSession
{
    private readonly ConcurrentDictionary<SyntaxTree, SemanticModel> _models = new();

    public SharingSession(Compilation compilation, KnownSymbols symbols, IReadOnlyCollection<string> configured)
    {
        Compilation = compilation;
        Symbols = symbols;
        Types = new TypeFacts(compilation);
        Sources = new SourceCatalog(symbols, configured, Types.FullName);
        Contracts = new Contracts(symbols);
        Summaries = new SummaryTable(this);
        Gate = new SharingGate(compilation, symbols, configured);
    }

    /// <summary>Is told the work done in each member.</summary>
    public Action<ISymbol, int>? OnWork { get; init; }

    /// <summary>What is analyzed. Only its own trees have semantic models.</summary>
    public Compilation Compilation { get; }

    public KnownSymbols Symbols { get; }

    public TypeFacts Types { get; }

    public SourceCatalog Sources { get; }

    public Contracts Contracts { get; }

    public SummaryTable Summaries { get; }

    public SharingGate Gate { get; }

    /// <summary>Whether the method belongs to the MemStorage runtime, whose behaviour is known.</summary>
    public bool IsOurs(IMethodSymbol method) =>
        Symbols.IsRepository(method.ContainingType) || Symbols.IsByteStore(method.ContainingType)
        || (method.ContainingAssembly is { } assembly && !Symbols.MemStore.IsEmpty && SymbolEqualityComparer.Default.Equals(assembly, Symbols.MemStore[0].ContainingAssembly) && !SymbolEqualityComparer.Default.Equals(assembly, Compilation.Assembly));

    [SuppressMessage("MicrosoftCodeAnalysisCorrectness", "RS1030", Justification = "The body of a callee lies in another tree; it is bound only when a shared object is passed to it.")]
    public SemanticModel ModelOf(SyntaxTree tree) => _models.TryGetValue(tree, out SemanticModel? model) ? model : _models.GetOrAdd(tree, t => Compilation.GetSemanticModel(t));
}
