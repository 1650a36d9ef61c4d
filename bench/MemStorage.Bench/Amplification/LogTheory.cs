namespace MemStorage.Bench.Amplification;

/// <summary>
/// What theory says of a log that never drops anything, is overwritten uniformly at random, and whose oldest segment is cleaned next. A segment that is cleaned with a live share
/// u costs u / (1 - u) copied bytes per byte of room that it gives (Rosenblum and Ousterhout, 1992). By then each of its records has outlived the writing of the whole log once, which leaves
/// u = exp(-(1 - u) / a) of them, where a is the live share of the log (Desnoyers, 2012).
/// </summary>
internal static class LogTheory
{
    /// <summary>Bytes moved per byte written, 1 / (1 - u), for a live share of 0 to below 1.</summary>
    public static double WriteAmplification(double liveShare)
    {
        // the other solution is u = 1; from below, the iteration ends at the smaller one
        double u = 0;
        for (int i = 0; i < 10_000; i++)
            u = Math.Exp(-(1 - u) / liveShare);
        return 1 / (1 - u);
    }
}
