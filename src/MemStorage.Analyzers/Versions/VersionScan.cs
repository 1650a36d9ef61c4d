using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions;

/// <summary>One body under analysis: its operations, sorted once by what the rules ask for. Used by one thread.</summary>
internal sealed class VersionScan
{
    private readonly Action<Diagnostic> _report;
    private readonly HashSet<(string Id, Location Location)> _reported = [];
    private readonly Dictionary<IInvocationOperation, StoreCall?> _calls = [];

    public VersionScan(IOperation root, VersionSymbols symbols, ISymbol owner, Action<Diagnostic> report, CancellationToken cancellationToken)
    {
        Root = root;
        Symbols = symbols;
        Owner = owner;
        _report = report;
        CancellationToken = cancellationToken;
        foreach (IOperation operation in root.DescendantsAndSelf())
        {
            switch (operation)
            {
                case IInvocationOperation invocation:
                    Invocations.Add(invocation);
                    break;
                case ILoopOperation:
                    MayRepeat = true;
                    Statements.Add(operation);
                    break;
                case IBranchOperation { BranchKind: BranchKind.GoTo }:
                    MayRepeat = true;
                    break;
                case IAnonymousFunctionOperation or ILocalFunctionOperation:
                    HasFunctions = true;
                    break;
                case IConditionalOperation or ISwitchOperation or ITryOperation:
                    Statements.Add(operation);
                    break;
                case IAssignmentOperation or IIncrementOrDecrementOperation:
                    Assignments.Add(operation);
                    break;
                case IBinaryOperation binary:
                    Binaries.Add(binary);
                    break;
                case IObjectCreationOperation creation:
                    Creations.Add(creation);
                    break;
                case IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } argument:
                    ReferenceArguments.Add(argument);
                    break;
            }
        }
    }

    public IOperation Root { get; }

    public VersionSymbols Symbols { get; }

    /// <summary>The member whose body this is.</summary>
    public ISymbol Owner { get; }

    public CancellationToken CancellationToken { get; }

    public List<IInvocationOperation> Invocations { get; } = [];

    /// <summary>Whether something in the body can run twice: it has a loop or a <c>goto</c>.</summary>
    public bool MayRepeat { get; }

    /// <summary>Whether there are lambdas or local functions, which have graphs of their own.</summary>
    public bool HasFunctions { get; }

    /// <summary>Loops, ifs, switches and trys.</summary>
    public List<IOperation> Statements { get; } = [];

    public List<IOperation> Assignments { get; } = [];

    public List<IBinaryOperation> Binaries { get; } = [];

    public List<IObjectCreationOperation> Creations { get; } = [];

    public List<IArgumentOperation> ReferenceArguments { get; } = [];

    /// <summary>The call as a call of the store; null when it is none.</summary>
    public StoreCall? CallOf(IInvocationOperation invocation)
    {
        if (!_calls.TryGetValue(invocation, out StoreCall? call))
            _calls.Add(invocation, call = StoreCall.TryRead(invocation, Symbols));
        return call;
    }

    /// <summary>Reports once per rule and place.</summary>
    public void Report(Diagnostic diagnostic)
    {
        if (_reported.Add((diagnostic.Id, diagnostic.Location)))
            _report(diagnostic);
    }
}
