using System.Numerics;

namespace MemStorage.Bench.Measuring;

/// <summary>Latencies in nanoseconds, in buckets of 1/32 of a power of two: an error of at most 3 %.</summary>
internal sealed class Histogram
{
    private const int SubBuckets = 32;
    private readonly long[] _counts = new long[64 * SubBuckets];

    public long Count { get; private set; }

    public long Max { get; private set; }

    public void Add(long nanoseconds)
    {
        nanoseconds = Math.Max(0, nanoseconds);
        Max = Math.Max(Max, nanoseconds);
        Count++;
        _counts[Bucket(nanoseconds)]++;
    }

    public void Add(Histogram other)
    {
        for (int i = 0; i < _counts.Length; i++)
            _counts[i] += other._counts[i];
        Count += other.Count;
        Max = Math.Max(Max, other.Max);
    }

    /// <summary>The latency that this part of the operations, 0 to 1, did not exceed.</summary>
    public long Percentile(double part)
    {
        long rank = (long)(Count * part);
        for (int i = 0; i < _counts.Length; i++)
        {
            rank -= _counts[i];
            if (rank < 0)
                return Math.Min(Max, LowerBound(i));
        }
        return Max;
    }

    private static int Bucket(long value)
    {
        if (value < SubBuckets)
            return (int)value;
        int exponent = BitOperations.Log2((ulong)value);
        return (exponent - 4) * SubBuckets + (int)((value >> (exponent - 5)) & (SubBuckets - 1));
    }

    private static long LowerBound(int bucket)
    {
        if (bucket < SubBuckets)
            return bucket;
        int exponent = bucket / SubBuckets + 4;
        return (1L << exponent) + ((long)(bucket % SubBuckets) << (exponent - 5));
    }
}
