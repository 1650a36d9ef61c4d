using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemStorage.Storage.Index;

/// <summary>
/// Where each key of a shard is: extendible hashing (Fagin et al., 1979). A directory, indexed by the leading bits of the tag, names the table of
/// an entry. A full table doubles until it has <see cref="MaxBuckets"/>, then splits in two, so that growing never touches more than one table:
/// the stall is bounded however many entries there are. Only tags are needed, never the records.
/// Writers hold the shard's lock. Readers read <see cref="Directory"/>, then the table, then slots; an entry that moves to another table is
/// published there before its old slot is emptied.
/// </summary>
internal sealed class HashIndex
{
    /// <summary>64 KiB: about 5,900 entries; splitting one takes some hundred microseconds, most of them for cold memory and new pages.</summary>
    public const int MaxBuckets = 1024;
    public const int MinBuckets = 8;

    /// <summary>The directory of every closed index; nobody inserts into it.</summary>
    private static readonly IndexTable[] s_ofClosed = [new IndexTable(MinBuckets, 0, 0)];

    private readonly IndexTable[] _ofClosed = s_ofClosed; // made with the first index: closing must not need memory
    private readonly ReadMap _map;
    private readonly int _shard;

    public HashIndex(ReadMap map, int shard)
    {
        _map = map;
        _shard = shard;
        IndexTable first = new(MinBuckets, 0, 0);
        Directory = [first];
        Bytes = first.Bytes;
    }

    /// <summary>The length is a power of two, at most 2^30; replaced as a whole when it doubles, its elements when a table splits.</summary>
    public IndexTable[] Directory
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => Volatile.Read(ref _map.View(_shard).Directory);
        private set
        {
            ref ReadView view = ref _map.View(_shard);
            Volatile.Write(ref view.Only, null); // first: from here on readers ask the directory
            Volatile.Write(ref view.Directory, value);
            if (value.Length == 1)
                Volatile.Write(ref view.Only, value[0]);
        }
    }

    /// <summary>The invariant of <see cref="ReadView.Only"/>.</summary>
    public bool NamesItsOnlyTable => _map.View(_shard).Only == (Directory is [IndexTable only] ? only : null);

    public long Count { get; private set; }

    public long Bytes { get; private set; }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint DirectoryIndex(IndexTable[] directory, uint tag) =>
        tag >> (Slot.TagBits - 31 + BitOperations.LeadingZeroCount((uint)directory.Length));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public IndexTable TableOf(uint tag) => ReadMap.TableOf(ref _map.View(_shard), tag);

    public void Insert(ulong slot)
    {
        TableOf(Slot.Tag(slot)).Insert(slot);
        Count++;
    }

    public void Remove(ref ulong slot)
    {
        TableOf(Slot.Tag(slot)).Remove(ref slot);
        Count--;
    }

    /// <summary>The bytes that growing the table of <paramref name="tag"/> takes at its peak; 0 when there is room.</summary>
    public long GrowthBytes(uint tag)
    {
        IndexTable table = TableOf(tag);
        if (table.Count < table.ComfortableCount)
            return 0;
        if (table.Buckets < TestHooks.MaxBuckets)
            return IndexTable.BytesFor(table.Buckets * 2);
        return IndexTable.BytesFor(TestHooks.MaxBuckets) + (table.Depth == BitOperations.Log2((uint)Directory.Length) ? Directory.Length * 16L : 0);
    }

    /// <summary>Whether the table of <paramref name="tag"/> takes one more entry as it is.</summary>
    public bool HasRoom(uint tag)
    {
        IndexTable table = TableOf(tag);
        return table.Count < table.MaxCount;
    }

    /// <summary>Grows the table of <paramref name="tag"/>. Returns the change of <see cref="Bytes"/>.</summary>
    public long Grow(uint tag)
    {
        long before = Bytes;
        IndexTable table = TableOf(tag);
        if (table.Buckets < TestHooks.MaxBuckets)
            Double(table);
        else
            Split(table);
        return Bytes - before;
    }

    /// <summary>What is there instead of everything after <see cref="Clear"/>: made before anything changes.</summary>
    public static IndexTable[] CreateEmpty()
    {
        FaultPoint.Allocation();
        return [new IndexTable(MinBuckets, 0, 0)];
    }

    /// <summary>Forgets everything. Returns the change of <see cref="Bytes"/>.</summary>
    /// <param name="fresh">From <see cref="CreateEmpty"/>; null: nobody inserts any more.</param>
    public long Clear(IndexTable[]? fresh)
    {
        long before = Bytes;
        IndexTable[] old = Directory;
        fresh ??= _ofClosed;
        Directory = fresh;
        IndexTable? last = null;
        foreach (IndexTable table in old)
        {
            if (table != last)
                table.Retire();
            last = table;
        }
        Count = 0;
        Bytes = fresh[0].Bytes;
        return Bytes - before;
    }

    // Growing is rare and long: the first times would run in code that is not optimized, for milliseconds under the shard's lock.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Double(IndexTable table)
    {
        FaultPoint.Allocation();
        var bigger = new IndexTable(table.Buckets * 2, table.Depth, table.Prefix);
        for (uint b = 0; b < (uint)table.Buckets; b++)
        {
            ref ulong bucket = ref table.Bucket(b);
            for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
            {
                ulong slot = Volatile.Read(ref Unsafe.Add(ref bucket, i));
                if (slot != 0)
                    bigger.Insert(slot);
            }
        }
        if (TestHooks.EmptyBeforePublishing)
            table.Retire();
        TestHooks.At(TestPoint.IndexBeforePublish);
        Publish(bigger);
        TestHooks.At(TestPoint.IndexAfterPublish);
        Bytes += bigger.Bytes - table.Bytes;
        table.Retire();
    }

    /// <summary>The upper half of the table's hash range goes to a new table; the lower half stays where it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Split(IndexTable table)
    {
        int depth = table.Depth + 1;
        // all that is allocated comes first: running out of memory then changes nothing
        FaultPoint.Allocation();
        var upper = new IndexTable(table.Buckets, depth, (table.Prefix << 1) | 1);
        IndexTable[] directory = Directory;
        if (table.Depth == BitOperations.Log2((uint)directory.Length))
        {
            FaultPoint.Allocation();
            var doubled = new IndexTable[directory.Length * 2];
            for (int i = 0; i < doubled.Length; i++)
                doubled[i] = directory[i / 2];
            Bytes += directory.Length * 8L;
            Directory = doubled;
        }
        for (uint b = 0; b < (uint)table.Buckets; b++)
        {
            ref ulong bucket = ref table.Bucket(b);
            for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
            {
                ulong slot = Volatile.Read(ref Unsafe.Add(ref bucket, i));
                if (slot != 0 && IsUpper(slot, depth))
                    upper.Insert(slot);
            }
        }
        if (TestHooks.EmptyBeforePublishing)
            RemoveUpper(table, depth);
        TestHooks.At(TestPoint.IndexBeforePublish);
        Publish(upper);
        TestHooks.At(TestPoint.IndexAfterPublish);
        // only now may the old slots go: a reader that finds neither sees that the directory has moved on, and looks again
        table.Depth = depth;
        table.Prefix <<= 1;
        RemoveUpper(table, depth);
        Bytes += upper.Bytes;
    }

    private static void RemoveUpper(IndexTable table, int depth)
    {
        for (uint b = 0; b < (uint)table.Buckets; b++)
        {
            ref ulong bucket = ref table.Bucket(b);
            for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
            {
                ref ulong slot = ref Unsafe.Add(ref bucket, i);
                if (slot != 0 && IsUpper(slot, depth))
                    table.Remove(ref slot);
            }
        }
    }

    private static bool IsUpper(ulong slot, int depth) => ((Slot.Tag(slot) >> (Slot.TagBits - depth)) & 1) != 0;

    private void Publish(IndexTable table)
    {
        IndexTable[] directory = Directory;
        int span = directory.Length >> table.Depth;
        int first = (int)table.Prefix * span;
        for (int i = first; i < first + span; i++)
            Volatile.Write(ref directory[i], table);
        if (directory.Length == 1)
            Volatile.Write(ref _map.View(_shard).Only, table);
    }
}
