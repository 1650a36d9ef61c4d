namespace MemStorage.Typed;

/// <summary>A walk over a range of one index in the order of its values, over all stripes at once. Belongs to one caller.</summary>
internal sealed class IndexCursor
{
    // Where others write without end the entities they leave open could keep a walk from going on: after so many tries it goes on without them.
    private const int MaxTries = 16;

    private static readonly Comparer<(byte[] Value, byte[] Key)> s_order = Comparer<(byte[] Value, byte[] Key)>.Create(static (left, right) => Compare(left.Value, left.Key, right.Value, right.Key));

    private readonly EntityIndexes _indexes;
    private readonly int _index;
    private readonly byte[] _to;
    private readonly Func<bool> _readOpen;
    private readonly Part[] _parts;
    private SortedSet<(byte[] Value, byte[] Key)>? _moved; // entities that others moved forward, at the place where they are now
    private (byte[] Value, byte[] Key) _place;             // of the moved entity that is current
    private int _current = None;
    private byte[] _lastValue = [];
    private byte[] _lastKey = [];

    private const int None = -1;
    private const int Moved = -2;

    /// <param name="indexes">The indexes.</param>
    /// <param name="index">Which of them.</param>
    /// <param name="from">The lowest value.</param>
    /// <param name="to">The highest value.</param>
    /// <param name="readOpen">Reads the entities whose values are not known; false when the bound has no room for them.</param>
    public IndexCursor(EntityIndexes indexes, int index, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, Func<bool> readOpen)
    {
        _indexes = indexes;
        _index = index;
        _to = IndexValues.Cut(to).ToArray();
        _readOpen = readOpen;
        _parts = new Part[indexes.Stripes.Length];
        byte[] start = IndexValues.Cut(from).ToArray();
        for (int i = 0; i < _parts.Length; i++)
            Failed |= !Fill(_parts[i] = new Part(), indexes.Stripes[i], start, default, after: false);
    }

    /// <summary>A stripe has lost its entries for want of memory: what is left to find must be looked for elsewhere.</summary>
    public bool Failed { get; private set; }

    /// <summary>When the walk has failed: where it was.</summary>
    public (byte[] Value, byte[] Key) Last => (_lastValue, _lastKey);

    public ReadOnlySpan<byte> Value => _current == Moved ? _place.Value : _parts[_current].Chunk.Value(_parts[_current].At);

    public ReadOnlySpan<byte> Key => _current == Moved ? _place.Key : _parts[_current].Chunk.Key(_parts[_current].At);

    public bool MoveNext()
    {
        if (_current >= 0 && !Failed && !Advance(_parts[_current], _indexes.Stripes[_current]))
            Failed = true;
        if (Failed)
            return false;
        int least = None;
        for (int i = 0; i < _parts.Length; i++)
            if (_parts[i].At < _parts[i].Chunk.Count && (least == None || Compare(_parts[i], _parts[least]) < 0))
                least = i;
        _current = least;
        if (_moved is { Count: > 0 })
            TakeMoved();
        return _current != None;
    }

    /// <summary>
    /// The current entity has a greater value by now. It is met at its new place: the entries behind the current one were copied before it was there, perhaps.
    /// </summary>
    public void MeetAgain(ReadOnlySpan<byte> value) => (_moved ??= new(s_order)).Add((value.ToArray(), Key.ToArray()));

    private void TakeMoved()
    {
        (byte[] Value, byte[] Key) first = _moved!.Min;
        int order = _current == None ? -1 : Compare(first.Value, first.Key, Value, Key);
        if (order > 0)
            return;
        _moved.Remove(first);
        if (order == 0)
            return; // met in the index already
        _place = first;
        _current = Moved;
    }

    private bool Advance(Part part, IndexStripe stripe)
    {
        if (++part.At < part.Chunk.Count)
            return true;
        _lastValue = part.Chunk.Value(part.At - 1).ToArray();
        _lastKey = part.Chunk.Key(part.At - 1).ToArray();
        return Fill(part, stripe, _lastValue, _lastKey, after: true);
    }

    // an entity that was replicated meanwhile has lost its place in the order, and would be missed, until it is read
    private bool Fill(Part part, IndexStripe stripe, ReadOnlySpan<byte> value, ReadOnlySpan<byte> key, bool after)
    {
        part.At = 0;
        for (int tries = 0; ; tries++)
        {
            if (!stripe.Collect(_index, value, key, after, _to, part.Chunk))
                return false;
            if (!part.Chunk.HasOpen || tries == MaxTries)
                return true;
            if (!_readOpen())
                return false;
        }
    }

    private static int Compare(Part left, Part right) =>
        Compare(left.Chunk.Value(left.At), left.Chunk.Key(left.At), right.Chunk.Value(right.At), right.Chunk.Key(right.At));

    private static int Compare(ReadOnlySpan<byte> leftValue, ReadOnlySpan<byte> leftKey, ReadOnlySpan<byte> rightValue, ReadOnlySpan<byte> rightKey)
    {
        int order = leftValue.SequenceCompareTo(rightValue);
        return order != 0 ? order : leftKey.SequenceCompareTo(rightKey);
    }

    private sealed class Part
    {
        public readonly IndexChunk Chunk = new();
        public int At;
    }
}
