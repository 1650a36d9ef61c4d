namespace MemStorage.Storage.Eviction;

/// <summary>What main's records were asked for between two judgements, as shares of those judged lately.</summary>
internal struct MainYield()
{
    // what is assumed before anything is known: every second one was asked for
    private double _proven = 16;
    private double _provenAskedFor = 8;

    private double _judged = 16;
    private double _often;
    private double _hits;
    private double _rounds;

    /// <summary>The share that was asked for since the judgement before, records promoted without a hit left out.</summary>
    public readonly double AskedFor => _provenAskedFor / _proven;

    /// <summary>A record of main was judged.</summary>
    /// <param name="newHits">The hits since it was judged last, or as many as the counter could tell.</param>
    /// <param name="often">Whether the counter is at its end: it may have been asked for any number of times.</param>
    /// <param name="round">The inserts since it was judged last.</param>
    /// <param name="proven">False for one that was promoted without a hit.</param>
    /// <param name="window">How many count.</param>
    public void Learn(int newHits, bool often, uint round, bool proven, double window)
    {
        _judged++;
        _rounds += round;
        if (often)
            _often++;
        else
            _hits += newHits;
        if (_judged >= window)
        {
            _judged /= 2;
            _often /= 2;
            _hits /= 2;
            _rounds /= 2;
        }
        if (!proven)
            return;
        _proven++;
        if (newHits > 0)
            _provenAskedFor++;
        if (_proven >= window)
        {
            _proven /= 2;
            _provenAskedFor /= 2;
        }
    }

    /// <summary>
    /// For how many inserts a single queue as long as both logs would keep a record that nobody asks for (the reuse distance that it could bridge): what is asked for in that time keeps its place, the
    /// rest goes through. Records that are asked for often always keep theirs; the others as often as they are asked for.
    /// </summary>
    /// <param name="view">The shard now.</param>
    public readonly double QueueSpan(in OccupancyView view)
    {
        double main = view.LiveRecords * (view.MainBytes / (double)Math.Max(1, view.MainBytes + view.SmallBytes));
        return (view.LiveRecords - main * _often / _judged) / (1 + main * _hits / Math.Max(1, _rounds));
    }
}
