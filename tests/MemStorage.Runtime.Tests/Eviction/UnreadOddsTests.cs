using MemStorage.Storage.Eviction;
using Xunit;

namespace MemStorage.Tests.Eviction;

/// <summary>When records that nobody asked for go to main all the same (<see cref="UnreadOdds"/>), and what a place in main then costs the others.</summary>
public sealed class UnreadOddsTests
{
    private const int Window = 64;
    private const double MainShare = 0.6;

    private static readonly OccupancyView View = new()
    {
        SmallSegments = 10,
        MainSegments = 90,
        SmallBytes = 10_000,
        MainBytes = 90_000,
        CapacityBytes = 100_000,
        LiveRecords = 1000,
    };

    private static void Drop(ref UnreadOdds odds, int windows, double returning, double mainShare = MainShare)
    {
        for (int i = 0; i < windows * Window; i++)
        {
            if (i % Window < returning * Window)
                odds.LearnReturn();
            odds.LearnDrop(Window, mainShare);
        }
    }

    private static void Judge(ref UnreadOdds odds, int windows, bool askedFor)
    {
        for (int i = 0; i < windows * Window; i++)
            odds.LearnPromoted(askedFor, Window, MainShare);
    }

    [Theory]
    [InlineData(0.35, 0.6, true)] // more than half as many as of main's records
    [InlineData(0.25, 0.6, false)]
    [InlineData(0.25, 0.1, true)]
    [InlineData(0.15, 0.1, false)] // main idles too: nothing is known
    public void Unread_records_are_promoted_where_half_as_many_of_them_as_of_mains_records_are_asked_for(double returning, double mainShare, bool promoted)
    {
        UnreadOdds odds = new();
        Drop(ref odds, windows: 3, returning, mainShare);
        Assert.Equal(promoted, odds.ArePromoted);
        Assert.Equal(promoted ? returning : 0, odds.Price, 0.02);
    }

    [Fact]
    public void One_window_is_not_enough()
    {
        UnreadOdds odds = new();
        for (int i = 0; i < 10; i++)
        {
            Drop(ref odds, windows: 1, returning: 1);
            Assert.False(odds.ArePromoted);
            Drop(ref odds, windows: 1, returning: 0);
            Assert.False(odds.ArePromoted);
        }
    }

    [Fact]
    public void What_main_says_of_them_ends_it_and_each_mistake_makes_the_next_decision_slower()
    {
        UnreadOdds odds = new();
        Drop(ref odds, windows: 3, returning: 1);
        Judge(ref odds, windows: 5, askedFor: true);
        Assert.True(odds.ArePromoted);
        int last = 3;
        for (int mistake = 1; mistake <= 10; mistake++)
        {
            Judge(ref odds, windows: 1, askedFor: false);
            Assert.Equal((false, 0.0), (odds.ArePromoted, odds.Price));
            int needed = 0;
            for (; !odds.ArePromoted; needed++)
                Drop(ref odds, windows: 1, returning: 1);
            Assert.True(needed >= last, $"mistake {mistake}: {needed} windows after {last}");
            last = needed;
        }
        Assert.Equal(32, last); // at most so many
    }

    [Fact]
    public void Returns_while_they_are_promoted_do_not_count()
    {
        UnreadOdds odds = new();
        Drop(ref odds, windows: 3, returning: 1);
        for (int i = 0; i < Window; i++)
        {
            odds.LearnReturn();
            odds.LearnPromoted(askedFor: false, Window, MainShare);
        }
        Assert.False(odds.ArePromoted);
    }

    // ---- the time that one queue over both logs would keep a record ----

    [Fact]
    public void Queue_keeps_what_is_unread_for_as_many_inserts_as_it_holds_records_if_nothing_is_asked_for()
    {
        MainYield yield = new();
        Learn(ref yield, 100, hits: 0, often: false);
        Assert.Equal(1000, yield.QueueSpan(View), 1.0);
    }

    [Fact]
    public void Records_that_are_asked_for_often_take_their_room_from_the_queue()
    {
        MainYield yield = new();
        Learn(ref yield, 10_000, hits: 3, often: true);
        Assert.Equal(100, yield.QueueSpan(View), 5.0); // main has 900 of 1,000
        Assert.Equal(1, yield.AskedFor, 0.02);
    }

    [Fact]
    public void Records_that_are_asked_for_once_a_round_go_round_once_a_round()
    {
        // a loop of 1,200 over 1,000 records, 900 of them in main: of a round of the loop 300 are misses, and all records in main are hit once
        MainYield yield = new();
        Learn(ref yield, 10_000, hits: 1, often: false, round: 300);
        // one queue of 1,000 would need 1,200 places: of 4 places 3 go to what is hit, so that 250 inserts pass, and the loop comes back after 300
        Assert.Equal(250, yield.QueueSpan(View), 5.0);
    }

    private static void Learn(ref MainYield yield, int times, int hits, bool often, uint round = 300)
    {
        for (int i = 0; i < times; i++)
            yield.Learn(hits, often, round, proven: true, window: Window);
    }

    // ---- in the policy ----

    private static EvictionPolicy Promoting()
    {
        EvictionPolicy policy = new(1);
        DropAndReturn(policy, times: 300, distance: 10);
        return policy;
    }

    private static void DropAndReturn(EvictionPolicy policy, int times, uint distance)
    {
        for (int i = 0; i < times; i++)
        {
            policy.Judge(LogKind.Small, 0, 0, View, out _, out _);
            policy.OnInsert(View, ghostHit: true, policy.Clock + 1 - distance);
        }
    }

    [Fact]
    public void Unread_records_that_come_back_in_time_are_promoted_from_then_on()
    {
        EvictionPolicy policy = Promoting();
        Assert.True(policy.PromotesUnread);
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Small, 0, 0, View, out int hits, out int tag));
            Assert.Equal((0, RecordTag.KeptUnread), (hits, tag));
        }
    }

    [Fact]
    public void What_comes_back_later_than_two_thirds_of_the_queues_span_does_not_count()
    {
        EvictionPolicy policy = new(1);
        DropAndReturn(policy, times: 2000, distance: 670); // of 1,000
        Assert.False(policy.PromotesUnread);
        DropAndReturn(policy, times: 500, distance: 650);
        Assert.True(policy.PromotesUnread);
    }

    [Fact]
    public void Large_records_are_not_promoted_unread()
    {
        EvictionPolicy policy = Promoting();
        int kept = 0;
        for (int i = 0; i < 1000; i++)
        {
            if (policy.Judge(LogKind.Small, 0, 0, View, out _, out int tag, bytes: 2) == Fate.KeepInMain)
            {
                Assert.Equal(RecordTag.None, tag); // the way out of loops
                kept++;
            }
        }
        Assert.InRange(kept, 0, 30);
    }

    [Fact]
    public void Unread_records_that_idle_in_main_are_not_promoted_any_more()
    {
        EvictionPolicy policy = Promoting();
        for (int i = 0; i < 200; i++)
            Assert.Equal(Fate.Drop, policy.Judge(LogKind.Main, 0, RecordTag.KeptUnread, View, out _, out _));
        Assert.False(policy.PromotesUnread);
    }

    /// <summary>"Credit must then be worth as much as a new record, a single hit a third of it."</summary>
    [Fact]
    public void Places_in_main_cost_what_a_new_record_would_make_of_them()
    {
        EvictionPolicy policy = Promoting();
        for (int i = 0; i < 200; i++)
            policy.Judge(LogKind.Main, 1, RecordTag.KeptUnread, View, out _, out _); // all are asked for
        int idle = RecordTag.Kept(1, askedFor: false);
        for (int i = 0; i < 400; i++)
            policy.Judge(LogKind.Main, i % 2 == 0 ? 1 : 2, idle, View, out _, out _); // every second one that lived on credit
        Assert.True(policy.PromotesUnread);
        Assert.False(policy.HonoursCredit);

        Assert.InRange(KeptForOneHit(policy), 1000, 1000);
        for (int i = 0; i < 400; i++)
            policy.Judge(LogKind.Main, i % 5 == 0 ? 1 : 0, RecordTag.KeptForOneHit, View, out _, out _); // one in five that had one hit
        Assert.InRange(KeptForOneHit(policy), 1, 100);
        Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Main, 2, RecordTag.None, View, out _, out _));
    }

    private static int KeptForOneHit(EvictionPolicy policy) =>
        Enumerable.Range(0, 1000).Count(_ => policy.Judge(LogKind.Main, 1, RecordTag.None, View, out _, out _) == Fate.KeepInMain);
}
