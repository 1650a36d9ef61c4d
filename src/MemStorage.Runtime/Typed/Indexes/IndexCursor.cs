namespace MemStorage.Typed;

/// <summary>A walk over a range of one index in the order of its values, over all stripes at once. Belongs to one caller.</summary>
internal sealed class IndexCursor
{
    private readonly EntityIndexes _indexes;
    private readonly int _index;
    private readonly byte[] _to;
    private readonly Part[] _parts;
    private int _current = -1;
    private byte[] _lastValue = [];
    private byte[] _lastKey = [];

    public IndexCursor(EntityIndexes indexes, int index, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        _indexes = indexes;
        _index = index;
        _to = IndexValues.Cut(to).ToArray();
        _parts = new Part[indexes.Stripes.Length];
        byte[] start = IndexValues.Cut(from).ToArray();
        for (int i = 0; i < _parts.Length; i++)
            Failed |= !Fill(_parts[i] = new Part(), indexes.Stripes[i], start, default, after: false);
    }

    /// <summary>A stripe has lost its entries for want of memory: what is left to find must be looked for elsewhere.</summary>
    public bool Failed { get; private set; }

    /// <summary>When the walk has failed: where it was.</summary>
    public (byte[] Value, byte[] Key) Last => (_lastValue, _lastKey);

    public ReadOnlySpan<byte> Value => _parts[_current].Chunk.Value(_parts[_current].At);

    public ReadOnlySpan<byte> Key => _parts[_current].Chunk.Key(_parts[_current].At);

    public bool MoveNext()
    {
        if (_current >= 0 && !Failed && !Advance(_parts[_current], _indexes.Stripes[_current]))
            Failed = true;
        if (Failed)
            return false;
        int least = -1;
        for (int i = 0; i < _parts.Length; i++)
            if (_parts[i].At < _parts[i].Chunk.Count && (least < 0 || Compare(_parts[i], _parts[least]) < 0))
                least = i;
        _current = least;
        return least >= 0;
    }

    private bool Advance(Part part, IndexStripe stripe)
    {
        if (++part.At < part.Chunk.Count)
            return true;
        _lastValue = part.Chunk.Value(part.At - 1).ToArray();
        _lastKey = part.Chunk.Key(part.At - 1).ToArray();
        return Fill(part, stripe, _lastValue, _lastKey, after: true);
    }

    private bool Fill(Part part, IndexStripe stripe, ReadOnlySpan<byte> value, ReadOnlySpan<byte> key, bool after)
    {
        part.At = 0;
        return stripe.Collect(_index, value, key, after, _to, part.Chunk);
    }

    private static int Compare(Part left, Part right)
    {
        int order = left.Chunk.Value(left.At).SequenceCompareTo(right.Chunk.Value(right.At));
        return order != 0 ? order : left.Chunk.Key(left.At).SequenceCompareTo(right.Chunk.Key(right.At));
    }

    private sealed class Part
    {
        public readonly IndexChunk Chunk = new();
        public int At;
    }
}
