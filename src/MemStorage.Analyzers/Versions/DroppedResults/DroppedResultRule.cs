using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.DroppedResults;

/// <summary>MST2001: the result of a call that must be checked is dropped.</summary>
internal static class DroppedResultRule
{
    /// <summary>The property of the diagnostic that says the result went into a local (the fix looks at it there).</summary>
    public const string InLocal = "InLocal";

    private static readonly ImmutableDictionary<string, string?> s_inLocal = ImmutableDictionary<string, string?>.Empty.Add(InLocal, "true");

    public static void Check(VersionScan scan)
    {
        DeadStores? stores = null;
        foreach (IInvocationOperation invocation in scan.Invocations)
        {
            // where the value goes is cheaper to see than what it is
            var fate = ValueFate.Of(invocation, scan.Symbols);
            if (fate.Fate == Fate.Used || !scan.Symbols.MustCheck(invocation.TargetMethod) || IsExpectedToFail(invocation, scan.Symbols))
                continue;
            if (fate.Fate == Fate.Dropped)
                Report(invocation, ImmutableDictionary<string, string?>.Empty);
            else
                (stores ??= new DeadStores()).Add(fate.Local!, fate.Assignment!, invocation);
        }
        if (stores is null)
            return;
        foreach (IInvocationOperation dead in stores.Find(scan.Root, scan.HasFunctions, scan.CancellationToken))
            Report(dead, s_inLocal);

        void Report(IInvocationOperation call, ImmutableDictionary<string, string?> properties) =>
            scan.Report(Diagnostic.Create(VersionRules.DroppedResult, call.Syntax.GetLocation(), properties, call.TargetMethod.Name));
    }

    /// <summary>
    /// Calls that are not made to write: inside <c>Assert.Throws(() => …)</c> the call is expected not to return; in an expression tree
    /// or behind <c>Received()</c> of a substitute it is a description of a call.
    /// </summary>
    private static bool IsExpectedToFail(IInvocationOperation invocation, VersionSymbols symbols)
    {
        if (invocation.Instance is IInvocationOperation { TargetMethod.Name: "Received" or "DidNotReceive" or "ReceivedWithAnyArgs" or "DidNotReceiveWithAnyArgs" })
            return true;
        for (IOperation? operation = invocation.Parent; operation is not null; operation = operation.Parent)
        {
            if (operation is not IAnonymousFunctionOperation)
                continue;
            IOperation? target = operation.Parent;
            while (target is IDelegateCreationOperation or IConversionOperation or IParenthesizedOperation)
            {
                if (target.Type is { } type && symbols.LinqExpression.Contains(type.OriginalDefinition))
                    return true;
                target = target.Parent;
            }
            if (target is IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { } method } } && ExpectsException(method))
                return true;
        }
        return false;

        static bool ExpectsException(IMethodSymbol method) =>
            method.Name.Contains("Throw") || (method.Name is "Exception" or "ExceptionAsync" && method.ContainingType?.Name == "Record");
    }
}
