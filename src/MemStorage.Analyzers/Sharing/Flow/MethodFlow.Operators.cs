using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Operators that assign or are methods.
internal sealed partial class MethodFlow
{
    private Value EvalCompound(ICompoundAssignmentOperation operation)
    {
        // C# 14: an instance operator changes the object itself and rebinds nothing.
        if (operation.OperatorMethod is { IsStatic: false } instanceOperator)
        {
            Value receiver = OperatorReceiver(operation.Target);
            Value argument = Eval(operation.Value);
            CallInPlaceOperator(operation, instanceOperator, receiver, argument);
            return receiver;
        }
        Place place = ResolvePlace(operation.Target);
        Value right = Eval(operation.Value);
        // += on a delegate keeps the old handlers and adds the new one
        Value result = operation.OperatorMethod is null && _types.CarrierOf(operation.Target.Type) == Carrier.Delegate ? Read(place, operation.Target).Join(right)
            : operation.OperatorMethod is null ? Value.None : CallOperator(operation, operation.OperatorMethod, Read(place, operation.Target), right);
        Write(place, result, operation.Target, operation.Value);
        return result;
    }

    /// <summary>What an operator in place changes: the object, or for a struct whatever holds it.</summary>
    private Value OperatorReceiver(IOperation target) => target.Type is { IsValueType: true } ? ResolvePlace(target).Owner : Eval(target);

    private Value EvalIncrement(IIncrementOrDecrementOperation operation)
    {
        if (operation.OperatorMethod is { IsStatic: false } instanceOperator)
        {
            Value receiver = OperatorReceiver(operation.Target);
            CallInPlaceOperator(operation, instanceOperator, receiver, null);
            return receiver;
        }
        Place place = ResolvePlace(operation.Target);
        Value next = operation.OperatorMethod is null ? Value.None : CallOperator(operation, operation.OperatorMethod, Read(place, operation.Target));
        Write(place, next, operation.Target, operation);
        return next;
    }

    private Value EvalCoalesceAssignment(ICoalesceAssignmentOperation operation)
    {
        Place place = ResolvePlace(operation.Target);
        Value value = Read(place, operation.Target).Join(Eval(operation.Value));
        Write(place, value, operation.Target, operation.Value);
        return value;
    }

    /// <summary>A static operator is a method: it may hand back its operand, or change it.</summary>
    private Value CallOperator(IOperation operation, IMethodSymbol? method, Value left, Value? right = null)
    {
        if (method is null || (left.IsNone && right is null or { IsNone: true }) || !_session.Summaries.CanSummarize(method) || method.Parameters.Length == 0)
            return Value.None;
        var call = new CallSite(operation, method);
        call.Values[0] = left;
        if (right is not null && call.Values.Length > 1)
            call.Values[1] = right;
        ApplyContracts(call);
        return Filter(CallWithBody(call), method.ReturnType, operation, 7);
    }

    private void CallInPlaceOperator(IOperation operation, IMethodSymbol method, Value receiver, Value? argument)
    {
        var call = new CallSite(operation, method) { Receiver = receiver };
        if (argument is not null && call.Values.Length > 0)
            call.Values[0] = argument;
        // An operator that works in place is made to change its object: only a body that is known not to is believed.
        if (_session.Summaries.CanSummarize(method) && Ask(method) is { IsExact: true, IsEmptyBody: false })
        {
            Summary summary = Ask(method);
            ulong mutated = ((summary.Mutates & Origins.Self(Origins.ThisIndex)) != 0 ? receiver.Mask : 0)
                | ((summary.Mutates & Origins.Inner(Origins.ThisIndex)) != 0 ? Origins.Through(receiver.Mask) | Reach(receiver) : 0);
            Mutate(Value.Of(mutated), operation, operation);
            return;
        }
        Mutate(receiver, operation, operation);
    }
}
