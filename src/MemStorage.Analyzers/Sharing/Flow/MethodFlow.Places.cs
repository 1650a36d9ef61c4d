using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Places: what an assignment writes to. The owner of a place is the object whose memory changes.
internal sealed partial class MethodFlow
{
    private readonly struct Place
    {
        public ISymbol? Variable { get; init; }

        public ISymbol? MemberSymbol { get; init; }

        /// <summary>The object whose memory a write changes. For a field of a struct in a field of an object that is the object.</summary>
        public Value Owner { get; init; }

        /// <summary>The object or struct that has the member <see cref="Name"/>.</summary>
        public Value Holder { get; init; }

        public string? Name { get; init; }

        public bool IsRef { get; init; }

        /// <summary>The flow capture that stands for the place; 0: none.</summary>
        public int Capture { get; init; }

        public static Place Nowhere => new() { Owner = Value.None, Holder = Value.None };
    }

    private Place ResolvePlace(IOperation? operation)
    {
        if (operation is null || !EnterDeep())
            return Place.Nowhere;
        Place place = ResolveCore(operation);
        _depth--;
        return place;
    }

    private Place ResolveCore(IOperation operation)
    {
        switch (operation)
        {
            case ILocalReferenceOperation o:
                return OfVariable(o.Local, o.Local.RefKind != RefKind.None);
            case IParameterReferenceOperation o:
                return OfVariable(o.Parameter, isRef: false);
            case IInstanceReferenceOperation o:
                Value self = Eval(o);
                return new Place { Owner = o.Type is { IsValueType: true } ? self : Value.None, Holder = self };
            case IFieldReferenceOperation o:
                return OfMember(o.Instance, o.Field, o.Field.IsStatic, MemberName(o.Field));
            case IPropertyReferenceOperation o:
                Place p = OfMember(o.Instance, o.Property, o.Property.IsStatic, o.Property.IsIndexer ? HeapObject.Elements : o.Property.Name);
                foreach (IArgumentOperation argument in o.Arguments)
                    Eval(argument.Value);
                return p;
            case IEventReferenceOperation o:
                return OfMember(o.Instance, o.Event, o.Event.IsStatic, o.Event.Name);
            case IArrayElementReferenceOperation o:
                Value array = Eval(o.ArrayReference);
                foreach (IOperation index in o.Indices)
                    Eval(index);
                return OfElement(array);
            case IImplicitIndexerReferenceOperation o:
                Value sequence = Eval(o.Instance);
                Eval(o.Argument);
                return OfElement(sequence);
            case IInlineArrayAccessOperation o:
                Place inline = OfMember(o.Instance, null, isStatic: false, HeapObject.Elements);
                Eval(o.Argument);
                return inline;
            case IDynamicMemberReferenceOperation o:
                Value target = Eval(o.Instance);
                return new Place { Owner = target, Holder = target, Name = o.MemberName };
            case IDynamicIndexerAccessOperation o:
                Value indexed = Eval(o.Operation);
                foreach (IOperation argument in o.Arguments)
                    Eval(argument);
                return OfElement(indexed);
            case IFlowCaptureReferenceOperation o:
                Value owner = Get(CaptureId(o.Id, Kind.CaptureOwner)) as Value ?? Value.None;
                Value held = Get(CaptureId(o.Id, Kind.Capture)) as Value ?? Value.None;
                return new Place { Owner = owner, Holder = held, Capture = CaptureId(o.Id, Kind.Capture) };
            case IDeclarationExpressionOperation o:
                return ResolvePlace(o.Expression);
            case IParenthesizedOperation o:
                return ResolvePlace(o.Operand);
            case IConversionOperation { OperatorMethod: null } o:
                return ResolvePlace(o.Operand);
            case IInvocationOperation { TargetMethod: { ReturnsByRef: true } or { ReturnsByRefReadonly: true } } o:
                Value result = Eval(o);
                return new Place { Owner = o.TargetMethod.ReturnsByRef ? _refOwner : Value.None, Holder = result };
            default:
                Value value = Eval(operation);
                return new Place { Owner = Value.None, Holder = value };
        }
    }

    private Place OfVariable(ISymbol variable, bool isRef) => new()
    {
        Variable = variable,
        Owner = isRef ? Get(Id(variable, Kind.RefOwner)) as Value ?? Value.None : Value.None,
        Holder = Value.None,
        IsRef = isRef,
    };

    /// <summary>The parameter of an extension block belongs to the block, not to the method: it is the receiver.</summary>
    private Value ParameterValue(IParameterSymbol parameter)
    {
        if (Get(Id(parameter, Kind.Variable)) is Value known)
            return known;
        if (parameter.ContainingSymbol is INamedTypeSymbol)
            return Self();
        // A parameter of the primary constructor in another member: the object has kept it.
        return parameter.ContainingSymbol is IMethodSymbol { MethodKind: MethodKind.Constructor } constructor && !SymbolEqualityComparer.Default.Equals(constructor, _method)
            ? Filter(Member(Self(), PrimaryConstructor.Captured(parameter)), parameter.Type, parameter)
            : Value.None;

        Value Self() => Get(Id(this, Kind.Variable)) as Value ?? Value.None;
    }

    private static string MemberName(ISymbol symbol) => symbol switch
    {
        IFieldSymbol field => MemberName(field),
        IParameterSymbol parameter => PrimaryConstructor.Captured(parameter),
        _ => symbol.Name,
    };

    private static Place OfElement(Value sequence) => new() { Owner = sequence, Holder = sequence, Name = HeapObject.Elements };

    private Place OfMember(IOperation? instance, ISymbol? member, bool isStatic, string name)
    {
        if (instance is null || isStatic)
        {
            Value statics = Value.Of(Origins.Self(Origins.StaticIndex));
            return new Place { Owner = isStatic ? statics : Value.None, Holder = isStatic ? statics : Value.None, Name = name, MemberSymbol = member };
        }
        if (instance.Type is { IsValueType: true } type && _types.CarrierOf(type) != Carrier.View)
        {
            // A member of a struct lies inside whatever holds the struct.
            Place inner = ResolvePlace(instance);
            Value holder = Read(inner, instance);
            if (holder.Sites.Length == 0 && inner.Variable is { } variable && inner.Owner.IsNone && _types.CarrierOf(type) == Carrier.Struct)
            {
                holder = NewSite(variable, 5, HeapObject.CopyOf(Origins.Through(holder.Mask)), holder.Mask);
                SetFact(Id(variable, Kind.Variable), holder);
            }
            Value owner = inner.Owner;
            if (inner.Variable is IParameterSymbol { RefKind: RefKind.Ref } byRef)
                owner = owner.Join(Value.Of(Origins.Self(byRef.ContainingSymbol is INamedTypeSymbol ? Origins.ThisIndex : byRef.Ordinal + 1)));
            return new Place { Owner = owner, Holder = holder, Name = name, MemberSymbol = member };
        }
        Value target = Eval(instance);
        return new Place { Owner = target, Holder = target, Name = name, MemberSymbol = member };
    }

    private static string MemberName(IFieldSymbol field)
    {
        IFieldSymbol f = field.CorrespondingTupleField ?? field;
        return f.AssociatedSymbol is IPropertySymbol p ? p.Name : f.Name;
    }

    private Value Read(Place place, IOperation operation)
    {
        if (place.Variable is { } variable)
            return Used(variable is IParameterSymbol p ? ParameterValue(p) : GetVariable(variable), operation);
        if (place.Capture != 0)
            return place.Holder;
        if (place.MemberSymbol is { } member && _session.Sources.IsSharedMember(member))
            return Filter(Value.Of(SourceBit(operation, member.Name)), operation.Type, operation);
        if (place.Name is null)
            return place.Holder;
        if (place.MemberSymbol is { IsStatic: true })
            return Filter(place.Holder, operation.Type, operation);
        if (place.Holder.IsNone)
            return Value.None;
        if (place.MemberSymbol is IPropertySymbol property)
            return ReadProperty(place, property, operation);
        return Filter(MemberOrNew(place.Holder, place.Name, operation), operation.Type, operation);
    }

    /// <summary>
    /// A member of an object made here that nobody has assigned yet: the object's own part. It gets an identity, so that what is put into it is
    /// found again (holder.List.Add(x); holder.List[0]).
    /// </summary>
    private Value MemberOrNew(Value holder, string name, IOperation operation)
    {
        Value value = Member(holder, name);
        if (!value.IsNone || holder.Mask != 0 || holder.Sites.Length != 1 || name == HeapObject.Elements || _types.CarrierOf(operation.Type) != Carrier.Reference || Heap(holder.Sites[0]).Knows(name))
            return value;
        value = NewSite((holder.Sites[0], name), 0, HeapObject.Fresh);
        SetMember(holder, name, value);
        return value;
    }

    private Value ReadProperty(Place place, IPropertySymbol property, IOperation operation)
    {
        if (property.GetMethod is not { } getter)
            return Value.None;
        // A getter that only returns a field is that field: what was put into another member does not matter.
        if (place.Holder.Sites.Length > 0 && !property.IsIndexer && _session.Summaries.Forwarded(getter, _cancellationToken) is { } forwarded && !IsOverridable(getter, null))
            return Filter(MemberOrNew(place.Holder, MemberName(forwarded), operation), operation.Type, operation);
        // A computed property of this compilation may return something new (a copy, a filtered list): ask its summary.
        if (_session.Summaries.CanSummarize(getter) && Ask(getter) is { IsEmptyBody: false } summary)
        {
            return Filter(Instantiate(summary.Return, i => i == Origins.ThisIndex ? place.Holder : Value.None, operation, 20), operation.Type, operation);
        }
        bool framework = _types.IsFramework(property.ContainingType);
        // TaskCompletionSource.Task: a transparent wrapper of what was put in.
        if (framework && property.Type is INamedTypeSymbol { IsGenericType: true } wrapper && IsTransparent(wrapper) && wrapper.Name != "Nullable" && place.Holder.Mask == 0)
            return Filter(Element(place.Holder), operation.Type, operation);
        if (framework && property.ContainingType.IsGenericType && IsTransparent(property.ContainingType))
            return Filter(place.Holder, operation.Type, operation);
        ITypeSymbol declared = property.OriginalDefinition.Type;
        Value value = place.Holder;
        if (framework && !property.IsIndexer && property.ContainingType.IsGenericType && declared is not ITypeParameterSymbol && !value.Sites.Any(s => Heap(s).Knows(property.Name)))
        {
            // Keys, Values, Span, First (a node): another view of the same elements.
            return Filter(value.Sites.Length == 0 ? Member(value, property.Name) : value, operation.Type, operation);
        }
        string name = framework && declared is ITypeParameterSymbol && !value.Sites.Any(s => Heap(s).Knows(property.Name)) ? HeapObject.Elements : place.Name!;
        return Filter(framework ? Member(value, name) : MemberOrNew(value, name, operation), operation.Type, operation);
    }

    /// <summary>An assignment. <paramref name="target"/> is what is reported, <paramref name="origin"/> identifies the copy of a struct.</summary>
    private void Write(Place place, Value value, IOperation target, IOperation origin)
    {
        if (place.Variable is { } variable)
        {
            if (place.IsRef)
            {
                Mutate(place.Owner, target, target);
                SetFact(Id(variable, Kind.Variable), GetVariable(variable).Join(value));
                return;
            }
            SetVariable(variable, value, origin);
            if (variable is IParameterSymbol { RefKind: RefKind.Ref or RefKind.Out } byRef && SymbolEqualityComparer.Default.Equals(byRef.ContainingSymbol, _method))
            {
                if (_final)
                    _summary.RefWrites |= 1UL << Math.Min(63, byRef.Ordinal + 1);
                CheckOutParameter(byRef, value, target);
            }
            CheckScopedLeak(variable, value, target);
            return;
        }
        if (place.Capture != 0)
        {
            WriteCaptured(place, value, target, origin);
            return;
        }
        Mutate(place.Owner, target, target, place.Name);
        if (place.Name is null)
            return;
        SetMember(place.Holder, place.Name, CopyIfStruct(value, target.Type, origin));
        CheckStore(place, value, target);
        CheckSetter(place, value, target, origin);
        EscapeDelegates(value, origin);
    }

    /// <summary>A setter with a body may change what it is given.</summary>
    private void CheckSetter(Place place, Value value, IOperation target, IOperation origin)
    {
        if (!_final || value.Mask == 0 || place.MemberSymbol is not IPropertySymbol { IsIndexer: false, SetMethod: { } setter } || IsOverridable(setter, (target as IPropertyReferenceOperation)?.Instance) || !_session.Summaries.CanSummarize(setter))
            return;
        Summary summary = Ask(setter);
        ulong mutated = ((summary.Mutates & Origins.Self(1)) != 0 ? value.Mask : 0) | ((summary.Mutates & Origins.Inner(1)) != 0 ? Origins.Through(value.Mask) : 0);
        PassToMutator(mutated, origin.Syntax, new CallSite(target, setter));
    }

    private void WriteCaptured(Place place, Value value, IOperation target, IOperation origin)
    {
        Mutate(place.Owner, target, target);
        if (!_captured.TryGetValue(place.Capture, out List<IOperation>? captured))
            return;
        foreach (IOperation operation in captured)
        {
            switch (operation)
            {
                case ILocalReferenceOperation { Local.RefKind: RefKind.None } local:
                    Value now = captured.Count == 1 ? value : GetVariable(local.Local).Join(value);
                    SetVariable(local.Local, now, origin);
                    CheckScopedLeak(local.Local, value, target);
                    break;
                case IParameterReferenceOperation parameter:
                    SetVariable(parameter.Parameter, captured.Count == 1 ? value : GetVariable(parameter.Parameter).Join(value), origin);
                    break;
                case IFieldReferenceOperation f:
                    CheckStore(new Place { Owner = place.Owner, Holder = place.Owner, Name = f.Field.Name, MemberSymbol = f.Field }, value, target);
                    SetMember(place.Owner, MemberName(f.Field), value);
                    break;
                case IPropertyReferenceOperation p:
                    string name = p.Property.IsIndexer ? HeapObject.Elements : p.Property.Name;
                    CheckStore(new Place { Owner = place.Owner, Holder = place.Owner, Name = name, MemberSymbol = p.Property }, value, target);
                    SetMember(place.Owner, name, value);
                    break;
            }
        }
    }
}
