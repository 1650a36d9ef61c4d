using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.FlowAnalysis;

namespace MemStorage.Analyzers.Versions.Flow;

/// <summary>A version that a write has already used.</summary>
/// <param name="Write">The write.</param>
/// <param name="Line">Its line, for the message.</param>
/// <param name="Owner">What was written: the entity's variable, or null.</param>
/// <param name="Key">Its key, where that is known.</param>
internal sealed record UsedVersion(StoreCall Write, int Line, ISymbol? Owner, KeyRef? Key);

/// <summary>The variables of one graph, numbered, and which of them ever held something of a read. Shared by the states of the graph.</summary>
internal sealed class FlowVariables
{
    private readonly Dictionary<object, int> _ids = new(VariableComparer.Instance);
    private readonly List<object> _variables = [];
    private readonly Dictionary<int, SortedSet<int>> _holders = [];

    public IReadOnlyList<object> All => _variables;

    public int IdOf(object variable)
    {
        if (!_ids.TryGetValue(variable, out int id))
        {
            _ids.Add(variable, id = _variables.Count);
            _variables.Add(variable);
        }
        return id;
    }

    public void Remember(int variable, FlowValue value)
    {
        foreach (Fact fact in value.Facts)
        {
            if (!_holders.TryGetValue(fact.Read, out SortedSet<int>? holders))
                _holders.Add(fact.Read, holders = []);
            holders.Add(variable);
        }
    }

    /// <summary>The variables that may hold something of the read.</summary>
    public IReadOnlyCollection<int> HoldersOf(int read) => _holders.TryGetValue(read, out SortedSet<int>? holders) ? holders : [];

    /// <summary>Locals and parameters by symbol, flow captures by id.</summary>
    private sealed class VariableComparer : IEqualityComparer<object>
    {
        public static readonly VariableComparer Instance = new();

        public new bool Equals(object? x, object? y) => x is ISymbol a ? y is ISymbol b && SymbolEqualityComparer.Default.Equals(a, b) : x is CaptureId c && y is CaptureId d && c.Equals(d);

        public int GetHashCode(object obj) => obj is ISymbol symbol ? SymbolEqualityComparer.Default.GetHashCode(symbol) : obj.GetHashCode();
    }
}

/// <summary>
/// What holds at one point of a graph. Mutable; cloned for each block, which costs next to nothing, since the values stand in persistent maps.
/// Every variable of the graph has a value from the start (unknown), so that a join never meets one that only one side knows.
/// </summary>
internal sealed class FlowState
{
    private readonly FlowVariables _variables;
    private IntMap? _values;
    private IntMap? _results;

    public FlowState(FlowVariables variables)
    {
        _variables = variables;
        for (int i = 0; i < variables.All.Count; i++)
            _values = IntMap.Set(_values, i, FlowValue.Unknown);
        Used = [];
        Stale = [];
        Decided = [];
    }

    private FlowState(FlowState other)
    {
        _variables = other._variables;
        _values = other._values;
        _results = other._results;
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

    /// <summary>What it costs to clone or join.</summary>
    public int Size => Used.Count + Stale.Count + Decided.Count + 1;

    public FlowState Clone() => new(this);

    public FlowValue this[object variable]
    {
        get => Get(_variables.IdOf(variable));
        set => Set(_variables.IdOf(variable), value);
    }

    private FlowValue Get(int id) => IntMap.Get(_values, id) as FlowValue ?? FlowValue.Unknown;

    private void Set(int id, FlowValue value)
    {
        _variables.Remember(id, value);
        _values = IntMap.Set(_values, id, value);
    }

    /// <summary>The variables of which this and nothing else is known.</summary>
    public IEnumerable<object> Holding(Fact fact) => _variables.HoldersOf(fact.Read)
        .Where(id => Get(id) is { Other: false, Facts: [var only] } && only with { Changed = false } == fact).Select(id => _variables.All[id]);

    /// <summary>Which version's write the variable holds the result of.</summary>
    public Place? ResultOf(object variable) => (IntMap.Get(_results, _variables.IdOf(variable)) as ResultFact)?.Place;

    public void SetResult(object variable, Place? place)
    {
        int id = _variables.IdOf(variable);
        _results = place is null ? IntMap.Remove(_results, id) : IntMap.Set(_results, id, new ResultFact(place));
    }

    /// <summary>Changes what is known of every variable that may hold something of the read; returns how many there are.</summary>
    public int MapHolders(int read, Func<FlowValue, FlowValue> map)
    {
        int[] holders = [.. _variables.HoldersOf(read)];
        foreach (int id in holders)
        {
            FlowValue old = Get(id), now = map(old);
            if (!now.Equals(old))
                Set(id, now);
        }
        return holders.Length;
    }

    /// <summary>Joins another state into this one.</summary>
    /// <returns>Whether something changed.</returns>
    public bool Join(FlowState other, bool intoHandler)
    {
        bool changed = Update(ref _values, IntMap.Join(_values, other._values)) | Update(ref _results, IntMap.Join(_results, other._results));
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

        static bool Update(ref IntMap? map, IntMap? joined)
        {
            bool differs = !ReferenceEquals(map, joined);
            map = joined;
            return differs;
        }
    }

    /// <summary>Walks chains of copies to their end, for loops that hand a value on from one variable to the next.</summary>
    /// <returns>The assignments walked.</returns>
    public int CloseChains(Dictionary<int, List<int>> copies)
    {
        int steps = 0;
        var pending = new Stack<int>(copies.Keys.OrderByDescending(static k => k));
        while (pending.Count > 0)
        {
            int from = pending.Pop();
            FlowValue value = Get(from);
            foreach (int to in copies[from])
            {
                steps++;
                FlowValue old = Get(to), joined = old.Join(value);
                if (joined.Equals(old))
                    continue;
                Set(to, joined);
                if (copies.ContainsKey(to))
                    pending.Push(to);
            }
        }
        return steps;
    }

    /// <summary>The first write that is met stays.</summary>
    private sealed class ResultFact(Place place) : FlowFact
    {
        public Place Place { get; } = place;

        public override FlowFact Join(FlowFact other) => this;

        public override bool Same(FlowFact other) => other is ResultFact result && Place.Equals(result.Place);
    }
}
