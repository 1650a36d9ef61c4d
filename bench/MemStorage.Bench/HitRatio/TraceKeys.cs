using MemStorage.Traces;

namespace MemStorage.Bench.HitRatio;

/// <summary>The keys of a trace as strings, mixed, so that no hash gets consecutive numbers.</summary>
internal static class TraceKeys
{
    public const int Length = 16;

    public static string[] Of(Trace trace) => [.. Enumerable.Range(0, trace.Unique).Select(Of)];

    private static string Of(int number)
    {
        ulong x = (ulong)number + 0x9E3779B97F4A7C15;
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return (x ^ (x >> 31)).ToString("x16", System.Globalization.CultureInfo.InvariantCulture);
    }
}
