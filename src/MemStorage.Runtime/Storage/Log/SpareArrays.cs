using System.Diagnostics.CodeAnalysis;
using System.Numerics;

namespace MemStorage.Storage.Log;

/// <summary>
/// The arrays of large values that hold nothing at the moment, kept to be used again: large values come and go, and an array that the garbage collector has to take back
/// stays in the process until a full collection. Their bytes stay reserved from the bound (<see cref="MemoryBudget"/> takes them back when another user needs the room).
/// <para>
/// Arrays come in sixteen sizes per doubling, so a new one is at most a sixteenth larger than its record. A spare one may be larger: best fit, within what the caller
/// accepts. Thread-safe; its lock is a leaf, so it may be called under a shard's lock.
/// </para>
/// </summary>
internal sealed class SpareArrays
{
    private const int StepBits = 4;

    private readonly Lock _lock = new();
    private readonly Stack<byte[]>?[] _classes = new Stack<byte[]>?[32 << StepBits];
    private long _bytes;
    private int _idle;
    private bool _closed;

    /// <summary>All spare bytes; part of what is reserved.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>The length of a new array for a record of so many bytes; never that of a normal segment, which is how the two are told apart.</summary>
    public static long LengthFor(long recordBytes, int segmentBytes)
    {
        long step = Math.Max(8, (long)BitOperations.RoundUpToPowerOf2((ulong)recordBytes) >> (StepBits + 1));
        long length = Math.Min((recordBytes + step - 1) & -step, Array.MaxLength & ~7);
        return length == segmentBytes ? length + 8 : length;
    }

    /// <summary>The smallest spare array of <paramref name="least"/> to <paramref name="most"/> bytes; its bytes are the caller's now.</summary>
    public bool TryTake(int least, long most, [NotNullWhen(true)] out byte[]? array)
    {
        array = null;
        if (Bytes < least)
            return false;
        int last = ClassOf((int)Math.Min(most, int.MaxValue));
        using (_lock.EnterUninterrupted())
        {
            for (int c = ClassOf(least); c <= last; c++)
            {
                // the first and the last class hold lengths on both sides of the border; one look is enough, the next class is close
                if (_classes[c] is not { Count: > 0 } spare || spare.Peek().Length < least || spare.Peek().Length > most)
                    continue;
                array = spare.Pop();
                _bytes -= array.Length;
                _idle = 0;
                return true;
            }
        }
        return false;
    }

    /// <summary>
    /// Takes over an array, with its reserved bytes. Nobody may read or write it any more, a reader that finds out afterwards excepted. False: the store is closed, or there is no memory
    /// for the list; the caller keeps it. Never throws: what the array held is gone already.
    /// </summary>
    public bool TryAdd(byte[] array)
    {
        using (_lock.EnterUninterrupted())
        {
            if (_closed)
                return false;
            try
            {
                FaultPoint.Allocation();
                (_classes[ClassOf(array.Length)] ??= new Stack<byte[]>()).Push(array);
            }
            catch (OutOfMemoryException)
            {
                return false;
            }
            _bytes += array.Length;
            _idle = 0;
            return true;
        }
    }

    /// <summary>
    /// Lets go of arrays of at least so many bytes, as few as will do, and returns how many; the caller releases them. 0: there are not as many, and all stay.
    /// </summary>
    public long Drop(long atLeast)
    {
        using (_lock.EnterUninterrupted())
        {
            if (_bytes < atLeast)
                return 0;
            long dropped = 0;
            while (dropped < atLeast)
                dropped += DropOne(atLeast - dropped);
            return dropped;
        }
    }

    /// <summary>
    /// Lets go of the smallest arrays, of so many bytes or one array more, and returns how many; the caller releases them. Where sizes grow they are the oldest, which lie side by
    /// side on the heap: what they leave is room for larger ones.
    /// </summary>
    public long DropSmallest(long atLeast)
    {
        using (_lock.EnterUninterrupted())
        {
            long dropped = 0;
            while (dropped < atLeast && _bytes > 0)
                dropped += DropOne(0);
            return dropped;
        }
    }

    /// <summary>Called when a shard evicts for want of room: spare arrays that nothing was taken from or added to for so many calls go one by one.</summary>
    public long DropIdle(int patience)
    {
        if (Bytes == 0)
            return 0;
        using (_lock.EnterUninterrupted())
            return _bytes > 0 && ++_idle > patience ? DropOne(1) : 0;
    }

    /// <summary>Lets go of everything, now or (<paramref name="close"/>) for ever, and returns how many bytes; the caller releases them.</summary>
    public long Clear(bool close)
    {
        using (_lock.EnterUninterrupted())
        {
            _closed |= close;
            long dropped = _bytes;
            Array.Clear(_classes);
            _bytes = 0;
            return dropped;
        }
    }

    /// <summary>For tests: the bytes found equal the bytes counted, each array is in its class and there once.</summary>
    public void Validate()
    {
        using (_lock.EnterUninterrupted())
        {
            long found = 0;
            var seen = new HashSet<byte[]>(ReferenceEqualityComparer.Instance);
            for (int c = 0; c < _classes.Length; c++)
            {
                foreach (byte[] array in _classes[c] ?? [])
                {
                    if (ClassOf(array.Length) != c || !seen.Add(array))
                        throw new InvalidOperationException($"Invariant: a spare array of {array.Length} bytes is in class {c} or there twice.");
                    found += array.Length;
                }
            }
            if (found != _bytes)
                throw new InvalidOperationException($"Invariant: spare arrays have {found} bytes, counted {_bytes}.");
        }
    }

    /// <summary>The smallest array that is enough alone; if there is none, the largest.</summary>
    private long DropOne(long wanted)
    {
        int found = -1;
        for (int c = 0; c < _classes.Length; c++)
        {
            if (_classes[c] is not { Count: > 0 } spare)
                continue;
            found = c;
            if (spare.Peek().Length >= wanted)
                break;
        }
        long dropped = _classes[found]!.Pop().Length;
        _bytes -= dropped;
        return dropped;
    }

    /// <summary>Sixteen classes per doubling, ascending: the position of the highest bit, and the four bits below it.</summary>
    private static int ClassOf(int length)
    {
        int high = BitOperations.Log2((uint)Math.Max(1 << StepBits, length));
        return (high << StepBits) | ((length >> (high - StepBits)) & ((1 << StepBits) - 1));
    }
}
