using System.Runtime;

namespace MemStorage.Storage;

/// <summary>What the store asks of the garbage collector; a class of its own so that tests can be their own collector.</summary>
internal abstract class CollectedHeap
{
    /// <summary>Index of the large object heap in <see cref="GCMemoryInfo.GenerationInfo"/>.</summary>
    private const int LargeObjects = 3;

    public static CollectedHeap OfProcess { get; } = new Process();

    /// <summary>How many full collections have begun.</summary>
    public abstract int Collections { get; }

    /// <summary>Free room between large objects, at the last collection. Pinned ones cannot be moved, so theirs does not matter here.</summary>
    public abstract long Holes { get; }

    /// <summary>Asks for a full collection; returns at once, may be called under a lock.</summary>
    public abstract void CollectInBackground();

    /// <summary>A full collection that is over when this returns; with <paramref name="compact"/> large objects are moved together.</summary>
    public abstract void CollectNow(bool compact);

    private sealed class Process : CollectedHeap
    {
        public override int Collections => GC.CollectionCount(2);

        public override long Holes => GC.GetGCMemoryInfo(GCKind.Any).GenerationInfo[LargeObjects].FragmentationAfterBytes;

        // not on the caller's thread, which may hold a shard's lock; neither blocking nor compacting
        public override void CollectInBackground() =>
            ThreadPool.UnsafeQueueUserWorkItem(static _ => GC.Collect(2, GCCollectionMode.Forced, blocking: false), null);

        // aggressive: without it the regions that were emptied stay committed for some collections, 8 % of a bound of 1 GiB
        public override void CollectNow(bool compact)
        {
            if (compact)
                GCSettings.LargeObjectHeapCompactionMode = GCLargeObjectHeapCompactionMode.CompactOnce;
            GC.Collect(2, compact ? GCCollectionMode.Aggressive : GCCollectionMode.Forced, blocking: true, compacting: compact);
        }
    }
}
