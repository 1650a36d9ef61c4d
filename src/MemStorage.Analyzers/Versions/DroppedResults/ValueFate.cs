using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.DroppedResults;

/// <summary>What becomes of the value of an expression.</summary>
internal enum Fate
{
    /// <summary>Returned, passed on, compared, switched on, stored where others see it; or not known.</summary>
    Used,

    /// <summary>Nobody can look at it.</summary>
    Dropped,

    /// <summary>Assigned to a local; whether that is read is a question of flow.</summary>
    Local,
}

/// <summary>Follows a value outwards, through everything that only hands it on (conversions, awaits, operators, conditional access), to where it ends.</summary>
internal readonly struct ValueFate
{
    /// <summary><c>OperationKind.CollectionExpression</c>, which the Roslyn that this assembly is compiled against does not name yet (<c>params</c> spans use it).</summary>
    private const OperationKind CollectionExpression = (OperationKind)0x7f;

    private ValueFate(Fate fate, ILocalSymbol? local = null, IOperation? assignment = null)
    {
        Fate = fate;
        Local = local;
        Assignment = assignment;
    }

    public Fate Fate { get; }

    public ILocalSymbol? Local { get; }

    /// <summary>The declarator or assignment that puts the value into <see cref="Local"/>.</summary>
    public IOperation? Assignment { get; }

    public static ValueFate Of(IOperation value, VersionSymbols symbols)
    {
        IOperation current = value;
        while (current.Parent is { } parent)
        {
            switch (parent)
            {
                case IExpressionStatementOperation:
                    return new(Fate.Dropped);
                case IConversionOperation { OperatorMethod: null }:
                case IParenthesizedOperation:
                case IAwaitOperation:
                case ICoalesceOperation:
                case ISwitchExpressionOperation:
                case IUnaryOperation { OperatorMethod: null }:
                case IIsTypeOperation:
                // comparing a result and dropping the outcome is dropping the result
                case IBinaryOperation { OperatorMethod: null }:
                case IConditionalAccessOperation access when access.WhenNotNull == current:
                case IConditionalOperation conditional when conditional.Condition != current:
                case ISwitchExpressionArmOperation arm when arm.Value == current:
                case IIsPatternOperation pattern when !Declares(pattern.Pattern):
                case IInvocationOperation invocation when invocation.Instance == current && HandsOn(invocation, symbols):
                case IPropertyReferenceOperation { Property.Name: "Result" } result when symbols.IsTask(result.Instance?.Type):
                // await Task.WhenAll(SaveAsync(a), SaveAsync(b))
                case IOperation when parent.Kind == CollectionExpression && parent.Parent is IArgumentOperation or IConversionOperation { Parent: IArgumentOperation }:
                case IArrayInitializerOperation:
                case IArrayCreationOperation { Parent: IArgumentOperation }:
                case IArgumentOperation { Parent: IInvocationOperation { TargetMethod: { Name: "WhenAll", ContainingType.Name: "Task" } } }:
                case IInvocationOperation { TargetMethod: { Name: "WhenAll", ContainingType.Name: "Task" } }:
                    break;
                case ISimpleAssignmentOperation { IsRef: false } assignment when assignment.Value == current:
                    switch (assignment.Target)
                    {
                        case IDiscardOperation:
                            break;
                        case ILocalReferenceOperation local when assignment.Parent is IExpressionStatementOperation && !local.Local.IsRef:
                            return new(Fate.Local, local.Local, assignment);
                        default:
                            return new(Fate.Used);
                    }
                    break;
                // (_, var n) = (orders.Set(o), 1)
                case ITupleOperation tuple when IsDiscardedPart(tuple, current):
                    return new(Fate.Dropped);
                case IVariableInitializerOperation { Parent: IVariableDeclaratorOperation { Symbol.IsRef: false } declarator }:
                    return new(Fate.Local, declarator.Symbol, declarator);
                default:
                    return new(Fate.Used);
            }
            current = parent;
        }
        return new(Fate.Used);
    }

    /// <summary>Calls on a task that give the same result again, or wait and give nothing.</summary>
    private static bool HandsOn(IInvocationOperation invocation, VersionSymbols symbols) => invocation.TargetMethod.Name switch
    {
        "ConfigureAwait" or "GetAwaiter" or "AsTask" or "Preserve" or "WaitAsync" or "Wait" => symbols.IsTask(invocation.Instance!.Type),
        "GetResult" => invocation.Instance is IInvocationOperation { TargetMethod.Name: "GetAwaiter" },
        _ => false,
    };

    private static bool IsDiscardedPart(ITupleOperation tuple, IOperation part)
    {
        IOperation? parent = tuple.Parent;
        while (parent is IConversionOperation)
            parent = parent.Parent;
        IOperation? target = (parent as IDeconstructionAssignmentOperation)?.Target;
        while (target is IDeclarationExpressionOperation declaration)
            target = declaration.Expression;
        int index = tuple.Elements.IndexOf(part);
        return index >= 0 && target is ITupleOperation targets && index < targets.Elements.Length && targets.Elements[index] is IDiscardOperation && !targets.Syntax.Span.Contains(tuple.Syntax.Span);
    }

    private static bool Declares(IPatternOperation pattern)
    {
        foreach (IOperation part in pattern.DescendantsAndSelf())
        {
            if (part is IDeclarationPatternOperation { DeclaredSymbol: not null } or IRecursivePatternOperation { DeclaredSymbol: not null } or IListPatternOperation { DeclaredSymbol: not null })
                return true;
        }
        return false;
    }
}
