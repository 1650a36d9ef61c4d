using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions.Clocks;

/// <summary>Whether the value of an expression comes from a clock of the machine.</summary>
internal sealed class ClockExpression
{
    private const int MaxDepth = 24;

    private readonly IOperation _root;
    private readonly Dictionary<ILocalSymbol, IOperation?> _locals = new(SymbolEqualityComparer.Default);
    private Dictionary<ILocalSymbol, List<IOperation?>>? _assigned;

    public ClockExpression(IOperation root) => _root = root;

    /// <summary>The reading of the clock that the value comes from; null when there is none.</summary>
    public IOperation? Find(IOperation? value, int depth = 0)
    {
        if (value is null || ++depth > MaxDepth)
            return null;
        switch (value)
        {
            case IConversionOperation conversion:
                return Find(conversion.Operand, depth);
            case IParenthesizedOperation parenthesized:
                return Find(parenthesized.Operand, depth);
            case IUnaryOperation unary:
                return Find(unary.Operand, depth);
            case IBinaryOperation binary when binary.Type?.SpecialType is not (SpecialType.System_Boolean or SpecialType.System_String):
                return Find(binary.LeftOperand, depth) ?? Find(binary.RightOperand, depth);
            case IConditionalOperation { WhenFalse: { } otherwise } conditional:
                return Find(conditional.WhenTrue, depth) ?? Find(otherwise, depth);
            case IPropertyReferenceOperation property:
                return IsClock(property.Property) ? property : IsTime(property.Instance?.Type) ? Find(property.Instance, depth) : null;
            case IInvocationOperation invocation:
                if (IsClock(invocation.TargetMethod))
                    return invocation;
                if (invocation.Instance is { } instance)
                    return IsTime(instance.Type) ? Find(instance, depth) : null;
                // Math.Max(a, b), Convert.ToInt64(t), new-style helpers of the platform; not the user's, not ours
                return invocation.TargetMethod.ContainingType is { Name: "Math" or "Convert", ContainingNamespace.Name: "System" }
                    ? invocation.Arguments.Select(a => Find(a.Value, depth)).FirstOrDefault(static f => f is not null) : null;
            case IObjectCreationOperation creation when IsTime(creation.Type):
                return creation.Arguments.Select(a => Find(a.Value, depth)).FirstOrDefault(static f => f is not null);
            case ILocalReferenceOperation local:
                return OfLocal(local.Local, depth);
            default:
                return null;
        }
    }

    /// <summary>A local counts when everything that is assigned to it comes from a clock.</summary>
    private IOperation? OfLocal(ILocalSymbol local, int depth)
    {
        if (_locals.TryGetValue(local, out IOperation? known))
            return known;
        _locals.Add(local, null); // also the answer for a local that is assigned from itself
        _assigned ??= Assigned();
        if (!_assigned.TryGetValue(local, out List<IOperation?>? values))
            return null;
        IOperation? first = null;
        foreach (IOperation? value in values)
        {
            if (Find(value, depth + 4) is not { } source)
                return null;
            first ??= source;
        }
        return _locals[local] = first;
    }

    private Dictionary<ILocalSymbol, List<IOperation?>> Assigned()
    {
        var assigned = new Dictionary<ILocalSymbol, List<IOperation?>>(SymbolEqualityComparer.Default);
        foreach (IOperation operation in _root.Descendants())
        {
            switch (operation)
            {
                case IVariableDeclaratorOperation { Initializer: { } initializer } declarator:
                    Add(declarator.Symbol, initializer.Value);
                    break;
                case ISimpleAssignmentOperation { Target: ILocalReferenceOperation target } assignment:
                    Add(target.Local, assignment.Value);
                    break;
                // arithmetic on it keeps what it is; anything by reference or by deconstruction is not followed
                case ILocalReferenceOperation { Parent: IArgumentOperation { Parameter.RefKind: RefKind.Ref or RefKind.Out } or ITupleOperation or IDeclarationExpressionOperation } reference:
                    Add(reference.Local, null);
                    break;
            }
        }
        return assigned;

        void Add(ILocalSymbol local, IOperation? value)
        {
            if (!assigned.TryGetValue(local, out List<IOperation?>? values))
                assigned.Add(local, values = []);
            values.Add(value);
        }
    }

    private static bool IsClock(ISymbol member) => (member.ContainingType?.Name, member.Name) switch
    {
        ("DateTime", "Now" or "UtcNow" or "Today") => true,
        ("DateTimeOffset", "Now" or "UtcNow") => true,
        ("Environment", "TickCount" or "TickCount64") => true,
        ("Stopwatch", "GetTimestamp" or "GetElapsedTime" or "ElapsedTicks" or "ElapsedMilliseconds" or "Elapsed") => true,
        ("TimeProvider", "GetUtcNow" or "GetLocalNow" or "GetTimestamp") => true,
        _ => IsTimeProvider(member.ContainingType) && member.Name is "GetUtcNow" or "GetLocalNow" or "GetTimestamp",
    } && InSystem(member.ContainingType);

    private static bool IsTimeProvider(INamedTypeSymbol? type)
    {
        for (INamedTypeSymbol? t = type; t is not null; t = t.BaseType)
        {
            if (t is { Name: "TimeProvider", ContainingNamespace.Name: "System" })
                return true;
        }
        return false;
    }

    private static bool InSystem(INamedTypeSymbol? type) => IsTimeProvider(type) || type?.ContainingNamespace?.ToString() is "System" or "System.Diagnostics";

    private static bool IsTime(ITypeSymbol? type) =>
        type is { Name: "DateTime" or "DateTimeOffset" or "TimeSpan", ContainingNamespace.Name: "System" } or { SpecialType: SpecialType.System_Int64 or SpecialType.System_Int32 };
}
