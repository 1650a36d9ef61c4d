namespace MemStorage.Storage.Eviction;

/// <summary>
/// Whether main's records should live on hits of long ago. Where popularity lasts, a record that rests for one round of main is asked for again, and three hits are worth three
/// rounds. Where the working set moves on, it is dead, and main carries it for three rounds while what is new goes. So it is observed: how many of the records that were kept
/// for their credit alone were asked for in the next round.
/// </summary>
internal struct CreditOdds()
{
    private const double Worthwhile = 0.1;

    // what is assumed before anything is known: every second one comes back
    private double _trials = 8;
    private double _successes = 4;

    /// <summary>Whether credit is worth a place in main.</summary>
    public readonly bool IsWorthwhile => _successes >= Worthwhile * _trials;

    /// <summary>A record kept for its credit alone was judged again.</summary>
    public void Learn(bool askedFor, double window)
    {
        _trials++;
        if (askedFor)
            _successes++;
        if (_trials >= window)
        {
            _trials /= 2;
            _successes /= 2;
        }
    }
}
