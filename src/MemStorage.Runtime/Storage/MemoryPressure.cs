namespace MemStorage.Storage;

/// <summary>
/// Keeps a store to what the process can have, where that is less than its bound. An allocation that fails says so: then the ceiling comes down below what is in use, and the store evicts, for the
/// caller and for the rest of the process, which meets the same end of memory. A bound above everything that the process can have begins with such a ceiling. It goes up again when a collection has
/// left room.
/// Thread-safe.
/// </summary>
internal sealed class MemoryPressure
{
    /// <summary>The part of all memory, one of so many, that stays free of the store: its callers need some as well.</summary>
    private const int FreeShare = 4;

    /// <summary>What is given back at a time, as a part of what is in use: one of so many.</summary>
    private const int Step = 16;

    /// <summary>The most that is given back at a time, as a part of what is in use, and the least ceiling, as a part of the first: one of so many.</summary>
    private const int MostStep = 4, LeastCeiling = 16;

    /// <summary>How often a call is tried again after it failed for want of memory.</summary>
    public const int Attempts = 4;

    private readonly MemoryBudget _budget;
    private readonly CollectedHeap _heap;
    private readonly long _leastCeiling;
    private int _collections;
    private long _failures;

    public MemoryPressure(MemoryBudget budget, CollectedHeap? heap = null)
    {
        _budget = budget;
        _heap = heap ?? CollectedHeap.OfProcess;
        _collections = _heap.Collections;
        long all = _heap.Reach.All;
        if (all > 0 && budget.Limit > all)
            budget.Ceiling = all - all / FreeShare;
        _leastCeiling = budget.Ceiling / LeastCeiling;
    }

    /// <summary>How many allocations have failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>Whether the process is short of memory: less than a quarter of all is free.</summary>
    public bool IsShort
    {
        get
        {
            (long free, long all) = _heap.Reach;
            return free < all / FreeShare;
        }
    }

    /// <summary>An allocation failed that another array took the place of.</summary>
    public void CountFailure() => Interlocked.Increment(ref _failures);

    /// <summary>
    /// An allocation has failed. Where memory is short the ceiling comes down; where there is room, it was no more than this one that could not be had. One call takes no more than a
    /// part of the store, and nothing where it would be refused all the same.
    /// </summary>
    /// <param name="wanted">The bytes that have to be had at once; 0 for what fits wherever a segment does.</param>
    /// <param name="share">What is to be given back, at least, in bytes.</param>
    /// <param name="kept">What the shards need to work: the ceiling stays above it.</param>
    /// <param name="give">The bytes to be given back before the next try; 0: that would not help.</param>
    /// <returns>Whether the process is short of memory.</returns>
    public bool OnFailure(long wanted, long share, long kept, out long give)
    {
        Interlocked.Increment(ref _failures);
        give = 0;
        (long free, long all) = _heap.Reach;
        if (free >= all / FreeShare)
            return false;
        long used = _budget.Used;
        long least = Math.Max(_leastCeiling, kept);
        long most = Math.Min(Math.Max(share, used / Step), used / MostStep);
        long ceiling = Math.Min(_budget.Ceiling, Math.Max(least, used - most));
        if (wanted > 0 && (wanted > free + most || wanted > ceiling - kept))
            return true;
        _budget.Ceiling = ceiling;
        give = Math.Max(1, Math.Min(most, used - least));
        return true;
    }

    /// <summary>Raises the ceiling where a collection since the last time has left room. For the ways that found none, which are rare.</summary>
    public void TryRaise()
    {
        if (_budget.Ceiling >= _budget.Limit)
            return;
        int collections = _heap.Collections;
        if (collections == Volatile.Read(ref _collections))
            return;
        Volatile.Write(ref _collections, collections);
        (long free, long all) = _heap.Reach;
        long room = (free - all / FreeShare) / 2;
        // from what is in use, not from the ceiling: room that the store has not filled yet would be counted again and again
        long target = Math.Min(_budget.Limit, _budget.Used + room);
        if (target > _budget.Ceiling)
            _budget.Ceiling = target;
    }
}
