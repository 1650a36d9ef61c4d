namespace MemStorage.Analyzers;

/// <summary>Something that the flow analysis knows; facts form a lattice of finite height.</summary>
internal abstract class FlowFact
{
    /// <summary>The least fact that covers both; returns <c>this</c> when <paramref name="other"/> adds nothing.</summary>
    public abstract FlowFact Join(FlowFact other);

    public abstract bool Same(FlowFact other);
}

/// <summary>
/// A persistent map from int to fact (a big-endian Patricia tree, after Okasaki and Gill). States of neighbouring blocks share almost
/// everything, and a merge skips what is shared: its cost is the difference, not the size. That is what keeps a method of thousands of
/// statements linear.
/// </summary>
internal sealed class IntMap
{
    // A leaf has bit 0 and a fact; a branch has the highest bit in which its two sides differ.
    private readonly int _key;
    private readonly uint _bit;
    private readonly FlowFact? _fact;
    private readonly IntMap? _left;
    private readonly IntMap? _right;

    private IntMap(int key, FlowFact fact)
    {
        _key = key;
        _fact = fact;
    }

    private IntMap(int prefix, uint bit, IntMap left, IntMap right)
    {
        _key = prefix;
        _bit = bit;
        _left = left;
        _right = right;
    }

    /// <summary>The fact under the key; null when there is none. The empty map is null.</summary>
    public static FlowFact? Get(IntMap? map, int key)
    {
        while (map is not null && map._bit != 0)
            map = ((uint)key & map._bit) == 0 ? map._left : map._right;
        return map is not null && map._key == key ? map._fact : null;
    }

    public static IntMap Set(IntMap? map, int key, FlowFact fact)
    {
        if (map is null)
            return new IntMap(key, fact);
        if (map._bit == 0)
        {
            if (map._key != key)
                return Link(key, new IntMap(key, fact), map._key, map);
            return ReferenceEquals(map._fact, fact) || map._fact!.Same(fact) ? map : new IntMap(key, fact);
        }
        if (!Matches(key, map))
            return Link(key, new IntMap(key, fact), map._key, map);
        if (((uint)key & map._bit) == 0)
        {
            IntMap left = Set(map._left, key, fact);
            return ReferenceEquals(left, map._left) ? map : new IntMap(map._key, map._bit, left, map._right!);
        }
        IntMap right = Set(map._right, key, fact);
        return ReferenceEquals(right, map._right) ? map : new IntMap(map._key, map._bit, map._left!, right);
    }

    public static IntMap? Remove(IntMap? map, int key)
    {
        if (map is null)
            return null;
        if (map._bit == 0)
            return map._key == key ? null : map;
        if (!Matches(key, map))
            return map;
        bool goLeft = ((uint)key & map._bit) == 0;
        IntMap? old = goLeft ? map._left : map._right;
        IntMap? now = Remove(old, key);
        if (ReferenceEquals(now, old))
            return map;
        if (now is null)
            return goLeft ? map._right : map._left;
        return goLeft ? new IntMap(map._key, map._bit, now, map._right!) : new IntMap(map._key, map._bit, map._left!, now);
    }

    /// <summary>The join of both, key by key (a missing key is bottom). Returns <paramref name="a"/> itself when <paramref name="b"/> adds nothing.</summary>
    public static IntMap? Join(IntMap? a, IntMap? b)
    {
        if (ReferenceEquals(a, b) || b is null)
            return a;
        if (a is null)
            return b;
        if (a._bit == 0)
        {
            FlowFact? other = Get(b, a._key);
            if (other is null)
                return Set(b, a._key, a._fact!);
            FlowFact joined = a._fact!.Join(other);
            return b._bit == 0 && joined.Same(a._fact) ? a : Set(b, a._key, joined);
        }
        if (b._bit == 0)
        {
            FlowFact? mine = Get(a, b._key);
            return Set(a, b._key, mine is null ? b._fact! : mine.Join(b._fact!));
        }
        if (a._bit == b._bit && a._key == b._key)
        {
            IntMap left = Join(a._left, b._left)!;
            IntMap right = Join(a._right, b._right)!;
            return ReferenceEquals(left, a._left) && ReferenceEquals(right, a._right) ? a : new IntMap(a._key, a._bit, left, right);
        }
        if (a._bit > b._bit && Matches(b._key, a))
        {
            if (((uint)b._key & a._bit) == 0)
            {
                IntMap left = Join(a._left, b)!;
                return ReferenceEquals(left, a._left) ? a : new IntMap(a._key, a._bit, left, a._right!);
            }
            IntMap right = Join(a._right, b)!;
            return ReferenceEquals(right, a._right) ? a : new IntMap(a._key, a._bit, a._left!, right);
        }
        if (b._bit > a._bit && Matches(a._key, b))
        {
            return ((uint)a._key & b._bit) == 0
                ? new IntMap(b._key, b._bit, Join(a, b._left)!, b._right!)
                : new IntMap(b._key, b._bit, b._left!, Join(a, b._right)!);
        }
        return Link(a._key, a, b._key, b);
    }

    private static bool Matches(int key, IntMap branch) => Prefix(key, branch._bit) == branch._key;

    private static int Prefix(int key, uint bit) => (int)((uint)key & ~(bit | (bit - 1)));

    private static IntMap Link(int keyA, IntMap a, int keyB, IntMap b)
    {
        uint differ = (uint)keyA ^ (uint)keyB;
        differ |= differ >> 1;
        differ |= differ >> 2;
        differ |= differ >> 4;
        differ |= differ >> 8;
        differ |= differ >> 16;
        uint bit = differ - (differ >> 1);
        return ((uint)keyA & bit) == 0 ? new IntMap(Prefix(keyA, bit), bit, a, b) : new IntMap(Prefix(keyA, bit), bit, b, a);
    }
}
