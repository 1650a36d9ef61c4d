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

    /// <summary>How often a call is tried again after it failed for want of memory.</summary>
    public const int Attempts = 4;

    private readonly MemoryBudget _budget;
    private readonly CollectedHeap _heap;
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
    }

    /// <summary>How many allocations have failed.</summary>
    public long Failures => Volatile.Read(ref _failures);

    /// <summary>An allocation has failed. Where memory is short the ceiling comes down; where there is room, it was no more than this one that could not be had.</summary>
    /// <param name="wanted">The bytes that were asked for, at least.</param>
    /// <returns>The bytes to be given back before the next try; 0: memory is not short, and giving some back would not help.</returns>
    public long OnFailure(long wanted)
    {
        Interlocked.Increment(ref _failures);
        (long free, long all) = _heap.Reach;
        if (free >= all / FreeShare)
            return 0;
        long used = _budget.Used;
        long give = Math.Min(used, Math.Max(wanted, used / Step));
        _budget.Ceiling = Math.Min(_budget.Ceiling, Math.Max(0, used - give));
        return Math.Max(1, give);
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
