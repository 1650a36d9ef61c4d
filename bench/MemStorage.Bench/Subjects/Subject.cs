using System.Buffers;
using MemStorage.Bench.Load;

namespace MemStorage.Bench.Subjects;

/// <summary>What a subject can do.</summary>
[Flags]
internal enum Abilities
{
    None = 0,

    /// <summary>Copy the stored bytes into a buffer of the caller.</summary>
    Copy = 1,

    /// <summary>Give an order that the caller may change (or, in stores of objects, must not: see <see cref="Subject.Remark"/>).</summary>
    Typed = 2,

    /// <summary>Give a view of the stored bytes.</summary>
    NoCopy = 4,

    /// <summary>Give an order that is shared with other callers.</summary>
    Shared = 8,

    /// <summary>Forget entries by itself to stay within a bound.</summary>
    Evicts = 16,

    /// <summary>Keep the very object that is stored, so that each write needs one of its own.</summary>
    KeepsObjects = 32,

    /// <summary>Read many keys in one call.</summary>
    Batch = 64,
}

/// <summary>
/// A store under test. Each operation gets the number of the entry and its key as a string made beforehand; a subject uses whichever its users would have.
/// </summary>
internal abstract class Subject : IDisposable
{
    /// <summary>The name in tables.</summary>
    public abstract string Name { get; }

    public abstract Abilities Abilities { get; }

    /// <summary>What a reader of the table must know.</summary>
    public virtual string Remark => "";

    /// <summary>Returns the length, or -1.</summary>
    public virtual int Copy(int id, string key, Span<byte> destination) => throw new NotSupportedException();

    public virtual Order? Typed(int id, string key) => throw new NotSupportedException();

    /// <summary>Returns the first byte plus the length, or -1.</summary>
    public virtual int NoCopy(int id, string key) => throw new NotSupportedException();

    public virtual Order? Shared(int id, string key) => throw new NotSupportedException();

    /// <summary>Reads each of at most 64 keys in one call; returns a sum over what was read.</summary>
    public virtual long Together(ReadOnlySpan<int> ids, ReadOnlySpan<string> keys) => throw new NotSupportedException();

    /// <summary>Reads the same with a call for each.</summary>
    public virtual long OneByOne(ReadOnlySpan<int> ids, ReadOnlySpan<string> keys) => throw new NotSupportedException();

    public abstract void Set(int id, string key, Order order);

    /// <summary>Stores under this number; the order is the caller's again afterwards unless the subject keeps objects.</summary>
    public void SetFrom(Order template, int id, string key)
    {
        if (Abilities.HasFlag(Abilities.KeepsObjects))
            template = template.With(id);
        else
            template.Id = id;
        Set(id, key, template);
    }

    /// <summary>Stores the orders 0 to <paramref name="entries"/> - 1.</summary>
    public virtual void Load(int entries)
    {
        for (int id = 0; id < entries; id++)
            Set(id, Order.KeyOf(id), Order.Create(id));
    }

    public virtual void Dispose()
    {
    }
}

/// <summary>A buffer to serialize into, one per thread, so that no subject pays for an array that it does not keep.</summary>
internal sealed class ThreadBuffer : IBufferWriter<byte>
{
    [ThreadStatic]
    private static ThreadBuffer? _instance;

    private byte[] _bytes = new byte[1024];
    private int _length;

    private ThreadBuffer()
    {
    }

    public ReadOnlySpan<byte> Written => _bytes.AsSpan(0, _length);

    public static ThreadBuffer Empty()
    {
        ThreadBuffer buffer = _instance ??= new ThreadBuffer();
        buffer._length = 0;
        return buffer;
    }

    public void Advance(int count) => _length += count;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsMemory(_length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(sizeHint);
        return _bytes.AsSpan(_length);
    }

    private void Ensure(int sizeHint)
    {
        if (_bytes.Length - _length < Math.Max(1, sizeHint))
            Array.Resize(ref _bytes, Math.Max(2 * _bytes.Length, _length + sizeHint));
    }
}
