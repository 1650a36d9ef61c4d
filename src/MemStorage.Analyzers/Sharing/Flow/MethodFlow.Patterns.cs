using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Sharing.Flow;

// Patterns and deconstruction stay whole in the control flow graph: bind what they declare.
internal sealed partial class MethodFlow
{
    private void Bind(IPatternOperation? pattern, Value value, IOperation origin)
    {
        if (pattern is null || !EnterDeep())
            return;
        switch (pattern)
        {
            case IDeclarationPatternOperation o:
                BindVariable(o.DeclaredSymbol, value, o);
                break;
            case IRecursivePatternOperation o:
                BindVariable(o.DeclaredSymbol, value, o);
                for (int i = 0; i < o.DeconstructionSubpatterns.Length; i++)
                    Bind(o.DeconstructionSubpatterns[i], DeconstructedPart(o, value, i), origin);
                foreach (IPropertySubpatternOperation property in o.PropertySubpatterns)
                    Bind(property.Pattern, PropertyOf(property.Member, value), origin);
                break;
            case IListPatternOperation o:
                BindVariable(o.DeclaredSymbol, value, o);
                foreach (IPatternOperation element in o.Patterns)
                    Bind(element, element is ISlicePatternOperation slice ? SliceOf(value, slice) : Element(value), origin);
                break;
            case ISlicePatternOperation o:
                Bind(o.Pattern, value, origin);
                break;
            case IBinaryPatternOperation o:
                Bind(o.LeftPattern, value, origin);
                Bind(o.RightPattern, value, origin);
                break;
            case INegatedPatternOperation o:
                Bind(o.Pattern, value, origin);
                break;
        }
        _depth--;
    }

    /// <summary>A slice of a span is a view; of an array or list, a copy with the same elements.</summary>
    private Value SliceOf(Value value, ISlicePatternOperation slice) =>
        value.IsNone || _types.CarrierOf(slice.InputType) == Carrier.View ? value : CopyOfRange(value, slice);

    private void BindVariable(ISymbol? declared, Value value, IOperation origin)
    {
        if (declared is ILocalSymbol local)
            SetVariable(local, Filter(value, local.Type, origin), origin);
    }

    private Value PropertyOf(IOperation member, Value value) => member switch
    {
        IFieldReferenceOperation f => Filter(Member(value, MemberName(f.Field)), f.Type, f),
        IPropertyReferenceOperation p => Read(new Place { Owner = value, Holder = value, Name = p.Property.IsIndexer ? HeapObject.Elements : p.Property.Name, MemberSymbol = p.Property }, p),
        _ => Value.None,
    };

    private Value DeconstructedPart(IRecursivePatternOperation pattern, Value value, int index) =>
        pattern.DeconstructSymbol is IMethodSymbol method
            ? PartOf(method, value, index, pattern)
            : Member(value, TupleMember(index));

    /// <summary>What the part <paramref name="index"/> of a Deconstruct call holds: by its summary, or for a record the property of the parameter's name.</summary>
    private Value PartOf(IMethodSymbol method, Value value, int index, IOperation origin)
    {
        int ordinal = method.IsStatic ? index + 1 : index;
        if (ordinal >= method.Parameters.Length)
            return Value.None;
        IParameterSymbol parameter = method.Parameters[ordinal];
        if (_session.Summaries.CanSummarize(method) && Ask(method).Outs.TryGetValue(ordinal, out Shape? shape))
        {
            int receiver = method.IsStatic ? 1 : Origins.ThisIndex;
            return Filter(Instantiate(shape, i => i == receiver ? value : Value.None, origin, 40 + index), parameter.Type, origin, 60 + index);
        }
        return _types.IsRecord(method.ContainingType) || _types.IsFramework(method.ContainingType) ? Filter(Member(value, PropertyNameOf(method, parameter)), parameter.Type, origin, 60 + index) : Value.None;
    }

    private static string PropertyNameOf(IMethodSymbol method, IParameterSymbol parameter) =>
        method.ContainingType.Name == "KeyValuePair" ? (parameter.Ordinal == 0 ? "Key" : "Value") : parameter.Name;

    private void Deconstruct(IOperation? target, Value value, IOperation source, IOperation origin, int depth = 0)
    {
        switch (target)
        {
            case IDeclarationExpressionOperation declaration:
                Deconstruct(declaration.Expression, value, source, origin, depth);
                break;
            case ITupleOperation tuple when depth < 16:
                IMethodSymbol? method = depth == 0 && source.Type is not { IsTupleType: true } ? DeconstructMethod(origin) : null;
                // All targets are resolved against the state before the first assignment, as the language does.
                Value[] parts = new Value[tuple.Elements.Length];
                for (int i = 0; i < parts.Length; i++)
                    parts[i] = method is not null ? PartOf(method, value, i, origin) : DeconstructWithoutMethod(value, source, i);
                for (int i = 0; i < parts.Length; i++)
                    Deconstruct(tuple.Elements[i], parts[i], tuple.Elements[i], origin, depth + 1);
                break;
            case IDiscardOperation or null:
                break;
            default:
                Write(ResolvePlace(target), value, target, target);
                break;
        }
    }

    private Value DeconstructWithoutMethod(Value value, IOperation source, int index)
    {
        string name = TupleMember(index);
        if (source.Type is { IsTupleType: true } || value.Sites.Any(s => Heap(s).Knows(name)))
            return Member(value, name);
        return source.Type is INamedTypeSymbol { Name: "KeyValuePair" } ? Member(value, index == 0 ? "Key" : "Value") : Value.None;
    }

    private IMethodSymbol? DeconstructMethod(IOperation operation) =>
        _graph.OriginalOperation.SemanticModel is not { } model ? null : operation.Syntax switch
        {
            AssignmentExpressionSyntax assignment => model.GetDeconstructionInfo(assignment).Method,
            ForEachVariableStatementSyntax loop => model.GetDeconstructionInfo(loop).Method,
            ExpressionSyntax { Parent: ForEachVariableStatementSyntax loop } => model.GetDeconstructionInfo(loop).Method,
            _ => null,
        };
}
