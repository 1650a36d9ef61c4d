using System.Buffers;

namespace MemStorage.Storage;

/// <summary>
/// The pooled arrays of one <see cref="ScratchBuffer"/> and its copies. Kept by its thread from one lease to the next, so that a lease allocates nothing; the number tells the leases apart.
/// </summary>
internal sealed class ScratchLease
{
    [ThreadStatic]
    private static ScratchLease? t_free;

    private byte[]?[] _arrays = new byte[]?[4];
    private int _count;
    private long _number;
    private ScratchLease? _nextFree;

    private ScratchLease()
    {
    }

    /// <summary>A lease without arrays, and the number under which they are rented and given back.</summary>
    public static ScratchLease Begin(out long number)
    {
        FaultPoint.Allocation();
        ScratchLease lease = t_free ?? new ScratchLease();
        t_free = lease._nextFree;
        lease._nextFree = null;
        number = lease._number;
        return lease;
    }

    /// <summary>One more array, at least of this length, beside those that are rented already.</summary>
    /// <exception cref="ObjectDisposedException">The lease of this number has ended.</exception>
    public Span<byte> Rent(long number, int length)
    {
        FaultPoint.Allocation();
        ObjectDisposedException.ThrowIf(number != _number, typeof(ScratchBuffer));
        if (_count == _arrays.Length)
            Array.Resize(ref _arrays, _count * 2); // before the array is rented: nothing may throw between its renting and its keeping
        byte[] array = ArrayPool<byte>.Shared.Rent(length);
        _arrays[_count++] = array;
        return array;
    }

    /// <summary>Gives all arrays back, when the lease of this number has not ended before.</summary>
    public void End(long number)
    {
        if (number != _number)
            return;
        _number++; // first: whatever happens below, no second end gets past the line above
        for (; _count > 0; _count--)
        {
            byte[] array = _arrays[_count - 1]!;
            _arrays[_count - 1] = null;
#if DEBUG || MEMSTORAGE_TESTHOOKS
            array.AsSpan().Fill(0xDB); // whoever still reads it finds nothing that looks right
#endif
            ArrayPool<byte>.Shared.Return(array);
        }
        _nextFree = t_free;
        t_free = this;
    }
}
