using MemStorage.Traces;

namespace MemStorage.Bench.HitRatio;

/// <summary>Replays traces.</summary>
internal static class Replay
{
    private const int LargestValue = 1 << 23;
    private static readonly byte[] Values = Noise();

    /// <summary>The percentage of hits, the first accesses included.</summary>
    /// <param name="cache">Cold.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="keys">Its keys as strings.</param>
    /// <param name="size">The size of a value: the trace's, or the same for all.</param>
    /// <param name="watch">Called now and then.</param>
    public static double HitRatio(TraceCache cache, Trace trace, string[] keys, Func<int, int> size, Action? watch = null)
    {
        long hits = 0;
        for (int i = 0; i < trace.Accesses.Length; i++)
        {
            int key = trace.Accesses[i];
            if (cache.Contains(keys[key]))
                hits++;
            else
                cache.Insert(keys[key], Values, size(key));
            if ((i & 63) == 0)
                watch?.Invoke();
        }
        return 100.0 * hits / trace.Accesses.Length;
    }

    public static void Fill(TraceCache cache, IEnumerable<string> keys, int size)
    {
        foreach (string key in keys)
            cache.Insert(key, Values, size);
    }

    private static byte[] Noise()
    {
        byte[] bytes = new byte[LargestValue];
        new Random(1).NextBytes(bytes);
        return bytes;
    }
}
