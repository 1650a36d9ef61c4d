using MemStorage.Traces;

namespace MemStorage.Bench.HitRatio;

/// <summary>Replays traces.</summary>
internal static class Replay
{
    private const int LeastNoise = 1 << 17;
    private static byte[] _noise = [];

    /// <summary>The percentage of hits, the first accesses included.</summary>
    /// <param name="cache">Cold.</param>
    /// <param name="trace">The trace.</param>
    /// <param name="keys">Its keys as strings.</param>
    /// <param name="size">The size of a value: the trace's, or the same for all.</param>
    /// <param name="watch">Called now and then.</param>
    public static double HitRatio(TraceCache cache, Trace trace, string[] keys, Func<int, int> size, Action? watch = null)
    {
        byte[] values = Noise(Enumerable.Range(0, trace.Unique).Max(size));
        long hits = 0;
        for (int i = 0; i < trace.Accesses.Length; i++)
        {
            int key = trace.Accesses[i];
            if (cache.Contains(keys[key]))
                hits++;
            else
                cache.Insert(keys[key], values, size(key));
            if ((i & 63) == 0)
                watch?.Invoke();
        }
        watch?.Invoke();
        return 100.0 * hits / trace.Accesses.Length;
    }

    public static void Fill(TraceCache cache, IEnumerable<string> keys, int size)
    {
        foreach (string key in keys)
            cache.Insert(key, Noise(size), size);
    }

    /// <summary>At least so many bytes that do not compress; the same at each call, since most of it would be.</summary>
    private static byte[] Noise(int size)
    {
        if (_noise.Length < size)
        {
            _noise = new byte[Math.Max(size, LeastNoise)];
            new Random(1).NextBytes(_noise);
        }
        return _noise;
    }
}
