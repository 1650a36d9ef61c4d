using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Outcomes;

/// <summary>What a write may have done, as a set.</summary>
[Flags]
internal enum Outcome
{
    None = 0,

    /// <summary>It happened.</summary>
    Success = 1,

    /// <summary>Another version won.</summary>
    Conflict = 2,

    /// <summary>Refused for a reason that another read does not mend: no entry, no memory.</summary>
    Other = 4,

    All = Success | Conflict | Other,
}

/// <summary>A condition on the result of a write: <c>r == SetResult.Stored</c>, <c>r is not SetResult.Stored</c>, also behind <c>!</c>, <c>&amp;&amp;</c>, <c>or</c>.</summary>
internal readonly struct OutcomeTest
{
    private OutcomeTest(IOperation subject, Outcome whenTrue, Outcome whenFalse)
    {
        Subject = subject;
        WhenTrue = whenTrue;
        WhenFalse = whenFalse;
    }

    /// <summary>The result that is tested.</summary>
    public IOperation Subject { get; }

    /// <summary>What the result can be where the condition holds.</summary>
    public Outcome WhenTrue { get; }

    /// <summary>What the result can be where it does not.</summary>
    public Outcome WhenFalse { get; }

    public static OutcomeTest? TryRead(IOperation? condition)
    {
        switch (condition)
        {
            case IParenthesizedOperation parenthesized:
                return TryRead(parenthesized.Operand);
            case IConversionOperation { OperatorMethod: null } conversion:
                return TryRead(conversion.Operand);
            case IUnaryOperation { OperatorKind: UnaryOperatorKind.Not } not:
                return TryRead(not.Operand) is { } inner ? new OutcomeTest(inner.Subject, inner.WhenFalse, inner.WhenTrue) : null;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals } comparison:
                IOperation subject = comparison.LeftOperand;
                Outcome? value = OfConstant(comparison.RightOperand);
                if (value is null)
                {
                    subject = comparison.RightOperand;
                    value = OfConstant(comparison.LeftOperand);
                }
                if (value is not { } outcome)
                    return null;
                return comparison.OperatorKind == BinaryOperatorKind.Equals
                    ? new OutcomeTest(Strip(subject), outcome, Without(outcome))
                    : new OutcomeTest(Strip(subject), Without(outcome), outcome);
            case IIsPatternOperation pattern when IsResult(pattern.Value.Type):
                return OfPattern(pattern.Pattern) is { } matched ? new OutcomeTest(Strip(pattern.Value), matched.Matched, matched.Failed) : null;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalAnd } and:
                // the other half may fail too, so that nothing is known where the whole does not hold
                if ((TryRead(and.LeftOperand) ?? TryRead(and.RightOperand)) is { } left)
                    return new OutcomeTest(left.Subject, left.WhenTrue, Outcome.All);
                return null;
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.ConditionalOr } or:
                OutcomeTest? one = TryRead(or.LeftOperand);
                OutcomeTest? two = TryRead(or.RightOperand);
                if (one is { } a && two is { } b && IsSame(a.Subject, b.Subject))
                    return new OutcomeTest(a.Subject, a.WhenTrue | b.WhenTrue, a.WhenFalse & b.WhenFalse);
                return (one ?? two) is { } half ? new OutcomeTest(half.Subject, Outcome.All, half.WhenFalse) : null;
            default:
                return null;
        }
    }

    /// <summary>What a constant of one of the result enums stands for.</summary>
    public static Outcome? OfConstant(IOperation? operation)
    {
        operation = Strip(operation);
        return operation is IFieldReferenceOperation { Field: { IsConst: true, ContainingType: var type } field } && IsResult(type) ? OfName(field.Name) : null;
    }

    /// <summary>Whether the type is <c>SetResult</c>, <c>DeleteResult</c> or <c>UpdateResult</c>.</summary>
    public static bool IsResult(ITypeSymbol? type)
    {
        if (type is INamedTypeSymbol { OriginalDefinition.SpecialType: SpecialType.System_Nullable_T } nullable)
            type = nullable.TypeArguments[0];
        return type is { Name: "SetResult" or "DeleteResult" or "UpdateResult", TypeKind: TypeKind.Enum, ContainingNamespace: { Name: "MemStorage", ContainingNamespace.IsGlobalNamespace: true } };
    }

    /// <summary>What a pattern lets through and what it can stop; null when it says nothing about the outcome.</summary>
    public static (Outcome Matched, Outcome Failed)? OfPattern(IPatternOperation pattern)
    {
        switch (pattern)
        {
            case IConstantPatternOperation constant:
                return OfConstant(constant.Value) is { } outcome ? (outcome, Without(outcome)) : null;
            case INegatedPatternOperation negated:
                return OfPattern(negated.Pattern) is { } inner ? (inner.Failed, inner.Matched) : null;
            case IBinaryPatternOperation binary:
                if (OfPattern(binary.LeftPattern) is not { } left || OfPattern(binary.RightPattern) is not { } right)
                    return null;
                return binary.OperatorKind == BinaryOperatorKind.Or
                    ? (left.Matched | right.Matched, left.Failed & right.Failed)
                    : (left.Matched & right.Matched, left.Failed | right.Failed);
            default:
                return null;
        }
    }

    public static IOperation Strip(IOperation? operation)
    {
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    operation = conversion.Operand;
                    continue;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    continue;
                case IAwaitOperation awaited:
                    operation = awaited.Operation;
                    continue;
                default:
                    return operation!;
            }
        }
    }

    private static Outcome OfName(string name) => name switch
    {
        "Stored" or "Deleted" or "Updated" => Outcome.Success,
        "Superseded" or "VersionMismatch" => Outcome.Conflict,
        _ => Outcome.Other,
    };

    /// <summary>Not this constant. <see cref="Outcome.Other"/> has more than one member, so that it can remain.</summary>
    private static Outcome Without(Outcome outcome) => outcome == Outcome.Other ? Outcome.All : Outcome.All & ~outcome;

    private static bool IsSame(IOperation a, IOperation b) =>
        a is ILocalReferenceOperation x && b is ILocalReferenceOperation y && SymbolEqualityComparer.Default.Equals(x.Local, y.Local);
}
