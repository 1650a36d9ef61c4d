using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// New objects: what a constructor, an initializer, a tuple or a collection expression puts into them.
internal sealed partial class MethodFlow
{
    private Value EvalObjectCreation(IObjectCreationOperation operation)
    {
        Value result;
        if (operation.Constructor is not { } constructor)
            result = NewSite(operation, 0, HeapObject.Fresh);
        else
        {
            var call = new CallSite(operation, constructor);
            ReadArguments(call, operation.Arguments);
            result = Construct(call, operation);
        }
        if (operation.Initializer is { } initializer)
        {
            Value outer = _implicitReceiver;
            _implicitReceiver = result;
            foreach (IOperation o in initializer.Initializers)
                Eval(o);
            _implicitReceiver = outer;
        }
        return _types.CarrierOf(operation.Type) == Carrier.Nothing ? Value.None : result;
    }

    private Value Construct(CallSite call, IObjectCreationOperation operation)
    {
        if (_types.IsFramework(operation.Type))
            return ConstructFramework(call, operation);
        Value site = NewSite(operation, 0, HeapObject.Fresh);
        if (_session.Summaries.CanSummarize(call.Method))
        {
            CallWithBody(call);
            Value built = Instantiate(Ask(call.Method).Constructed, call.Argument, operation, 160);
            return built.Sites.Length > 0 ? built : site;
        }
        if (PrimaryConstructor.Of(call.Method, _session) is not null)
        {
            RunPrimaryConstructor(call, site);
            return site;
        }
        HeapObject content = HeapObject.Fresh;
        for (int i = 0; i < call.Values.Length; i++)
        {
            // Positional records: the parameter becomes the property of its name.
            if (!call.Values[i].IsNone && _types.IsRecord(call.Method.ContainingType) && call.Method.Parameters.Length > 0
                && call.Method.ContainingType.GetMembers(call.Method.Parameters[i].Name).Any(static m => m is IPropertySymbol))
                content = content.With(call.Method.Parameters[i].Name, call.Values[i]);
        }
        SetHeap(SiteOf(operation, 0), content);
        CallOutOfSight(call);
        return site;
    }

    /// <summary>
    /// Runs what a primary constructor does with its arguments: each is kept under its own name, becomes the property of a positional record,
    /// and goes through the initializers that use it. Nothing is reported here: the initializers are looked at as members of their own.
    /// </summary>
    private void RunPrimaryConstructor(CallSite call, Value site)
    {
        IMethodSymbol constructor = call.Method.OriginalDefinition;
        for (int i = 0; i < call.Values.Length; i++)
        {
            SetMember(site, PrimaryConstructor.Captured(constructor.Parameters[i]), call.Values[i]);
            if (_types.IsRecord(constructor.ContainingType))
                SetMember(site, constructor.Parameters[i].Name, call.Values[i]);
            SetVariable(constructor.Parameters[i], call.Values[i], constructor.Parameters[i]);
        }
        if (_nesting >= MaxNesting || call.Values.All(static v => v.IsNone))
            return;
        int self = Id(this, Kind.Variable);
        (FlowFact? outerSelf, bool outerFinal) = (Get(self), _final);
        SetFact(self, site);
        _final = false;
        _nesting++;
        PassToBase(call, PrimaryConstructor.BaseCall(PrimaryConstructor.Of(constructor, _session)!, _session, _cancellationToken), outerFinal);
        foreach (ControlFlowGraph graph in PrimaryConstructor.Initializers(PrimaryConstructor.Of(constructor, _session)!, _session, _cancellationToken))
            RunGraph(graph, isRoot: false);
        _nesting--;
        _final = outerFinal;
        SetFact(self, outerSelf ?? Value.None);
    }

    /// <summary>class Derived(Order o) : Base(o): what the constructor of the base does to the arguments, it does to ours.</summary>
    private void PassToBase(CallSite call, IInvocationOperation? initializer, bool final)
    {
        if (initializer is null || !_session.Summaries.CanSummarize(initializer.TargetMethod))
            return;
        Summary summary = Ask(initializer.TargetMethod);
        ulong mutated = 0;
        foreach (IArgumentOperation argument in initializer.Arguments)
        {
            Value value = Eval(argument.Value);
            int index = (argument.Parameter?.Ordinal ?? -1) + 1;
            if (index > 0 && (summary.Mutates & Origins.Self(index)) != 0)
                mutated |= value.Mask;
            if (index > 0 && (summary.Mutates & Origins.Inner(index)) != 0)
                mutated |= Origins.Through(value.Mask) | Reach(value);
        }
        _final = final;
        PassToMutator(mutated, call.Arguments.FirstOrDefault(static a => a is not null)?.Syntax ?? call.Operation.Syntax, call);
        _final = false;
    }

    /// <summary>: this(…) and : base(…) fill members of the object under construction.</summary>
    private void CopyConstructed(CallSite call, Summary summary)
    {
        if (summary.Constructed.Members is not { } members)
            return;
        foreach (KeyValuePair<string, Shape> member in members.OrderBy(static m => m.Key, StringComparer.Ordinal))
            SetMember(call.Receiver, member.Key, Instantiate(member.Value, call.Argument, call.Operation, 180));
    }

    private Value EvalAnonymousObject(IAnonymousObjectCreationOperation operation)
    {
        HeapObject content = HeapObject.Fresh;
        Value outer = _implicitReceiver;
        foreach (IOperation initializer in operation.Initializers)
        {
            if (initializer is ISimpleAssignmentOperation { Target: IPropertyReferenceOperation property } assignment)
                content = content.With(property.Property.Name, Eval(assignment.Value));
            else
                Eval(initializer);
        }
        _implicitReceiver = outer;
        return NewSite(operation, 0, content);
    }

    private Value EvalArray(IOperation origin, IArrayInitializerOperation? initializer)
    {
        Value elements = Value.None;
        if (initializer is not null)
        {
            foreach (IOperation element in initializer.ElementValues)
                elements = elements.Join(element is IArrayInitializerOperation nested ? EvalArray(nested, nested) : Eval(element));
        }
        return NewSite(origin, 0, HeapObject.Fresh.With(HeapObject.Elements, elements));
    }

    private Value EvalTuple(ITupleOperation operation)
    {
        HeapObject content = HeapObject.Fresh;
        bool any = false;
        for (int i = 0; i < operation.Elements.Length; i++)
        {
            Value element = Eval(operation.Elements[i]);
            any |= !element.IsNone;
            content = content.With(TupleMember(i), element);
        }
        return any ? NewSite(operation, 0, content) : Value.None;
    }

    private static string TupleMember(int index) => "Item" + (index + 1).ToString(System.Globalization.CultureInfo.InvariantCulture);

    private Value EvalCollectionExpression(IOperation operation)
    {
        Value elements = Value.None;
        foreach (IOperation child in operation.ChildOperations)
        {
            if (child.Syntax is SpreadElementSyntax)
            {
                foreach (IOperation spread in child.ChildOperations)
                    elements = elements.Join(Filter(Element(Eval(spread)), _types.ElementType(operation.Type), child));
            }
            else
                elements = elements.Join(Eval(child));
        }
        return NewSite(operation, 0, HeapObject.Fresh.With(HeapObject.Elements, elements));
    }

    /// <summary><c>array[1..]</c> and <c>list[1..]</c> are new collections of the same elements; a range of a span is a view.</summary>
    private Value CopyOfRange(Value sequence, IOperation operation)
    {
        Value element = Element(sequence);
        return element.IsNone ? Value.None : NewSite(operation, 0, HeapObject.Fresh.With(HeapObject.Elements, Filter(element, _types.ElementType(operation.Type), operation, 1)));
    }
}
