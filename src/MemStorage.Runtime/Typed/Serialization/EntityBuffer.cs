using System.Buffers;
using System.Runtime.CompilerServices;
using MemStorage.Statistics;

namespace MemStorage.Typed;

/// <summary>
/// Where entities are serialized to and copied to before they are decoded: one array per thread, so that neither allocates. Taken for as long as the serializer runs, so
/// that a callback of an entity that itself reads or writes one gets a buffer of its own, and is known to be nested. One thread-static look-up covers both; each is a call.
/// </summary>
internal sealed class EntityBuffer
{
    private const int InitialLength = 1024;

    // an occasional huge entity must not pin its buffer to the thread for ever
    private const int MaxRetainedLength = 1 << 20;

    [ThreadStatic]
    private static EntityBuffer? t_own;

    private readonly byte[] _initial = new byte[InitialLength];
    private byte[] _buffer;
    private int _length;
    private bool _taken; // a new one is not: a thread whose first read finds nothing never takes it

    private EntityBuffer() => _buffer = _initial;

    /// <summary>The counters of the store that the thread read an entity from last.</summary>
    public ReadCounters.Cell? LastCounted;

    /// <summary>The serializer's state, for whoever holds the buffer.</summary>
    public SerializerState State { get; } = new();

    /// <summary>Whether the thread is inside the serializer already: MemoryPack keeps one state per thread, which a second call must not reset.</summary>
    public bool IsNested { get; private init; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntityBuffer Take()
    {
        EntityBuffer buffer = OfThread();
        buffer._taken = true;
        return buffer;
    }

    /// <summary>
    /// The thread's buffer for a reader that takes it only when it decodes (<see cref="Hold"/>): until then what others of the thread leave in it does no harm, and nothing has
    /// to be given back when the read throws.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static EntityBuffer OfThread()
    {
        EntityBuffer? own = t_own;
        return own is null || own._taken ? TakeAnother(own) : own;
    }

    /// <summary>Takes a buffer that <see cref="OfThread"/> gave.</summary>
    public void Hold() => _taken = true;

    /// <summary>Ends <see cref="Hold"/>, also when the serializer has thrown.</summary>
    public void Release() => _taken = false;

    /// <summary>Gives the buffer back, on the thread that took it; also when the serializer has thrown.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Return(EntityBuffer buffer)
    {
        buffer._length = 0;
        if (buffer._buffer.Length > MaxRetainedLength)
            buffer._buffer = buffer._initial; // not a new one: the write stands, and giving back must not fail
        buffer._taken = false;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static EntityBuffer TakeAnother(EntityBuffer? own) => own is null ? t_own = new EntityBuffer() : new EntityBuffer { IsNested = true };

    /// <summary>All of the array, for a reader that brings its own length.</summary>
    public Span<byte> Whole => _buffer;

    public ReadOnlySpan<byte> Written => new(_buffer, 0, _length);

    public void Clear() => _length = 0;

    public void Advance(int count)
    {
        if ((uint)count > (uint)(_buffer.Length - _length))
            throw new ArgumentOutOfRangeException(nameof(count), count, $"Only {_buffer.Length - _length} bytes were handed out.");
        _length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _buffer.AsSpan(_length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Ensure(int sizeHint)
    {
        if (sizeHint >= _buffer.Length - _length)
            Grow(sizeHint);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int sizeHint)
    {
        long needed = _length + Math.Max(1L, sizeHint);
        if (needed > Array.MaxLength)
            throw new InvalidOperationException($"An entity of more than {Array.MaxLength} bytes cannot be serialized.");
        Array.Resize(ref _buffer, (int)Math.Min(Array.MaxLength, Math.Max(needed, _buffer.Length * 2L)));
    }
}

/// <summary>
/// An <see cref="EntityBuffer"/> as MemoryPack's type argument. A struct, because code that is generic over structs is compiled for each: calls to the
/// buffer are direct, and Native AOT prepares the generic virtual methods of the serializers, which it does not for classes it shares code between.
/// </summary>
internal readonly struct EntityBufferWriter(EntityBuffer buffer) : IBufferWriter<byte>
{
    public void Advance(int count) => buffer.Advance(count);

    public Memory<byte> GetMemory(int sizeHint = 0) => buffer.GetMemory(sizeHint);

    public Span<byte> GetSpan(int sizeHint = 0) => buffer.GetSpan(sizeHint);
}
