using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>
/// MST2002 to MST2005: follows what was read from the store through one body, forward to a fixpoint over the control flow graph, then reports in
/// one more pass. Says nothing at all once a bounded amount of work is used up.
/// </summary>
internal static class VersionFlow
{
    private const int MaxWork = 600_000;

    /// <summary>How often the head of a loop may change before the chains of copies behind it are walked to their end.</summary>
    private const int Patience = 12;

    /// <returns>The work done.</returns>
    public static int Check(VersionScan scan)
    {
        if (!MayReport(scan))
            return 0;
        HashSet<ISymbol> shared = AssignedInClosures(scan);
        int work = MaxWork;
        foreach (ControlFlowGraph graph in CodeRoots.Graphs(scan.Root, scan.HasFunctions, scan.CancellationToken))
        {
            if (!Analyze(graph, scan, shared, ref work))
                break;
        }
        return MaxWork - work;
    }

    /// <summary>
    /// Whether the calls of the body can come together to a finding at all, whatever flows between them. Most bodies that write once cannot, and
    /// making their graph would cost more than everything else that is done with them.
    /// </summary>
    private static bool MayReport(VersionScan scan)
    {
        bool reads = false, blind = false;
        int compared = 0;
        foreach (IInvocationOperation invocation in scan.Invocations)
        {
            switch (scan.CallOf(invocation))
            {
                case null:
                    continue;
                case { Version: not null }: // MST2003: any version may be a wrong one
                    return true;
                case { Kind: StoreCallKind.Read or StoreCallKind.ReadMany }:
                    reads = true;
                    break;
                case { Compares: true }:
                    compared++;
                    break;
                default:
                    blind = true;
                    break;
            }
        }
        // MST2002, MST2004: what was read is written or deleted without a version; MST2005: a version is used by a second write, or by the first again
        return (reads && blind) || compared > 1 || (compared == 1 && scan.MayRepeat);
    }

    private static bool Analyze(ControlFlowGraph graph, VersionScan scan, HashSet<ISymbol> shared, ref int work)
    {
        var evaluator = new FlowEvaluator(scan, graph, shared);
        if (!evaluator.HasWrites)
            return true;
        var entry = new FlowState?[graph.Blocks.Length];
        entry[0] = evaluator.Entry;
        int[] taken = new int[graph.Blocks.Length];
        Dictionary<int, List<int>>? copies = null;
        var pending = new SortedSet<int> { 0 };
        while (pending.Count > 0)
        {
            scan.CancellationToken.ThrowIfCancellationRequested();
            int ordinal = pending.Min;
            pending.Remove(ordinal);
            BasicBlock block = graph.Blocks[ordinal];
            if (++taken[ordinal] > Patience && block.Predecessors.Any(b => b.Source.Ordinal >= ordinal))
                work -= entry[ordinal]!.CloseChains(copies ??= evaluator.CopiesOf(graph));
            FlowState state = entry[ordinal]!.Clone();
            work -= state.Size;
            evaluator.Run(block, state);
            work -= evaluator.TakeWork();
            if (work < 0)
                return false;
            Propagate(block.FallThroughSuccessor, evaluator.OnFallThrough(block, state));
            Propagate(block.ConditionalSuccessor, evaluator.OnConditional(block, state));
            foreach (int handler in Handlers(block))
            {
                Merge(handler, entry[ordinal]!, intoHandler: true);
                Merge(handler, state, intoHandler: true);
            }
        }

        var reports = new FlowReports(scan, graph, evaluator);
        foreach (BasicBlock block in graph.Blocks)
        {
            if (entry[block.Ordinal] is { } state)
                evaluator.Run(block, state.Clone(), reports);
        }
        return reports.Finish(ref work);

        void Propagate(ControlFlowBranch? branch, FlowState state)
        {
            if (branch?.Destination is { } destination)
                Merge(destination.Ordinal, state, intoHandler: false);
        }

        void Merge(int ordinal, FlowState state, bool intoHandler)
        {
            // the graph of a broken body can name a handler that has no block
            if ((uint)ordinal >= (uint)entry.Length)
                return;
            bool changed;
            if (entry[ordinal] is { } old)
            {
                changed = old.Join(state, intoHandler);
            }
            else
            {
                entry[ordinal] = state.Clone();
                if (intoHandler)
                    entry[ordinal]!.Used.Clear();
                changed = true;
            }
            if (changed)
                pending.Add(ordinal);
        }
    }

    /// <summary>The first blocks of the handlers that an exception in this block can reach.</summary>
    private static IEnumerable<int> Handlers(BasicBlock block)
    {
        for (ControlFlowRegion region = block.EnclosingRegion; region.EnclosingRegion is { } outer; region = outer)
        {
            if (region.Kind != ControlFlowRegionKind.Try)
                continue;
            foreach (ControlFlowRegion sibling in outer.NestedRegions)
            {
                if (sibling != region && sibling.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.Filter
                    or ControlFlowRegionKind.FilterAndHandler or ControlFlowRegionKind.Finally)
                {
                    yield return sibling.FirstBlockOrdinal;
                }
            }
        }
    }

    /// <summary>Variables that a lambda or local function assigns while another function owns them: their value can change at any time.</summary>
    private static HashSet<ISymbol> AssignedInClosures(VersionScan scan)
    {
        var shared = new HashSet<ISymbol>(SymbolEqualityComparer.Default);
        foreach (IOperation assignment in scan.Assignments)
        {
            IOperation target = assignment switch
            {
                IAssignmentOperation a => a.Target,
                IIncrementOrDecrementOperation counted => counted.Target,
                _ => assignment,
            };
            // a.Done = true leaves the variable a as it is
            foreach (IOperation part in target.DescendantsAndSelf())
            {
                if (part == target || part.Parent is ITupleOperation or IDeclarationExpressionOperation or IConversionOperation)
                    Add(part);
            }
        }
        foreach (IArgumentOperation argument in scan.ReferenceArguments)
            Add(argument.Value);
        return shared;

        void Add(IOperation target)
        {
            ISymbol? variable = target switch
            {
                ILocalReferenceOperation local => local.Local,
                IParameterReferenceOperation parameter => parameter.Parameter,
                _ => null,
            };
            if (variable is null)
                return;
            for (IOperation? o = target.Parent; o is not null; o = o.Parent)
            {
                ISymbol? function = o switch
                {
                    IAnonymousFunctionOperation lambda => lambda.Symbol,
                    ILocalFunctionOperation local => local.Symbol,
                    _ => null,
                };
                if (function is null)
                    continue;
                if (!SymbolEqualityComparer.Default.Equals(variable.ContainingSymbol, function))
                    shared.Add(variable);
                return;
            }
        }
    }
}
