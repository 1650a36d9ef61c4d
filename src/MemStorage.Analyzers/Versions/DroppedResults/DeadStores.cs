using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.DroppedResults;

/// <summary>
/// Finds results that are assigned to a local and never looked at: a backward liveness analysis on the control flow graph. A copy into another
/// local counts as a look only when that local is looked at; a plain <c>await task;</c> does not count.
/// </summary>
internal sealed class DeadStores
{
    /// <summary>Past this many block visits the analysis says nothing.</summary>
    private const int MaxSteps = 200_000;

    private readonly Dictionary<ILocalSymbol, int> _tracked = new(SymbolEqualityComparer.Default);
    private readonly Dictionary<SyntaxNode, IInvocationOperation> _stores = [];
    private readonly Dictionary<CaptureId, ILocalSymbol> _targets = [];

    /// <summary>Adds an assignment of a result to a local.</summary>
    public void Add(ILocalSymbol local, IOperation assignment, IInvocationOperation call)
    {
        if (!_tracked.ContainsKey(local))
            _tracked.Add(local, _tracked.Count);
        _stores[assignment.Syntax] = call;
    }

    /// <summary>The calls whose results are dead, of those added.</summary>
    public IEnumerable<IInvocationOperation> Find(IOperation root, bool hasFunctions, CancellationToken cancellationToken)
    {
        if (_stores.Count == 0)
            return [];
        TrackCopies(root);
        List<ControlFlowGraph> graphs = CodeRoots.Graphs(root, hasFunctions, cancellationToken);
        foreach (ControlFlowGraph graph in graphs)
            FindTargets(graph);
        HashSet<ILocalSymbol> escaped = Escaped(graphs);
        var dead = new List<IInvocationOperation>();
        int steps = 0;
        foreach (ControlFlowGraph graph in graphs)
        {
            if (!Analyze(graph, escaped, dead, ref steps, cancellationToken))
                return [];
        }
        return dead;
    }

    /// <summary>A local that a tracked local is copied into must be tracked too.</summary>
    private void TrackCopies(IOperation root)
    {
        List<(ILocalSymbol From, ILocalSymbol To)>? copies = null;
        foreach (IOperation operation in root.Descendants())
        {
            (IOperation? value, ILocalSymbol? to) = operation switch
            {
                IVariableDeclaratorOperation { Initializer.Value: { } initial, Symbol.IsRef: false } declarator => (initial, declarator.Symbol),
                ISimpleAssignmentOperation { IsRef: false, Target: ILocalReferenceOperation target, Value: { } assigned } => (assigned, target.Local),
                _ => ((IOperation?)null, (ILocalSymbol?)null),
            };
            if (to is not null && Source(value) is { } from)
                (copies ??= []).Add((from, to));
        }
        if (copies is null)
            return;
        // each round follows one more link; a chain against the order of the text is rare, and what is left untracked is not reported
        for (int round = 0, before = -1; round < 4 && before != _tracked.Count; round++)
        {
            before = _tracked.Count;
            foreach ((ILocalSymbol from, ILocalSymbol to) in copies)
            {
                if (_tracked.ContainsKey(from) && !_tracked.ContainsKey(to))
                    _tracked.Add(to, _tracked.Count);
            }
        }
    }

    /// <summary>In <c>result = flag ? a : b</c> the graph captures the local first, as the place to assign and not to read it.</summary>
    private void FindTargets(ControlFlowGraph graph)
    {
        List<CaptureId>? read = null;
        foreach (BasicBlock block in graph.Blocks)
        {
            foreach (IOperation operation in CodeRoots.Operations(block))
            {
                foreach (IOperation nested in operation.DescendantsAndSelf())
                {
                    if (nested is IFlowCaptureOperation { Value: ILocalReferenceOperation captured } capture && _tracked.ContainsKey(captured.Local))
                        _targets[capture.Id] = captured.Local;
                    else if (nested is IFlowCaptureReferenceOperation reference && !(nested.Parent is ISimpleAssignmentOperation { IsRef: false } assignment && assignment.Target == nested))
                        (read ??= []).Add(reference.Id);
                }
            }
        }
        foreach (CaptureId id in read ?? [])
            _targets.Remove(id);
    }

    /// <summary>Locals that are seen by more than one function, by reference, or by a handler that an exception can jump to from anywhere.</summary>
    private HashSet<ILocalSymbol> Escaped(List<ControlFlowGraph> graphs)
    {
        var escaped = new HashSet<ILocalSymbol>(SymbolEqualityComparer.Default);
        var owner = new Dictionary<ILocalSymbol, ControlFlowGraph>(SymbolEqualityComparer.Default);
        foreach (ControlFlowGraph graph in graphs)
        {
            foreach (BasicBlock block in graph.Blocks)
            {
                bool handler = IsInHandler(block);
                foreach (IOperation operation in CodeRoots.Operations(block))
                {
                    foreach (IOperation nested in operation.DescendantsAndSelf())
                    {
                        if (nested is not ILocalReferenceOperation reference || !_tracked.ContainsKey(reference.Local))
                            continue;
                        if (!owner.TryGetValue(reference.Local, out ControlFlowGraph? first))
                            owner.Add(reference.Local, graph);
                        else if (first != graph)
                            escaped.Add(reference.Local);
                        bool isRead = (nested.Parent is not ISimpleAssignmentOperation { IsRef: false } assignment || assignment.Target != nested) && !IsTarget(nested.Parent);
                        if (isRead && (handler || nested.Parent is IArgumentOperation { Parameter.RefKind: not RefKind.None } or ISimpleAssignmentOperation { IsRef: true }))
                            escaped.Add(reference.Local);
                    }
                }
            }
        }
        return escaped;
    }

    private bool IsTarget(IOperation? operation) => operation is IFlowCaptureOperation capture && _targets.ContainsKey(capture.Id);

    private static bool IsInHandler(BasicBlock block)
    {
        for (ControlFlowRegion? region = block.EnclosingRegion; region is not null; region = region.EnclosingRegion)
        {
            if (region.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.Filter or ControlFlowRegionKind.FilterAndHandler or ControlFlowRegionKind.Finally)
                return true;
        }
        return false;
    }

    private bool Analyze(ControlFlowGraph graph, HashSet<ILocalSymbol> escaped, List<IInvocationOperation> dead, ref int steps, CancellationToken cancellationToken)
    {
        int words = (_tracked.Count + 63) / 64;
        var liveIn = new ulong[graph.Blocks.Length][];
        for (int i = 0; i < liveIn.Length; i++)
            liveIn[i] = new ulong[words];

        var pending = new SortedSet<int>(Enumerable.Range(0, graph.Blocks.Length));
        while (pending.Count > 0)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if ((steps += words) > MaxSteps)
                return false;
            int ordinal = pending.Max;
            pending.Remove(ordinal);
            BasicBlock block = graph.Blocks[ordinal];
            ulong[] live = LiveOut(block, liveIn, words);
            Transfer(block, live, escaped, null);
            if (live.AsSpan().SequenceEqual(liveIn[ordinal]))
                continue;
            liveIn[ordinal] = live;
            foreach (ControlFlowBranch branch in block.Predecessors)
                pending.Add(branch.Source.Ordinal);
        }

        foreach (BasicBlock block in graph.Blocks)
            Transfer(block, LiveOut(block, liveIn, words), escaped, dead);
        return true;
    }

    private static ulong[] LiveOut(BasicBlock block, ulong[][] liveIn, int words)
    {
        var live = new ulong[words];
        Join(block.FallThroughSuccessor);
        Join(block.ConditionalSuccessor);
        return live;

        void Join(ControlFlowBranch? branch)
        {
            if (branch?.Destination is not { } destination)
                return;
            ulong[] source = liveIn[destination.Ordinal];
            for (int i = 0; i < words; i++)
                live[i] |= source[i];
        }
    }

    private void Transfer(BasicBlock block, ulong[] live, HashSet<ILocalSymbol> escaped, List<IInvocationOperation>? dead)
    {
        if (block.BranchValue is { } branchValue)
            Use(branchValue, live);
        for (int i = block.Operations.Length - 1; i >= 0; i--)
        {
            IOperation operation = block.Operations[i];
            if (operation is IExpressionStatementOperation statement)
                operation = statement.Operation;
            switch (operation)
            {
                case IFlowCaptureOperation when IsTarget(operation):
                    break;
                case ISimpleAssignmentOperation { IsRef: false } assignment when AssignedBy(assignment) is { } local && _tracked.TryGetValue(local, out int index):
                    bool isLive = Has(live, index) || escaped.Contains(local);
                    if (!isLive && dead is not null && _stores.TryGetValue(assignment.Syntax, out IInvocationOperation? call))
                        dead.Add(call);
                    live[index >> 6] &= ~(1ul << (index & 63));
                    if (isLive || Source(assignment.Value) is null)
                        Use(assignment.Value, live);
                    break;
                case ISimpleAssignmentOperation { IsRef: false, Target: IDiscardOperation, Value: { } value } when Source(value) is not null:
                case IAwaitOperation { Operation: { } task } when Source(task) is not null:
                case IInvocationOperation { TargetMethod.Name: "Wait", Instance: { } waited } when Source(waited) is not null:
                    break;
                default:
                    Use(operation, live);
                    break;
            }
        }
    }

    private ILocalSymbol? AssignedBy(ISimpleAssignmentOperation assignment) => assignment.Target switch
    {
        ILocalReferenceOperation local => local.Local,
        IFlowCaptureReferenceOperation capture => _targets.TryGetValue(capture.Id, out ILocalSymbol? target) ? target : null,
        _ => null,
    };

    private void Use(IOperation operation, ulong[] live)
    {
        foreach (IOperation nested in operation.DescendantsAndSelf())
        {
            if (nested is ILocalReferenceOperation reference && _tracked.TryGetValue(reference.Local, out int index))
                live[index >> 6] |= 1ul << (index & 63);
        }
    }

    private static bool Has(ulong[] live, int index) => (live[index >> 6] & (1ul << (index & 63))) != 0;

    /// <summary>The local whose value this is, through conversions and awaits.</summary>
    private static ILocalSymbol? Source(IOperation? value)
    {
        while (true)
        {
            switch (value)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    value = conversion.Operand;
                    continue;
                case IParenthesizedOperation parenthesized:
                    value = parenthesized.Operand;
                    continue;
                case IAwaitOperation awaited:
                    value = awaited.Operation;
                    continue;
                case IInvocationOperation { TargetMethod.Name: "ConfigureAwait", Instance: { } instance }:
                    value = instance;
                    continue;
                case ILocalReferenceOperation local:
                    return local.Local;
                default:
                    return null;
            }
        }
    }
}
