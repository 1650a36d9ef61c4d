namespace MemStorage.Storage.Eviction;

/// <summary>
/// The way out of a loop longer than the capacity: there, no record is asked for while it is in the store and nothing is ever promoted. Moving a few
/// records to main by chance gives each a long stay and so the loop a foothold; the more of main idles, the more room there is to try.
/// </summary>
internal struct LoopEscape()
{
    private const double Least = 1.0 / 256;
    private const double Most = 1.0 / 16;
    private const double Knee = 0.8;
    private const double Memory = 1.0 / 32;

    private double _idle = 0.5;

    /// <summary>The moving average of "main's record was not asked for", 0 to 1.</summary>
    public readonly double Idle => _idle;

    /// <summary>The probability that a record without a claim moves to main: 1/256, rising to 1/16 when all of main idles.</summary>
    public readonly double Probability => _idle <= Knee ? Least : Least + (_idle - Knee) / (1 - Knee) * (Most - Least);

    public void Learn(bool idle) => _idle += ((idle ? 1 : 0) - _idle) * Memory;
}
