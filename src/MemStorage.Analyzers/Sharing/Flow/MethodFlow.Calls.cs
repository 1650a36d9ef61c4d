using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Calls. The order of the cases is the order of certainty: annotations, then what the platform is known to do, then the callee's own body, then silence.
internal sealed partial class MethodFlow
{
    /// <summary>A call with everything evaluated. Arrays are indexed by the ordinal of the parameter.</summary>
    private sealed class CallSite
    {
        public CallSite(IOperation operation, IMethodSymbol method)
        {
            Operation = operation;
            Method = method;
            Values = new Value[method.Parameters.Length];
            Places = new Place?[method.Parameters.Length];
            Arguments = new IOperation?[method.Parameters.Length];
            for (int i = 0; i < Values.Length; i++)
                Values[i] = Value.None;
        }

        public IOperation Operation { get; }

        public IMethodSymbol Method { get; }

        public Value Receiver { get; set; } = Value.None;

        /// <summary>For a method of a struct that lies inside an object: the object.</summary>
        public Value StructOwner { get; set; } = Value.None;

        public IOperation? Instance { get; set; }

        public Value[] Values { get; }

        public Place?[] Places { get; }

        public IOperation?[] Arguments { get; }

        public Value Argument(int index) => index == Origins.ThisIndex ? Receiver : index <= Values.Length ? Values[index - 1] : Value.None;

        public SyntaxNode SyntaxOf(int index) =>
            index != Origins.ThisIndex && index <= Arguments.Length && Arguments[index - 1] is { } argument ? argument.Syntax : Operation.Syntax;
    }

    private Value _refOwner = Value.None;

    private Value EvalInvocation(IInvocationOperation operation)
    {
        var call = new CallSite(operation, operation.TargetMethod) { Instance = operation.Instance };
        if (operation.Instance is { Type: { IsValueType: true } type } instance && _types.CarrierOf(type) is Carrier.Struct or Carrier.Nothing)
        {
            Place place = ResolvePlace(instance);
            call.Receiver = Read(place, instance);
            call.StructOwner = IsCopiedByCall(instance) ? Value.None : place.Owner;
        }
        else
            call.Receiver = Eval(operation.Instance);
        ReadArguments(call, operation.Arguments);
        return Call(call);
    }

    /// <summary>A struct from a property or a read-only field is copied before a method is called on it.</summary>
    private static bool IsCopiedByCall(IOperation instance) => instance switch
    {
        IPropertyReferenceOperation p => !p.Property.ReturnsByRef,
        IFieldReferenceOperation f => f.Field.IsReadOnly,
        ILocalReferenceOperation l => l.Local.RefKind is RefKind.In or RefKind.RefReadOnly,
        IParameterReferenceOperation p => p.Parameter.RefKind is RefKind.In,
        _ => false,
    };

    private void ReadArguments(CallSite call, System.Collections.Immutable.ImmutableArray<IArgumentOperation> arguments)
    {
        foreach (IArgumentOperation argument in arguments)
        {
            int ordinal = argument.Parameter?.Ordinal ?? -1;
            if (ordinal < 0 || ordinal >= call.Values.Length)
            {
                Eval(argument.Value);
                continue;
            }
            call.Arguments[ordinal] = argument.Value;
            if (argument.Parameter!.RefKind != RefKind.None)
            {
                Place place = ResolvePlace(argument.Value);
                call.Places[ordinal] = place;
                call.Values[ordinal] = argument.Parameter.RefKind == RefKind.Out ? Value.None : Read(place, argument.Value);
            }
            else
                call.Values[ordinal] = Eval(argument.Value);
        }
    }

    private Value Call(CallSite call)
    {
        IMethodSymbol method = call.Method;
        _refOwner = call.Receiver;
        if (method.ReturnsByRef || method.ReturnsByRefReadonly)
        {
            foreach (Value v in call.Values)
                _refOwner = _refOwner.Join(v);
            foreach (Place? place in call.Places)
                _refOwner = _refOwner.Join(place?.Owner ?? Value.None);
        }
        if (method.MethodKind == MethodKind.DelegateInvoke)
        {
            ApplyContracts(call);
            return Filter(InvokeDelegate(call.Receiver, call.Values, call.Operation, call), method.ReturnType, call.Operation, 7);
        }
        if (method.MethodKind == MethodKind.LocalFunction)
        {
            Value result = CallLocalFunction(call);
            if (_session.Sources.ReturnsShared(method))
                result = result.Join(Value.Of(SourceBit(call.Operation, method.Name)));
            return Filter(result, method.ReturnType, call.Operation, 7);
        }
        if (ExtensionMember(call) is { } member)
            return Call(member);
        CheckStoredBack(call);
        CheckBytesMadeWritable(call);
        if (_session.Sources.IsSource(method))
            return CallSource(call);
        if (call.Method.Name is "<Clone>$" or "MemberwiseClone")
            return ShallowCopy(call.Receiver, call.Operation, 8);
        if (_types.IsFramework(method.ContainingType))
            return CallFramework(call);
        ApplyContracts(call);
        Value returned = _session.Summaries.CanSummarize(method) && !IsOverridable(method, call.Instance) ? CallWithBody(call) : CallOutOfSight(call);
        return Filter(returned, method.ReturnType, call.Operation, 7);
    }

    /// <summary>TypeKind.Extension of Roslyn 5.</summary>
    private static bool IsExtension(INamedTypeSymbol type) => (int)type.TypeKind == 14;

    /// <summary>The static form of a member of an extension block, Ext.M(receiver, …), as a call of the member: its body is written in terms of that.</summary>
    private CallSite? ExtensionMember(CallSite call)
    {
        IMethodSymbol method = call.Method;
        if (!method.IsStatic || method.ContainingType is not { IsStatic: true } outer || method.Parameters.Length == 0 || !_session.Compilation.Declares(outer))
            return null;
        foreach (INamedTypeSymbol block in outer.GetTypeMembers())
        {
            if (!IsExtension(block))
                continue;
            foreach (ISymbol candidate in block.GetMembers(method.Name))
            {
                if (candidate is not IMethodSymbol { IsStatic: false } member || member.Parameters.Length != method.Parameters.Length - 1
                    || member.DeclaringSyntaxReferences is not [{ } declared, ..] || method.DeclaringSyntaxReferences.Any(r => r.SyntaxTree != declared.SyntaxTree || r.Span != declared.Span))
                    continue;
                var inner = new CallSite(call.Operation, member) { Receiver = call.Values[0], Instance = call.Arguments[0], StructOwner = call.Places[0]?.Owner ?? Value.None };
                for (int i = 0; i < inner.Values.Length; i++)
                {
                    inner.Values[i] = call.Values[i + 1];
                    inner.Places[i] = call.Places[i + 1];
                    inner.Arguments[i] = call.Arguments[i + 1];
                }
                return inner;
            }
        }
        return null;
    }

    private Value CallSource(CallSite call)
    {
        for (int i = 0; i < call.Values.Length; i++)
        {
            IParameterSymbol parameter = call.Method.Parameters[i];
            if (call.Places[i] is { } place && parameter.RefKind is RefKind.Out or RefKind.Ref)
            {
                bool shared = _session.Sources.IsSharedOut(call.Method, parameter);
                Value value = shared ? Filter(Value.Of(SourceBit(call.Operation, call.Method.Name)), parameter.Type, call.Operation, 10 + i) : Value.None;
                Write(call.Places[i]!.Value, value, call.Arguments[i]!, call.Operation);
            }
        }
        // The factory of a GetOrCreate runs before its result is shared: whatever it does to its own object is fine.
        InvokeCallbacks(call);
        return _session.Sources.ReturnsShared(call.Method) ? Filter(Value.Of(SourceBit(call.Operation, call.Method.Name)), call.Method.ReturnType, call.Operation, 7) : Value.None;
    }

    /// <summary>[Mutates] says that a body out of sight changes its receiver or a parameter.</summary>
    private void ApplyContracts(CallSite call)
    {
        if (_session.Contracts.MutatesReceiver(call.Method))
        {
            Value receiver = call.Instance is null && call.Method.IsExtensionMethod && call.Values.Length > 0 ? call.Values[0] : call.Receiver;
            PassToMutator(receiver.Mask | call.StructOwner.Mask, call.Operation.Syntax, call);
        }
        for (int i = 0; i < call.Values.Length; i++)
        {
            if (_session.Contracts.MutatesParameter(call.Method, i))
                PassToMutator(call.Values[i].Mask | Reach(call.Values[i]), call.SyntaxOf(i + 1), call);
        }
    }

    private Value CallWithBody(CallSite call)
    {
        if (call.Receiver.Sites.Length > 0 && call.Values.Length == 0 && _session.Summaries.Forwarded(call.Method, _cancellationToken) is { } forwarded)
            return MemberOrNew(call.Receiver, MemberName(forwarded), call.Operation);
        bool declaredPure = _session.Contracts.IsPure(call.Method);
        Summary summary = Ask(call.Method);
        foreach ((int index, Shape[] shapes) in summary.Invocations)
        {
            Value callee = call.Argument(index);
            if (callee.IsNone)
                continue;
            Value result = InvokeDelegate(callee, shapes.Select((s, n) => Instantiate(s, call.Argument, call.Operation, 200 + n)).ToArray(), call.Operation, null);
            if (!result.IsNone)
                SetMember(callee, ResultMember, result);
        }
        for (int index = 0; index <= call.Values.Length; index++)
        {
            Value argument = call.Argument(index);
            if (declaredPure || argument.IsNone && (index != Origins.ThisIndex || call.StructOwner.IsNone))
                continue;
            ulong mutated = 0, inner = 0;
            if ((summary.Mutates & Origins.Self(index)) != 0)
            {
                mutated |= index == Origins.ThisIndex && (call.Method.ContainingType.IsValueType || (IsExtension(call.Method.ContainingType) && call.Instance?.Type is { IsValueType: true })) ? call.StructOwner.Mask : argument.Mask;
                ForgetAssigned(argument, summary, index);
            }
            if ((summary.Mutates & Origins.Inner(index)) != 0)
                inner = Origins.Through(argument.Mask) | Reach(argument);
            PassToMutator(mutated | inner, call.SyntaxOf(index), call, index, inner);
        }
        WriteByReference(call, summary);
        if (call.Method.MethodKind == MethodKind.Constructor && call.Operation is IInvocationOperation)
            CopyConstructed(call, summary);
        foreach (Value v in call.Values)
            EscapeDelegates(v, call.Operation, onlyUnseen: true);
        return Instantiate(summary.Return, call.Argument, call.Operation, 100);
    }

    /// <summary>A by-reference argument is written unless the callee's body is known not to.</summary>
    private void WriteByReference(CallSite call, Summary? summary)
    {
        for (int i = 0; i < call.Places.Length; i++)
        {
            if (call.Places[i] is not { } place || call.Method.Parameters[i].RefKind is not (RefKind.Ref or RefKind.Out) || call.Arguments[i] is not { } argument)
                continue;
            bool writes = summary is null || !summary.IsExact || summary.IsEmptyBody || (summary.RefWrites & (1UL << Math.Min(63, i + 1))) != 0
                || (summary.Mutates & Origins.Self(i + 1)) != 0;
            if (!writes)
                continue;
            Value value = summary is not null && summary.Outs.TryGetValue(i, out Shape? shape) ? Instantiate(shape, call.Argument, call.Operation, 120 + i) : Value.None;
            Write(place, Filter(value, call.Method.Parameters[i].Type, call.Operation, 140 + i), argument, call.Operation);
        }
    }

    private void ForgetAssigned(Value argument, Summary summary, int index)
    {
        if (!summary.Assigned.TryGetValue(index, out HashSet<string>? names))
            return;
        foreach (int site in argument.Sites)
        {
            HeapObject h = Heap(site);
            foreach (string name in names)
            {
                if (name != HeapObject.Elements)
                    h = h.With(name, Value.None);
            }
            SetHeap(site, h);
        }
    }

    private Value CallOutOfSight(CallSite call)
    {
        CheckWritableEscape(call);
        InvokeCallbacks(call);
        WriteByReference(call, null);
        return call.Method.Name is "GetValueOrDefault" && call.Method.ContainingType.IsValueType ? Member(call.Receiver, "Value") : Value.None;
    }

    /// <summary>Delegates handed to code out of sight are assumed to run, with arguments that nobody shares (unless annotated).</summary>
    private void InvokeCallbacks(CallSite call)
    {
        foreach (Value v in call.Values)
            EscapeDelegates(v, call.Operation);
    }

    private static bool IsOverridable(IMethodSymbol method, IOperation? instance)
    {
        if (method.ContainingType.TypeKind == TypeKind.Interface)
            return !method.IsStatic;
        if (method.IsStatic || !(method.IsVirtual || method.IsOverride || method.IsAbstract) || method.IsSealed || method.ContainingType.IsSealed)
            return false;
        // base.M() and calls on a sealed type have one target only.
        bool viaBase = instance is IInstanceReferenceOperation { Syntax: Microsoft.CodeAnalysis.CSharp.Syntax.BaseExpressionSyntax };
        return !viaBase && instance?.Type is not { IsSealed: true } && instance?.Type is not { IsValueType: true };
    }

    private Value EvalDynamicInvocation(IDynamicInvocationOperation operation)
    {
        Value receiver = Value.None;
        string? name = null;
        if (operation.Operation is IDynamicMemberReferenceOperation member)
        {
            receiver = Eval(member.Instance);
            name = member.MemberName;
        }
        else
            Eval(operation.Operation);
        foreach (IOperation argument in operation.Arguments)
            EscapeDelegates(Eval(argument), operation);
        if (name is not null && FrameworkMutators.IsMutatorName(name))
            Mutate(receiver, operation, operation);
        return Value.None;
    }
}
