using System.Runtime;

namespace MemStorage.Storage;

/// <summary>What the store asks of the garbage collector; a class of its own so that tests can be their own collector.</summary>
internal abstract class CollectedHeap
{
    /// <summary>Index of the large object heap in <see cref="GCMemoryInfo.GenerationInfo"/>.</summary>
    private const int LargeObjects = 3;

    public static CollectedHeap OfProcess { get; } = new Process();

    /// <summary>From how many bytes on an array lies on the large object heap: 85,000 unless the process is configured otherwise (<c>GCLOHThreshold</c>).</summary>
    private static readonly long s_largeObjectBytes = GC.GetConfigurationVariables().TryGetValue("LOHThreshold", out object? value) && value is long bytes ? bytes : 85_000;

    /// <summary>How many full collections have begun.</summary>
    public abstract int Collections { get; }

    /// <summary>Free room between large objects, at the last collection: segments and arrays of large values. Pinned ones cannot be moved, so theirs does not matter here.</summary>
    public abstract long Holes { get; }

    /// <summary>The bytes that the process can have beside what its heap holds (with what was made since the last collection), and all that it can have.</summary>
    public virtual (long Free, long All) Reach
    {
        get
        {
            GCMemoryInfo info = GC.GetGCMemoryInfo(GCKind.Any);
            return (Math.Max(0, info.TotalAvailableMemoryBytes - Math.Max(info.HeapSizeBytes, GC.GetTotalMemory(forceFullCollection: false))), info.TotalAvailableMemoryBytes);
        }
    }

    /// <summary>Asks for a full collection; returns at once, may be called under a lock.</summary>
    public abstract void CollectInBackground();

    /// <summary>A full collection that is over when this returns; with <paramref name="compact"/> large objects are moved together.</summary>
    public abstract void CollectNow(bool compact);

    /// <summary>
    /// An array, not zeroed, that stays for long. On the large object heap if it is long enough: there it lies beside the arrays of large values, what one kind leaves is room for the other, and
    /// a compacting collection moves both. Nothing may keep its address. A shorter one would begin in generation 0 and be copied from one generation to the next; it is pinned.
    /// </summary>
    public static byte[] AllocateToStay(int length) => GC.AllocateUninitializedArray<byte>(length, pinned: length < s_largeObjectBytes);

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
