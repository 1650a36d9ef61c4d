using MemStorage.Analyzers.Versions.Outcomes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>The transfer function: what the operations of a block do to a <see cref="FlowState"/>. Calls of the store are in the other part.</summary>
internal sealed partial class FlowEvaluator
{
    private readonly VersionScan _scan;
    private readonly VersionSymbols _symbols;
    private readonly HashSet<ISymbol> _shared;
    private readonly Dictionary<CaptureId, Place?> _captures = [];
    private readonly Dictionary<CaptureId, Place> _copies = [];
    private readonly Dictionary<int, FlowValue> _conditions = [];
    private readonly FlowVariables _variables = new();
    private readonly Dictionary<ISymbol, List<int>> _dependents = new(SymbolEqualityComparer.Default);
    private FlowState _state;
    private FlowReports? _reports;
    private BasicBlock _block;
    private int _work;

    public FlowEvaluator(VersionScan scan, ControlFlowGraph graph, HashSet<ISymbol> shared)
    {
        _scan = scan;
        _symbols = scan.Symbols;
        _shared = shared;
        _block = graph.Blocks[0];
        foreach (BasicBlock block in graph.Blocks)
        {
            foreach (IOperation operation in CodeRoots.Operations(block))
            {
                foreach (IOperation nested in operation.DescendantsAndSelf())
                {
                    if (VariableIn(nested) is { } variable)
                        _variables.IdOf(variable);
                    if (nested is IFlowCaptureOperation capture)
                    {
                        // a capture that is set on two paths (ternary, ??) has no single place
                        _captures[capture.Id] = _captures.ContainsKey(capture.Id) ? null : Place.TryCreate(capture.Value, _symbols, _captures);
                        if (CloneOf(capture.Value) is { } original && Place.TryCreate(original, _symbols, _captures) is { } place)
                            _copies[capture.Id] = place;
                    }
                    else if (nested is IInvocationOperation invocation && StoreCall.TryRead(invocation, _symbols) is { } call)
                    {
                        AddCall(invocation, call);
                    }
                }
            }
        }
        _state = new FlowState(_variables);
    }

    /// <summary>What is known at the beginning of the graph: nothing.</summary>
    public FlowState Entry => new(_variables);

    private static object? VariableIn(IOperation operation) => operation switch
    {
        ILocalReferenceOperation local => local.Local,
        IParameterReferenceOperation parameter => parameter.Parameter,
        IFlowCaptureOperation capture => capture.Id,
        IFlowCaptureReferenceOperation capture => capture.Id,
        _ => null,
    };

    /// <summary>The assignments of one variable to another: from, to.</summary>
    public Dictionary<int, List<int>> CopiesOf(ControlFlowGraph graph)
    {
        var copies = new Dictionary<int, List<int>>();
        foreach (IOperation operation in graph.Blocks.SelectMany(static b => b.Operations))
        {
            IOperation inner = operation is IExpressionStatementOperation statement ? statement.Operation : operation;
            if (inner is not ISimpleAssignmentOperation { IsRef: false, Target: ILocalReferenceOperation or IParameterReferenceOperation, Value: ILocalReferenceOperation or IParameterReferenceOperation } assignment)
                continue;
            int from = _variables.IdOf(VariableIn(assignment.Value)!);
            if (!copies.TryGetValue(from, out List<int>? targets))
                copies.Add(from, targets = []);
            targets.Add(_variables.IdOf(VariableIn(assignment.Target)!));
        }
        return copies;
    }

    /// <summary>What each conditional block decides on, after the fixpoint.</summary>
    public IReadOnlyDictionary<int, FlowValue> Conditions => _conditions;

    /// <summary>The operations evaluated since the last call.</summary>
    public int TakeWork()
    {
        int work = _work;
        _work = 0;
        return work;
    }

    public void Run(BasicBlock block, FlowState state, FlowReports? reports = null)
    {
        _state = state;
        _reports = reports;
        _block = block;
        foreach (IOperation operation in block.Operations)
            Evaluate(operation);
        if (block.BranchValue is { } value)
        {
            FlowValue condition = Evaluate(value);
            if (block.ConditionKind != ControlFlowConditionKind.None)
                _conditions[block.Ordinal] = condition;
        }
    }

    public FlowState OnConditional(BasicBlock block, FlowState state) => Refine(block, state, block.ConditionKind == ControlFlowConditionKind.WhenTrue);

    public FlowState OnFallThrough(BasicBlock block, FlowState state) => Refine(block, state, block.ConditionKind == ControlFlowConditionKind.WhenFalse);

    /// <summary>Where a write is known to have failed, its version has not been used.</summary>
    private FlowState Refine(BasicBlock block, FlowState state, bool holds)
    {
        if (block.ConditionKind == ControlFlowConditionKind.None || state.Used.Count == 0 || OutcomeTest.TryRead(block.BranchValue) is not { } test)
            return state;
        Place? version = test.Subject switch
        {
            IInvocationOperation invocation => _results.TryGetValue(invocation, out Place? place) ? place : null,
            ILocalReferenceOperation local => state.ResultOf(local.Local),
            IFlowCaptureReferenceOperation capture => state.ResultOf(capture.Id),
            _ => null,
        };
        if (version is null || ((holds ? test.WhenTrue : test.WhenFalse) & Outcome.Success) != 0)
            return state;
        FlowState refined = state.Clone();
        refined.Used.Remove(version);
        return refined;
    }

    private FlowValue Evaluate(IOperation? operation)
    {
        if (operation is null)
            return FlowValue.Unknown;
        _work++;
        if (operation.ConstantValue.HasValue && operation is not IDeclarationExpressionOperation)
            return FlowValue.Constant;
        switch (operation)
        {
            case ILocalReferenceOperation local:
                return _shared.Contains(local.Local) ? FlowValue.Unknown : _state[local.Local];
            case IParameterReferenceOperation parameter:
                return _shared.Contains(parameter.Parameter) ? FlowValue.Unknown : _state[parameter.Parameter];
            case IFlowCaptureReferenceOperation capture:
                return _state[capture.Id];
            case IDefaultValueOperation:
                return FlowValue.Constant;
            case IFlowCaptureOperation capture:
                Bind(capture.Id, Chosen(Evaluate(capture.Value)), capture.Value);
                return FlowValue.Unknown;
            case IConversionOperation conversion:
                return Evaluate(conversion.Operand);
            case IParenthesizedOperation parenthesized:
                return Evaluate(parenthesized.Operand);
            case IAwaitOperation awaited:
                return Evaluate(awaited.Operation);
            case IExpressionStatementOperation statement:
                return Evaluate(statement.Operation);
            case ISimpleAssignmentOperation assignment:
                return Assign(assignment);
            case ICompoundAssignmentOperation compound:
                return Change(compound.Target, Evaluate(compound.Value));
            case IIncrementOrDecrementOperation counted:
                return Change(counted.Target, FlowValue.Constant);
            case IDeconstructionAssignmentOperation deconstruction:
                return Deconstruct(deconstruction);
            case IInvocationOperation invocation:
                return Invoke(invocation);
            case IPropertyReferenceOperation property:
                foreach (IArgumentOperation argument in property.Arguments)
                    Evaluate(argument.Value);
                return property.Instance is null ? FlowValue.Unknown : MemberOf(Evaluate(property.Instance), property.Property, property.Type);
            case IFieldReferenceOperation field:
                return field.Instance is null ? FlowValue.Unknown : MemberOf(Evaluate(field.Instance), field.Field, field.Type);
            case IArrayElementReferenceOperation element:
                return ElementOf(Evaluate(element.ArrayReference), element.Type);
            case IObjectCreationOperation creation:
                return Create(creation);
            case IBinaryOperation binary:
                return Compute(binary);
            case IIsPatternOperation pattern:
                return Match(pattern);
            case IIsNullOperation isNull:
                Evaluate(isNull.Operand);
                return FlowValue.Unknown;
            case IFlowAnonymousFunctionOperation:
                return FlowValue.Unknown;
            default:
                FlowValue all = FlowValue.Unknown;
                foreach (IOperation child in operation.ChildOperations)
                    all = all.Join(AsData(Evaluate(child)));
                return all;
        }
    }

    /// <summary>A constant that an arm of a switch expression or a conditional yields says what its condition saw.</summary>
    private FlowValue Chosen(FlowValue value)
    {
        if (!value.IsConstant || !value.Facts.IsEmpty)
            return value;
        foreach (ControlFlowBranch branch in _block.Predecessors)
        {
            if (branch.Source.ConditionKind != ControlFlowConditionKind.None && _conditions.TryGetValue(branch.Source.Ordinal, out FlowValue? condition))
                value = value.Join(AsData(condition));
        }
        return value;
    }

    private void Bind(object variable, FlowValue value, IOperation? source)
    {
        if (variable is ISymbol symbol)
            Forget(symbol);
        _state[variable] = variable is ISymbol s && _shared.Contains(s) ? FlowValue.Unknown : value;
        _state.SetResult(variable, OutcomeTest.Strip(source) switch
        {
            IInvocationOperation call when _results.TryGetValue(call, out Place? place) => place,
            ILocalReferenceOperation local => _state.ResultOf(local.Local),
            IFlowCaptureReferenceOperation capture => _state.ResultOf(capture.Id),
            _ => null,
        });
    }

    /// <summary>The variable or member has another value from here on: what was said of keys, repositories and versions in it does not hold any more.</summary>
    private void Forget(ISymbol assigned)
    {
        if (_dependents.TryGetValue(assigned, out List<int>? dependents))
        {
            _work += dependents.Count;
            _state.Stale.UnionWith(dependents);
        }
        if (_state.Used.Count == 0)
            return;
        foreach (KeyValuePair<Place, UsedVersion> pair in _state.Used.ToList())
        {
            if (pair.Key.DependsOn(assigned) || SymbolEqualityComparer.Default.Equals(pair.Value.Owner, assigned) || (pair.Value.Key?.DependsOn(assigned) ?? false))
                _state.Used.Remove(pair.Key);
        }
    }

    private FlowValue Assign(ISimpleAssignmentOperation assignment)
    {
        switch (assignment.Target)
        {
            case ILocalReferenceOperation local:
                FlowValue value = Evaluate(assignment.Value);
                Bind(local.Local, value, assignment.Value);
                return value;
            case IParameterReferenceOperation parameter:
                value = Evaluate(assignment.Value);
                Bind(parameter.Parameter, value, assignment.Value);
                return value;
            case IFlowCaptureReferenceOperation capture:
                value = Evaluate(assignment.Value);
                // an l-value capture: what it stands for is assigned
                if (!_captures.TryGetValue(capture.Id, out Place? place) || place is null)
                    _state[capture.Id] = value;
                else if (place is { Root: ILocalSymbol or IParameterSymbol, Members.IsEmpty: true })
                    Bind(place.Root, value, assignment.Value);
                else
                    AssignPlace(place);
                return value;
            case IMemberReferenceOperation { Instance: { } instance } member when Root(instance) is { } root && IsBuilt(instance):
                // an initializer of a new object, or of a with copy
                value = Evaluate(assignment.Value);
                _state[root] = BuiltFrom(_state[root], member.Member, assignment.Value, value);
                return value;
            default:
                return Change(assignment.Target, Evaluate(assignment.Value));
        }
    }

    private void AssignPlace(Place place)
    {
        if (place.Last is { } last)
            Forget(last);
        if (place is { Root: { } root, Members.IsEmpty: false })
            MarkChanged(root, place.Last);
        else if (place.Root is { } variable)
            _state[variable] = FlowValue.Unknown;
    }

    /// <summary>Something is assigned that is not a plain variable: a member, an element, or a variable counted up.</summary>
    private FlowValue Change(IOperation target, FlowValue value)
    {
        FlowValue old = Evaluate(target);
        switch (target)
        {
            case ILocalReferenceOperation local:
                Forget(local.Local);
                _state[local.Local] = Sum(old, value);
                return _state[local.Local];
            case IParameterReferenceOperation parameter:
                Forget(parameter.Parameter);
                _state[parameter.Parameter] = Sum(old, value);
                return _state[parameter.Parameter];
            case IFlowCaptureReferenceOperation capture when _captures.TryGetValue(capture.Id, out Place? place) && place is not null:
                AssignPlace(place);
                return FlowValue.Unknown;
            case IMemberReferenceOperation member:
                Forget(member.Member);
                if (member.Instance is { } instance && Root(instance) is { } root)
                    MarkChanged(root, member.Member);
                return value;
            default:
                if (Root(target) is { } container)
                    MarkChanged(container, null);
                return value;
        }
    }

    private FlowValue Deconstruct(IDeconstructionAssignmentOperation deconstruction)
    {
        Evaluate(deconstruction.Value);
        Visit(deconstruction.Target);
        return FlowValue.Unknown;

        void Visit(IOperation target)
        {
            switch (target)
            {
                case ITupleOperation tuple:
                    foreach (IOperation element in tuple.Elements)
                        Visit(element);
                    break;
                case IDeclarationExpressionOperation declaration:
                    Visit(declaration.Expression);
                    break;
                case IConversionOperation conversion:
                    Visit(conversion.Operand);
                    break;
                case ILocalReferenceOperation local:
                    Bind(local.Local, FlowValue.Unknown, null);
                    break;
                case IParameterReferenceOperation parameter:
                    Bind(parameter.Parameter, FlowValue.Unknown, null);
                    break;
                default:
                    Change(target, FlowValue.Unknown);
                    break;
            }
        }
    }

    /// <summary>Marks what the variable holds as changed; an object is changed for all who hold it.</summary>
    private void MarkChanged(object root, ISymbol? member)
    {
        if (member is not null && _symbols.IsVersionMember(member))
            return;
        FlowValue value = _state[root];
        if (value.Facts.IsEmpty)
            return;
        bool isReference = root is not ISymbol symbol || symbol switch
        {
            ILocalSymbol local => local.Type.IsReferenceType,
            IParameterSymbol parameter => parameter.Type.IsReferenceType,
            _ => true,
        };
        _state[root] = value.Map(static f => f.Form is Form.Entity or Form.Copy or Form.Part ? f with { Changed = true } : f);
        if (!isReference)
            return;
        foreach (Fact fact in value.Facts)
        {
            if (fact.Form is Form.Entity or Form.Part)
                _work += _state.MapHolders(fact.Read, v => v.Map(f => f.Read == fact.Read && f.Form is Form.Entity or Form.Many ? f with { Changed = true } : f));
        }
    }

    /// <summary>The variable at the left end of a member chain.</summary>
    private static object? Root(IOperation? operation)
    {
        while (true)
        {
            switch (operation)
            {
                case ILocalReferenceOperation local:
                    return local.Local;
                case IParameterReferenceOperation parameter:
                    return parameter.Parameter;
                case IFlowCaptureReferenceOperation capture:
                    return capture.Id;
                case IMemberReferenceOperation member and not IMethodReferenceOperation:
                    operation = member.Instance;
                    continue;
                case IArrayElementReferenceOperation element:
                    operation = element.ArrayReference;
                    continue;
                case IConversionOperation conversion:
                    operation = conversion.Operand;
                    continue;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    continue;
                default:
                    return null;
            }
        }
    }

    /// <summary>Whether the instance is a capture that an object creation or a <c>with</c> made, and not one that stands for a variable.</summary>
    private bool IsBuilt(IOperation instance) => instance is IFlowCaptureReferenceOperation capture && _captures.TryGetValue(capture.Id, out Place? place) && place is null;

    private static IOperation? CloneOf(IOperation value)
    {
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        return value is IInvocationOperation { TargetMethod.Name: "<Clone>$", Instance: { } instance } ? instance : null;
    }
}
