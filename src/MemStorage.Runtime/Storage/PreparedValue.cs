namespace MemStorage.Storage;

/// <summary>A value ready to be stored: compressed or not, outside the lock.</summary>
/// <param name="stored">The bytes as they go into the record.</param>
/// <param name="original">The bytes as the caller gave them.</param>
/// <param name="compressed">Whether <paramref name="stored"/> is compressed.</param>
internal readonly ref struct PreparedValue(ReadOnlySpan<byte> stored, ReadOnlySpan<byte> original, bool compressed)
{
    public ReadOnlySpan<byte> Stored { get; } = stored;

    public ReadOnlySpan<byte> Original { get; } = original;

    public bool Compressed { get; } = compressed;
}
