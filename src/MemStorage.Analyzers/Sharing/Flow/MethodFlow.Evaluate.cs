using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// What each kind of operation yields and does. Kinds that are not listed (also those of newer compilers) evaluate their children and yield nothing.
internal sealed partial class MethodFlow
{
    private readonly Dictionary<int, List<IOperation>> _captured = new();
    private Value _implicitReceiver = Value.None;

    /// <summary>OperationKind.CollectionExpression of Roslyn 4.9 and later, also used for the elements of a params collection.</summary>
    private const int CollectionExpressionKind = 127;

    private Value Eval(IOperation? operation)
    {
        if (operation is null || !EnterDeep())
            return Value.None;
        Value value = EvalCore(operation);
        _depth--;
        return value;
    }

    private Value EvalCore(IOperation operation)
    {
        switch (operation)
        {
            case ILiteralOperation or IDefaultValueOperation or INameOfOperation or ITypeOfOperation or ISizeOfOperation:
                return Value.None;

            // the operators that carry an object along
            case IExpressionStatementOperation o:
                return Eval(o.Operation);
            case IParenthesizedOperation o:
                return Eval(o.Operand);
            case ITranslatedQueryOperation o:
                return Eval(o.Operation);
            case IAwaitOperation o:
                return EvalAwait(o);
            case IConversionOperation o:
                return EvalConversion(o);
            case IArrayElementReferenceOperation { Indices: [{ Type: INamedTypeSymbol { Name: "Range" } }] } o:
                return CopyOfRange(Eval(o.ArrayReference), o);
            case IImplicitIndexerReferenceOperation { IndexerSymbol: IMethodSymbol } o when _types.CarrierOf(o.Instance.Type) != Carrier.View:
                return CopyOfRange(Eval(o.Instance), o);
            case IDeclarationExpressionOperation o:
                return Eval(o.Expression);
            case IFlowCaptureOperation o:
                EvalCapture(o);
                return Value.None;
            case IFlowCaptureReferenceOperation o:
                return Get(CaptureId(o.Id, Kind.Capture)) as Value ?? Value.None;
            case IInstanceReferenceOperation o:
                return o.ReferenceKind == InstanceReferenceKind.ImplicitReceiver ? _implicitReceiver : Get(Id(this, Kind.Variable)) as Value ?? Value.None;

            // variables and members
            case ILocalReferenceOperation o:
                return Used(GetVariable(o.Local), o);
            case IParameterReferenceOperation o:
                return Used(ParameterValue(o.Parameter), o);
            case IFieldReferenceOperation or IPropertyReferenceOperation or IArrayElementReferenceOperation or IEventReferenceOperation
                or IInlineArrayAccessOperation or IImplicitIndexerReferenceOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation:
                return Read(ResolvePlace(operation), operation);

            // changes
            case ISimpleAssignmentOperation o:
                return EvalAssignment(o);
            case ICompoundAssignmentOperation o:
                return EvalCompound(o);
            case IIncrementOrDecrementOperation o:
                return EvalIncrement(o);
            case ICoalesceAssignmentOperation o:
                return EvalCoalesceAssignment(o);
            case IDeconstructionAssignmentOperation o:
                Value source = Eval(o.Value);
                Deconstruct(o.Target, source, o.Value, o);
                return source;
            case IEventAssignmentOperation o:
                EvalEventAssignment(o);
                return Value.None;

            // calls
            case IBinaryOperation { OperatorMethod: { } binary } o:
                return CallOperator(o, binary, Eval(o.LeftOperand), Eval(o.RightOperand));
            case IUnaryOperation { OperatorMethod: { } unary } o:
                return CallOperator(o, unary, Eval(o.Operand));
            case IInvocationOperation o:
                return EvalInvocation(o);
            case IDynamicInvocationOperation o:
                return EvalDynamicInvocation(o);
            case IObjectCreationOperation o:
                return EvalObjectCreation(o);

            // new objects
            case IDelegateCreationOperation o:
                return EvalDelegateCreation(o);
            case IFlowAnonymousFunctionOperation o:
                return EvalLambda(o);
            case IMethodReferenceOperation o:
                return EvalMethodReference(o);
            case IAnonymousObjectCreationOperation o:
                return EvalAnonymousObject(o);
            case IArrayCreationOperation o:
                foreach (IOperation size in o.DimensionSizes)
                    Eval(size);
                return EvalArray(o, o.Initializer);
            case ITupleOperation o:
                return EvalTuple(o);

            // patterns
            case IIsPatternOperation o:
                Value tested = Eval(o.Value);
                Bind(o.Pattern, tested, o);
                return Value.None;
            case IReturnOperation { Kind: OperationKind.YieldReturn } o:
                Value yielded = Eval(o.ReturnedValue);
                if (!yielded.IsNone && _runs.Count > 0)
                    _yields[_runs.Peek()] = _yields.TryGetValue(_runs.Peek(), out Value? y) ? y.Join(yielded) : yielded;
                return Value.None;
            case ILocalFunctionOperation:
                return Value.None;
            default:
                return EvalOther(operation);
        }
    }

    private Value EvalOther(IOperation operation)
    {
        // Collection expressions have their own operation kind only since Roslyn 4.9; the syntax is known in 4.8.
        if ((operation.Syntax is CollectionExpressionSyntax || (int)operation.Kind == CollectionExpressionKind) && operation.Type is not null)
            return EvalCollectionExpression(operation);
        Value joined = Value.None;
        foreach (IOperation child in operation.ChildOperations)
            joined = joined.Join(Eval(child));
        // A switch expression, conditional or coalesce that a newer compiler leaves whole in the graph.
        return operation is IConditionalOperation or ICoalesceOperation or ISwitchExpressionOperation or IConditionalAccessOperation ? Filter(joined, operation.Type, operation) : Value.None;
    }

    private Value EvalAwait(IAwaitOperation operation)
    {
        Value value = Eval(operation.Operation);
        if (_scopedMask != 0)
            SetFact(Id(this, Kind.Awaited), Value.Of(_scopedMask));
        return Filter(value, operation.Type, operation);
    }

    private Value EvalConversion(IConversionOperation operation)
    {
        // An expression tree describes code; nothing runs it here.
        if (operation.Operand is IFlowAnonymousFunctionOperation && _types.FullName(operation.Type) == "System.Linq.Expressions.Expression")
            return Value.None;
        // A span over an inline array is a view of whatever holds the array.
        if (operation.Operand.Type is { IsValueType: true } struct_ && _types.FullName(operation.Type) is "System.Span" or "System.ReadOnlySpan" && _types.IsInlineArray(struct_))
        {
            Place place = ResolvePlace(operation.Operand);
            return place.Owner.Join(Read(place, operation.Operand));
        }
        Value value = Eval(operation.Operand);
        if (value.IsNone)
            return value;
        // Array to span and the like are user-defined operators of the platform (before C# 14); any other operator is a method.
        if (operation.OperatorMethod is { } method && !(_types.IsFramework(method.ContainingType) && _types.CarrierOf(operation.Type) == Carrier.View))
            return CallOperator(operation, method, value);
        return Filter(value, operation.Type, operation);
    }

    private int CaptureId(CaptureId id, Kind kind) => Id(id, kind);

    private void EvalCapture(IFlowCaptureOperation operation)
    {
        int id = CaptureId(operation.Id, Kind.Capture);
        int owner = CaptureId(operation.Id, Kind.CaptureOwner);
        switch (operation.Value)
        {
            // The operand of a struct's with expression: the members that follow are assigned to a copy.
            case { Type.IsValueType: true } copied when IsOperandOfWith(copied.Syntax):
                SetFact(id, CopyIfStructValue(Eval(copied), operation));
                SetFact(owner, Value.None);
                break;
            // What may become the target of an assignment (??=, ?. and ref conditionals) is kept as a place too.
            case IFieldReferenceOperation or IPropertyReferenceOperation or IArrayElementReferenceOperation or IInlineArrayAccessOperation or IImplicitIndexerReferenceOperation
                or ILocalReferenceOperation or IParameterReferenceOperation or IDynamicMemberReferenceOperation or IDynamicIndexerAccessOperation:
                Place place = ResolvePlace(operation.Value);
                Remember(id, operation.Value);
                SetFact(owner, place.Owner);
                SetFact(id, CopyIfStructValue(Read(place, operation.Value), operation));
                break;
            case IInvocationOperation { TargetMethod.ReturnsByRef: true } call:
                Value value = Eval(call);
                Remember(id, call);
                SetFact(owner, _refOwner);
                SetFact(id, value);
                break;
            default:
                Value plain = Eval(operation.Value);
                SetFact(id, CopyIfStructValue(plain, operation));
                SetFact(owner, operation.Value is IFlowCaptureReferenceOperation again ? Get(CaptureId(again.Id, Kind.CaptureOwner)) as Value ?? Value.None : Value.None);
                break;
        }

        void Remember(int captureId, IOperation captured)
        {
            if (!_captured.TryGetValue(captureId, out List<IOperation>? list))
                _captured.Add(captureId, list = new List<IOperation>());
            if (!list.Contains(captured))
                list.Add(captured);
        }
    }

    private static bool IsOperandOfWith(SyntaxNode syntax)
    {
        while (syntax.Parent is ParenthesizedExpressionSyntax parenthesized)
            syntax = parenthesized;
        return syntax.Parent is WithExpressionSyntax with && with.Expression == syntax;
    }

    private Value CopyIfStructValue(Value value, IFlowCaptureOperation operation) => CopyIfStruct(value, operation.Value.Type, operation);

    private Value EvalAssignment(ISimpleAssignmentOperation operation)
    {
        Place place = ResolvePlace(operation.Target);
        if (operation.IsRef)
            return BindRef(place, operation);
        Value value = Eval(operation.Value);
        Write(place, value, operation.Target, operation.Value);
        return value;
    }

    /// <summary><c>ref var x = ref place</c>: a later write to x is a write to whatever holds the place.</summary>
    private Value BindRef(Place target, ISimpleAssignmentOperation operation)
    {
        Place source = ResolvePlace(operation.Value);
        Value value = Read(source, operation.Value);
        if (target.Variable is { } variable)
        {
            SetFact(Id(variable, Kind.Variable), value);
            SetFact(Id(variable, Kind.RefOwner), source.Owner);
        }
        return value;
    }

    private void EvalEventAssignment(IEventAssignmentOperation operation)
    {
        Value owner = Value.None;
        bool isExternal = true;
        if (operation.EventReference is IEventReferenceOperation e)
        {
            owner = e.Instance is null ? Value.Of(Origins.Self(Origins.StaticIndex)) : Eval(e.Instance);
            isExternal = owner.Sites.Length == 0 || owner.Mask != 0;
        }
        else
            Eval(operation.EventReference);
        Value handler = Eval(operation.HandlerValue);
        Mutate(owner, operation.EventReference, operation);
        if (operation.Adds && isExternal)
            CheckClosure(handler, operation);
        EscapeDelegates(handler, operation);
    }

    /// <summary>A variable is read: the place to see a scoped view used after an await.</summary>
    private Value Used(Value value, IOperation operation)
    {
        if (_final && (value.Mask & _scopedMask) != 0 && Get(Id(this, Kind.Awaited)) is Value awaited && (awaited.Mask & value.Mask) != 0)
            Report(SharingRules.ViewOutlivesScope, operation.Syntax, value.Mask & awaited.Mask, TextOf(operation.Syntax));
        return value;
    }
}
