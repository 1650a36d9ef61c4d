using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;
using Microsoft.CodeAnalysis.Operations;

namespace MemStorage.Analyzers.Versions;

/// <summary>
/// What a key is made of: constants and places, in order. Equal references are the same key as long as none of the places is assigned;
/// <see cref="DiffersFrom"/> says when two are certainly not the same.
/// </summary>
internal sealed class KeyRef : IEquatable<KeyRef>
{
    private KeyRef(ImmutableArray<object> parts) => Parts = parts;

    /// <summary>Each a <see cref="Place"/> or a <see cref="Constant"/>.</summary>
    public ImmutableArray<object> Parts { get; }

    /// <summary>The place of a key that is one variable or member chain.</summary>
    public Place? SinglePlace => Parts.Length == 1 ? Parts[0] as Place : null;

    public static KeyRef? TryCreate(ImmutableArray<IOperation> arguments, VersionSymbols symbols, IReadOnlyDictionary<CaptureId, Place?>? captures)
    {
        if (arguments.IsEmpty)
            return null;
        var parts = ImmutableArray.CreateBuilder<object>();
        foreach (IOperation argument in arguments)
        {
            if (!TryAdd(argument, parts, symbols, captures, depth: 0))
                return null;
        }
        return new KeyRef(parts.ToImmutable());
    }

    /// <summary>The variables and members that it is read from.</summary>
    public IEnumerable<ISymbol> Symbols => Parts.OfType<Place>().SelectMany(static p => p.Symbols);

    public bool DependsOn(ISymbol assigned)
    {
        foreach (object part in Parts)
        {
            if (part is Place place && place.DependsOn(assigned))
                return true;
        }
        return false;
    }

    /// <summary>
    /// Whether the two are different keys beyond doubt: the same form, and two different constants, parameters or iteration variables in the same position.
    /// Other locals could hold the same value.
    /// </summary>
    public bool DiffersFrom(KeyRef other)
    {
        if (Parts.Length != other.Parts.Length)
            return false;
        for (int i = 0; i < Parts.Length; i++)
        {
            if (!Parts[i].Equals(other.Parts[i]) && IsCertain(Parts[i]) && IsCertain(other.Parts[i]))
                return true;
        }
        return false;

        static bool IsCertain(object part) => part is Constant or Place { IsVariable: true, Root: IParameterSymbol or ILocalSymbol { IsForEach: true } };
    }

    public bool Equals(KeyRef? other)
    {
        if (other is null || Parts.Length != other.Parts.Length)
            return false;
        for (int i = 0; i < Parts.Length; i++)
        {
            if (!Parts[i].Equals(other.Parts[i]))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as KeyRef);

    public override int GetHashCode()
    {
        int hash = Parts.Length;
        foreach (object part in Parts)
            hash = unchecked((hash * 31) + part.GetHashCode());
        return hash;
    }

    private static bool TryAdd(IOperation operation, ImmutableArray<object>.Builder parts, VersionSymbols symbols, IReadOnlyDictionary<CaptureId, Place?>? captures, int depth)
    {
        if (depth > 8 || parts.Count > 16)
            return false;
        if (operation.ConstantValue.HasValue)
        {
            parts.Add(new Constant(operation.ConstantValue.Value));
            return true;
        }
        if (Place.TryCreate(operation, symbols, captures) is { } place)
        {
            parts.Add(place);
            return true;
        }
        switch (operation)
        {
            case IConversionOperation { OperatorMethod: null } conversion:
                return TryAdd(conversion.Operand, parts, symbols, captures, depth + 1);
            case IParenthesizedOperation parenthesized:
                return TryAdd(parenthesized.Operand, parts, symbols, captures, depth + 1);
            case IObjectCreationOperation { Initializer: null, Arguments.IsEmpty: false } creation: // new OrderKey(a, b)
                return creation.Arguments.All(a => TryAdd(a.Value, parts, symbols, captures, depth + 1));
            case ITupleOperation tuple:
                return tuple.Elements.All(e => TryAdd(e, parts, symbols, captures, depth + 1));
            case IBinaryOperation { OperatorKind: BinaryOperatorKind.Add, Type.SpecialType: SpecialType.System_String } text:
                return TryAdd(text.LeftOperand, parts, symbols, captures, depth + 1) && TryAdd(text.RightOperand, parts, symbols, captures, depth + 1);
            case IInterpolatedStringOperation text:
                foreach (IInterpolatedStringContentOperation content in text.Parts)
                {
                    IOperation? part = content switch
                    {
                        IInterpolationOperation { Alignment: null, FormatString: null } hole => hole.Expression,
                        IInterpolatedStringTextOperation literal => literal.Text,
                        _ => null,
                    };
                    if (part is null || !TryAdd(part, parts, symbols, captures, depth + 1))
                        return false;
                }
                return true;
            default:
                return false;
        }
    }

    /// <summary>A constant part.</summary>
    internal sealed class Constant : IEquatable<Constant>
    {
        private readonly object? _value;

        public Constant(object? value) => _value = value;

        public bool Equals(Constant? other) => other is not null && Equals(_value, other._value);

        public override bool Equals(object? obj) => Equals(obj as Constant);

        public override int GetHashCode() => _value?.GetHashCode() ?? 0;
    }
}
