namespace MemStorage.Storage.Eviction;

/// <summary>
/// Whether records that nobody asked for while they were in the small log go to main all the same. Where popularity lasts they are not worth it. Where what is new is what will be asked for (working sets
/// that slide or are replaced, recency), one that goes unread is about as likely to be wanted as main's own records, and a short small log throws it away too soon: then both logs together
/// should be one long queue, as in CLOCK. So two shares are compared: of the unread records, those that are asked for within the time that such a queue would have kept them; and of main's records, those that
/// are asked for in a round.
/// <para>While they are dropped, the ghost tells of them; while they are promoted, main does. It is decided in windows. A loop a little longer than the capacity can look like recency for a moment, and
/// then costs all that main has: promoting takes three windows in a row that say so, and after each mistake more of them.</para>
/// </summary>
internal struct UnreadOdds()
{
    // of the share of main's records that are asked for: promoting pays from about 0.4 in simulation
    private const double Worthwhile = 0.5;

    // where main's records are not asked for either, nothing is known
    private const double Least = 0.2;

    private const double LeastDoubt = 3;
    private const double MostDoubt = 32;
    private const double DoubtAfterMistake = 1.5;

    // slowly: a loop is seen as one only when all that was promoted before it has gone through
    private const double DoubtAfterSuccess = 0.98;

    private int _trials;
    private int _successes;
    private int _agreeing;
    private double _odds;
    private double _doubt = LeastDoubt;

    /// <summary>Whether records without a hit are promoted.</summary>
    public bool ArePromoted { get; private set; }

    /// <summary>What a place in main is worth to a record that nobody asked for: its odds, 0 while such records get none.</summary>
    public readonly double Price => ArePromoted ? _odds : 0;

    /// <summary>A dropped record came back in time. Not counted while unread records are promoted: what comes back then was dropped for other reasons, or before.</summary>
    public void LearnReturn()
    {
        if (!ArePromoted)
            _successes++;
    }

    /// <summary>A record was dropped; whether it comes back is told later (<see cref="LearnReturn"/>).</summary>
    /// <param name="window">How many records make an estimate.</param>
    /// <param name="mainShare">The share of main's records that are asked for.</param>
    public void LearnDrop(double window, double mainShare)
    {
        if (!ArePromoted)
            EndTrial(window, mainShare);
    }

    /// <summary>A record promoted without a hit was judged in main for the first time.</summary>
    /// <param name="askedFor">Whether it was asked for there.</param>
    /// <param name="window">How many records make an estimate.</param>
    /// <param name="mainShare">The share of main's records that are asked for.</param>
    public void LearnPromoted(bool askedFor, double window, double mainShare)
    {
        EndTrial(window, mainShare);
        if (askedFor)
            _successes++;
    }

    private void EndTrial(double window, double mainShare)
    {
        if (++_trials < window)
            return;
        _odds = Math.Min(1, _successes / (double)_trials);
        _trials = _successes = 0;
        bool worthwhile = _odds >= Math.Max(Least, Worthwhile * mainShare);
        if (!ArePromoted)
        {
            _agreeing = worthwhile ? _agreeing + 1 : 0;
            if (_agreeing >= _doubt)
                (ArePromoted, _agreeing) = (true, 0);
        }
        else if (worthwhile)
            _doubt = Math.Max(LeastDoubt, _doubt * DoubtAfterSuccess);
        else
            (ArePromoted, _doubt) = (false, Math.Min(MostDoubt, _doubt * DoubtAfterMistake));
    }
}
