namespace MemStorage.Typed;

/// <summary>The indexed values of one entity as bytes, one after the other, in a buffer that is used again.</summary>
internal sealed class IndexValues
{
    private readonly int[] _ends;
    private byte[] _bytes = new byte[64];
    private int _count;

    public IndexValues(int indexes) => _ends = new int[indexes];

    public int Capacity => _ends.Length;

    public void Clear() => _count = 0;

    public void Add(ReadOnlySpan<byte> value)
    {
        int start = _count == 0 ? 0 : _ends[_count - 1];
        value = Cut(value);
        if (start + value.Length > _bytes.Length)
            Array.Resize(ref _bytes, Math.Max(_bytes.Length * 2, start + value.Length));
        value.CopyTo(_bytes.AsSpan(start));
        _ends[_count++] = start + value.Length;
    }

    /// <summary>The value of an index, cut to what an index keeps.</summary>
    public ReadOnlySpan<byte> Cut(int index)
    {
        int start = index == 0 ? 0 : _ends[index - 1];
        return _bytes.AsSpan(start, _ends[index] - start);
    }

    public static ReadOnlySpan<byte> Cut(ReadOnlySpan<byte> value) => value.Length <= IndexStripe.MaxValueLength ? value : value[..IndexStripe.MaxValueLength];
}
