using System.Runtime.CompilerServices;

namespace MemStorage.Storage;

/// <summary>
/// Room for bytes during one call: a buffer of the caller (usually on the stack) that is replaced by a pooled array when it is too small. The only owner of pooled arrays in all packages
/// (a test reads the assemblies): nothing else rents or returns one.
/// </summary>
/// <remarks>
/// An array that is in the pool twice is rented by two callers at once, and one user's response then holds another user's bytes. So no array ever leaves this type, only spans of it do, and a second
/// return does nothing: the arrays belong to a lease, a copy of this struct names the same lease by the same number, and the lease takes another number when it ends. Whoever is first ends it, a second
/// <see cref="Dispose"/> finds the number changed, and renting under an old number throws. Being a ref struct, it stays on its thread, so that no two ends can race.
/// All arrays of a lease stay rented until its end, also those that a larger one has replaced (they double, so these are no more than the last one): a copy that still writes into a
/// smaller one writes into nobody else's memory.
/// </remarks>
internal ref struct ScratchBuffer
{
    private Span<byte> _span;
    private ScratchLease? _lease;
    private long _number;

    public ScratchBuffer(Span<byte> initial) => _span = initial;

    /// <summary>The room; at least what was asked for last.</summary>
    public readonly Span<byte> Span
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => _span;
    }

    /// <summary>Makes room for <paramref name="length"/> bytes; the content is lost.</summary>
    /// <exception cref="ObjectDisposedException">A copy of this buffer was disposed.</exception>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Ensure(int length)
    {
        if (length > _span.Length)
            Rent(length);
    }

    /// <summary>Makes room for <paramref name="length"/> bytes and keeps the first <paramref name="used"/>.</summary>
    /// <param name="length">How much.</param>
    /// <param name="used">What is kept.</param>
    /// <param name="most">The longest that <see cref="Span"/> may become: a pooled array may be longer than what was asked for.</param>
    /// <exception cref="ObjectDisposedException">A copy of this buffer was disposed.</exception>
    public void Grow(int length, int used, int most = int.MaxValue)
    {
        if (length <= _span.Length)
            return;
        ReadOnlySpan<byte> old = _span[..used];
        Rent(length);
        old.CopyTo(_span);
        if (_span.Length > most)
            _span = _span[..most];
    }

    /// <summary>Ends the lease, if there is one; once for all copies.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Dispose()
    {
        ScratchLease? lease = _lease;
        long number = _number;
        this = default;
        lease?.End(number);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Rent(int length)
    {
        _lease ??= ScratchLease.Begin(out _number);
        _span = _lease.Rent(_number, length);
    }
}
