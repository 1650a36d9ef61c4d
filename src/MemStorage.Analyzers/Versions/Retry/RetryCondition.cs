using MemStorage.Analyzers.Versions.Outcomes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Retry;

/// <summary>Whether code runs again where a write met a conflict, and not where it succeeded.</summary>
internal static class RetryCondition
{
    /// <summary>Whether the loop goes on where the write met a conflict, and ends where it succeeded.</summary>
    public static bool RepeatsOnConflict(IInvocationOperation write, ILoopOperation loop)
    {
        // while (TryUpdate(o) != Updated), do … while (r != Updated)
        IOperation? condition = loop switch
        {
            IWhileLoopOperation w => w.Condition,
            IForLoopOperation f => f.Condition,
            _ => null,
        };
        if (OutcomeTest.TryRead(condition) is { } test && IsResultOf(test.Subject, write, loop))
        {
            bool until = loop is IWhileLoopOperation { ConditionIsUntil: true };
            return IsRetry(until ? test.WhenFalse : test.WhenTrue, until ? test.WhenTrue : test.WhenFalse);
        }
        // while (!done) { done = TryUpdate(o) == Updated; }
        if (Flag(condition, out bool negated) is { } flag && FlagTest(flag, write, loop) is { } flagged)
            return negated ? IsRetry(flagged.WhenFalse, flagged.WhenTrue) : IsRetry(flagged.WhenTrue, flagged.WhenFalse);

        foreach (IOperation operation in loop.Body.DescendantsAndSelf())
        {
            if (operation is ISwitchOperation choice && IsResultOf(OutcomeTest.Strip(choice.Value), write, loop) && SwitchRepeats(choice, loop))
                return true;
            if (operation is not IConditionalOperation { Syntax: IfStatementSyntax } branch || OutcomeTest.TryRead(branch.Condition) is not { } result || !IsResultOf(result.Subject, write, loop))
                continue;
            bool thenLeaves = Leaves(branch.WhenTrue, loop), elseLeaves = branch.WhenFalse is { } otherwise ? Leaves(otherwise, loop) : LeavesAfter(branch, loop);
            // where the branch that does not leave by itself runs on into a statement that does
            bool thenStays = !thenLeaves && (Continues(branch.WhenTrue, loop) || !LeavesAfter(branch, loop));
            if (thenLeaves && !elseLeaves && IsRetry(result.WhenFalse, result.WhenTrue))
                return true;
            if (thenStays && elseLeaves && IsRetry(result.WhenTrue, result.WhenFalse))
                return true;
        }
        return false;
    }

    /// <summary>Whether the write's conflict jumps back to the label: <c>if (TryUpdate(o) is not Updated) goto again;</c></summary>
    public static bool JumpsBackOnConflict(IInvocationOperation write, RetryRegion region)
    {
        foreach (IOperation operation in region.Operations)
        {
            if (operation is not IConditionalOperation { Syntax: IfStatementSyntax } branch || OutcomeTest.TryRead(branch.Condition) is not { } result || result.Subject != write)
                continue;
            if (region.JumpsBack(LastOf(branch.WhenTrue)))
                return IsRetry(result.WhenTrue, result.WhenFalse);
            return branch.WhenFalse is { } otherwise && region.JumpsBack(LastOf(otherwise)) && IsRetry(result.WhenFalse, result.WhenTrue);
        }
        return false;
    }

    private static bool IsRetry(Outcome again, Outcome end) => (again & Outcome.Conflict) != 0 && (again & Outcome.Success) == 0 && (end & Outcome.Success) != 0;

    /// <summary>Whether the section of the conflict stays in the loop and the section of the success leaves it.</summary>
    public static bool SwitchRepeats(ISwitchOperation choice, ILoopOperation loop)
    {
        Outcome handled = Outcome.None;
        bool stays = false, leaves = false;
        foreach (ISwitchCaseOperation section in choice.Cases)
        {
            Outcome outcome = Outcome.None;
            foreach (ICaseClauseOperation clause in section.Clauses)
            {
                outcome |= clause switch
                {
                    ISingleValueCaseClauseOperation single => OutcomeTest.OfConstant(single.Value) ?? Outcome.All,
                    IPatternCaseClauseOperation { Guard: null } pattern => OutcomeTest.OfPattern(pattern.Pattern)?.Matched ?? Outcome.All,
                    IDefaultCaseClauseOperation => Outcome.All & ~handled,
                    _ => Outcome.All,
                };
            }
            handled |= outcome;
            IOperation? last = section.Body.LastOrDefault();
            if (last is IBlockOperation block)
                last = block.Operations.LastOrDefault();
            if (last is null)
                continue;
            if ((outcome & Outcome.Success) != 0)
                leaves |= outcome == Outcome.Success && Leaves(last, loop);
            else if ((outcome & Outcome.Conflict) != 0)
                stays |= Continues(last, loop) || (last is IBranchOperation { BranchKind: BranchKind.Break } && !LeavesAfter(choice, loop));
        }
        return stays && leaves;
    }

    private static ILocalSymbol? Flag(IOperation? condition, out bool negated)
    {
        negated = condition is IUnaryOperation { OperatorKind: UnaryOperatorKind.Not };
        IOperation? operand = negated ? ((IUnaryOperation)condition!).Operand : condition;
        return operand is ILocalReferenceOperation { Type.SpecialType: SpecialType.System_Boolean } local ? local.Local : null;
    }

    private static OutcomeTest? FlagTest(ILocalSymbol flag, IInvocationOperation write, ILoopOperation loop)
    {
        foreach (IOperation operation in loop.Descendants())
        {
            if (operation is ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment && SymbolEqualityComparer.Default.Equals(target.Local, flag)
                && OutcomeTest.TryRead(assignment.Value) is { } test && IsResultOf(test.Subject, write, loop))
                return test;
        }
        return null;
    }

    /// <summary>The call itself, or a local that the loop assigns from this call and from nothing else.</summary>
    private static bool IsResultOf(IOperation subject, IInvocationOperation write, ILoopOperation loop)
    {
        if (subject == write)
            return true;
        if (subject is not ILocalReferenceOperation reference)
            return false;
        bool found = false;
        foreach (IOperation operation in loop.Descendants())
        {
            IOperation? value = operation switch
            {
                ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment when SymbolEqualityComparer.Default.Equals(target.Local, reference.Local) => assignment.Value,
                IVariableDeclaratorOperation { Initializer: { } initializer } declarator when SymbolEqualityComparer.Default.Equals(declarator.Symbol, reference.Local) => initializer.Value,
                _ => null,
            };
            if (value is null)
                continue;
            if (OutcomeTest.Strip(value) != write)
                return false;
            found = true;
        }
        return found;
    }

    /// <summary>Whether the branch ends with leaving the loop.</summary>
    public static bool Leaves(IOperation branch, ILoopOperation loop) => LastOf(branch) switch
    {
        IReturnOperation or IThrowOperation or IExpressionStatementOperation { Operation: IThrowOperation } => true,
        IBranchOperation { BranchKind: BranchKind.Break } leave => SymbolEqualityComparer.Default.Equals(leave.Target, loop.ExitLabel),
        IBranchOperation { BranchKind: BranchKind.GoTo } => true,
        _ => false,
    };

    private static bool Continues(IOperation branch, ILoopOperation loop) =>
        LastOf(branch) is IBranchOperation { BranchKind: BranchKind.Continue } next && SymbolEqualityComparer.Default.Equals(next.Target, loop.ContinueLabel);

    private static IOperation? LastOf(IOperation branch) => branch is IBlockOperation block ? block.Operations.LastOrDefault() : branch;

    private static bool LeavesAfter(IOperation statement, ILoopOperation loop) =>
        statement.Parent is IBlockOperation block && block.Operations.LastOrDefault() is { } last && last != statement && Leaves(last, loop);
}
