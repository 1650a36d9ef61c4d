using System.Collections.Immutable;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>How a value hangs together with a read of the store.</summary>
internal enum Form
{
    /// <summary>What the read returned.</summary>
    Entity,

    /// <summary>A <c>with</c> copy of it.</summary>
    Copy,

    /// <summary>A sequence of what the read returned.</summary>
    Many,

    /// <summary>An object inside of it.</summary>
    Part,

    /// <summary>Computed from it.</summary>
    Data,

    /// <summary>Its version, or a number computed from that.</summary>
    Version,

    /// <summary>Its key.</summary>
    Key,

    /// <summary>Computed from its key alone, which no other writer changes.</summary>
    KeyData,
}

/// <summary>The value comes from the read with this index, in this form; <paramref name="Changed"/>: and was changed since.</summary>
internal readonly record struct Fact(int Read, Form Form, bool Changed = false);

/// <summary>What is known of a value: every read that it may come from, and whether it may come from elsewhere. Immutable.</summary>
internal sealed class FlowValue : FlowFact, IEquatable<FlowValue>
{
    /// <summary>Past this many sources nothing is said any more.</summary>
    private const int MaxFacts = 16;

    public static readonly FlowValue Unknown = new(ImmutableArray<Fact>.Empty, other: true, constant: false);
    public static readonly FlowValue Constant = new(ImmutableArray<Fact>.Empty, other: false, constant: true);

    private FlowValue(ImmutableArray<Fact> facts, bool other, bool constant)
    {
        Facts = facts;
        Other = other;
        IsConstant = constant;
    }

    public ImmutableArray<Fact> Facts { get; }

    /// <summary>Whether it may come from something that is not followed.</summary>
    public bool Other { get; }

    /// <summary>Whether it may be a constant.</summary>
    public bool IsConstant { get; }

    public static FlowValue Of(Fact fact) => new(ImmutableArray.Create(fact), other: false, constant: false);

    public bool Has(Form form, int read)
    {
        foreach (Fact fact in Facts)
        {
            if (fact.Form == form && fact.Read == read)
                return true;
        }
        return false;
    }

    public FlowValue Join(FlowValue value)
    {
        if (ReferenceEquals(this, value) || Equals(value))
            return this;
        ImmutableArray<Fact> facts = Facts;
        foreach (Fact fact in value.Facts)
        {
            if (!facts.Contains(fact))
                facts = facts.Add(fact);
        }
        return facts.Length > MaxFacts ? Unknown : new FlowValue(facts, Other || value.Other, IsConstant || value.IsConstant);
    }

    public override FlowFact Join(FlowFact other) => other is FlowValue value ? Join(value) : this;

    public override bool Same(FlowFact other) => ReferenceEquals(this, other) || (other is FlowValue value && Equals(value));

    /// <summary>The facts in another form; those for which <paramref name="form"/> says null are dropped.</summary>
    public FlowValue Map(Func<Fact, Fact?> form)
    {
        if (Facts.IsEmpty)
            return IsConstant && !Other ? this : Unknown;
        ImmutableArray<Fact> facts = ImmutableArray<Fact>.Empty;
        bool dropped = false;
        foreach (Fact fact in Facts)
        {
            if (form(fact) is not { } mapped)
                dropped = true;
            else if (!facts.Contains(mapped))
                facts = facts.Add(mapped);
        }
        return new FlowValue(facts, Other || dropped, IsConstant);
    }

    /// <summary>Without what comes from this read.</summary>
    public FlowValue Without(int read)
    {
        foreach (Fact fact in Facts)
        {
            if (fact.Read == read)
                return Map(f => f.Read == read ? null : f);
        }
        return this;
    }

    public FlowValue NotConstant() => IsConstant ? new FlowValue(Facts, Other, constant: false) : this;

    public FlowValue With(Fact fact) => Facts.Contains(fact) ? this : new FlowValue(Facts.Add(fact), Other, IsConstant);

    /// <summary>The order of the facts does not matter.</summary>
    public bool Equals(FlowValue? other)
    {
        if (other is null || Other != other.Other || IsConstant != other.IsConstant || Facts.Length != other.Facts.Length)
            return false;
        foreach (Fact fact in Facts)
        {
            if (!other.Facts.Contains(fact))
                return false;
        }
        return true;
    }

    public override bool Equals(object? obj) => Equals(obj as FlowValue);

    public override int GetHashCode() => Facts.Length;
}
