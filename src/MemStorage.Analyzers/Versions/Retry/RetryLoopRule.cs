using MemStorage.Analyzers.Versions.Outcomes;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Retry;

/// <summary>
/// MST2006: a loop repeats a compare-and-set after a conflict, and nothing in it renews the version. Silent as soon as anything in the loop
/// could have renewed it: a read of the store, an assignment, a call that is given the entity.
/// </summary>
internal static class RetryLoopRule
{
    public static void Check(VersionScan scan)
    {
        foreach (IInvocationOperation invocation in scan.Invocations)
        {
            if (scan.CallOf(invocation) is not { Compares: true } write || InnermostLoop(invocation) is not { } loop)
                continue;
            var source = Place.TryCreate(VersionSource(write), scan.Symbols);
            if (source is null || source.Root is not (ILocalSymbol or IParameterSymbol) || IsDeclaredIn(source.Root, loop))
                continue;
            if (RepeatsOnConflict(invocation, loop) && !IsRenewedIn(loop, source, write, scan))
                scan.Report(Diagnostic.Create(VersionRules.RetryWithoutRead, invocation.Syntax.GetLocation(), write.Name));
        }
    }

    /// <summary>Where the compared version comes from: the argument, or the entity that carries it (of a copy: the original).</summary>
    private static IOperation? VersionSource(StoreCall write)
    {
        if (write.Version is { } version)
        {
            IOperation value = OutcomeTest.Strip(version);
            return value is IBinaryOperation { RightOperand.ConstantValue.HasValue: true } sum ? sum.LeftOperand : value; // read.Version + 1
        }
        IOperation? entity = write.Value;
        while (entity is IConversionOperation conversion)
            entity = conversion.Operand;
        return entity is IWithOperation copy ? copy.Operand : entity;
    }

    private static ILoopOperation? InnermostLoop(IOperation operation)
    {
        for (IOperation? o = operation.Parent; o is not null and not (IAnonymousFunctionOperation or ILocalFunctionOperation); o = o.Parent)
        {
            if (o is ILoopOperation loop)
                return loop;
        }
        return null;
    }

    private static bool IsDeclaredIn(ISymbol variable, ILoopOperation loop) =>
        variable.DeclaringSyntaxReferences is [var reference, ..] && reference.SyntaxTree == loop.Syntax.SyntaxTree && loop.Syntax.Span.Contains(reference.Span);

    private static bool IsRenewedIn(ILoopOperation loop, Place source, StoreCall write, VersionScan scan)
    {
        ISymbol root = source.Root!;
        foreach (IOperation operation in loop.Descendants())
        {
            switch (operation)
            {
                case IInvocationOperation invocation when scan.CallOf(invocation) is { Kind: StoreCallKind.Read or StoreCallKind.ReadMany }:
                    return true;
                case IAssignmentOperation assignment when Assigns(assignment.Target):
                    return true;
                case IIncrementOrDecrementOperation counted when Assigns(counted.Target):
                    return true;
                // given to somebody who may refresh it; our own write refreshes it only where it succeeds
                case IArgumentOperation argument when IsRoot(argument.Value) && (argument.Parameter?.RefKind is RefKind.Out or RefKind.Ref || argument.Parent != write.Invocation):
                    return true;
                case IInvocationOperation { Instance: { } instance } when IsRoot(instance):
                    return true;
                case IAnonymousFunctionOperation or ILocalFunctionOperation:
                    return true;
            }
        }
        return false;

        bool Assigns(IOperation target)
        {
            foreach (IOperation part in target.DescendantsAndSelf())
            {
                if (IsRoot(part) && (part == target || part.Parent is ITupleOperation or IDeclarationExpressionOperation))
                    return true;
                if (part is IMemberReferenceOperation member && member.Instance is { } instance && IsRoot(instance) && scan.Symbols.IsVersionMember(member.Member))
                    return true;
            }
            return false;
        }

        bool IsRoot(IOperation operation)
        {
            operation = OutcomeTest.Strip(operation);
            return (operation is ILocalReferenceOperation local && SymbolEqualityComparer.Default.Equals(local.Local, root))
                || (operation is IParameterReferenceOperation parameter && SymbolEqualityComparer.Default.Equals(parameter.Parameter, root));
        }
    }

    /// <summary>Whether the loop goes on where the write met a conflict, and ends where it succeeded.</summary>
    private static bool RepeatsOnConflict(IInvocationOperation write, ILoopOperation loop)
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

        static bool IsRetry(Outcome again, Outcome end) => (again & Outcome.Conflict) != 0 && (again & Outcome.Success) == 0 && (end & Outcome.Success) != 0;
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

    private static bool Leaves(IOperation branch, ILoopOperation loop) => LastOf(branch) switch
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
