using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Clocks;

/// <summary>MST2008: a version is built from a clock of the machine, or compared with one.</summary>
internal static class ClockVersionRule
{
    public static void Check(VersionScan scan)
    {
        var clock = new ClockExpression(scan.Root);
        foreach (IInvocationOperation invocation in scan.Invocations)
        {
            if (TakesVersions(invocation.TargetMethod.ContainingType, scan.Symbols))
                CheckArguments(scan, clock, invocation.Arguments, invocation.TargetMethod.ContainingType);
            else if (invocation is { Instance: { } instance, TargetMethod.Name: "CompareTo" or "Equals", Arguments.Length: 1 })
                CheckComparison(scan, clock, instance, invocation.Arguments[0].Value);
        }
        foreach (IObjectCreationOperation creation in scan.Creations)
            CheckArguments(scan, clock, creation.Arguments, creation.Type);
        foreach (IOperation assignment in scan.Assignments)
        {
            if (assignment is IAssignmentOperation { Target: IMemberReferenceOperation target } and not IDeconstructionAssignmentOperation && IsVersion(target.Member, scan.Symbols))
                Report(scan, clock, ((IAssignmentOperation)assignment).Value);
        }
        foreach (IBinaryOperation binary in scan.Binaries)
        {
            if (binary.OperatorKind is BinaryOperatorKind.LessThan or BinaryOperatorKind.LessThanOrEqual or BinaryOperatorKind.GreaterThan
                or BinaryOperatorKind.GreaterThanOrEqual or BinaryOperatorKind.Equals or BinaryOperatorKind.NotEquals or BinaryOperatorKind.Subtract)
            {
                CheckComparison(scan, clock, binary.LeftOperand, binary.RightOperand);
            }
        }
    }

    private static bool TakesVersions(INamedTypeSymbol? type, VersionSymbols symbols) =>
        type is not null && (symbols.Known.IsByteStore(type) || symbols.IsItem(type) || symbols.Known.IsRepository(type));

    private static void CheckArguments(VersionScan scan, ClockExpression clock, IEnumerable<IArgumentOperation> arguments, ITypeSymbol? type)
    {
        foreach (IArgumentOperation argument in arguments)
        {
            if (argument.Parameter is not { RefKind: RefKind.None, Type.SpecialType: SpecialType.System_Int64 } parameter || argument.ArgumentKind == ArgumentKind.DefaultValue)
                continue;
            bool takesVersion = parameter.Name is "version" or "expectedVersion" && TakesVersions(type as INamedTypeSymbol, scan.Symbols);
            // a positional record: the parameter that becomes the version property
            if (takesVersion || (type?.GetMembers(parameter.Name).Any(scan.Symbols.IsEntityVersion) ?? false))
                Report(scan, clock, argument.Value);
        }
    }

    private static bool IsVersion(ISymbol member, VersionSymbols symbols) =>
        symbols.IsEntityVersion(member) || member is IPropertySymbol { Name: "Version", ContainingType: { Name: "EntitySetOptions", ContainingNamespace.Name: "MemStorage" } };

    private static void CheckComparison(VersionScan scan, ClockExpression clock, IOperation left, IOperation right)
    {
        if (IsVersionValue(left, scan.Symbols))
            Report(scan, clock, right);
        else if (IsVersionValue(right, scan.Symbols))
            Report(scan, clock, left);
    }

    private static bool IsVersionValue(IOperation operation, VersionSymbols symbols)
    {
        operation = Outcomes.OutcomeTest.Strip(operation);
        return operation is IMemberReferenceOperation reference && symbols.IsVersionMember(reference.Member);
    }

    private static void Report(VersionScan scan, ClockExpression clock, IOperation value)
    {
        if (clock.Find(value) is { } source)
            scan.Report(Diagnostic.Create(VersionRules.ClockVersion, value.Syntax.GetLocation(), source.Syntax.ToString()));
    }
}
