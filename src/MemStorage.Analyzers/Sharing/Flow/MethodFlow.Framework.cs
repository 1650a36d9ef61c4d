using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Calls into the platform. What they change is a table (FrameworkMutators); what they return follows from their generic signature:
// a T that comes out is a T that went in. That covers LINQ, the collections and tasks without a line per method.
internal sealed partial class MethodFlow
{
    private static readonly HashSet<string> ViewMethods = new(StringComparer.Ordinal)
    {
        "GetEnumerator", "GetAsyncEnumerator", "AsSpan", "AsMemory", "AsReadOnly", "AsEnumerable", "AsQueryable", "AsParallel", "AsRef", "Slice", "ConfigureAwait",
        "GetAwaiter", "WithCancellation", "AsArray", "AsObject", "AsValue", "Synchronized", "GetViewBetween", "AsTask", "ToBlockingEnumerable", "Cast", "AsBytes", "WaitAsync", "OfType",
    };

    private Value CallFramework(CallSite call)
    {
        IMethodSymbol method = call.Method;
        if (method.Name == "Clone" && method.Parameters.Length == 0)
            return ShallowCopy(call.Receiver, call.Operation, 8);
        if (method.Name is "As" or "Add" or "AddByteOffset" or "Subtract" && method.ContainingType.Name == "Unsafe")
            return ReinterpretedReference(call);
        ApplyFrameworkMutations(call);
        Dictionary<ITypeParameterSymbol, Value> facts = NewFacts(call.Method);
        CollectArguments(call, facts);
        AddToReceiver(call, facts);
        if (!call.Receiver.IsNone)
            Collect(method.ContainingType.OriginalDefinition, call.Receiver, facts, 0);
        InvokeFrameworkCallbacks(call, facts);
        CheckCollectedResult(call, facts);
        WriteFrameworkReferences(call, facts);
        if (IsView(call, out Value view))
            return Filter(view, method.ReturnType, call.Operation, 7);
        return Filter(Build(method.OriginalDefinition.ReturnType, facts, call.Operation, 300, 0), method.ReturnType, call.Operation, 7);
    }

    /// <summary>Unsafe.As and the arithmetic on references: another name for the same object or place.</summary>
    private Value ReinterpretedReference(CallSite call)
    {
        _refOwner = call.Places.Length > 0 && call.Places[0] is { } place ? place.Owner : Value.None;
        return Filter(call.Values.Length > 0 ? call.Values[0] : Value.None, call.Method.ReturnType, call.Operation, 7);
    }

    private bool IsView(CallSite call, out Value view)
    {
        IMethodSymbol method = call.Method;
        view = !call.Receiver.IsNone || call.Values.Length == 0 ? call.Receiver : call.Values[0];
        if (method.ReturnsByRef || method.ReturnsByRefReadonly)
        {
            view = Element(view);
            return true;
        }
        return ViewMethods.Contains(method.Name) || _types.CarrierOf(method.ReturnType) == Carrier.View && method.Name is not "FromResult"
            || (method.ReturnType is INamedTypeSymbol { Name: "LinkedListNode" });
    }

    private void ApplyFrameworkMutations(CallSite call)
    {
        IMethodSymbol method = call.Method;
        if (FrameworkMutators.MutatesReceiver(method, _types))
        {
            Mutate(call.Receiver.Mask != 0 ? call.Receiver : call.StructOwner, call.Operation, call.Operation);
            CheckCollected(call);
            // Not of an element or a member: that may stand for many lists.
            if (method.Name == "Clear" && call.Instance is ILocalReferenceOperation or IParameterReferenceOperation && call.Receiver.Sites.Length == 1)
            {
                foreach (int site in call.Receiver.Sites)
                    SetHeap(site, HeapObject.Fresh);
            }
        }
        for (int i = 0; i < call.Values.Length; i++)
        {
            if (!call.Values[i].IsNone && FrameworkMutators.MutatesParameter(method, method.Parameters[i], _types))
                Mutate(call.Values[i], call.Operation, call.Operation);
        }
    }

    private void CollectArguments(CallSite call, Dictionary<ITypeParameterSymbol, Value> facts)
    {
        IMethodSymbol definition = call.Method.OriginalDefinition;
        for (int i = 0; i < call.Values.Length; i++)
        {
            if (!call.Values[i].IsNone && definition.Parameters[i].Type.TypeKind != TypeKind.Delegate)
                Collect(definition.Parameters[i].Type, call.Values[i], facts, 0);
        }
    }

    /// <summary>list.Add(x): the elements of a list made here now include x.</summary>
    private void AddToReceiver(CallSite call, Dictionary<ITypeParameterSymbol, Value> facts)
    {
        if (call.Receiver.Sites.Length == 0 || facts.Count == 0 || call.Method.IsStatic)
            return;
        Value added = Build(ElementParameter(call.Method.ContainingType.OriginalDefinition), facts, call.Operation, 320, 0);
        if (!added.IsNone)
            SetMember(call.Receiver, HeapObject.Elements, added);
    }

    private void InvokeFrameworkCallbacks(CallSite call, Dictionary<ITypeParameterSymbol, Value> facts)
    {
        IMethodSymbol definition = call.Method.OriginalDefinition;
        for (int i = 0; i < call.Values.Length; i++)
        {
            Value callee = call.Values[i];
            if (callee.IsNone || callee.Sites.Length == 0)
                continue;
            if (definition.Parameters[i].Type is not INamedTypeSymbol { DelegateInvokeMethod: { } invoke })
            {
                EscapeDelegates(callee, call.Operation);
                continue;
            }
            var arguments = new Value[invoke.Parameters.Length];
            for (int n = 0; n < arguments.Length; n++)
                arguments[n] = Build(invoke.Parameters[n].Type, facts, call.Operation, 340 + i * 16 + n, 0);
            IntMap? before = _state;
            Value result = InvokeDelegate(callee, arguments, call.Operation, null);
            _state = IntMap.Join(before, _state);
            if (!result.IsNone)
                Collect(invoke.ReturnType, result, facts, 0);
        }
    }

    private void WriteFrameworkReferences(CallSite call, Dictionary<ITypeParameterSymbol, Value> facts)
    {
        for (int i = 0; i < call.Places.Length; i++)
        {
            IParameterSymbol parameter = call.Method.Parameters[i];
            if (call.Places[i] is not { } place || parameter.RefKind is not (RefKind.Ref or RefKind.Out) || call.Arguments[i] is not { } argument || FrameworkMutators.OnlyReadsReference(call.Method))
                continue;
            Value value = Filter(Build(call.Method.OriginalDefinition.Parameters[i].Type, facts, call.Operation, 400 + i, 0), parameter.Type, call.Operation, 420 + i);
            Write(place, value, argument, call.Operation);
        }
    }

    private Value ConstructFramework(CallSite call, IObjectCreationOperation operation)
    {
        var type = (INamedTypeSymbol)operation.Type!;
        for (int i = 0; i < call.Values.Length; i++)
        {
            // A span, memory or read-only wrapper over an array is another view of it.
            if (!call.Values[i].IsNone && (_types.CarrierOf(type) == Carrier.View || type.Name.StartsWith("ReadOnly", StringComparison.Ordinal)))
                return Filter(call.Values[i], type, operation);
        }
        Dictionary<ITypeParameterSymbol, Value> facts = NewFacts(call.Method);
        CollectArguments(call, facts);
        InvokeFrameworkCallbacks(call, facts);
        WriteFrameworkReferences(call, facts);
        Value built = Build(type.OriginalDefinition, facts, operation, 0, 0);
        return built.Sites.Length > 0 ? built : NewSite(operation, 0, HeapObject.Fresh);
    }

    /// <summary>What the type parameters of a call stand for. Those that stand for numbers and text carry nothing: they are there from the start, as none.</summary>
    private Dictionary<ITypeParameterSymbol, Value> NewFacts(IMethodSymbol method)
    {
        var facts = new Dictionary<ITypeParameterSymbol, Value>(SymbolEqualityComparer.Default);
        Exclude(method.OriginalDefinition.TypeParameters, method.TypeArguments);
        Exclude(method.ContainingType.OriginalDefinition.TypeParameters, method.ContainingType.TypeArguments);
        return facts;

        void Exclude(ImmutableArray<ITypeParameterSymbol> parameters, ImmutableArray<ITypeSymbol> arguments)
        {
            for (int i = 0; i < parameters.Length && i < arguments.Length; i++)
            {
                if (_types.CarrierOf(arguments[i]) == Carrier.Nothing)
                    facts[parameters[i]] = Value.None;
            }
        }
    }

    /// <summary>Reads off which type parameter stands for what: <paramref name="formal"/> is matched against the value that was passed.</summary>
    private void Collect(ITypeSymbol formal, Value value, Dictionary<ITypeParameterSymbol, Value> facts, int depth)
    {
        if (value.IsNone || depth > 4)
            return;
        switch (formal)
        {
            case ITypeParameterSymbol p:
                if (!facts.TryGetValue(p, out Value? known))
                    facts[p] = value;
                else if (!known.IsNone)
                    facts[p] = known.Join(value);
                break;
            case IArrayTypeSymbol array:
                Collect(array.ElementType, Element(value), facts, depth + 1);
                break;
            case INamedTypeSymbol { IsGenericType: true } named when named.TypeKind != TypeKind.Delegate:
                if (IsTransparent(named))
                    Collect(named.TypeArguments[0], value, facts, depth + 1);
                else if (named.Name == "KeyValuePair")
                {
                    bool isPair = value.Sites.Length == 0 || value.Sites.Any(s => Heap(s).Knows("Value") || Heap(s).Others != 0);
                    Collect(named.TypeArguments[1], isPair ? Member(value, "Value") : value, facts, depth + 1);
                    Collect(named.TypeArguments[0], isPair ? Member(value, "Key") : Value.None, facts, depth + 1);
                }
                else if (named.IsTupleType || named.Name is "Tuple" or "ValueTuple")
                {
                    for (int i = 0; i < named.TypeArguments.Length; i++)
                        Collect(named.TypeArguments[i], Member(value, TupleMember(i)), facts, depth + 1);
                }
                else
                {
                    Value element = Element(value);
                    if (named.Name is "ILookup" or "Lookup")
                        element = Element(element);
                    ITypeSymbol? carried = ElementParameter(named);
                    if (carried is not null)
                        Collect(carried, element, facts, depth + 1);
                    // Keys of a shared dictionary are shared as well.
                    if (named.TypeArguments.Length == 2 && carried is not null && value.Mask != 0)
                        Collect(named.TypeArguments[0], Value.Of(Origins.Through(value.Mask)), facts, depth + 1);
                }
                break;
        }
    }

    /// <summary>The reverse: what a result of the type <paramref name="formal"/> holds.</summary>
    private Value Build(ITypeSymbol? formal, Dictionary<ITypeParameterSymbol, Value> facts, IOperation origin, int extra, int depth)
    {
        if (formal is null || facts.Count == 0 || depth > 4)
            return Value.None;
        switch (formal)
        {
            case ITypeParameterSymbol p:
                return facts.TryGetValue(p, out Value? value) ? value : Value.None;
            case IArrayTypeSymbol array:
                return Container(Build(array.ElementType, facts, origin, extra + 1000, depth + 1));
            case INamedTypeSymbol { IsGenericType: true } named when named.TypeKind != TypeKind.Delegate:
                if (IsTransparent(named))
                    return Build(named.TypeArguments[0], facts, origin, extra, depth + 1);
                if (named.Name == "KeyValuePair")
                {
                    Value key = Build(named.TypeArguments[0], facts, origin, extra + 1000, depth + 1);
                    Value item = Build(named.TypeArguments[1], facts, origin, extra + 2000, depth + 1);
                    return key.IsNone && item.IsNone ? Value.None : NewSite(origin, extra, HeapObject.Fresh.With("Key", key).With("Value", item));
                }
                if (named.IsTupleType || named.Name is "Tuple" or "ValueTuple")
                {
                    HeapObject tuple = HeapObject.Fresh;
                    for (int i = 0; i < named.TypeArguments.Length; i++)
                        tuple = tuple.With(TupleMember(i), Build(named.TypeArguments[i], facts, origin, extra + 1000 * (i + 1), depth + 1));
                    return tuple.Members.Count == 0 ? Value.None : NewSite(origin, extra, tuple);
                }
                Value element = Build(ElementParameter(named), facts, origin, extra + 1000, depth + 1);
                return named.Name is "ILookup" or "Lookup" ? Container(element.IsNone ? element : NewSite(origin, extra + 5000, HeapObject.Fresh.With(HeapObject.Elements, element))) : Container(element);
            default:
                return Value.None;
        }

        Value Container(Value element) => element.IsNone ? Value.None : NewSite(origin, extra, HeapObject.Fresh.With(HeapObject.Elements, element));
    }

    /// <summary>Wrappers of one value that we look through.</summary>
    private static bool IsTransparent(INamedTypeSymbol type) =>
        type.TypeArguments.Length == 1 && type.Name is "Task" or "ValueTask" or "Nullable" or "TaskAwaiter" or "ValueTaskAwaiter" or "ConfiguredTaskAwaitable" or "ConfiguredValueTaskAwaitable"
            or "ConfiguredTaskAwaiter" or "ConfiguredValueTaskAwaiter";

    /// <summary>The type argument that stands for the elements: the value of a dictionary, the element of everything else.</summary>
    private static ITypeSymbol? ElementParameter(INamedTypeSymbol type)
    {
        int count = type.TypeArguments.Length;
        if (count == 0)
            return null;
        return type.TypeArguments[count == 2 && type.Name is not ("PriorityQueue" or "OrderedParallelQuery") ? 1 : 0];
    }
}
