using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Lambdas, local functions and delegates: values that run their body, with the variables they captured, at the moment of the call.
internal sealed partial class MethodFlow
{
    private sealed class Target
    {
        public IFlowAnonymousFunctionOperation? Lambda { get; init; }

        public IMethodSymbol Method { get; init; } = null!;

        /// <summary>The graph in whose scope the function was declared.</summary>
        public ControlFlowGraph Graph { get; init; } = null!;

        public IOperation Origin { get; init; } = null!;
    }

    /// <summary>The pseudo-member of a method group that is its receiver: nothing that a call of the delegate hands out.</summary>
    private const string ReceiverMember = "<receiver>";

    /// <summary>The pseudo-member of a delegate that is what its calls returned.</summary>
    private const string ResultMember = "<result>";

    private readonly Dictionary<int, Target> _targets = new();
    private readonly Dictionary<object, (ControlFlowGraph Body, ControlFlowGraph Declaring)> _bodies = new();
    private readonly HashSet<object> _seen = new();
    private readonly List<(Target Target, IntMap? State)> _created = new();
    private readonly Stack<GraphRun> _runs = new();
    private readonly Dictionary<GraphRun, Value> _yields = new();

    private Value EvalLambda(IFlowAnonymousFunctionOperation operation)
    {
        int site = SiteOf(operation, 0);
        if (!_targets.TryGetValue(site, out Target? target))
            _targets.Add(site, target = new Target { Lambda = operation, Method = operation.Symbol, Graph = _graph, Origin = operation });
        if (_final)
            _created.Add((target, _state));
        return Value.OfSite(site);
    }

    private Value EvalDelegateCreation(IDelegateCreationOperation operation)
    {
        Value value = Eval(operation.Target);
        if (operation.Target is IFlowAnonymousFunctionOperation lambda && operation.Type is INamedTypeSymbol { DelegateInvokeMethod: { } invoke })
            _delegateTypes[lambda] = invoke;
        return value;
    }

    private readonly Dictionary<IFlowAnonymousFunctionOperation, IMethodSymbol> _delegateTypes = new();

    private Value EvalMethodReference(IMethodReferenceOperation operation)
    {
        Value receiver = Eval(operation.Instance);
        int site = SiteOf(operation, 0);
        if (!_targets.ContainsKey(site))
            _targets.Add(site, new Target { Method = operation.Method, Graph = _graph, Origin = operation });
        SetHeap(site, HeapObject.Fresh.With(ReceiverMember, receiver));
        // shared.Lines.Add as a delegate hands out a way to change the list, whoever calls it.
        if (!receiver.IsNone && operation.Method.MethodKind != MethodKind.LocalFunction)
        {
            if (_types.IsFramework(operation.Method.ContainingType) ? FrameworkMutators.MutatesReceiver(operation.Method, _types) : _session.Contracts.MutatesReceiver(operation.Method))
                Mutate(receiver, operation, operation);
            else if (_session.Summaries.CanSummarize(operation.Method) && !IsOverridable(operation.Method, operation.Instance))
                CallWithBody(new CallSite(operation, operation.Method) { Receiver = receiver });
        }
        return Value.OfSite(site);
    }

    /// <summary>Calls whatever the delegate may be. <paramref name="call"/> is given for a direct call, for the checks of an unknown target.</summary>
    private Value InvokeDelegate(Value callee, Value[] arguments, IOperation origin, CallSite? call)
    {
        Value result = Value.None;
        bool unknown = callee.Mask != 0 || callee.Sites.Length == 0;
        IntMap? before = _state;
        IntMap? after = null;
        foreach (int site in callee.Sites)
        {
            if (!_targets.TryGetValue(site, out Target? target))
            {
                unknown = true;
                continue;
            }
            _state = before;
            result = result.Join(RunTarget(target, arguments, origin));
            after = IntMap.Join(after, _state);
        }
        _state = unknown || after is null ? IntMap.Join(before, after) : after;
        if ((callee.Mask & Origins.Selves) != 0 && _final)
        {
            Shape[] shapes = arguments.Select(a => ShapeOf(a, 0)).ToArray();
            for (int i = 1; i <= Origins.MaxParameters; i++)
            {
                if ((callee.Mask & Origins.Self(i)) != 0)
                    _summary.Invocations.Add((i, shapes));
            }
        }
        if (unknown && call is not null)
            CallOutOfSight(call);
        // What a delegate parameter returns is reached through it: the caller knows which delegate that is.
        return result.Join(Value.Of(Origins.Through(callee.Mask & Origins.Selves)));
    }

    private Value RunTarget(Target target, Value[] arguments, IOperation origin)
    {
        if (target.Lambda is not null || target.Method.MethodKind == MethodKind.LocalFunction)
            return RunFunction(target, arguments);
        var call = new CallSite(origin, target.Method) { Receiver = Member(Value.OfSite(SiteOf(target.Origin, 0)), ReceiverMember) };
        for (int i = 0; i < Math.Min(arguments.Length, call.Values.Length); i++)
            call.Values[i] = arguments[i];
        // An extension method as a delegate closes over its first argument.
        if (target.Method.IsExtensionMethod && target.Method.ReducedFrom is null && target.Origin is IMethodReferenceOperation { Instance: not null } && call.Values.Length > arguments.Length)
        {
            for (int i = call.Values.Length - 1; i > 0; i--)
                call.Values[i] = i - 1 < arguments.Length ? arguments[i - 1] : Value.None;
            call.Values[0] = call.Receiver;
        }
        return Call(call);
    }

    private Value RunFunction(Target target, Value[] arguments)
    {
        object key = (object?)target.Lambda ?? target.Method.OriginalDefinition;
        _active.TryGetValue(key, out int active);
        if (active >= 2 || _nesting >= MaxNesting || BodyOf(target) is not { } body)
            return Value.None;
        if (_final)
            _seen.Add(key);
        IMethodSymbol symbol = target.Lambda?.Symbol ?? target.Method.OriginalDefinition;
        IMethodSymbol? invoke = target.Lambda is { } lambda && _delegateTypes.TryGetValue(lambda, out IMethodSymbol? i) ? i : null;
        ulong scopedBefore = _scopedMask;
        for (int n = 0; n < symbol.Parameters.Length; n++)
        {
            IParameterSymbol p = symbol.Parameters[n];
            Value value = n < arguments.Length ? arguments[n] : Value.None;
            bool scoped = invoke is not null && n < invoke.Parameters.Length && _session.Sources.IsSharedParameter(invoke.Parameters[n]);
            if ((scoped || _session.Sources.IsSharedParameter(p)) && _types.CarrierOf(p.Type) != Carrier.Nothing)
            {
                ulong bit = SourceBit(p, p.Name);
                if (scoped)
                    _scopedMask |= bit;
                value = value.Join(Filter(Value.Of(bit), p.Type, p));
            }
            SetVariable(p, value, p);
        }
        (ISymbol? outerFunction, ControlFlowGraph outerGraph) = (_function, _graph);
        _function = symbol;
        _graph = body.Declaring;
        _active[key] = active + 1;
        _nesting++;
        int awaited = Id(this, Kind.Awaited);
        FlowFact? outerAwaited = Get(awaited);
        _state = IntMap.Remove(_state, awaited);
        Value result = RunGraph(body.Body, isRoot: false);
        CheckScopedResult(result, scopedBefore, target);
        if (outerAwaited is not null)
            SetFact(awaited, outerAwaited);
        _nesting--;
        _active[key] = active;
        _function = outerFunction;
        _graph = outerGraph;
        _scopedMask = scopedBefore;
        return result;
    }

    private (ControlFlowGraph Body, ControlFlowGraph Declaring)? BodyOf(Target target)
    {
        object key = (object?)target.Lambda ?? target.Method.OriginalDefinition;
        if (_bodies.TryGetValue(key, out (ControlFlowGraph, ControlFlowGraph) known))
            return known;
        (ControlFlowGraph, ControlFlowGraph)? found = null;
        if (target.Lambda is { } lambda)
            found = (target.Graph.GetAnonymousFunctionControlFlowGraph(lambda, _cancellationToken), target.Graph);
        else
        {
            for (ControlFlowGraph? g = target.Graph; g is not null; g = g.Parent)
            {
                if (g.LocalFunctions.Contains(target.Method.OriginalDefinition))
                {
                    found = (g.GetLocalFunctionControlFlowGraph(target.Method.OriginalDefinition, _cancellationToken), g);
                    break;
                }
            }
        }
        if (found is { } f)
            _bodies.Add(key, f);
        return found;
    }

    private Value CallLocalFunction(CallSite call)
    {
        var target = new Target { Method = call.Method, Graph = _graph, Origin = call.Operation };
        Value result = RunFunction(target, call.Values);
        IMethodSymbol definition = call.Method.OriginalDefinition;
        for (int i = 0; i < call.Places.Length && i < definition.Parameters.Length; i++)
        {
            if (call.Places[i] is { } place && definition.Parameters[i].RefKind is RefKind.Ref or RefKind.Out && call.Arguments[i] is { } argument)
                Write(call.Places[i]!.Value, GetVariable(definition.Parameters[i]), argument, call.Operation);
        }
        return result;
    }

    /// <summary>A delegate that leaves our sight may run at any time: run it once, and go on as if it had run or not.</summary>
    private void EscapeDelegates(Value value, IOperation origin, bool onlyUnseen = false, int depth = 0)
    {
        foreach (int site in value.Sites)
        {
            if (_targets.TryGetValue(site, out Target? target))
            {
                object key = (object?)target.Lambda ?? target.Method.OriginalDefinition;
                if ((onlyUnseen && _seen.Contains(key)) || (target.Lambda is null && target.Method.MethodKind != MethodKind.LocalFunction))
                    continue;
                IntMap? before = _state;
                RunTarget(target, [], origin);
                _state = IntMap.Join(before, _state);
            }
            else if (depth < 2)
            {
                foreach (Value member in Heap(site).Members.Values)
                    EscapeDelegates(member, origin, onlyUnseen, depth + 1);
            }
        }
    }

    /// <summary>Functions that were made and never called are run with the state of the moment they were made: the reader sees the change in them.</summary>
    private void RunUncalledFunctions()
    {
        for (int i = 0; i < _created.Count && _steps <= Budget; i++)
        {
            (Target target, IntMap? state) = _created[i];
            if (_seen.Contains(target.Lambda!))
                continue;
            _state = state;
            RunFunction(target, []);
        }
        foreach (IMethodSymbol local in _graph.LocalFunctions)
        {
            if (_seen.Contains(local))
                continue;
            _state = null;
            RunFunction(new Target { Method = local, Graph = _graph, Origin = _graph.OriginalOperation }, []);
        }
    }
}
