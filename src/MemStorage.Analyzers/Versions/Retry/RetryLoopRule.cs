using MemStorage.Analyzers.Versions.Outcomes;
using Microsoft.CodeAnalysis;
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
            if (scan.CallOf(invocation) is not { Compares: true } write || RetryRegion.Around(invocation) is not { } region)
                continue;
            var source = Place.TryCreate(VersionSource(write), scan.Symbols);
            if (source is null || source.Root is not (ILocalSymbol or IParameterSymbol) || region.Declares(source.Root))
                continue;
            bool repeats = region.Loop is { } loop ? RetryCondition.RepeatsOnConflict(invocation, loop) : RetryCondition.JumpsBackOnConflict(invocation, region);
            if (repeats && !IsRenewedIn(region, source, write, scan))
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

    private static bool IsRenewedIn(RetryRegion region, Place source, StoreCall write, VersionScan scan)
    {
        ISymbol root = source.Root!;
        foreach (IOperation operation in region.Operations)
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
}
