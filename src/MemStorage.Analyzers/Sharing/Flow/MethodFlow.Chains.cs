using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Aliases that a loop hands on from one variable to the next, against the order of its statements: a = b; b = c; c = d; …
// Each round of the worklist carries an object one variable further, so a chain of n needs n rounds of n statements. After some rounds the rest
// of the way is walked at once, along the assignments themselves. What a kill in between would have stopped is then taken for shared; only a
// chain longer than Patience is ever treated so.
internal sealed partial class MethodFlow
{
    /// <summary>How often the head of a loop may change before the chains behind it are closed.</summary>
    private const int Patience = 12;

    private readonly Dictionary<ControlFlowGraph, Dictionary<int, List<int>>> _copies = new();

    /// <summary>The state at the head of a loop that does not settle, with every chain of copies walked to its end.</summary>
    private IntMap? CloseChains(ControlFlowGraph graph, IntMap? state)
    {
        if (!_copies.TryGetValue(graph, out Dictionary<int, List<int>>? copies))
            _copies.Add(graph, copies = CopiesOf(graph));
        var pending = new Stack<int>(copies.Keys.OrderByDescending(static k => k));
        while (pending.Count > 0)
        {
            int from = pending.Pop();
            if (IntMap.Get(state, from) is not Value value)
                continue;
            foreach (int to in copies[from])
            {
                _steps++;
                Value old = IntMap.Get(state, to) as Value ?? Value.None;
                Value joined = old.Join(value);
                if (joined.Same(old))
                    continue;
                state = IntMap.Set(state, to, joined);
                if (copies.ContainsKey(to))
                    pending.Push(to);
            }
        }
        return state;
    }

    /// <summary>The assignments of one variable to another: from, to.</summary>
    private Dictionary<int, List<int>> CopiesOf(ControlFlowGraph graph)
    {
        var copies = new Dictionary<int, List<int>>();
        foreach (BasicBlock block in graph.Blocks)
        {
            foreach (IOperation operation in block.Operations)
            {
                IOperation inner = operation is IExpressionStatementOperation statement ? statement.Operation : operation;
                if (inner is not ISimpleAssignmentOperation { IsRef: false } assignment || VariableOf(assignment.Target) is not { } to || VariableOf(assignment.Value) is not { } from
                    || _types.CarrierOf(assignment.Target.Type) is Carrier.Nothing or Carrier.Struct)
                    continue;
                int key = Id(from, Kind.Variable);
                if (!copies.TryGetValue(key, out List<int>? targets))
                    copies.Add(key, targets = new List<int>());
                targets.Add(Id(to, Kind.Variable));
            }
        }
        return copies;

        static ISymbol? VariableOf(IOperation operation) => operation switch
        {
            ILocalReferenceOperation { Local.RefKind: RefKind.None } local => local.Local,
            IParameterReferenceOperation { Parameter.RefKind: RefKind.None } parameter => parameter.Parameter,
            IConversionOperation { OperatorMethod: null } conversion => VariableOf(conversion.Operand),
            _ => null,
        };
    }
}
