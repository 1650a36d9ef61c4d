namespace MemStorage.Traces;

/// <summary>Collects the accesses of a made-up trace; keys may be any numbers and are numbered by first appearance.</summary>
internal sealed class TraceWriter(int seed)
{
    private readonly Dictionary<int, int> _numbers = [];
    private readonly List<int> _accesses = [];
    private readonly List<int> _sizes = [];

    public Random Random { get; } = new(seed);

    /// <summary>The value size of a key, 32 to 1,024 bytes where nothing else is said; unrelated to how popular it is.</summary>
    public Func<int, int> SizeOf { get; set; } = static key => 32 + (int)((uint)((key + 1) * 2654435761L) >> 8) % 993;

    public void Add(int key)
    {
        if (!_numbers.TryGetValue(key, out int number))
        {
            number = _sizes.Count;
            _numbers.Add(key, number);
            _sizes.Add(SizeOf(key));
        }
        _accesses.Add(number);
    }

    public Trace Finish(string name) => Trace.From(name, [.. _accesses], [.. _sizes]);
}

/// <summary>Draws keys whose popularity falls with a power of their rank; which key has which rank is shuffled.</summary>
internal sealed class ZipfSampler
{
    private readonly double[] _cumulated;
    private readonly int[] _keys;
    private readonly Random _random;

    public ZipfSampler(int keys, double exponent, Random random)
    {
        _random = random;
        _cumulated = new double[keys];
        double sum = 0;
        for (int i = 0; i < keys; i++)
            _cumulated[i] = sum += Math.Pow(i + 1, -exponent);
        _keys = [.. Enumerable.Range(0, keys)];
        random.Shuffle(_keys);
    }

    public int Next() => _keys[NextRank()];

    /// <summary>0: the most popular.</summary>
    public int NextRank()
    {
        int i = Array.BinarySearch(_cumulated, _random.NextDouble() * _cumulated[^1]);
        return Math.Min(_cumulated.Length - 1, i < 0 ? ~i : i);
    }
}

/// <summary>An LRU stack that is asked by depth: a Fenwick tree over the times of the last uses.</summary>
internal sealed class RecencyStack(int uses)
{
    private readonly int[] _tree = new int[uses + 1];
    private readonly int[] _keyAt = new int[uses + 1];
    private int _time;

    public int Count { get; private set; }

    public int Push(int key)
    {
        _keyAt[++_time] = key;
        Change(_time, 1);
        Count++;
        return key;
    }

    /// <summary>The key at a depth, 0 for the one used last, moves to the top.</summary>
    public int Touch(int depth)
    {
        int place = PlaceOf(Count - depth);
        Change(place, -1);
        Count--;
        return Push(_keyAt[place]);
    }

    private void Change(int i, int by)
    {
        for (; i < _tree.Length; i += i & -i)
            _tree[i] += by;
    }

    private int PlaceOf(int rank)
    {
        int place = 0;
        for (int step = 1 << System.Numerics.BitOperations.Log2((uint)_tree.Length); step > 0; step >>= 1)
        {
            if (place + step < _tree.Length && _tree[place + step] < rank)
                rank -= _tree[place += step];
        }
        return place + 1;
    }
}
