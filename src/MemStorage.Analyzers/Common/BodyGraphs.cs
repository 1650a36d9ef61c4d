using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers;

/// <summary>The control flow graphs of bodies, made once for both analyzers. They live as long as the operations that they were made from. Thread-safe.</summary>
internal static class BodyGraphs
{
    private static readonly ConditionalWeakTable<IOperation, ControlFlowGraph> s_graphs = new();

    /// <summary>The graph of a topmost operation; null for one that has none.</summary>
    public static ControlFlowGraph? Of(IOperation root, CancellationToken cancellationToken)
    {
        if (s_graphs.TryGetValue(root, out ControlFlowGraph? known))
            return known;
        ControlFlowGraph? graph = root switch
        {
            IMethodBodyOperation body => ControlFlowGraph.Create(body, cancellationToken),
            IConstructorBodyOperation body => ControlFlowGraph.Create(body, cancellationToken),
            IBlockOperation { Parent: null } block => ControlFlowGraph.Create(block, cancellationToken),
            IFieldInitializerOperation initializer => ControlFlowGraph.Create(initializer, cancellationToken),
            IPropertyInitializerOperation initializer => ControlFlowGraph.Create(initializer, cancellationToken),
            _ => null,
        };
        // Another thread may have made one meanwhile: they are equal.
        return graph is null ? null : s_graphs.GetValue(root, _ => graph);
    }
}
