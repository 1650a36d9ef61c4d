namespace MemStorage.Storage.Eviction;

/// <summary>
/// How often records that left the small log with 1, 2 or 3 hits were asked for again in main. Each promoted record carries its count as a tag until main
/// judges it for the first time; a count whose records mostly idle in main is no longer promoted, but for a few that keep the estimate alive.
/// </summary>
internal struct PromotionOdds()
{
    private const double Worthwhile = 0.3;

    // small records without a hit: 1 in 8, worth it below 0.42 of an average size
    private double _smallTrials = 8, _smallSuccesses = 1;

    // what is assumed before anything is known: one hit: 1 in 4, which is not enough; two or three: 4 in 10
    private const double InitialTrials = 8;
    private double _trials1 = InitialTrials, _trials2 = InitialTrials, _trials3 = InitialTrials;
    private double _successes1 = 2, _successes2 = 3.2, _successes3 = 3.2;

    /// <summary>Whether records with this many hits (1 to 3) are worth a place in main.</summary>
    public readonly bool IsWorthwhile(int hits) => hits switch
    {
        1 => _successes1 >= Worthwhile * _trials1,
        2 => _successes2 >= Worthwhile * _trials2,
        _ => _successes3 >= Worthwhile * _trials3,
    };

    /// <summary>
    /// Whether records of so many average sizes are worth a place in main without a hit: a tenth of the size needs a tenth of the odds. The idea is GreedyDual-Size's (Cao and Irani,
    /// USITS 1997), which ranks by hits per byte.
    /// </summary>
    public readonly bool IsSmallWorthwhile(double weight) => _smallSuccesses >= Worthwhile * weight * _smallTrials;

    /// <summary>A record promoted without a hit was judged in main for the first time.</summary>
    public void LearnSmall(bool askedFor, double window) => Learn(ref _smallTrials, ref _smallSuccesses, askedFor, window);

    /// <summary>A record promoted with <paramref name="tag"/> hits was judged in main for the first time.</summary>
    public void Learn(int tag, bool askedFor, double window)
    {
        switch (tag)
        {
            case 1: Learn(ref _trials1, ref _successes1, askedFor, window); break;
            case 2: Learn(ref _trials2, ref _successes2, askedFor, window); break;
            default: Learn(ref _trials3, ref _successes3, askedFor, window); break;
        }
    }

    private static void Learn(ref double trials, ref double successes, bool askedFor, double window)
    {
        trials++;
        if (askedFor)
            successes++;
        if (trials >= window)
        {
            trials /= 2;
            successes /= 2;
        }
    }
}
