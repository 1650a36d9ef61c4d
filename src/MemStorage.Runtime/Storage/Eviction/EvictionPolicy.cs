// Where a record goes:
//
//   insert --> small log --[oldest segment]--> asked for? --> main log --[oldest segment]--> asked for? --> main again
//                 ^                                | no                                          | no
//                 |                                v                                             v
//               (rest) <--- asked for again --- ghost                                           gone
//                                                  |
//                                                  +--- asked for again, younger than main's oldest segment --> main log
namespace MemStorage.Storage.Eviction;

/// <summary>
/// Decides where a record goes, which segment is reclaimed and which of its records stay. It moves nothing itself: the shard's reclaimer asks and does.
/// S3-FIFO (Yang et al., SOSP 2023) plus: the reuse distance of a ghost hit decides its log (as in LIRS), a share of the small log that learns
/// (<see cref="SmallLogShare"/>), promotion by proven odds (<see cref="PromotionOdds"/>), the same for old hits in main (<see cref="CreditOdds"/>), one long queue where what is new is what is wanted
/// (<see cref="UnreadOdds"/>), a way out of loops (<see cref="LoopEscape"/>), weights by size (<see cref="SizeScale"/>) and a cold fill that copies nothing.
/// <para>One per shard, called under the shard's lock only. Allocates nothing after construction; the same seed and calls give the same answers.</para>
/// </summary>
internal sealed class EvictionPolicy(ulong seed, uint clock = 0)
{
    // bounds the stall of one insert: after so many reclaims of main that may all have copied everything back, the small log pays;
    // if it is empty, main's records need one more hit to stay for each so many reclaims
    internal const int MostMainReclaims = 8;

    // keeps the odds of what is not promoted or kept any more up to date
    private const double Trial = 1.0 / 32;

    // of the span of a single queue over both logs: a loop a little longer than the capacity must not count as recency, and the span is an estimate
    private const double SpanMargin = 2.0 / 3;

    // small records get the chance of four average ones at most; smaller ones need no hit to be promoted while enough of them prove worth their room
    private const double LeastWeight = 0.25;

    private Coin _coin = new(seed);
    private SmallLogShare _share = new();
    private PromotionOdds _odds = new();
    private CreditOdds _credit = new();
    private UnreadOdds _unread = new();
    private MainYield _yield = new();
    private SizeScale _sizes = new();
    private LoopEscape _escape = new();
    private uint _smallSpan;
    private uint _mainRound;
    private bool _filling = true;
    private int _hitsToStay = 1;

    /// <summary>Counts inserts and wraps around; a segment's birth is the clock when it is opened.</summary>
    public uint Clock { get; private set; } = clock;

    /// <summary>The small log's share of the capacity, 0.05 to 0.9.</summary>
    public double SmallShare => _share.Value;

    /// <summary>Whether main is still taking whole segments of the small log.</summary>
    public bool Filling => _filling;

    /// <summary>The inserts between the opening of the last reclaimed small segment and its reclaim: how long the small log remembers.</summary>
    public uint SmallSpan => _smallSpan;

    /// <summary>The probability with which a record without a claim moves to main.</summary>
    public double EscapeProbability => _escape.Probability;

    /// <summary>How many observations make an estimate: enough for its noise, few enough to follow the load.</summary>
    internal static double Window(long liveRecords) => Math.Max(128, liveRecords / 32.0);

    /// <summary>How many decide whether records without a hit are promoted: more than for an average, as the decision is one for all of them.</summary>
    internal static double DecisionWindow(long liveRecords) => Math.Max(96, liveRecords / 16.0);

    /// <summary>Whether main keeps records for hits of earlier rounds.</summary>
    internal bool HonoursCredit => _credit.IsWorthwhile(_unread.Price);

    /// <summary>Whether records of the small log are promoted without a hit.</summary>
    internal bool PromotesUnread => _unread.ArePromoted;

    /// <summary>Whether records with this many hits (1 to 3) are promoted.</summary>
    internal bool IsPromoted(int hits) => _odds.IsWorthwhile(hits, _unread.Price);

    /// <summary>A new record comes in: advances the clock and says which log takes it. To be called before room is made, once per insert.</summary>
    /// <param name="view">The shard now.</param>
    /// <param name="ghostHit">Whether the ghost knew the key (the caller removes it from the ghost).</param>
    /// <param name="ghostBirth">The birth that the ghost had; ignored without a hit.</param>
    /// <param name="bytes">The size of the record.</param>
    public LogKind OnInsert(in OccupancyView view, bool ghostHit, uint ghostBirth, int bytes = 1)
    {
        Clock++;
        _sizes.Learn(bytes);
        if (!ghostHit)
            return LogKind.Small;
        // a large record takes the room of several others for as long
        double reuseDistance = (Clock - ghostBirth) * _sizes.Weigh(bytes);
        if (reuseDistance <= 2.0 * _smallSpan)
            _share.VoteForSmall(view);
        if (!_unread.ArePromoted && reuseDistance <= SpanMargin * _yield.QueueSpan(view))
            _unread.LearnReturn();
        // main would still have it, had it gone there the first time
        return view.MainSegments > 0 && reuseDistance <= Clock - view.MainOldestBirth ? LogKind.Main : LogKind.Small;
    }

    /// <summary>What to reclaim.</summary>
    /// <param name="view">The shard now.</param>
    /// <param name="mainReclaims">How often this call answered <see cref="VictimKind.MainOldest"/> since the caller began to make room.</param>
    public VictimKind ChooseVictim(in OccupancyView view, int mainReclaims)
    {
        if (view.SmallSegments == 0 && view.MainSegments == 0)
            return VictimKind.None;
        double target = view.CapacityBytes * (1 - _share.Value);
        bool main = view.MainBytes > target || view.SmallSegments == 0;
        if (main && view.MainSegments > 0 && (mainReclaims < MostMainReclaims || view.SmallSegments == 0))
        {
            _filling = false;
            _hitsToStay = 1 + mainReclaims / MostMainReclaims;
            return VictimKind.MainOldest;
        }
        if (view.MainBytes < target / 2)
            _filling = true;
        // the last segment of the small log is the open one: it is never relabelled
        bool roomInMain = view.SmallSegments > 1 && view.MainBytes + view.SmallBytes / view.SmallSegments <= target;
        return _filling && roomInMain ? VictimKind.RelabelSmallOldest : VictimKind.SmallOldest;
    }

    /// <summary>The caller begins to judge the records of a segment.</summary>
    /// <param name="victim">What <see cref="ChooseVictim"/> answered.</param>
    /// <param name="birth">The birth of the segment.</param>
    public void BeginVictim(VictimKind victim, uint birth)
    {
        if (victim == VictimKind.SmallOldest)
            _smallSpan = Clock - birth;
        else if (victim == VictimKind.MainOldest)
            _mainRound = Clock - birth;
    }

    /// <summary>What happens to one live record of the segment; expired records and old tombstones are not asked about.</summary>
    /// <param name="log">The log of the segment.</param>
    /// <param name="hits">The hit counter of the record, 0 to 3.</param>
    /// <param name="tag">The tag of the record (<see cref="RecordTag"/>).</param>
    /// <param name="view">The shard; may be the one at the begin of the segment.</param>
    /// <param name="newHits">The counter of the copy.</param>
    /// <param name="newTag">The tag of the copy.</param>
    /// <param name="bytes">The size of the record.</param>
    public Fate Judge(LogKind log, int hits, int tag, in OccupancyView view, out int newHits, out int newTag, int bytes = 1)
    {
        newHits = 0;
        newTag = 0;
        Fate fate = log == LogKind.Small ? JudgeSmall(hits, bytes, view, ref newTag) : JudgeMain(hits, tag, bytes, view, ref newHits, ref newTag);
        if (fate != Fate.KeepInMain)
            TestHooks.At(TestPoint.JudgedToGo);
        return fate;
    }

    private Fate JudgeSmall(int hits, int bytes, in OccupancyView view, ref int newTag)
    {
        int hitsToStay = _sizes.HitsToStay(bytes);
        if (hits >= hitsToStay && (IsPromoted(hits) || _coin.Flip(Trial)))
        {
            newTag = hits;
            return Fate.KeepInMain;
        }
        double weight = _sizes.Weigh(bytes);
        if (weight < LeastWeight && (_odds.IsSmallWorthwhile(weight) || _coin.Flip(Trial)))
        {
            newTag = RecordTag.KeptAsSmall;
            return Fate.KeepInMain;
        }
        if (hits == 0 && hitsToStay == 1 && _unread.ArePromoted)
        {
            newTag = RecordTag.KeptUnread;
            return Fate.KeepInMain;
        }
        if (_coin.Flip(_escape.Probability / Math.Max(LeastWeight, weight)))
            return Fate.KeepInMain;
        _unread.LearnDrop(DecisionWindow(view.LiveRecords), _yield.AskedFor);
        return Fate.DropAndRemember;
    }

    private Fate JudgeMain(int hits, int tag, int bytes, in OccupancyView view, ref int newHits, ref int newTag)
    {
        int asked = hits - RecordTag.Credit(tag);
        bool askedFor = asked > 0;
        LearnFromMain(hits, tag, asked, view);
        if (hits < Math.Max(_hitsToStay, _sizes.HitsToStay(bytes)))
            return Fate.Drop;
        bool worthwhile = askedFor ? hits > 1 || _credit.IsOneHitWorthwhile(_unread.Price) : HonoursCredit;
        if (!worthwhile && !_coin.Flip(Trial))
            return Fate.Drop;
        newHits = hits - 1;
        newTag = RecordTag.Kept(newHits, askedFor);
        return Fate.KeepInMain;
    }

    private void LearnFromMain(int hits, int tag, int asked, in OccupancyView view)
    {
        bool askedFor = asked > 0;
        bool unread = tag == RecordTag.KeptUnread;
        double window = Window(view.LiveRecords);
        double decisionWindow = DecisionWindow(view.LiveRecords);
        if (hits == 1)
            _share.VoteForMain(view);
        _escape.Learn(!askedFor);
        _yield.Learn(asked, often: askedFor && hits == Index.Slot.MaxHits, _mainRound, proven: !unread, decisionWindow);
        if (unread)
            _unread.LearnPromoted(askedFor, decisionWindow, _yield.AskedFor);
        else if (RecordTag.IsPromoted(tag))
            _odds.Learn(tag, askedFor, window);
        else if (tag == RecordTag.KeptAsSmall)
            _odds.LearnSmall(askedFor, window);
        else if (RecordTag.WasIdle(tag))
            _credit.Learn(askedFor, window);
        else if (tag == RecordTag.KeptForOneHit)
            _credit.LearnOneHit(askedFor, window);
    }
}
