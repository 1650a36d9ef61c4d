using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// References to blocks in the order of a comparison: leaves of up to 128 references under one sorted array of leaves. A look-up is two binary searches;
/// an insertion moves at most one leaf's references and, once in some 64 insertions, the array of leaves. Not thread-safe.
/// </summary>
internal sealed class SortedBlocks(IMemoryReservation memory)
{
    private const int LeafLength = 128;
    private const int LeafBytes = (LeafLength * sizeof(uint)) + 24 + 32 + 16; // array, leaf, place in the array of leaves and its growth

    private Leaf[] _leaves = [];
    private int _count;

    /// <summary>The bytes reserved.</summary>
    public long Bytes { get; private set; }

    public int LeafCount => _count;

    /// <summary>The first place whose block is not below what <paramref name="probe"/> looks for.</summary>
    public Place LowerBound<TProbe>(ref TProbe probe)
        where TProbe : struct, IProbe, allows ref struct
    {
        int low = 0;
        int high = _count;
        while (low < high)
        {
            int middle = (low + high) >>> 1;
            Leaf leaf = _leaves[middle];
            if (probe.Compare(leaf.Blocks[leaf.Count - 1]) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == _count)
            return new Place(_count, 0);

        uint[] blocks = _leaves[low].Blocks;
        int first = 0;
        int last = _leaves[low].Count;
        while (first < last)
        {
            int middle = (first + last) >>> 1;
            if (probe.Compare(blocks[middle]) < 0)
                first = middle + 1;
            else
                last = middle;
        }
        return new Place(low, first);
    }

    /// <summary>The block at a place; 0 behind the last.</summary>
    public uint At(in Place place) => place.Leaf < _count ? _leaves[place.Leaf].Blocks[place.Index] : 0;

    public Place Next(in Place place) =>
        place.Index + 1 < _leaves[place.Leaf].Count ? new Place(place.Leaf, place.Index + 1) : new Place(place.Leaf + 1, 0);

    /// <returns>False when the bound has no room; nothing has changed then, nor when there is no memory and this throws.</returns>
    public bool TryInsert(Place place, uint block)
    {
        if (_count == 0)
        {
            if (!TryAddLeaf(0))
                return false;
            place = new Place(0, 0);
        }
        else if (place.Leaf == _count)
            place = new Place(_count - 1, _leaves[_count - 1].Count);

        Leaf leaf = _leaves[place.Leaf];
        if (leaf.Count == LeafLength)
        {
            if (!TryAddLeaf(place.Leaf + 1))
                return false;
            // ascending insertions fill leaves wholly: the new leaf begins empty then
            int keep = place.Leaf == _count - 2 && place.Index == LeafLength ? LeafLength : LeafLength / 2;
            Leaf right = _leaves[place.Leaf + 1];
            Array.Copy(leaf.Blocks, keep, right.Blocks, 0, LeafLength - keep);
            right.Count = LeafLength - keep;
            leaf.Count = keep;
            if (place.Index > keep || keep == LeafLength)
            {
                leaf = right;
                place = new Place(place.Leaf + 1, place.Index - keep);
            }
        }

        Array.Copy(leaf.Blocks, place.Index, leaf.Blocks, place.Index + 1, leaf.Count - place.Index);
        leaf.Blocks[place.Index] = block;
        leaf.Count++;
        return true;
    }

    public void RemoveAt(in Place place)
    {
        Leaf leaf = _leaves[place.Leaf];
        leaf.Count--;
        Array.Copy(leaf.Blocks, place.Index + 1, leaf.Blocks, place.Index, leaf.Count - place.Index);
        if (leaf.Count == 0)
            RemoveLeaf(place.Leaf);
        else if (place.Leaf + 1 < _count && leaf.Count + _leaves[place.Leaf + 1].Count <= LeafLength * 3 / 4)
        {
            Leaf right = _leaves[place.Leaf + 1];
            Array.Copy(right.Blocks, 0, leaf.Blocks, leaf.Count, right.Count);
            leaf.Count += right.Count;
            RemoveLeaf(place.Leaf + 1);
        }
    }

    /// <summary>Gives everything back.</summary>
    public void Clear()
    {
        memory.Release(Bytes);
        Bytes = 0;
        _leaves = [];
        _count = 0;
    }

    private bool TryAddLeaf(int at)
    {
        if (!memory.TryReserve(LeafBytes))
            return false;
        Leaf leaf;
        try
        {
            FaultPoint.Allocation();
            leaf = new Leaf();
            if (_count == _leaves.Length)
            {
                FaultPoint.Allocation();
                Array.Resize(ref _leaves, Math.Max(4, _count * 2));
            }
        }
        catch
        {
            memory.Release(LeafBytes);
            throw;
        }
        Bytes += LeafBytes;
        Array.Copy(_leaves, at, _leaves, at + 1, _count - at);
        _leaves[at] = leaf;
        _count++;
        return true;
    }

    private void RemoveLeaf(int at)
    {
        _count--;
        Array.Copy(_leaves, at + 1, _leaves, at, _count - at);
        _leaves[_count] = null!;
        Bytes -= LeafBytes;
        memory.Release(LeafBytes);
    }

    /// <summary>What a search looks for.</summary>
    internal interface IProbe
    {
        /// <returns>Negative when the block is below what is looked for.</returns>
        int Compare(uint block);
    }

    internal readonly record struct Place(int Leaf, int Index);

    private sealed class Leaf
    {
        public readonly uint[] Blocks = new uint[LeafLength];
        public int Count;
    }
}
