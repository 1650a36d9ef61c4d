using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
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
        if (IsOwnMember(reference.Syntax) && IsInConstructor(reference))
            return;
        if (scan.Owner is IMethodSymbol method && scan.Symbols.IsSetVersionOfTraits(method))
            return;
        scan.Report(Diagnostic.Create(VersionRules.VersionAssigned, syntax.GetLocation(), reference.Member.Name));
    }

    /// <summary><c>Version</c> or <c>this.Version</c>.</summary>
    private static bool IsOwnMember(SyntaxNode target) => target is IdentifierNameSyntax or MemberAccessExpressionSyntax { Expression: ThisExpressionSyntax };

    /// <summary>Inside a constructor or an <c>init</c> accessor, and not in a function of its own there. By the syntax: it is the same for every kind of type.</summary>
    private static bool IsInConstructor(IOperation operation)
    {
        for (SyntaxNode? node = operation.Syntax; node is not null; node = node.Parent)
        {
            switch (node)
            {
                case AnonymousFunctionExpressionSyntax or LocalFunctionStatementSyntax:
                    return false;
                case ConstructorDeclarationSyntax:
                case AccessorDeclarationSyntax { Keyword.RawKind: (int)SyntaxKind.InitKeyword }:
                    return true;
                case MemberDeclarationSyntax:
                    return false;
            }
        }
        return false;
    }
}
