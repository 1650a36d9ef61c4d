namespace MemStorage.Analyzers.Sharing.Flow;

/// <summary>
/// What a variable or expression may refer to: objects from outside (<see cref="Mask"/>, see <see cref="Origins"/>) and objects made in this
/// method (<see cref="Sites"/>). In terms of the lattice None &lt; Shallow &lt; Shared: a source bit in the mask is Shared; a site whose members
/// have one is Shallow; anything else is None.
/// </summary>
internal sealed class Value : FlowFact
{
    public static readonly Value None = new(0, []);

    private Value(ulong mask, int[] sites)
    {
        Mask = mask;
        Sites = sites;
    }

    public ulong Mask { get; }

    /// <summary>Ids of the objects made in this method, ascending.</summary>
    public int[] Sites { get; }

    public bool IsNone => Mask == 0 && Sites.Length == 0;

    public bool IsShared => Origins.HasSource(Mask);

    public static Value Of(ulong mask) => mask == 0 ? None : new Value(mask, []);

    public static Value OfSite(int site, ulong mask = 0) => new(mask, [site]);

    public Value WithoutMask() => Mask == 0 ? this : Sites.Length == 0 ? None : new Value(0, Sites);

    public Value WithMask(ulong mask) => mask == Mask ? this : mask == 0 && Sites.Length == 0 ? None : new Value(mask, Sites);

    public Value Join(Value other)
    {
        if (ReferenceEquals(this, other) || other.IsNone)
            return this;
        if (IsNone)
            return other;
        int[] sites = Union(Sites, other.Sites);
        ulong mask = Mask | other.Mask;
        return mask == Mask && ReferenceEquals(sites, Sites) ? this : new Value(mask, sites);
    }

    public override FlowFact Join(FlowFact other) => other is Value v ? Join(v) : this;

    public override bool Same(FlowFact other) =>
        ReferenceEquals(this, other) || (other is Value v && v.Mask == Mask && (ReferenceEquals(v.Sites, Sites) || v.Sites.AsSpan().SequenceEqual(Sites)));

    private static int[] Union(int[] a, int[] b)
    {
        if (b.Length == 0 || ReferenceEquals(a, b))
            return a;
        if (a.Length == 0)
            return b;
        var union = new List<int>(a.Length + b.Length);
        int i = 0, j = 0;
        while (i < a.Length || j < b.Length)
        {
            if (j == b.Length || (i < a.Length && a[i] < b[j]))
                union.Add(a[i++]);
            else if (i == a.Length || b[j] < a[i])
                union.Add(b[j++]);
            else
            {
                union.Add(a[i++]);
                j++;
            }
        }
        return union.Count == a.Length ? a : union.ToArray();
    }
}

/// <summary>
/// An object made in this method: a <c>new</c>, a <c>with</c> copy, a list from LINQ, a struct copied out of a shared object. Its own members
/// may be changed; what they refer to may not.
/// </summary>
internal sealed class HeapObject : FlowFact
{
    /// <summary>The pseudo-member that stands for all elements of a collection.</summary>
    public const string Elements = "[]";

    public static readonly HeapObject Fresh = new(0, new Dictionary<string, Value>(0));

    private readonly Dictionary<string, Value> _members;

    private HeapObject(ulong others, Dictionary<string, Value> members)
    {
        Others = others;
        _members = members;
    }

    /// <summary>The origin of every member that was not assigned in this method: of the original for a shallow copy, 0 for a new object.</summary>
    public ulong Others { get; }

    public IReadOnlyDictionary<string, Value> Members => _members;

    public static HeapObject CopyOf(ulong others) => others == 0 ? Fresh : new HeapObject(others, new Dictionary<string, Value>(0));

    public Value Get(string member) => _members.TryGetValue(member, out Value? v) ? v : Value.Of(Others);

    public bool Knows(string member) => _members.ContainsKey(member);

    public HeapObject With(string member, Value value)
    {
        if (Get(member).Same(value))
            return this;
        var members = new Dictionary<string, Value>(_members, StringComparer.Ordinal);
        if (value.Same(Value.Of(Others)))
            members.Remove(member);
        else
            members[member] = value;
        return new HeapObject(Others, members);
    }

    public override FlowFact Join(FlowFact other)
    {
        if (other is not HeapObject o || ReferenceEquals(this, o))
            return this;
        HeapObject result = this;
        if ((o.Others & ~Others) != 0)
        {
            // A member that only one side knows must not be widened by the other's default before it is joined below.
            var members = new Dictionary<string, Value>(StringComparer.Ordinal);
            foreach (KeyValuePair<string, Value> m in _members)
                members[m.Key] = m.Value;
            result = new HeapObject(Others | o.Others, members);
        }
        foreach (string name in o._members.Keys.Concat(_members.Keys).Distinct(StringComparer.Ordinal).OrderBy(static n => n, StringComparer.Ordinal))
            result = result.With(name, Get(name).Join(o.Get(name)));
        return result;
    }

    public override bool Same(FlowFact other)
    {
        if (ReferenceEquals(this, other))
            return true;
        if (other is not HeapObject o || o.Others != Others || o._members.Count != _members.Count)
            return false;
        foreach (KeyValuePair<string, Value> m in _members)
        {
            if (!o._members.TryGetValue(m.Key, out Value? v) || !v.Same(m.Value))
                return false;
        }
        return true;
    }
}
