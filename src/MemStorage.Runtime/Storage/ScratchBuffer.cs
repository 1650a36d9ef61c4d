using System.Buffers;

namespace MemStorage.Storage;

/// <summary>
/// Where a read copies a value to: a buffer of the caller (usually on the stack) that is replaced by a pooled array when it is too small.
/// </summary>
internal ref struct ScratchBuffer
{
    private Span<byte> _span;
    private byte[]? _rented;

    public ScratchBuffer(Span<byte> initial) => _span = initial;

    public readonly Span<byte> Span => _span;

    /// <summary>Makes room for <paramref name="length"/> bytes; the content is lost.</summary>
    public void Ensure(int length)
    {
        if (length <= _span.Length)
            return;
        byte[] bigger = ArrayPool<byte>.Shared.Rent(length);
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = bigger;
        _span = bigger;
    }

    public void Dispose()
    {
        if (_rented is not null)
            ArrayPool<byte>.Shared.Return(_rented);
        _rented = null;
        _span = default;
    }
}
