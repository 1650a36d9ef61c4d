namespace MemStorage.Storage.Eviction;

/// <summary>
/// Whether main's records should live on hits of long ago, or on a single one. Where popularity lasts, a record that rests for one round of main is asked for again, and three hits are worth
/// three rounds. Where the working set moves on, it is dead, and main carries it for three rounds while what is new goes. So it is observed: how many of the records that were kept
/// for their credit alone, or for one hit, were asked for in the next round.
/// </summary>
internal struct CreditOdds()
{
    private const double Worthwhile = 0.1;

    // of the price: a hit of this round says more than what is behind the price, for its record was hit while others went
    private const double OneHitDiscount = 0.3;

    // what is assumed before anything is known: every second one comes back
    private Odds _credit = new(8, 4);
    private Odds _oneHit = new(8, 4);

    /// <summary>Whether credit is worth a place in main.</summary>
    /// <param name="price">The odds of what else could have the place (<see cref="UnreadOdds.Price"/>).</param>
    public readonly bool IsWorthwhile(double price = 0) => _credit.AreAtLeast(Math.Max(Worthwhile, price));

    /// <summary>Whether a single hit in the last round is worth a place in main.</summary>
    /// <param name="price">The odds of what else could have the place (<see cref="UnreadOdds.Price"/>).</param>
    public readonly bool IsOneHitWorthwhile(double price) => _oneHit.AreAtLeast(OneHitDiscount * price);

    /// <summary>A record kept for its credit alone was judged again.</summary>
    public void Learn(bool askedFor, double window) => _credit.Learn(askedFor, window);

    /// <summary>A record kept for a single hit was judged again.</summary>
    public void LearnOneHit(bool askedFor, double window) => _oneHit.Learn(askedFor, window);
}
