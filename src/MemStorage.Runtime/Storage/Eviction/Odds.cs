namespace MemStorage.Storage.Eviction;

/// <summary>
/// How many of the records of one kind were asked for again, the last ones weighing most. It begins with what is assumed before anything is known.
/// </summary>
/// <param name="trials">The records assumed.</param>
/// <param name="successes">Those of them that were asked for.</param>
internal struct Odds(double trials, double successes)
{
    private double _trials = trials;
    private double _successes = successes;

    public readonly bool AreAtLeast(double odds) => _successes >= odds * _trials;

    /// <summary>One more of these records was judged.</summary>
    /// <param name="askedFor">Whether it was asked for.</param>
    /// <param name="window">How many count: beyond, all that was learned weighs half.</param>
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
