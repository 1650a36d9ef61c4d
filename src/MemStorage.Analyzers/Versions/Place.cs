using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions;

/// <summary>
/// A place that two expressions can both mean: a local, a parameter, <c>this</c> or a static, and a chain of members from there
/// (<c>order.Id</c>, <c>_store.Orders()</c>). Two equal places hold the same value as long as nothing on the way is assigned.
/// </summary>
internal sealed class Place : IEquatable<Place>
{
    private readonly ImmutableArray<ISymbol> _members;

    private Place(ISymbol? root, ImmutableArray<ISymbol> members)
    {
        Root = root;
        _members = members;
    }

    /// <summary>A local, a parameter, or a static's type; null for <c>this</c>.</summary>
    public ISymbol? Root { get; }

    public ImmutableArray<ISymbol> Members => _members;

    public bool IsVariable => _members.IsEmpty && Root is ILocalSymbol or IParameterSymbol;

    /// <summary>The last symbol on the way.</summary>
    public ISymbol? Last => _members.IsEmpty ? Root : _members[_members.Length - 1];

    public Place Append(ISymbol member) => new(Root, _members.Add(member));

    public static Place Of(ISymbol variable) => new(variable, ImmutableArray<ISymbol>.Empty);

    /// <summary>The place that an expression means; null when it is computed.</summary>
    /// <param name="operation">The expression.</param>
    /// <param name="symbols">To know which parameterless methods stand for a repository.</param>
    /// <param name="captures">What the flow captures of a graph stand for; null outside of graphs.</param>
    public static Place? TryCreate(IOperation? operation, VersionSymbols symbols, IReadOnlyDictionary<CaptureId, Place?>? captures = null)
    {
        var members = new Stack<ISymbol>();
        while (true)
        {
            switch (operation)
            {
                case IConversionOperation { OperatorMethod: null } conversion:
                    operation = conversion.Operand;
                    continue;
                case IParenthesizedOperation parenthesized:
                    operation = parenthesized.Operand;
                    continue;
                case IDeclarationExpressionOperation declaration:
                    operation = declaration.Expression;
                    continue;
                case ILocalReferenceOperation local:
                    return Create(local.Local);
                case IParameterReferenceOperation parameter:
                    return Create(parameter.Parameter);
                case IInstanceReferenceOperation { ReferenceKind: InstanceReferenceKind.ContainingTypeInstance }:
                    return Create(null);
                case IFlowCaptureReferenceOperation capture:
                    return captures is not null && captures.TryGetValue(capture.Id, out Place? captured) && captured is not null
                        ? new Place(captured.Root, captured._members.AddRange(members)) : null;
                case IFieldReferenceOperation field:
                    members.Push(field.Field);
                    if (field.Instance is null)
                        return Create(field.Field.ContainingType);
                    operation = field.Instance;
                    continue;
                case IPropertyReferenceOperation { Arguments.IsEmpty: true } property:
                    members.Push(property.Property);
                    if (property.Instance is null)
                        return Create(property.Property.ContainingType);
                    operation = property.Instance;
                    continue;
                case IInvocationOperation invocation when IsAccessor(invocation, symbols, out IOperation? receiver):
                    members.Push(invocation.TargetMethod.OriginalDefinition);
                    if (receiver is null)
                        return Create(invocation.TargetMethod.ContainingType);
                    operation = receiver;
                    continue;
                default:
                    return null;
            }
        }

        Place Create(ISymbol? root) => new(root, members.ToImmutableArray());
    }

    /// <summary>Whether the place changes its meaning when the variable or member is assigned.</summary>
    /// <summary>The variable and the members that it is read from.</summary>
    public IEnumerable<ISymbol> Symbols => Root is null ? _members : _members.Prepend(Root);

    public bool DependsOn(ISymbol assigned)
    {
        if (SymbolEqualityComparer.Default.Equals(Root, assigned))
            return true;
        foreach (ISymbol member in _members)
        {
            if (SymbolEqualityComparer.Default.Equals(member, assigned))
                return true;
        }
        return false;
    }

    public bool Equals(Place? other)
    {
        if (other is null || !SymbolEqualityComparer.Default.Equals(Root, other.Root) || _members.Length != other._members.Length)
            return false;
        for (int i = 0; i < _members.Length; i++)
        {
            if (!SymbolEqualityComparer.Default.Equals(_members[i], other._members[i]))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as Place);

    public override int GetHashCode()
    {
        int hash = SymbolEqualityComparer.Default.GetHashCode(Root);
        foreach (ISymbol member in _members)
            hash = unchecked((hash * 31) + SymbolEqualityComparer.Default.GetHashCode(member));
        return hash;
    }

    /// <summary><c>store.Orders()</c>: no arguments beside the receiver, and a repository or a store as the result.</summary>
    private static bool IsAccessor(IInvocationOperation invocation, VersionSymbols symbols, out IOperation? receiver)
    {
        IMethodSymbol method = invocation.TargetMethod;
        receiver = invocation.Instance;
        if (method.IsExtensionMethod && receiver is null && invocation.Arguments.Length == 1)
            receiver = invocation.Arguments[0].Value;
        else if (invocation.Arguments.Length != 0)
            return false;
        return symbols.Known.IsRepository(method.ReturnType) || symbols.Known.IsByteStore(method.ReturnType);
    }
}
