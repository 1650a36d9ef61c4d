using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>What calls do: reads and writes of the store, and methods that change what they are given.</summary>
internal sealed partial class FlowEvaluator
{
    private readonly List<ReadSite> _sites = [];
    private readonly Dictionary<IInvocationOperation, int> _siteOf = [];
    private readonly Dictionary<IInvocationOperation, StoreCall> _calls = [];
    private readonly Dictionary<IInvocationOperation, Place> _results = [];
    private readonly Dictionary<IParameterSymbol, bool> _changesParameter = new(SymbolEqualityComparer.Default);

    public IReadOnlyList<ReadSite> Sites => _sites;

    public bool HasWrites { get; private set; }

    public FlowState State => _state;

    public BasicBlock Block => _block;

    public Place? PlaceOf(IOperation? operation) => Place.TryCreate(operation, _symbols, _captures);

    public KeyRef? KeyOf(StoreCall call) => KeyRef.TryCreate(call.Key, _symbols, _captures);

    private void AddCall(IInvocationOperation invocation, StoreCall call)
    {
        _calls[invocation] = call;
        if (call.Kind is StoreCallKind.Write or StoreCallKind.Delete)
        {
            HasWrites = true;
            return;
        }
        _siteOf[invocation] = _sites.Count;
        ITypeSymbol? entity = call.Typed ? EntityOf(invocation.TargetMethod.ContainingType) : call.OutValues.FirstOrDefault()?.Parameter?.Type ?? invocation.Type;
        var site = new ReadSite(call, PlaceOf(invocation.Instance), call.Kind == StoreCallKind.Read ? KeyOf(call) : null, entity);
        foreach (ISymbol symbol in (site.Key?.Symbols ?? []).Concat(site.Store?.Symbols ?? []).Distinct(SymbolEqualityComparer.Default).OfType<ISymbol>())
        {
            if (!_dependents.TryGetValue(symbol, out List<int>? dependents))
                _dependents.Add(symbol, dependents = []);
            dependents.Add(_sites.Count);
        }
        _sites.Add(site);
    }

    private ITypeSymbol? EntityOf(INamedTypeSymbol repository)
    {
        foreach (INamedTypeSymbol i in repository.AllInterfaces.Add(repository))
        {
            if (_symbols.Known.RepositoryInterface.Contains(i.OriginalDefinition))
                return i.TypeArguments[1];
        }
        return null;
    }

    private FlowValue Invoke(IInvocationOperation invocation)
    {
        if (_calls.TryGetValue(invocation, out StoreCall? call))
            return call.Kind is StoreCallKind.Write or StoreCallKind.Delete ? Write(call) : Read(call);

        FlowValue instance = Evaluate(invocation.Instance);
        FlowValue all = invocation.Instance is null ? FlowValue.Unknown : AsData(instance);
        FlowValue? first = null;
        foreach (IArgumentOperation argument in invocation.Arguments)
        {
            FlowValue value = Evaluate(argument.Value);
            first ??= value;
            all = all.Join(AsData(value));
            if (invocation.TargetMethod.Name == "ForEach" && argument.Value is IDelegateCreationOperation { Target: IFlowAnonymousFunctionOperation lambda })
                ChangeCaptured(lambda.Symbol);
            Pass(argument, value);
        }
        if (invocation.TargetMethod.MethodKind == MethodKind.LocalFunction)
            ChangeCaptured(invocation.TargetMethod);
        if (invocation.Instance is { } receiver && Root(receiver) is { } root)
        {
            if (!instance.Facts.IsEmpty && Mutates(invocation.TargetMethod))
                MarkChanged(root, null);
            // a method of the entity may do anything to its version
            if (root is ISymbol symbol && !instance.Facts.IsEmpty && invocation.TargetMethod.Name != "<Clone>$")
                ForgetVersionsOf(symbol);
        }
        string name = invocation.TargetMethod.Name;
        if (name == "<Clone>$")
            return instance.Map(static f => f.Form is Form.Entity or Form.Copy ? f with { Form = Form.Copy } : f);
        if (name is "MoveNext" or "MoveNextAsync")
            return FlowValue.Unknown; // whether there is one more says nothing about what it is
        if (_symbols.IsItem(invocation.TargetMethod.ContainingType) && _symbols.IsStoredItem(invocation.Type))
            return instance; // WithTTL and its kind keep the version
        if (name is "ConfigureAwait" or "AsTask" or "GetAwaiter" or "GetResult" or "GetEnumerator" or "GetAsyncEnumerator" or "WaitAsync" && !instance.Facts.IsEmpty)
            return instance;
        if (invocation.TargetMethod.IsExtensionMethod && first is not null && first.Facts.Any(static f => f.Form == Form.Many))
            return Sequence(name, first, invocation.Type);
        return all;
    }

    /// <summary>What a lambda or local function assigns, of variables that it captured, is changed once it has run.</summary>
    private void ChangeCaptured(IMethodSymbol function)
    {
        foreach (IOperation assignment in _scan.Assignments)
        {
            IOperation target = assignment switch
            {
                IAssignmentOperation a => a.Target,
                IIncrementOrDecrementOperation counted => counted.Target,
                _ => assignment,
            };
            if (target is IMemberReferenceOperation { Instance: { } instance } member && Root(instance) is ISymbol root
                && SymbolEqualityComparer.Default.Equals(FunctionOf(assignment), function) && !SymbolEqualityComparer.Default.Equals(root.ContainingSymbol, function))
                MarkChanged(root, member.Member);
        }
    }

    private static IMethodSymbol? FunctionOf(IOperation operation)
    {
        for (IOperation? o = operation.Parent; o is not null; o = o.Parent)
        {
            switch (o)
            {
                case IAnonymousFunctionOperation lambda:
                    return lambda.Symbol;
                case ILocalFunctionOperation local:
                    return local.Symbol;
            }
        }
        return null;
    }

    /// <summary>LINQ over what was read.</summary>
    private FlowValue Sequence(string name, FlowValue source, ITypeSymbol? type)
    {
        switch (name)
        {
            case "Where" or "SkipWhile" or "TakeWhile":
                foreach (Fact fact in source.Facts)
                    _state.Decided.Add(fact.Read);
                return source;
            case "OrderBy" or "OrderByDescending" or "ThenBy" or "ThenByDescending" or "Order" or "Take" or "Skip" or "ToList" or "ToArray" or "AsEnumerable" or "Reverse":
                return source;
            case "First" or "FirstOrDefault" or "Single" or "SingleOrDefault" or "Last" or "LastOrDefault" or "ElementAt" or "MinBy" or "MaxBy":
                return ElementOf(source, type);
            default:
                return AsData(source);
        }
    }

    private void Pass(IArgumentOperation argument, FlowValue value)
    {
        IOperation target = argument.Value is IDeclarationExpressionOperation declaration ? declaration.Expression : argument.Value;
        object? root = Root(target);
        if (argument.Parameter is { RefKind: RefKind.Out or RefKind.Ref })
        {
            if (target is ILocalReferenceOperation or IParameterReferenceOperation && root is ISymbol variable)
                Bind(variable, FlowValue.Unknown, null);
            else if (root is not null)
                MarkChanged(root, (target as IMemberReferenceOperation)?.Member);
            return;
        }
        if (root is ISymbol passed)
            ForgetVersionsOf(passed);
        if (root is not null && argument.Parameter is { } parameter && value.Facts.Any(static f => f.Form is Form.Entity or Form.Copy or Form.Part) && ChangesParameter(parameter))
            MarkChanged(root, null);
    }

    /// <summary>Versions that stand inside an object may be new once somebody else had it in hand.</summary>
    private void ForgetVersionsOf(ISymbol owner)
    {
        if (_state.Used.Count == 0)
            return;
        foreach (Place place in _state.Used.Keys.ToList())
        {
            if (!place.IsVariable && SymbolEqualityComparer.Default.Equals(place.Root, owner))
                _state.Used.Remove(place);
        }
    }

    private FlowValue Read(StoreCall call)
    {
        int site = _siteOf[call.Invocation];
        Evaluate(call.Invocation.Instance);
        foreach (IArgumentOperation argument in call.Invocation.Arguments)
        {
            if (argument.Parameter?.RefKind != RefKind.Out)
                Evaluate(argument.Value);
        }
        // what an earlier turn of a loop read is another value
        _work += _state.MapHolders(site, v => v.Without(site));
        _state.Stale.Remove(site);
        _state.Decided.Remove(site);
        var read = FlowValue.Of(new Fact(site, call.Kind == StoreCallKind.ReadMany ? Form.Many : Form.Entity));
        foreach (IArgumentOperation result in call.OutValues)
            BindOut(result, read);
        if (call.OutVersion is { } version)
            BindOut(version, call.Name == "TryGetVersion" ? FlowValue.Of(new Fact(site, Form.Version)) : FlowValue.Unknown);
        return call.OutValues.IsEmpty && call.OutVersion is null ? read : FlowValue.Unknown;
    }

    private void BindOut(IArgumentOperation argument, FlowValue value)
    {
        IOperation target = argument.Value is IDeclarationExpressionOperation declaration ? declaration.Expression : argument.Value;
        switch (target)
        {
            case ILocalReferenceOperation local:
                Bind(local.Local, value, null);
                break;
            case IParameterReferenceOperation parameter:
                Bind(parameter.Parameter, value, null);
                break;
            case IMemberReferenceOperation member:
                Forget(member.Member);
                break;
        }
    }

    private FlowValue Write(StoreCall call)
    {
        Evaluate(call.Invocation.Instance);
        var values = new Dictionary<IOperation, FlowValue>();
        foreach (IArgumentOperation argument in call.Invocation.Arguments)
        {
            if (argument.Parameter?.RefKind != RefKind.Out)
                values[argument.Value] = Evaluate(argument.Value);
        }
        FlowValue entity = Value(call.Value), version = Value(call.Version);
        FlowValue key = call.Key.Length == 1 ? Value(call.Key[0]) : FlowValue.Unknown;
        Place? versionPlace = VersionPlace(call);
        ISymbol? owner = Root(call.Value) as ISymbol ?? (versionPlace is { IsVariable: false } ? versionPlace.Root : null);
        KeyRef? writtenKey = KeyOf(call) ?? KeyOfEntity(entity);
        if (_reports is { } reports)
            reports.OnWrite(call, this, new WriteFacts(entity, version, key, versionPlace, owner, writtenKey));

        if (versionPlace is not null && call.Compares)
        {
            _results[call.Invocation] = versionPlace;
            bool renewed = Root(call.Value) is ISymbol written && SymbolEqualityComparer.Default.Equals(versionPlace.Root, written) && !versionPlace.IsVariable;
            if (!renewed)
                _state.Used[versionPlace] = new UsedVersion(call, call.Invocation.Syntax.GetLocation().GetLineSpan().StartLinePosition.Line + 1, owner, writtenKey);
        }
        if (Root(call.Value) is ISymbol stored)
        {
            ForgetVersionsOf(stored);
            // once written, it is what the store holds: a second write of it is not a second lost update
            if (!call.Compares)
                _state[stored] = FlowValue.Unknown;
        }
        if (call.OutVersion is { } newVersion)
            BindOut(newVersion, FlowValue.Unknown);
        return FlowValue.Unknown;

        FlowValue Value(IOperation? operation) => operation is not null && values.TryGetValue(operation, out FlowValue? value) ? value : FlowValue.Unknown;
    }

    /// <summary>The key under which an entity was read, when there is only one.</summary>
    private KeyRef? KeyOfEntity(FlowValue entity)
    {
        KeyRef? key = null;
        foreach (Fact fact in entity.Facts)
        {
            if (fact.Form is not (Form.Entity or Form.Copy) || _state.Stale.Contains(fact.Read))
                continue;
            if (key is not null && !key.Equals(_sites[fact.Read].Key))
                return null;
            key = _sites[fact.Read].Key;
        }
        return key;
    }

    /// <summary>Where the version that a write compares stands: a variable, or the version member of the original of a copy.</summary>
    private Place? VersionPlace(StoreCall call)
    {
        if (call.Version is { } version)
        {
            Place? place = PlaceOf(version);
            return place is { Root: ILocalSymbol or IParameterSymbol } && !_shared.Contains(place.Root) ? place : null;
        }
        IOperation? value = call.Value;
        while (value is IConversionOperation conversion)
            value = conversion.Operand;
        if (value is IFlowCaptureReferenceOperation capture && _copies.TryGetValue(capture.Id, out Place? original) && original.Root is ILocalSymbol or IParameterSymbol)
            return VersionMember(value.Type) is { } member ? original.Append(member) : null;
        return null;
    }

    /// <summary>The version of what was read, as an expression, where exactly one variable holds it unaltered.</summary>
    public string? VersionOf(int read)
    {
        string? member = _symbols.IsItem(_sites[read].Entity) ? "Version" : VersionMember(_sites[read].Entity)?.Name;
        List<object> holders = _state.Holding(new Fact(read, Form.Entity)).Where(static v => v is ILocalSymbol or IParameterSymbol).ToList();
        return member is not null && holders.Count == 1 ? $"{((ISymbol)holders[0]).Name}.{member}" : null;
    }

    public string? VersionMemberName(ITypeSymbol? type) => VersionMember(type)?.Name;

    private ISymbol? VersionMember(ITypeSymbol? type)
    {
        for (; type is not null; type = type.BaseType)
        {
            if (type.GetMembers().FirstOrDefault(_symbols.IsEntityVersion) is { } member)
                return member;
        }
        return null;
    }

    /// <summary>Whether a method of a part of an entity is known to change it: by its contract, its name, or because it returns nothing.</summary>
    private bool Mutates(IMethodSymbol method)
    {
        if (method.IsStatic || method.IsReadOnly || method.HasContract(_symbols.Known.PureAttribute))
            return false;
        if (method.HasContract(_symbols.Known.MutatesAttribute))
            return true;
        INamedTypeSymbol type = method.ContainingType;
        if (type.SpecialType != SpecialType.None && type.SpecialType != SpecialType.System_Collections_Generic_ICollection_T && type.SpecialType != SpecialType.System_Collections_Generic_IList_T)
            return false;
        if (type.IsReadOnly || type.ContainingNamespace?.Name is "Immutable" or "Frozen")
            return false;
        if (method.ReturnsVoid)
            return method.Name is not ("CopyTo" or "Dispose" or "WriteTo" or "Print" or "Deconstruct" or "GetObjectData");
        return method.Name is "Add" or "Remove" or "RemoveAll" or "TryAdd" or "TryRemove" or "Push" or "Pop" or "Enqueue" or "Dequeue" or "AddLast" or "AddFirst" or "Append";
    }

    /// <summary>Whether a method whose source is in sight assigns a member of its parameter. One level, by the text; more would be a guess.</summary>
    private bool ChangesParameter(IParameterSymbol parameter)
    {
        parameter = (IParameterSymbol)parameter.OriginalDefinition;
        if (_changesParameter.TryGetValue(parameter, out bool known))
            return known;
        return _changesParameter[parameter] = Decide();

        bool Decide()
        {
            if (parameter.GetAttributes().HasAny(_symbols.Known.MutatesAttribute))
                return true;
            if (parameter.ContainingSymbol is not IMethodSymbol { IsAbstract: false, IsVirtual: false } method || parameter.Type.IsValueType
                || _symbols.Known.Compilation.DeclarationsOf(method).FirstOrDefault() is not { } reference)
                return false;
            foreach (SyntaxNode node in reference.GetSyntax(_scan.CancellationToken).DescendantNodes())
            {
                ExpressionSyntax? target = node switch
                {
                    AssignmentExpressionSyntax { Parent: not InitializerExpressionSyntax } assignment => assignment.Left,
                    PostfixUnaryExpressionSyntax unary when unary.IsKind(SyntaxKind.PostIncrementExpression) || unary.IsKind(SyntaxKind.PostDecrementExpression) => unary.Operand,
                    PrefixUnaryExpressionSyntax unary when unary.IsKind(SyntaxKind.PreIncrementExpression) || unary.IsKind(SyntaxKind.PreDecrementExpression) => unary.Operand,
                    _ => null,
                };
                while (target is MemberAccessExpressionSyntax or ElementAccessExpressionSyntax)
                {
                    target = target is MemberAccessExpressionSyntax member ? member.Expression : ((ElementAccessExpressionSyntax)target).Expression;
                    if (target is IdentifierNameSyntax name && name.Identifier.ValueText == parameter.Name)
                        return true;
                }
            }
            return false;
        }
    }
}

/// <summary>What is known at a write.</summary>
/// <param name="Entity">Of what is written.</param>
/// <param name="Version">Of the version that is compared.</param>
/// <param name="Key">Of the key argument.</param>
/// <param name="VersionPlace">Where the version stands.</param>
/// <param name="Owner">The variable that is written, or that carries the version.</param>
/// <param name="WrittenKey">The key that is written.</param>
internal sealed record WriteFacts(FlowValue Entity, FlowValue Version, FlowValue Key, Place? VersionPlace, ISymbol? Owner, KeyRef? WrittenKey);
