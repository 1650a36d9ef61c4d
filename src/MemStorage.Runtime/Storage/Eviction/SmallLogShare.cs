namespace MemStorage.Storage.Eviction;

/// <summary>
/// The share of the capacity that the small log gets, learned from marginal hits: a record asked for again soon after the small log dropped it says
/// "a longer small log would have had it", a record that main asked for exactly once since it was last judged says "main would have lost it, were it shorter".
/// Each count is taken per byte of its log, so that the share moves towards where the next byte is worth more.
/// </summary>
internal struct SmallLogShare()
{
    private const double Least = 0.05;
    private const double Most = 0.9;
    private const double Initial = 0.10;

    // a hit in main counts twice: what main keeps is asked for again, and again
    private const double MainWeight = 2;
    private const double Indifference = 1.1;
    private const double Step = 1.1;
    private const double Landslide = 4;
    private const double BigStep = 1.5;

    private int _smallVotes;
    private int _mainVotes;

    /// <summary>0.05 to 0.9.</summary>
    public double Value { get; private set; } = Initial;

    public void VoteForSmall(in OccupancyView view)
    {
        _smallVotes++;
        Adapt(view);
    }

    public void VoteForMain(in OccupancyView view)
    {
        _mainVotes++;
        Adapt(view);
    }

    private void Adapt(in OccupancyView view)
    {
        if (_smallVotes + _mainVotes < EvictionPolicy.Window(view.LiveRecords))
            return;
        double small = _smallVotes / (double)Math.Max(1, view.SmallBytes);
        double main = MainWeight * _mainVotes / Math.Max(1, view.MainBytes);
        _smallVotes = _mainVotes = 0;
        double larger = Math.Max(small, main);
        double smaller = Math.Min(small, main);
        if (larger <= Indifference * smaller)
            return;
        double step = larger > Landslide * smaller ? BigStep : Step;
        Value = Math.Clamp(small > main ? Value * step : Value / step, Least, Most);
    }
}
