using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>What members, operators, patterns and new objects make of a value.</summary>
internal sealed partial class FlowEvaluator
{
    private static FlowValue AsData(FlowValue value) => value.Map(static f => new Fact(f.Read, f.Form is Form.Key or Form.KeyData ? Form.KeyData : Form.Data));

    /// <summary>Arithmetic on a version gives a version; everything else is data.</summary>
    private static FlowValue Sum(FlowValue left, FlowValue right)
    {
        FlowValue joined = AsOperand(left).Join(AsOperand(right));
        // a constant operand does not make the sum a constant
        return left.Facts.IsEmpty && right.Facts.IsEmpty ? left.Equals(right) ? left : FlowValue.Unknown : joined.NotConstant();

        static FlowValue AsOperand(FlowValue value) => value.Map(static f => f.Form == Form.Version ? f with { Changed = false } : new Fact(f.Read, f.Form is Form.Key or Form.KeyData ? Form.KeyData : Form.Data));
    }

    private FlowValue Compute(IBinaryOperation binary)
    {
        FlowValue left = Evaluate(binary.LeftOperand), right = Evaluate(binary.RightOperand);
        if (binary.OperatorKind is BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals && (IsNull(binary.LeftOperand) || IsNull(binary.RightOperand)))
            return FlowValue.Unknown; // whether there is something is not what it holds
        return binary.Type?.SpecialType == SpecialType.System_Boolean ? AsData(left).Join(AsData(right)) : Sum(left, right);

        static bool IsNull(IOperation operation) => operation.ConstantValue is { HasValue: true, Value: null };
    }

    private FlowValue Match(IIsPatternOperation match)
    {
        FlowValue value = Evaluate(match.Value);
        Declare(match.Pattern, value, whole: true);
        return LooksInside(match.Pattern) ? AsData(value) : FlowValue.Unknown;

        // null, not null, { } and a type say only that there is something
        static bool LooksInside(IPatternOperation pattern) => pattern switch
        {
            IConstantPatternOperation constant => constant.Value.ConstantValue is not { HasValue: true, Value: null },
            INegatedPatternOperation negated => LooksInside(negated.Pattern),
            IRecursivePatternOperation recursive => !recursive.PropertySubpatterns.IsEmpty || !recursive.DeconstructionSubpatterns.IsEmpty,
            IBinaryPatternOperation binary => LooksInside(binary.LeftPattern) || LooksInside(binary.RightPattern),
            IDeclarationPatternOperation or ITypePatternOperation or IDiscardPatternOperation => false,
            _ => true,
        };
    }

    private void Declare(IPatternOperation pattern, FlowValue value, bool whole)
    {
        ISymbol? declared = pattern switch
        {
            IDeclarationPatternOperation declaration => declaration.DeclaredSymbol,
            IRecursivePatternOperation recursive => recursive.DeclaredSymbol,
            IListPatternOperation list => list.DeclaredSymbol,
            _ => null,
        };
        if (declared is not null)
            Bind(declared, whole ? value : value.Map(static f => f.Form is Form.Entity or Form.Copy or Form.Part ? new Fact(f.Read, Form.Part) : new Fact(f.Read, Form.Data)), null);
        foreach (IOperation child in pattern.ChildOperations)
        {
            switch (child)
            {
                case IPatternOperation nested:
                    Declare(nested, value, whole && pattern is IBinaryPatternOperation or INegatedPatternOperation);
                    break;
                case IPropertySubpatternOperation { Member: IMemberReferenceOperation member } property:
                    Declare(property.Pattern, MemberOf(value, member.Member, member.Type), whole: true);
                    break;
                case IPropertySubpatternOperation property:
                    Declare(property.Pattern, value, whole: false);
                    break;
            }
        }
    }

    private FlowValue MemberOf(FlowValue instance, ISymbol member, ITypeSymbol? type)
    {
        if (instance.Facts.IsEmpty)
            return FlowValue.Unknown;
        if (_symbols.IsVersionMember(member))
            return instance.Map(static f => f.Form is Form.Entity or Form.Copy ? new Fact(f.Read, Form.Version) : null);
        if (_symbols.IsKeyMember(member))
            return instance.Map(static f => f.Form is Form.Entity or Form.Copy ? new Fact(f.Read, Form.Key) : null);
        if (member.Name is "Current" || (member is IPropertySymbol { IsIndexer: true } && instance.Facts.Any(static f => f.Form == Form.Many)))
            return ElementOf(instance, type);
        if (member.Name is "Result" or "Value" && member.ContainingType is { IsGenericType: true, ContainingNamespace.Name: "Tasks" or "System" })
            return instance; // Task<T>.Result, Nullable<T>.Value
        if (_symbols.IsItem(member.ContainingType) && member.Name != "Value")
            return FlowValue.Unknown; // expiry and size of an item are not its content
        bool isObject = type is { IsReferenceType: true, SpecialType: not SpecialType.System_String };
        return instance.Map(f => f.Form is Form.Entity or Form.Copy or Form.Part ? new Fact(f.Read, isObject ? Form.Part : Form.Data) : new Fact(f.Read, Form.Data));
    }

    /// <summary>One of many is what was read; an element of a part is a part.</summary>
    private static FlowValue ElementOf(FlowValue sequence, ITypeSymbol? type)
    {
        bool isObject = type is { IsReferenceType: true, SpecialType: not SpecialType.System_String };
        return sequence.Map(f => f.Form switch
        {
            Form.Many => new Fact(f.Read, Form.Entity),
            Form.Part when isObject => new Fact(f.Read, Form.Part),
            _ => new Fact(f.Read, Form.Data),
        });
    }

    private FlowValue Create(IObjectCreationOperation creation)
    {
        FlowValue built = FlowValue.Unknown;
        bool isItem = _symbols.IsStoredItem(creation.Type);
        bool versioned = false;
        foreach (IArgumentOperation argument in creation.Arguments)
        {
            FlowValue value = Evaluate(argument.Value);
            if (isItem)
            {
                // an item with a version of its own is not written blindly
                if (argument.Parameter?.Name == "version")
                    versioned |= argument.ArgumentKind != ArgumentKind.DefaultValue && argument.Value.ConstantValue is not { HasValue: true, Value: 0L or 0 };
                else if (argument.Parameter?.Name == "value")
                    built = AsData(value);
                continue;
            }
            ISymbol? member = argument.Parameter is { } parameter ? creation.Type?.GetMembers(parameter.Name).FirstOrDefault(static m => m is IPropertySymbol or IFieldSymbol) : null;
            built = BuiltFrom(built, member, argument.Value, value);
        }
        return isItem && versioned ? FlowValue.Unknown : built;
    }

    /// <summary>What a new object, or a copy, is after one of its members got a value.</summary>
    private FlowValue BuiltFrom(FlowValue built, ISymbol? member, IOperation source, FlowValue value)
    {
        if (member is not null && _symbols.IsVersionMember(member))
            return built;
        built = built.Map(static f => f.Form is Form.Entity or Form.Copy ? f with { Changed = true } : f);
        if (member is not null && _symbols.IsKeyMember(member))
        {
            foreach (Fact fact in value.Facts)
            {
                if (fact.Form == Form.Key)
                    built = built.With(fact);
            }
            if (KeyRef.TryCreate(System.Collections.Immutable.ImmutableArray.Create(source), _symbols, _captures) is { } key)
            {
                for (int i = 0; i < _sites.Count; i++)
                {
                    if (key.Equals(_sites[i].Key) && !_state.Stale.Contains(i))
                        built = built.With(new Fact(i, Form.Key));
                }
            }
            return built;
        }
        foreach (Fact fact in value.Facts)
        {
            if (fact.Form is not (Form.Version or Form.Key))
                built = built.With(new Fact(fact.Read, Form.Data));
        }
        return built;
    }
}
