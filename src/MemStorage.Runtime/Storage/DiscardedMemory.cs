namespace MemStorage.Storage;

/// <summary>
/// Counts what the store has let go of and the garbage collector has not yet taken. Whatever is dropped stays in the process until a full collection, and the collector
/// does not hurry: it allows large objects to grow by a good part of the heap first. So that the process follows the bound, a collection in the background is asked for
/// when much has been dropped since the last one. In steady traffic nothing is dropped, and none is asked for.
/// <para>
/// What a collection finds is not all given back: between arrays that are in use the large object heap keeps holes (<see cref="Holes"/>), and arrays that grow do not fit into what
/// shorter ones left. A writer that finds the process over the bound because of them has the heap compacted (<see cref="WaitWhereOutrun"/>).
/// </para>
/// Thread-safe.
/// </summary>
/// <param name="limit">The bound of the store.</param>
/// <param name="heap">The garbage collector; null: that of the process.</param>
internal sealed class DiscardedMemory(long limit, CollectedHeap? heap = null)
{
    /// <summary>Less than this is never worth a collection.</summary>
    public const long Least = 16 << 20;

    private readonly long _threshold = Math.Max(Least, limit / 32);
    private readonly CollectedHeap _heap = heap ?? CollectedHeap.OfProcess;
    private readonly Lock _collecting = new();
    private long _bytes;
    private long _sinceCompaction;
    private int _collections;

    /// <summary>What was dropped since the last full collection began.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    /// <summary>
    /// The free room between arrays on the heap of large objects, as far as it can be the store's doing since it was last compacted: a process may have holes from elsewhere, but a
    /// store that dropped nothing has none. Asks the collector: for the ways that make an array, which are rare.
    /// </summary>
    public long Holes => Volatile.Read(ref _sinceCompaction) is var dropped and >= Least ? Math.Min(_heap.Holes, dropped) : 0;

    public void Add(long bytes)
    {
        int collections = _heap.Collections;
        if (collections != Volatile.Read(ref _collections))
        {
            Volatile.Write(ref _collections, collections);
            Volatile.Write(ref _bytes, 0);
        }
        Interlocked.Add(ref _sinceCompaction, bytes);
        long sum = Interlocked.Add(ref _bytes, bytes);
        // the call that crosses the line asks, and one for each time as much has come: while a collection in the background runs, which does not see what is dropped after
        // its beginning, the collector does not take note of another wish
        if (sum / _threshold != (sum - bytes) / _threshold)
            AskForCollection();
    }

    /// <summary>Never throws: what was dropped is dropped, often in the middle of a change. The next line that is crossed asks again.</summary>
    private void AskForCollection()
    {
        try
        {
            FaultPoint.Allocation();
            _heap.CollectInBackground();
        }
        catch (OutOfMemoryException)
        {
        }
    }

    /// <summary>
    /// Before an array is made that <paramref name="used"/> contains, outside of all locks: where that, the garbage that waits and the holes together pass the bound, because collections in
    /// the background do not keep up, the caller waits for a full collection; where holes are a good part of it, for one that compacts. At most once for each time that much has been
    /// dropped, so its price is that of dropping.
    /// </summary>
    public void WaitWhereOutrun(long used)
    {
        long holes = Holes;
        long waiting = Bytes + holes;
        // the first wish is answered in the background; twice as much means that it was not answered in time
        if (waiting < 2 * _threshold || used + waiting <= limit + _threshold || !_collecting.TryEnter())
            return;
        try
        {
            bool compact = holes >= _threshold;
            _heap.CollectNow(compact);
            if (compact)
                Volatile.Write(ref _sinceCompaction, 0);
            Volatile.Write(ref _collections, _heap.Collections);
            Volatile.Write(ref _bytes, 0);
        }
        finally
        {
            _collecting.Exit();
        }
    }
}
