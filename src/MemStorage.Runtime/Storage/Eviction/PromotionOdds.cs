namespace MemStorage.Storage.Eviction;

/// <summary>
/// How often records that left the small log with 1, 2 or 3 hits were asked for again in main. Each promoted record carries its count as a tag until main
/// judges it for the first time; a count whose records mostly idle in main is no longer promoted, but for a few that keep the estimate alive.
/// </summary>
internal struct PromotionOdds()
{
    private const double Worthwhile = 0.3;

    // of the price, where records that nobody asked for have places in main as well: one with hits need not do better than half of them
    private const double Discount = 0.5;

    // what is assumed before anything is known: one hit: 1 in 4, which is not enough; two or three: 4 in 10
    private Odds _one = new(8, 2), _two = new(8, 3.2), _three = new(8, 3.2);

    // small records without a hit: 1 in 8, worth it below 0.42 of an average size
    private Odds _small = new(8, 1);

    /// <summary>Whether records with this many hits (1 to 3) are worth a place in main.</summary>
    /// <param name="hits">The hits.</param>
    /// <param name="price">The odds of what else could have the place (<see cref="UnreadOdds.Price"/>), 0 if there is no such.</param>
    public readonly bool IsWorthwhile(int hits, double price = 0)
    {
        double least = price > 0 ? Math.Min(Worthwhile, Discount * price) : Worthwhile;
        return hits switch
        {
            1 => _one.AreAtLeast(least),
            2 => _two.AreAtLeast(least),
            _ => _three.AreAtLeast(least),
        };
    }

    /// <summary>
    /// Whether records of so many average sizes are worth a place in main without a hit: a tenth of the size needs a tenth of the odds. The idea is GreedyDual-Size's (Cao and Irani,
    /// USITS 1997), which ranks by hits per byte.
    /// </summary>
    public readonly bool IsSmallWorthwhile(double weight) => _small.AreAtLeast(Worthwhile * weight);

    /// <summary>A record promoted without a hit was judged in main for the first time.</summary>
    public void LearnSmall(bool askedFor, double window) => _small.Learn(askedFor, window);

    /// <summary>A record promoted with <paramref name="tag"/> hits was judged in main for the first time.</summary>
    public void Learn(int tag, bool askedFor, double window)
    {
        switch (tag)
        {
            case 1: _one.Learn(askedFor, window); break;
            case 2: _two.Learn(askedFor, window); break;
            default: _three.Learn(askedFor, window); break;
        }
    }
}
