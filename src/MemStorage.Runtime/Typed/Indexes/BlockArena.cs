using System.Buffers.Binary;
using System.Numerics;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// Blocks of bytes of any size in a few large arrays, named by a 32-bit reference: no object per block. A freed block is used again for one of
/// its size class, and only for that: what is cut up is never joined again, so larger blocks are not cut up. Classes are an eighth of a power
/// of two apart, so that rounding costs at most 12.5 %. Not thread-safe.
/// <code>
/// reference  31 ............ s | s-1 .......... 0        s = log2(chunk bytes / 8)
///            number of chunk   | offset / 8               0 is no block
/// </code>
/// A block larger than a quarter of a chunk has a chunk of its own, which is given back when it is freed.
/// </summary>
internal sealed class BlockArena
{
    private const int Unit = 8;
    private const int ExactUnits = 32;
    private const int LeastChunks = 4;
    private const int ChunkOverhead = 40; // array header and place in the table

    private readonly IMemoryReservation _memory;
    private readonly int _chunkBytes;
    private readonly int _shift;
    private readonly uint[] _free = new uint[128];
    private readonly Stack<int> _freeNumbers = new();
    private byte[]?[] _chunks = [];
    private int _count = 1; // there is no chunk 0, so that no block has the reference 0
    private int _current;
    private int _tail;

    public BlockArena(IMemoryReservation memory, int chunkBytes)
    {
        _memory = memory;
        _chunkBytes = chunkBytes;
        _shift = BitOperations.Log2((uint)chunkBytes / Unit);
    }

    /// <summary>The bytes reserved.</summary>
    public long Bytes { get; private set; }

    public Span<byte> At(uint block) => _chunks[block >> _shift].AsSpan((int)(block & ((1u << _shift) - 1)) * Unit);

    /// <summary>Takes a block; its content is undefined.</summary>
    /// <returns>False when the bound has no room; nothing has changed then, nor when there is no memory and this throws.</returns>
    public bool TryAllocate(int size, out uint block)
    {
        int units = RoundUp((size + Unit - 1) / Unit);
        if (units * Unit > _chunkBytes / 4)
            return TryAddChunk(units * Unit, out block);

        int kind = ClassOf(units);
        block = _free[kind];
        if (block != 0)
        {
            _free[kind] = BinaryPrimitives.ReadUInt32LittleEndian(At(block));
            return true;
        }

        if (_current == 0 || units * Unit > _chunkBytes - _tail)
        {
            if (!TryAddChunk(_chunkBytes, out uint start))
                return false;
            KeepRest();
            _current = (int)(start >> _shift);
            _tail = 0;
        }
        block = ((uint)_current << _shift) | (uint)(_tail / Unit);
        _tail += units * Unit;
        return true;
    }

    /// <summary>Gives a block back.</summary>
    /// <param name="block">The block.</param>
    /// <param name="size">The size it was taken with.</param>
    public void Free(uint block, int size)
    {
        int units = RoundUp((size + Unit - 1) / Unit);
        if (units * Unit > _chunkBytes / 4)
        {
            int number = (int)(block >> _shift);
            long bytes = _chunks[number]!.Length + ChunkOverhead;
            _chunks[number] = null;
            _freeNumbers.Push(number);
            Bytes -= bytes;
            _memory.Release(bytes);
            return;
        }
        Thread(block, ClassOf(units));
    }

    /// <summary>Whether two sizes take the same room.</summary>
    public static bool SameRoom(int size, int other) => RoundUp((size + Unit - 1) / Unit) == RoundUp((other + Unit - 1) / Unit);

    /// <summary>Gives everything back. Allocates nothing.</summary>
    public void Clear()
    {
        _memory.Release(Bytes);
        Bytes = 0;
        Array.Clear(_free);
        _freeNumbers.Clear();
        _chunks = [];
        _count = 1;
        _current = 0;
        _tail = 0;
    }

    private void KeepRest()
    {
        if (_current != 0)
            Keep(((uint)_current << _shift) | (uint)(_tail / Unit), (_chunkBytes - _tail) / Unit);
    }

    /// <summary>Keeps free room of any length, as blocks of whole classes.</summary>
    private void Keep(uint block, int units)
    {
        while (units > 0)
        {
            int part = Math.Min(RoundDown(units), RoundDown(_chunkBytes / 4 / Unit));
            Thread(block, ClassOf(part));
            block += (uint)part;
            units -= part;
        }
    }

    private void Thread(uint block, int kind)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(At(block), _free[kind]);
        _free[kind] = block;
    }

    private bool TryAddChunk(int bytes, out uint start)
    {
        start = 0;
        bool recycled = _freeNumbers.TryPeek(out int number);
        if (!recycled)
            number = _count;
        if (number >= 1L << (32 - _shift) || !_memory.TryReserve(bytes + ChunkOverhead))
            return false;
        byte[] chunk;
        try
        {
            FaultPoint.Allocation();
            chunk = new byte[bytes];
            if (number >= _chunks.Length)
            {
                int length = Math.Max(LeastChunks, number * 2);
                FaultPoint.Allocation();
                _ = _freeNumbers.EnsureCapacity(length); // so that giving a number back allocates nothing
                FaultPoint.Allocation();
                Array.Resize(ref _chunks, length);
            }
        }
        catch
        {
            _memory.Release(bytes + ChunkOverhead);
            throw;
        }
        Bytes += bytes + ChunkOverhead;
        if (recycled)
            _ = _freeNumbers.Pop();
        else
            _count++;
        _chunks[number] = chunk;
        start = (uint)number << _shift;
        return true;
    }

    private static int RoundUp(int units)
    {
        if (units <= ExactUnits)
            return Math.Max(1, units);
        int step = 1 << (BitOperations.Log2((uint)units) - 3);
        return (units + step - 1) & ~(step - 1);
    }

    private static int RoundDown(int units)
    {
        if (units <= ExactUnits)
            return units;
        int step = 1 << (BitOperations.Log2((uint)units) - 3);
        return units & ~(step - 1);
    }

    private static int ClassOf(int units)
    {
        if (units <= ExactUnits)
            return units;
        int log = BitOperations.Log2((uint)units);
        return ExactUnits + 1 + ((log - 5) * 8) + ((units >> (log - 3)) & 7);
    }
}
