using System.Buffers.Binary;
using System.IO.Hashing;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// One part of the indexes of an entity, under one lock: which entities are stored (by their primary key), and for each index their order by
/// indexed value and primary key. An entity whose value is not known yet, because its record did not come from a typed write, is
/// <i>open</i>: it stands in a list of its own until a search has read it.
/// <code>
/// block   0       8          12      16     18     19            19+n
///         +-------+----------+------+------+------+-------------+-----------+---------+---------+----
///         | stamp | next     | hash | key  | open | value       | key bytes | value 0 | value 1 | ...
///         |       | in chain |      | len  |      | lengths (n) |           |         |         |
///         +-------+----------+------+------+------+-------------+-----------+---------+---------+----
/// </code>
/// The stamp changes with every write of the entity; what was read before is recognised by it. Values are cut to 255 bytes: a search
/// looks at the entity itself before it returns it, so that a cut value costs a look but never a wrong answer.
/// </summary>
/// <remarks>Lock order: taken under a shard's lock of the store, and takes none itself.</remarks>
internal sealed class IndexStripe
{
    public const int MaxValueLength = 255;

    private const int NextAt = 8;
    private const int HashAt = 12;
    private const int KeyLengthAt = 16;
    private const int OpenAt = 18;
    private const int LengthsAt = 19;
    private const int MinBuckets = 16;

    private readonly Lock _lock = new();
    private readonly IMemoryReservation _memory;
    private readonly BlockArena _arena;
    private readonly SortedBlocks[] _sorted; // one per index, and one of the open entities
    private readonly int _indexes;
    private uint[] _buckets = [];
    private int _count;
    private long _stamp;
    private bool _failed;

    public IndexStripe(IMemoryReservation memory, int indexes, int chunkBytes)
    {
        _memory = memory;
        _indexes = indexes;
        _arena = new BlockArena(memory, chunkBytes);
        _sorted = new SortedBlocks[indexes + 1];
        for (int i = 0; i < _sorted.Length; i++)
            _sorted[i] = new SortedBlocks(memory);
    }

    /// <summary>Entities known here.</summary>
    public int Count
    {
        get
        {
            using (_lock.EnterUninterrupted())
                return _count;
        }
    }

    /// <summary>The bytes reserved.</summary>
    public long Bytes
    {
        get
        {
            using (_lock.EnterUninterrupted())
                return _arena.Bytes + _sorted.Sum(static s => s.Bytes) + (_buckets.Length * (long)sizeof(uint));
        }
    }

    /// <summary>There was no room for an entry, in the bound or in the process: this stripe is empty and stays so until it is reset.</summary>
    public bool Failed
    {
        get
        {
            using (_lock.EnterUninterrupted())
                return _failed;
        }
    }

    /// <summary>Whether there are entities whose values are not known.</summary>
    public bool HasOpen
    {
        get
        {
            using (_lock.EnterUninterrupted())
                return _sorted[_indexes].LeafCount > 0;
        }
    }

    public static uint HashOf(ReadOnlySpan<byte> key) => (uint)(XxHash3.HashToUInt64(key) >> 32);

    /// <summary>An entity was written with known values.</summary>
    public void Put(uint hash, ReadOnlySpan<byte> key, IndexValues values)
    {
        using (_lock.EnterUninterrupted())
        {
            if (!_failed)
                Change(hash, key, values);
        }
    }

    /// <summary>An entity was written, its values are not known.</summary>
    public void Open(uint hash, ReadOnlySpan<byte> key)
    {
        using (_lock.EnterUninterrupted())
        {
            if (!_failed)
                Change(hash, key, null);
        }
    }

    /// <summary>An entity exists; if nothing is known of it, its values are to be read.</summary>
    public void OpenIfUnknown(uint hash, ReadOnlySpan<byte> key)
    {
        using (_lock.EnterUninterrupted())
        {
            if (!_failed && FindBlock(hash, key) == 0)
                Change(hash, key, null);
        }
    }

    /// <summary>An open entity was read.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="key">The key.</param>
    /// <param name="stamp">As it was before the reading; when the result is false, as it is now.</param>
    /// <param name="values">Its values; null: there is no such entity.</param>
    /// <returns>False when the entity was written again meanwhile.</returns>
    public bool Resolve(uint hash, ReadOnlySpan<byte> key, ref long stamp, IndexValues? values)
    {
        using (_lock.EnterUninterrupted())
        {
            if (_failed)
                return true;
            uint block = FindBlock(hash, key);
            if (block == 0)
                return true; // removed meanwhile
            Span<byte> bytes = _arena.At(block);
            if (bytes[OpenAt] == 0)
                return true; // a typed write came meanwhile and brought its values
            long current = BinaryPrimitives.ReadInt64LittleEndian(bytes);
            if (current != stamp)
            {
                stamp = current;
                return false;
            }
            if (values is null)
                RemoveBlock(block);
            else
                Change(hash, key, values);
            return true;
        }
    }

    public void Remove(uint hash, ReadOnlySpan<byte> key)
    {
        using (_lock.EnterUninterrupted())
        {
            uint block = _failed ? 0 : FindBlock(hash, key);
            if (block != 0)
                RemoveBlock(block);
        }
    }

    /// <summary>Forgets everything and gives its bytes back.</summary>
    public void Reset()
    {
        using (_lock.EnterUninterrupted())
        {
            Clear();
            _failed = false;
        }
    }

    /// <summary>Copies the entries of an index from a position on, as many as the chunk takes.</summary>
    /// <param name="index">The index; the number of indexes for the open entities.</param>
    /// <param name="fromValue">The value of the position.</param>
    /// <param name="fromKey">The key of the position.</param>
    /// <param name="after">Whether the position itself is left out.</param>
    /// <param name="toValue">The highest value wanted.</param>
    /// <param name="chunk">Filled; empty at the end.</param>
    /// <returns>False when the stripe has failed.</returns>
    public bool Collect(int index, ReadOnlySpan<byte> fromValue, ReadOnlySpan<byte> fromKey, bool after, ReadOnlySpan<byte> toValue, IndexChunk chunk)
    {
        chunk.Clear();
        using (_lock.EnterUninterrupted())
        {
            if (_failed)
                return false;
            chunk.HasOpen = _sorted[_indexes].LeafCount > 0;
            SortedBlocks sorted = _sorted[index];
            Probe probe = new(this, index, fromValue, fromKey, after);
            for (SortedBlocks.Place place = sorted.LowerBound(ref probe); sorted.At(place) is var block && block != 0; place = sorted.Next(place))
            {
                ReadOnlySpan<byte> bytes = _arena.At(block);
                ReadOnlySpan<byte> value = ValueOf(bytes, index);
                if (value.SequenceCompareTo(toValue) > 0 || !chunk.TryAdd(value, KeyOf(bytes), BinaryPrimitives.ReadInt64LittleEndian(bytes)))
                    break;
            }
            return true;
        }
    }

    /// <summary>Whether the entity is known here.</summary>
    public bool Knows(uint hash, ReadOnlySpan<byte> key)
    {
        using (_lock.EnterUninterrupted())
            return !_failed && FindBlock(hash, key) != 0;
    }

    /// <summary>Gives up what is here: it is not, or may not be, true any more. Allocates nothing.</summary>
    public void Fail()
    {
        using (_lock.EnterUninterrupted())
            FailLocked();
    }

    /// <summary>Checks all invariants; for tests.</summary>
    public void Validate()
    {
        using (_lock.EnterUninterrupted())
        {
            int chained = 0;
            foreach (uint head in _buckets)
                for (uint block = head; block != 0; block = BinaryPrimitives.ReadUInt32LittleEndian(_arena.At(block)[NextAt..]))
                {
                    chained++;
                    ReadOnlySpan<byte> bytes = _arena.At(block);
                    for (int i = 0; i <= _indexes; i++)
                    {
                        Probe probe = new(this, i, ValueOf(bytes, i), KeyOf(bytes), after: false);
                        bool listed = _sorted[i].At(_sorted[i].LowerBound(ref probe)) == block;
                        if (listed != ((bytes[OpenAt] != 0) == (i == _indexes)))
                            throw new InvalidOperationException($"Invariant: an entry is {(listed ? "" : "not ")}in the order {i}.");
                    }
                }
            if (chained != _count)
                throw new InvalidOperationException($"Invariant: {chained} entries in chains, {_count} counted.");
        }
    }

    /// <summary>
    /// Enters an entity; <paramref name="values"/> null: as open. Changes several structures one after the other. When one of them has no room, in the bound or in the process, the stripe
    /// is given up: what is half done is not there any more.
    /// </summary>
    private void Change(uint hash, ReadOnlySpan<byte> key, IndexValues? values)
    {
        bool done = false;
        try
        {
            done = values is null ? TryOpen(hash, key) : TryPut(hash, key, values);
        }
        finally
        {
            if (!done)
                FailLocked();
        }
    }

    private bool TryOpen(uint hash, ReadOnlySpan<byte> key)
    {
        uint block = FindBlock(hash, key);
        if (block != 0 && _arena.At(block)[OpenAt] != 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(_arena.At(block), ++_stamp);
            return true;
        }
        if (block != 0)
            RemoveBlock(block);
        return TryInsert(hash, key, null);
    }

    private bool TryPut(uint hash, ReadOnlySpan<byte> key, IndexValues values)
    {
        uint block = FindBlock(hash, key);
        if (block == 0)
            return TryInsert(hash, key, values);

        Span<byte> bytes = _arena.At(block);
        if (bytes[OpenAt] == 0)
        {
            bool same = true;
            for (int i = 0; i < _indexes && same; i++)
                same = ValueOf(bytes, i).SequenceEqual(values.Cut(i));
            if (same)
            {
                // the common write: an entity changes, its indexed members do not
                BinaryPrimitives.WriteInt64LittleEndian(bytes, ++_stamp);
                return true;
            }
        }
        RemoveBlock(block);
        return TryInsert(hash, key, values);
    }

    private bool TryInsert(uint hash, ReadOnlySpan<byte> key, IndexValues? values)
    {
        if (_count >= _buckets.Length && !TryGrowBuckets())
            return false;
        int size = LengthsAt + _indexes + key.Length;
        for (int i = 0; values is not null && i < _indexes; i++)
            size += values.Cut(i).Length;
        if (!_arena.TryAllocate(size, out uint block))
            return false;

        Span<byte> bytes = _arena.At(block);
        ref uint bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, ++_stamp);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[NextAt..], bucket);
        BinaryPrimitives.WriteUInt32LittleEndian(bytes[HashAt..], hash);
        BinaryPrimitives.WriteUInt16LittleEndian(bytes[KeyLengthAt..], (ushort)key.Length);
        bytes[OpenAt] = values is null ? (byte)1 : (byte)0;
        Span<byte> rest = bytes[(LengthsAt + _indexes)..];
        key.CopyTo(rest);
        rest = rest[key.Length..];
        for (int i = 0; i < _indexes; i++)
        {
            ReadOnlySpan<byte> value = values is null ? default : values.Cut(i);
            bytes[LengthsAt + i] = (byte)value.Length;
            value.CopyTo(rest);
            rest = rest[value.Length..];
        }
        bucket = block;
        _count++;

        if (values is null)
            return TryList(_indexes, block);
        for (int i = 0; i < _indexes; i++)
            if (!TryList(i, block))
                return false;
        return true;
    }

    private bool TryList(int index, uint block)
    {
        ReadOnlySpan<byte> bytes = _arena.At(block);
        Probe probe = new(this, index, ValueOf(bytes, index), KeyOf(bytes), after: false);
        return _sorted[index].TryInsert(_sorted[index].LowerBound(ref probe), block);
    }

    private void RemoveBlock(uint block)
    {
        Span<byte> bytes = _arena.At(block);
        if (bytes[OpenAt] != 0)
            Unlist(_indexes, block);
        else
            for (int i = 0; i < _indexes; i++)
                Unlist(i, block);

        uint next = BinaryPrimitives.ReadUInt32LittleEndian(bytes[NextAt..]);
        uint hash = BinaryPrimitives.ReadUInt32LittleEndian(bytes[HashAt..]);
        ref uint bucket = ref _buckets[hash & (uint)(_buckets.Length - 1)];
        if (bucket == block)
            bucket = next;
        else
        {
            uint previous = bucket;
            while (BinaryPrimitives.ReadUInt32LittleEndian(_arena.At(previous)[NextAt..]) is var following && following != block)
                previous = following;
            BinaryPrimitives.WriteUInt32LittleEndian(_arena.At(previous)[NextAt..], next);
        }
        _count--;
        _arena.Free(block, SizeOf(bytes));
    }

    private void Unlist(int index, uint block)
    {
        ReadOnlySpan<byte> bytes = _arena.At(block);
        Probe probe = new(this, index, ValueOf(bytes, index), KeyOf(bytes), after: false);
        SortedBlocks.Place place = _sorted[index].LowerBound(ref probe);
        if (_sorted[index].At(place) == block)
            _sorted[index].RemoveAt(place);
    }

    private uint FindBlock(uint hash, ReadOnlySpan<byte> key)
    {
        if (_buckets.Length == 0)
            return 0;
        uint block = _buckets[hash & (uint)(_buckets.Length - 1)];
        while (block != 0)
        {
            ReadOnlySpan<byte> bytes = _arena.At(block);
            if (BinaryPrimitives.ReadUInt32LittleEndian(bytes[HashAt..]) == hash && KeyOf(bytes).SequenceEqual(key))
                return block;
            block = BinaryPrimitives.ReadUInt32LittleEndian(bytes[NextAt..]);
        }
        return 0;
    }

    private bool TryGrowBuckets()
    {
        int length = Math.Max(MinBuckets, _buckets.Length * 2);
        if (!_memory.TryReserve(length * (long)sizeof(uint)))
            return false;
        uint[] grown;
        try
        {
            FaultPoint.Allocation();
            grown = new uint[length];
        }
        catch
        {
            _memory.Release(length * (long)sizeof(uint));
            throw;
        }
        foreach (uint head in _buckets)
            for (uint block = head; block != 0;)
            {
                Span<byte> bytes = _arena.At(block);
                uint next = BinaryPrimitives.ReadUInt32LittleEndian(bytes[NextAt..]);
                ref uint bucket = ref grown[BinaryPrimitives.ReadUInt32LittleEndian(bytes[HashAt..]) & (uint)(length - 1)];
                BinaryPrimitives.WriteUInt32LittleEndian(bytes[NextAt..], bucket);
                bucket = block;
                block = next;
            }
        _memory.Release(_buckets.Length * (long)sizeof(uint));
        _buckets = grown;
        return true;
    }

    private void FailLocked()
    {
        Clear();
        _failed = true;
    }

    private void Clear()
    {
        _arena.Clear();
        foreach (SortedBlocks sorted in _sorted)
            sorted.Clear();
        _memory.Release(_buckets.Length * (long)sizeof(uint));
        _buckets = [];
        _count = 0;
        _stamp++;
    }

    private ReadOnlySpan<byte> KeyOf(ReadOnlySpan<byte> bytes) =>
        bytes.Slice(LengthsAt + _indexes, BinaryPrimitives.ReadUInt16LittleEndian(bytes[KeyLengthAt..]));

    // an open entity has no values: all its lengths are 0
    private ReadOnlySpan<byte> ValueOf(ReadOnlySpan<byte> bytes, int index)
    {
        if (index == _indexes)
            return default;
        int start = LengthsAt + _indexes + BinaryPrimitives.ReadUInt16LittleEndian(bytes[KeyLengthAt..]);
        for (int i = 0; i < index; i++)
            start += bytes[LengthsAt + i];
        return bytes.Slice(start, bytes[LengthsAt + index]);
    }

    private int SizeOf(ReadOnlySpan<byte> bytes)
    {
        int size = LengthsAt + _indexes + BinaryPrimitives.ReadUInt16LittleEndian(bytes[KeyLengthAt..]);
        for (int i = 0; i < _indexes; i++)
            size += bytes[LengthsAt + i];
        return size;
    }

    private readonly ref struct Probe(IndexStripe stripe, int index, ReadOnlySpan<byte> value, ReadOnlySpan<byte> key, bool after) : SortedBlocks.IProbe
    {
        private readonly ReadOnlySpan<byte> _value = value;
        private readonly ReadOnlySpan<byte> _key = key;

        public int Compare(uint block)
        {
            ReadOnlySpan<byte> bytes = stripe._arena.At(block);
            int order = stripe.ValueOf(bytes, index).SequenceCompareTo(_value);
            if (order == 0)
                order = stripe.KeyOf(bytes).SequenceCompareTo(_key);
            return order == 0 && after ? -1 : order;
        }
    }
}
