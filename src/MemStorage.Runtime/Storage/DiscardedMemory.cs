namespace MemStorage.Storage;

/// <summary>
/// Counts what the store has let go of and the garbage collector has not yet taken. Whatever is dropped stays in the process until a full collection, and the collector
/// does not hurry: it allows large objects to grow by a good part of the heap first. So that the process follows the bound, a collection in the background is asked for
/// when much has been dropped since the last one. In steady traffic nothing is dropped, and none is asked for. Thread-safe.
/// </summary>
/// <param name="limit">The bound of the store.</param>
/// <param name="collect">Asks for a collection; null: of the garbage collector.</param>
/// <param name="collections">How many full collections there were; null: of the garbage collector.</param>
internal sealed class DiscardedMemory(long limit, Action? collect = null, Func<int>? collections = null)
{
    /// <summary>Less than this is never worth a collection.</summary>
    public const long Least = 16 << 20;

    private readonly long _threshold = Math.Max(Least, limit / 32);
    private readonly Action _collect = collect ?? CollectInBackground;
    private long _bytes;
    private readonly Func<int> _count = collections ?? (static () => GC.CollectionCount(2));
    private int _collections;

    /// <summary>What was dropped since the last full collection.</summary>
    public long Bytes => Volatile.Read(ref _bytes);

    public void Add(long bytes)
    {
        int collections = _count();
        if (collections != Volatile.Read(ref _collections))
        {
            Volatile.Write(ref _collections, collections);
            Volatile.Write(ref _bytes, 0);
        }
        long sum = Interlocked.Add(ref _bytes, bytes);
        // the call that crosses the line asks, and one for each time as much has come: while a collection in the background runs, which does not see what is dropped after
        // its beginning, the collector does not take note of another wish
        if (sum / _threshold != (sum - bytes) / _threshold)
            _collect();
    }

    /// <summary>Not on the caller's thread, which may hold a shard's lock; neither blocking nor compacting.</summary>
    private static void CollectInBackground() =>
        ThreadPool.UnsafeQueueUserWorkItem(static _ => GC.Collect(2, GCCollectionMode.Forced, blocking: false), null);
}
