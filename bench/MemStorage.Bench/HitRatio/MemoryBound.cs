using MemStorage.Bench.Measuring;
using MemStorage.Traces;

namespace MemStorage.Bench.HitRatio;

/// <summary>
/// Gives a cache of objects the number of entries that take so many bytes of heap: measured, not estimated. Its keys and values count as what they take, which is what the
/// same memory would hold in MemStorage.
/// </summary>
internal static class MemoryBound
{
    private const int SampleEntries = 20_000;
    private const int ArrayOverhead = 24;
    private const int Tries = 4;
    private const int LeastCapacity = 3;

    /// <param name="create">Makes the cache for a number of entries.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="keys">Its keys as strings.</param>
    /// <param name="bytes">The memory.</param>
    /// <param name="overhead">From <see cref="OverheadOf"/>.</param>
    /// <returns>Null: fewer than three entries fit, and that is no capacity for these caches.</returns>
    public static double? Run(Func<int, TraceCache> create, Trace trace, string[] keys, long bytes, double overhead)
    {
        // the sizes that stay are not the sizes that come: look at what stayed and correct
        double entry = overhead + trace.Sizes.Average(ArrayBytes);
        double ratio = 0;
        int capacity = 0;
        for (int i = 0; i < Tries; i++)
        {
            int next = (int)(bytes / entry);
            if (next < LeastCapacity)
                return null;
            if (i > 0 && Math.Abs(next - capacity) <= 0.01 * capacity)
                break;
            capacity = next;
            using TraceCache cache = create(capacity);
            ratio = Replay.HitRatio(cache, trace, keys, key => Math.Max(1, trace.Sizes[key]));
            int[] stayed = [.. Enumerable.Range(0, trace.Unique).Where(key => cache.Contains(keys[key])).Select(key => trace.Sizes[key])];
            if (stayed.Length > 0)
                entry = overhead + stayed.Average(ArrayBytes);
        }
        return ratio;
    }

    /// <summary>What an entry takes beside its array: the key's string and the cache's own objects.</summary>
    public static double OverheadOf(Func<int, TraceCache> create)
    {
        const int Size = 100;
        long before = ProcessMemory.Heap;
        using TraceCache cache = create(SampleEntries);
        byte[] buffer = new byte[Size];
        int stayed = 0;
        for (int i = 0; i < SampleEntries; i++)
            cache.Insert(Key(i), buffer, Size);
        for (int i = 0; i < SampleEntries; i++)
        {
            if (cache.Contains(Key(i)))
                stayed++;
        }
        double overhead = (ProcessMemory.Heap - before) / (double)stayed - ArrayBytes(Size);
        GC.KeepAlive(cache);
        return overhead;
    }

    private static string Key(int i) => $"{i * 2654435761L:x16}";

    private static double ArrayBytes(int size) => ArrayOverhead + ((size + 7) & ~7);
}
