using MemStorage.Traces;

namespace MemStorage.Bench.HitRatio;

/// <summary>
/// Finds the bound in bytes under which MemStorage never holds more than N records of one size, and replays a trace under it. The store counts bytes, not records:
/// index, headers, open segments and the ghost are inside the bound, and the number of records that fit follows.
/// </summary>
internal static class CountBound
{
    private const long LeastBytes = 128 << 10;
    private const int LeastValue = 256;
    private const int MostValue = 4096;

    // of so few, even values of the usual size are less than the least bound
    private const int FewRecords = 50;
    private const int Tries = 8;

    // what a fill of this many times the capacity shows is the steady state
    private const int FillFactor = 3;

    /// <param name="trace">The trace.</param>
    /// <param name="keys">Its keys as strings.</param>
    /// <param name="capacity">N.</param>
    /// <param name="seed">Of the store's hash.</param>
    /// <returns>The percentage of hits, and the most records that were there at once: at most N, unless the least bound there is holds more.</returns>
    public static (double HitRatio, long Peak) Run(Trace trace, string[] keys, int capacity, ulong seed)
    {
        int size = (int)Math.Clamp(2 * LeastBytes / capacity, LeastValue, capacity < FewRecords ? LeastBytes / 2 : MostValue);
        long bytes = Search(capacity, size, seed);
        while (true)
        {
            using MemStorageTraceCache cache = new(bytes, seed);
            long peak = 0;
            double ratio = Replay.HitRatio(cache, trace, keys, _ => size, () => peak = Math.Max(peak, cache.Entries));
            if (peak <= capacity || bytes == MemStorageTraceCache.LeastBound)
                return (ratio, peak);
            // the mix of logs that a trace leads to may hold a little more than a plain fill
            bytes = Math.Max(MemStorageTraceCache.LeastBound, (long)(bytes * Math.Min(0.995, capacity / (double)peak)));
        }
    }

    private static long Search(int capacity, int size, ulong seed)
    {
        string[] keys = [.. Enumerable.Range(0, FillFactor * capacity).Select(i => $"{i * 2654435761L:x16}")];
        long low = MemStorageTraceCache.LeastBound;
        long high = 3L * capacity * (size + 256) + (256 << 10);
        for (int i = 0; i < Tries + Math.Log2(Math.Max(2, high / low)) && high - low > size; i++)
        {
            long middle = (low + high) / 2;
            if (PeakOf(middle, keys, size, seed) <= capacity)
                low = middle;
            else
                high = middle;
        }
        return low;
    }

    private static long PeakOf(long bytes, string[] keys, int size, ulong seed)
    {
        using MemStorageTraceCache cache = new(bytes, seed);
        long peak = 0;
        foreach (string[] chunk in keys.Chunk(Math.Max(1, keys.Length / 200)))
        {
            Replay.Fill(cache, chunk, size);
            peak = Math.Max(peak, cache.Entries);
        }
        return peak;
    }
}
