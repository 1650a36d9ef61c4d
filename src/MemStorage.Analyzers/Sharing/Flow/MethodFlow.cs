using System.Runtime.CompilerServices;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>
/// Follows shared objects through one member: an abstract interpretation of its control flow graph. Lambdas and local functions are run
/// where they are called, with the state of that moment. Other methods are asked for their <see cref="Summary"/>.
/// </summary>
/// <remarks>
/// State: one <see cref="IntMap"/> with a <see cref="Value"/> per variable and flow capture and a <see cref="HeapObject"/> per object made here.
/// A worklist runs to the fixpoint without reporting; one more pass over the settled states reports. Not thread-safe: one instance per member.
/// </remarks>
internal sealed partial class MethodFlow
{
    /// <summary>The most operations looked at in one member; beyond, the analysis gives up silently.</summary>
    private const int Budget = 3_000_000;

    private const int MaxNesting = 8;

    private readonly SharingSession _session;
    private readonly TypeFacts _types;
    private readonly IMethodSymbol? _method;
    private readonly int _level;
    private readonly CancellationToken _cancellationToken;
    private readonly Dictionary<(object Item, int Kind, int Extra), int> _ids = new();
    private readonly Dictionary<object, int> _active = new();
    private readonly Summary _summary = new();
    private IntMap? _state;
    private ControlFlowGraph _graph;
    private ISymbol? _function;
    private bool _final;
    private int _steps;
    private int _nesting;
    private int _depth;

    private enum Kind
    {
        Variable,
        RefOwner,
        Capture,
        CaptureOwner,
        Site,
        Awaited,
    }

    private MethodFlow(SharingSession session, IMethodSymbol? method, ControlFlowGraph graph, int level, CancellationToken cancellationToken)
    {
        _session = session;
        _types = session.Types;
        _method = method;
        _graph = graph;
        _level = level;
        _cancellationToken = cancellationToken;
    }

    /// <summary>Analyzes a member and returns its findings, ordered by position.</summary>
    public static IReadOnlyList<Diagnostic> Diagnose(SharingSession session, ISymbol owner, ControlFlowGraph graph, CancellationToken cancellationToken)
    {
        var flow = new MethodFlow(session, owner as IMethodSymbol, graph, SummaryTable.MaxLevel, cancellationToken) { _member = owner };
        flow._pureMask = session.Contracts.PureOrigins(owner as IMethodSymbol);
        flow._callbackResults = CallbackResults(owner as IMethodSymbol);
        bool complete = flow.RunRoot();
        session.OnWork?.Invoke(owner, flow._steps);
        return complete ? flow.OrderedDiagnostics() : [];
    }

    /// <summary>Summarizes a method; calls inside are answered with summaries of depth <paramref name="level"/> - 1.</summary>
    public static Summary Summarize(SharingSession session, IMethodSymbol method, ControlFlowGraph graph, int level, CancellationToken cancellationToken)
    {
        var flow = new MethodFlow(session, method, graph, level - 1, cancellationToken);
        if (!flow.RunRoot())
            return Summary.Unknown;
        return flow._summary;
    }

    private bool RunRoot()
    {
        try
        {
            SeedParameters();
            _final = true;
            _function = _method;
            RunGraph(_graph, isRoot: true);
            if (_steps > Budget)
                return false;
            FinishRoot();
            return _steps <= Budget;
        }
        catch (InsufficientExecutionStackException)
        {
            // An expression nested thousands of levels deep: give up on this member rather than take the compiler down.
            return false;
        }
    }

    private void SeedParameters()
    {
        if (_method is null)
        {
            // the initializer of a field or property
            if (_member is { IsStatic: false })
                SetFact(Id(this, Kind.Variable), Value.Of(Origins.Self(Origins.ThisIndex)));
            return;
        }
        if (!_method.IsStatic)
        {
            Value self = Value.Of(Origins.Self(Origins.ThisIndex));
            if (_method.MethodKind == MethodKind.Constructor)
            {
                int site = SiteOf(_method, 0);
                SetHeap(site, HeapObject.Fresh);
                self = Value.OfSite(site, self.Mask);
            }
            SetFact(Id(this, Kind.Variable), self);
        }
        foreach (IParameterSymbol p in _method.Parameters)
            SetVariable(p, SeedOf(p), p);
    }

    private Value SeedOf(IParameterSymbol p)
    {
        if (p.RefKind == RefKind.Out)
            return Value.None;
        Carrier carrier = _types.CarrierOf(p.Type);
        if (carrier == Carrier.Nothing)
            return Value.None;
        ulong mask = Origins.Self(p.Ordinal + 1);
        if (_session.Sources.IsSharedParameter(p))
            mask |= SourceBit(p, p.Name);
        return carrier == Carrier.Struct ? NewSite(p, 1, HeapObject.CopyOf(Origins.Through(mask))) : Value.Of(mask);
    }

    /// <summary>What is left when the root graph has settled: results, lambdas that nobody called, local functions that nobody called.</summary>
    private void FinishRoot()
    {
        if (_method is not null)
        {
            foreach (IParameterSymbol p in _method.Parameters)
            {
                if (p.RefKind is RefKind.Out or RefKind.Ref)
                    _summary.Outs[p.Ordinal] = ShapeOf(GetVariable(p), 0);
            }
            if (_method.MethodKind == MethodKind.Constructor && Get(Id(this, Kind.Variable)) is Value self)
                _summary.Constructed = ShapeOf(self.WithMask(0), 0);
        }
        RunUncalledFunctions();
    }

    /// <summary>Runs a graph from the current state; leaves the state at its exit and returns what it returned.</summary>
    private Value RunGraph(ControlFlowGraph graph, bool isRoot)
    {
        (ControlFlowGraph outerGraph, bool outerFinal, IntMap? entry) = (_graph, _final, _state);
        _graph = graph;
        bool once = GraphRun.IsForwardOnly(graph);
        _final = outerFinal && once;
        var run = new GraphRun(graph, isRoot, 0, graph.Blocks.Length - 1);
        run.Flow(0, entry);
        _runs.Push(run);
        Settle(run);
        run.IsSettled = true;
        if (outerFinal && !once)
        {
            _final = true;
            run.Result = Value.None;
            foreach (BasicBlock block in graph.Blocks)
            {
                if (run.Reached(block.Ordinal))
                    Transfer(run, block);
            }
        }
        _runs.Pop();
        _graph = outerGraph;
        _final = outerFinal;
        // A function that never returns leaves no state; going on with the entry's is harmless.
        _state = run.HasExit ? run.Exit : entry;
        if (_yields.TryGetValue(run, out Value? yielded))
        {
            _yields.Remove(run);
            run.Result = NewSite(graph.OriginalOperation, 9, HeapObject.Fresh.With(HeapObject.Elements, yielded));
            if (isRoot && _final)
                _summary.Return = _summary.Return.Join(ShapeOf(run.Result, 0));
        }
        return run.Result;
    }

    private void Settle(GraphRun run)
    {
        while (run.TryTake(out int ordinal))
        {
            if (_steps > Budget)
                return;
            _cancellationToken.ThrowIfCancellationRequested();
            BasicBlock block = run.Graph.Blocks[ordinal];
            if (run.Taken(ordinal) > Patience && IsLoopHead(block))
                run.Raise(ordinal, CloseChains(run.Graph, run.Entry(ordinal)));
            Transfer(run, block);
        }
    }

    private static bool IsLoopHead(BasicBlock block)
    {
        foreach (ControlFlowBranch branch in block.Predecessors)
        {
            if (branch.Source.Ordinal >= block.Ordinal)
                return true;
        }
        return false;
    }

    private void Transfer(GraphRun run, BasicBlock block)
    {
        _state = run.Entry(block.Ordinal);
        if (block.Kind == BasicBlockKind.Exit)
        {
            run.FlowOut(_state);
            return;
        }
        int[] handlers = run.IsFinally ? [] : HandlersOf(run.Graph, block);
        FlowToHandlers(run, handlers);
        foreach (IOperation operation in block.Operations)
        {
            IntMap? before = _state;
            Eval(operation);
            if (!ReferenceEquals(before, _state))
                FlowToHandlers(run, handlers);
        }
        Value branchValue = Eval(block.BranchValue);
        if (block.FallThroughSuccessor is { Semantics: ControlFlowBranchSemantics.Return } && block.BranchValue is not null)
            OnReturn(run, block.BranchValue, branchValue);
        IntMap? after = _state;
        Follow(run, block.ConditionalSuccessor, after);
        Follow(run, block.FallThroughSuccessor, after);
    }

    private void FlowToHandlers(GraphRun run, int[] handlers)
    {
        if (run.IsSettled)
            return;
        foreach (int handler in handlers)
            run.Flow(handler, _state);
    }

    private void Follow(GraphRun run, ControlFlowBranch? branch, IntMap? state)
    {
        if (branch is null || run.IsSettled)
            return;
        if (branch.Semantics == ControlFlowBranchSemantics.StructuredExceptionHandling && run.IsFinally)
        {
            run.FlowOut(state);
            return;
        }
        if (branch.Destination is null)
            return;
        foreach (ControlFlowRegion region in branch.FinallyRegions)
        {
            if (!RunFinally(run.Graph, region, ref state))
                return;
        }
        if (run.Contains(branch.Destination.Ordinal))
            run.Flow(branch.Destination.Ordinal, state);
    }

    /// <summary>A finally is run once per branch that passes through it, so that what holds on one way out does not leak into another.</summary>
    private bool RunFinally(ControlFlowGraph graph, ControlFlowRegion region, ref IntMap? state)
    {
        if (_nesting >= MaxNesting)
            return true;
        _nesting++;
        IntMap? outer = _state;
        var run = new GraphRun(graph, isRoot: false, region.FirstBlockOrdinal, region.LastBlockOrdinal) { IsFinally = true };
        run.Flow(region.FirstBlockOrdinal, state);
        Settle(run);
        _state = outer;
        _nesting--;
        state = run.Exit;
        return run.HasExit;
    }

    /// <summary>The first blocks of the handlers that an exception in <paramref name="block"/> may reach.</summary>
    private int[] HandlersOf(ControlFlowGraph graph, BasicBlock block)
    {
        ControlFlowRegion? region = block.EnclosingRegion;
        if (region is null || region.Kind == ControlFlowRegionKind.Root)
            return [];
        if (_handlers.TryGetValue(region, out int[]? known))
            return known;
        List<int>? handlers = null;
        // The root region of a lambda's graph lies inside the regions of the method around it: those belong to another graph.
        for (ControlFlowRegion? r = region; r is { Kind: not ControlFlowRegionKind.Root, EnclosingRegion: { } parent }; r = parent)
        {
            if (r.Kind != ControlFlowRegionKind.Try)
                continue;
            foreach (ControlFlowRegion sibling in parent.NestedRegions)
            {
                if (sibling.Kind is ControlFlowRegionKind.Catch or ControlFlowRegionKind.FilterAndHandler or ControlFlowRegionKind.Finally)
                    (handlers ??= new List<int>()).Add(sibling.FirstBlockOrdinal);
            }
        }
        return _handlers[region] = handlers?.ToArray() ?? [];
    }

    private readonly Dictionary<ControlFlowRegion, int[]> _handlers = new();

    private void OnReturn(GraphRun run, IOperation operation, Value value)
    {
        run.Result = run.Result.Join(value);
        EscapeDelegates(value, operation);
        if (!run.IsRoot || !_final)
            return;
        _summary.Return = _summary.Return.Join(ShapeOf(value, 0));
        CheckReturn(operation, value);
    }

    private bool EnterDeep()
    {
        if (++_steps > Budget)
            return false;
        if (++_depth > 40)
            RuntimeHelpers.EnsureSufficientExecutionStack();
        return true;
    }
}
