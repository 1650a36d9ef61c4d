using System.Runtime.CompilerServices;

namespace MemStorage.Statistics;

/// <summary>
/// Counts reads and hits by key space. Each thread counts in a cell of its own with plain increments, so counting costs a thread-static load
/// and an addition, and no count is lost; a sum walks the cells. Cells of threads that ended are folded into a base.
/// </summary>
internal sealed class ReadCounters
{
    /// <summary>Misses, hits, and shape mismatches of typed reads.</summary>
    private const int CountersPerSpace = 4;

    private static int s_slots;
    private static readonly Stack<int> s_freeSlots = new(); // its lock guards both; it has room for all, so that giving one back allocates nothing

    [ThreadStatic]
    private static Cell?[]? t_cells;

    /// <summary>The cell of the store that the thread read last: nearly always the one that is wanted.</summary>
    [ThreadStatic]
    private static Cell? t_last;

    private readonly Lock _lock = new();
    private readonly List<Cell> _cells = [];
    private readonly int _slot;
    private long[] _base = [];

    public ReadCounters(Slot slot) => _slot = slot.Number;

    /// <summary>How many numbers are in use, for tests.</summary>
    internal static int SlotsInUse
    {
        get
        {
            lock (s_freeSlots)
                return s_slots - s_freeSlots.Count;
        }
    }

    /// <summary>
    /// The number of one store in the tables of all threads. Held by the store, not by its counters, which the tables of the threads keep in memory: a store that is forgotten without
    /// being closed gives its number back as well. Late counts go to cells that nobody sums.
    /// </summary>
    internal sealed class Slot : IDisposable
    {
        private bool _returned;

        public Slot()
        {
            _returned = true; // for the finalizer, should there be no memory
            lock (s_freeSlots)
            {
                if (!s_freeSlots.TryPop(out int slot))
                {
                    _ = s_freeSlots.EnsureCapacity(s_slots + 1);
                    slot = s_slots++;
                }
                Number = slot;
                _returned = false;
            }
        }

        ~Slot() => Return();

        public int Number { get; }

        public void Dispose()
        {
            Return();
            GC.SuppressFinalize(this);
        }

        private void Return()
        {
            lock (s_freeSlots)
            {
                if (!_returned)
                    s_freeSlots.Push(Number);
                _returned = true;
            }
        }
    }

    internal sealed class Cell(ReadCounters owner)
    {
        public readonly ReadCounters Owner = owner;
        public readonly WeakReference<Thread> Thread = new(System.Threading.Thread.CurrentThread);
        public long[] Counts = new long[8 * CountersPerSpace];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Count(byte space, bool hit)
    {
        Cell? cell = t_last;
        if (cell is null || !TryCount(cell, space, hit))
            CountSlow(space, hit);
    }

    /// <summary>The same for a hit, with a reference to the thread's cell that the caller keeps in an object of the thread.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void CountHit(byte space, ref Cell? last)
    {
        Cell? cell = last;
        if (cell is null || !TryCount(cell, space, hit: true))
            last = CountSlow(space, hit: true);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private bool TryCount(Cell cell, byte space, bool hit)
    {
        if (cell.Owner != this)
            return false;
        long[] counts = cell.Counts;
        int at = space * CountersPerSpace;
        if ((uint)(at + 1) >= (uint)counts.Length)
            return false;
        counts[at + (hit ? 1 : 0)]++;
        return true;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Cell CountSlow(byte space, bool hit)
    {
        Cell cell = CellOfThread(space);
        cell.Counts[(space * CountersPerSpace) + (hit ? 1 : 0)]++;
        return cell;
    }

    /// <summary>A record of another shape was met.</summary>
    /// <param name="space">Where.</param>
    /// <param name="wasRead">By a read: it was counted as a hit and is a miss. Not so by what is no access.</param>
    public void CountShapeMismatch(byte space, bool wasRead)
    {
        long[] counts = CellOfThread(space).Counts;
        if (wasRead)
        {
            counts[space * CountersPerSpace + 1]--;
            counts[space * CountersPerSpace]++;
        }
        counts[space * CountersPerSpace + 2]++;
    }

    /// <summary>A value was found but did not fit into the caller's buffer: the caller comes again, and that is the read to count.</summary>
    public void Uncount(byte space)
    {
        CellOfThread(space).Counts[space * CountersPerSpace + 1]--;
    }

    /// <summary>The sums of one key space, or of all.</summary>
    public (long Reads, long Hits, long ShapeMismatches) Sum(byte? space)
    {
        lock (_lock)
        {
            (long reads, long hits, long mismatches) = SumOf(_base, space);
            foreach (Cell cell in _cells)
            {
                (long r, long h, long m) = SumOf(cell.Counts, space);
                reads += r;
                hits += h;
                mismatches += m;
            }
            return (reads, hits, mismatches);
        }
    }

    private static (long Reads, long Hits, long ShapeMismatches) SumOf(long[] counts, byte? space)
    {
        long reads = 0, hits = 0, mismatches = 0;
        int first = (space ?? 0) * CountersPerSpace;
        int end = space is null ? counts.Length : Math.Min(counts.Length, first + CountersPerSpace);
        for (int i = first; i + 2 < end; i += CountersPerSpace)
        {
            long hitsHere = Volatile.Read(ref counts[i + 1]);
            reads += Volatile.Read(ref counts[i]) + hitsHere;
            hits += hitsHere;
            mismatches += Volatile.Read(ref counts[i + 2]);
        }
        return (reads, hits, mismatches);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private Cell CellOfThread(byte space)
    {
        Cell?[] cells = t_cells ??= new Cell?[Math.Max(4, _slot + 1)];
        if (_slot >= cells.Length)
        {
            Array.Resize(ref cells, Math.Max(cells.Length * 2, _slot + 1));
            t_cells = cells;
        }
        if (cells[_slot] is not { } cell || cell.Owner != this)
        {
            cell = new Cell(this);
            lock (_lock)
            {
                FoldEndedThreads();
                _cells.Add(cell);
            }
            cells[_slot] = cell;
        }
        int needed = (space + 1) * CountersPerSpace;
        if (needed > cell.Counts.Length)
        {
            lock (_lock)
                Array.Resize(ref cell.Counts, Math.Max(needed, cell.Counts.Length * 2));
        }
        t_last = cell;
        return cell;
    }

    private void FoldEndedThreads()
    {
        for (int i = _cells.Count - 1; i >= 0; i--)
        {
            Cell cell = _cells[i];
            if (cell.Thread.TryGetTarget(out Thread? thread) && thread.IsAlive)
                continue;
            if (_base.Length < cell.Counts.Length)
                Array.Resize(ref _base, cell.Counts.Length);
            for (int j = 0; j < cell.Counts.Length; j++)
                _base[j] += cell.Counts[j];
            _cells.RemoveAt(i);
        }
    }
}
