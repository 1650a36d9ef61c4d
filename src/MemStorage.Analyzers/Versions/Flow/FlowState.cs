using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>A version that a write has already used.</summary>
/// <param name="Write">The write.</param>
/// <param name="Line">Its line, for the message.</param>
/// <param name="Owner">What was written: the entity's variable, or null.</param>
/// <param name="Key">Its key, where that is known.</param>
internal sealed record UsedVersion(StoreCall Write, int Line, ISymbol? Owner, KeyRef? Key);

/// <summary>What holds at one point of a graph. Mutable; cloned for each block.</summary>
internal sealed class FlowState
{
    private readonly Dictionary<object, FlowValue> _values;
    private readonly Dictionary<object, Place> _results;

    public FlowState()
    {
        _values = new Dictionary<object, FlowValue>(VariableComparer.Instance);
        _results = new Dictionary<object, Place>(VariableComparer.Instance);
        Used = [];
        Stale = [];
        Decided = [];
    }

    private FlowState(FlowState other)
    {
        _values = new Dictionary<object, FlowValue>(other._values, VariableComparer.Instance);
        _results = new Dictionary<object, Place>(other._results, VariableComparer.Instance);
        Used = new Dictionary<Place, UsedVersion>(other.Used);
        Stale = [.. other.Stale];
        Decided = [.. other.Decided];
    }

    /// <summary>Versions that a write used, by where they stand, as long as they stand there.</summary>
    public Dictionary<Place, UsedVersion> Used { get; }

    /// <summary>Reads whose key or repository has been assigned since.</summary>
    public HashSet<int> Stale { get; }

    /// <summary>Reads whose results went through a filter.</summary>
    public HashSet<int> Decided { get; }

    public int Size => _values.Count + Used.Count + Stale.Count + 1;

    public FlowState Clone() => new(this);

    public FlowValue this[object variable]
    {
        get => _values.TryGetValue(variable, out FlowValue? value) ? value : FlowValue.Unknown;
        set
        {
            if (value.Equals(FlowValue.Unknown))
                _values.Remove(variable);
            else
                _values[variable] = value;
        }
    }

    /// <summary>The variables of which this and nothing else is known.</summary>
    public IEnumerable<object> Holding(Fact fact) => _values.Where(p => !p.Value.Other && p.Value.Facts.Length == 1 && p.Value.Facts[0] with { Changed = false } == fact).Select(static p => p.Key);

    /// <summary>Which version's write the variable holds the result of.</summary>
    public Place? ResultOf(object variable) => _results.TryGetValue(variable, out Place? place) ? place : null;

    public void SetResult(object variable, Place? place)
    {
        if (place is null)
            _results.Remove(variable);
        else
            _results[variable] = place;
    }

    /// <summary>Changes the facts of every variable.</summary>
    public void MapAll(Func<FlowValue, FlowValue> map)
    {
        foreach (object variable in _values.Keys.ToList())
            this[variable] = map(_values[variable]);
    }

    /// <summary>Joins another state into this one.</summary>
    /// <returns>Whether something changed.</returns>
    public bool Join(FlowState other, bool intoHandler)
    {
        bool changed = false;
        foreach (KeyValuePair<object, FlowValue> pair in other._values)
        {
            FlowValue old = this[pair.Key], joined = old.Join(pair.Value);
            if (joined.Equals(old))
                continue;
            this[pair.Key] = joined;
            changed = true;
        }
        foreach (object variable in _values.Keys.Where(v => !other._values.ContainsKey(v)).ToList())
        {
            FlowValue old = _values[variable], joined = old.Join(FlowValue.Unknown);
            if (joined.Equals(old))
                continue;
            this[variable] = joined;
            changed = true;
        }
        foreach (KeyValuePair<object, Place> pair in other._results)
        {
            if (!_results.ContainsKey(pair.Key))
            {
                _results.Add(pair.Key, pair.Value);
                changed = true;
            }
        }
        if (!intoHandler) // where an exception left the block, the write may not have happened
        {
            foreach (KeyValuePair<Place, UsedVersion> pair in other.Used)
            {
                if (!Used.ContainsKey(pair.Key))
                {
                    Used.Add(pair.Key, pair.Value);
                    changed = true;
                }
            }
        }
        foreach (int read in other.Stale)
            changed |= Stale.Add(read);
        foreach (int read in other.Decided)
            changed |= Decided.Add(read);
        return changed;
    }

    /// <summary>Locals and parameters by symbol, flow captures by id.</summary>
    private sealed class VariableComparer : IEqualityComparer<object>
    {
        public static readonly VariableComparer Instance = new();

        public new bool Equals(object? x, object? y) => x is ISymbol a ? y is ISymbol b && SymbolEqualityComparer.Default.Equals(a, b) : x is CaptureId c && y is CaptureId d && c.Equals(d);

        public int GetHashCode(object obj) => obj is ISymbol symbol ? SymbolEqualityComparer.Default.GetHashCode(symbol) : obj.GetHashCode();
    }
}
