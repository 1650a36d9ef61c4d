using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Clocks;

/// <summary>MST2009: the version member is assigned outside of an initializer or a constructor of its type.</summary>
internal static class VersionAssignedRule
{
    public static void Check(VersionScan scan)
    {
        foreach (IOperation assignment in scan.Assignments)
        {
            switch (assignment)
            {
                case IDeconstructionAssignmentOperation { Target: ITupleOperation tuple }:
                    foreach (IOperation element in tuple.Elements)
                        CheckTarget(scan, element, element.Syntax);
                    break;
                case IAssignmentOperation { Parent: not IObjectOrCollectionInitializerOperation } simple:
                    CheckTarget(scan, simple.Target, simple.Syntax);
                    break;
                case IIncrementOrDecrementOperation counted:
                    CheckTarget(scan, counted.Target, counted.Syntax);
                    break;
            }
        }
        foreach (IArgumentOperation argument in scan.ReferenceArguments)
            CheckTarget(scan, argument.Value, argument.Syntax);
    }

    private static void CheckTarget(VersionScan scan, IOperation target, SyntaxNode syntax)
    {
        if (target is not IMemberReferenceOperation reference || !scan.Symbols.IsEntityVersion(reference.Member))
            return;
        if (reference.Instance is IInstanceReferenceOperation && IsInConstructor(reference, scan.Owner))
            return;
        if (scan.Owner is IMethodSymbol method && scan.Symbols.IsSetVersionOfTraits(method))
            return;
        scan.Report(Diagnostic.Create(VersionRules.VersionAssigned, syntax.GetLocation(), reference.Member.Name));
    }

    private static bool IsInConstructor(IOperation operation, ISymbol owner)
    {
        if (owner is not IMethodSymbol { MethodKind: MethodKind.Constructor } && !IsAccessor(owner))
            return false;
        for (IOperation? o = operation.Parent; o is not null; o = o.Parent)
        {
            if (o is IAnonymousFunctionOperation or ILocalFunctionOperation)
                return false;
        }
        return true;

        // init accessors run inside initializers
        static bool IsAccessor(ISymbol owner) => owner is IMethodSymbol { MethodKind: MethodKind.PropertySet, IsInitOnly: true };
    }
}
