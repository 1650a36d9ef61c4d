namespace MemStorage.Typed;

/// <summary>Some entries of an index, copied out of it so that they can be looked at without its lock.</summary>
internal sealed class IndexChunk
{
    private const int Capacity = 64;

    private const int FewEntries = 4;
    private const int FewBytes = 128;

    // a search has a chunk for each stripe, and most find little: room is made as it is needed
    private Entry[] _entries = [];
    private byte[] _bytes = [];
    private int _length;

    public int Count { get; private set; }

    /// <summary>When the entries were copied, others were known whose place in the index was not.</summary>
    public bool HasOpen { get; set; }

    public void Clear()
    {
        Count = 0;
        _length = 0;
    }

    public bool TryAdd(ReadOnlySpan<byte> value, ReadOnlySpan<byte> key, long stamp)
    {
        if (Count == Capacity)
            return false;
        if (Count == _entries.Length)
            Array.Resize(ref _entries, Math.Max(FewEntries, Count * 2));
        if (_length + value.Length + key.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(Math.Max(FewBytes, _bytes.Length * 2), _length + value.Length + key.Length));
        value.CopyTo(_bytes.AsSpan(_length));
        key.CopyTo(_bytes.AsSpan(_length + value.Length));
        _entries[Count++] = new Entry(_length, value.Length, key.Length, stamp);
        _length += value.Length + key.Length;
        return true;
    }

    public ReadOnlySpan<byte> Value(int i) => _bytes.AsSpan(_entries[i].Start, _entries[i].ValueLength);

    public ReadOnlySpan<byte> Key(int i) => _bytes.AsSpan(_entries[i].Start + _entries[i].ValueLength, _entries[i].KeyLength);

    public long Stamp(int i) => _entries[i].Stamp;

    private readonly record struct Entry(int Start, int ValueLength, int KeyLength, long Stamp);
}
