using MemStorage.Storage.Eviction;
using Xunit;

namespace MemStorage.Tests.Eviction;

/// <summary>Each rule of the policy on its own.</summary>
public sealed class EvictionPolicyTests
{
    private const int SegmentBytes = 1000;

    private static OccupancyView View(int small, int main, int total = 101, uint mainOldestBirth = 0, long live = 0) => new()
    {
        SmallSegments = small,
        MainSegments = main,
        SmallBytes = (long)small * SegmentBytes,
        MainBytes = (long)main * SegmentBytes,
        CapacityBytes = (total - 1L) * SegmentBytes,
        MainOldestBirth = mainOldestBirth,
        LiveRecords = live,
    };

    private static EvictionPolicy AtClock(uint clock) => new(seed: 1, clock);

    // ---- where a new record goes ----

    [Fact]
    public void New_record_goes_to_the_small_log_and_advances_the_clock()
    {
        EvictionPolicy policy = new(1);
        Assert.Equal(LogKind.Small, policy.OnInsert(View(1, 0), ghostHit: false, 0));
        Assert.Equal(1u, policy.Clock);
    }

    [Theory]
    [InlineData(1000u, 400u, 500u, false)] // main's oldest came after the key was first seen: main would have lost it too
    [InlineData(1000u, 500u, 400u, true)]
    [InlineData(1000u, 500u, 500u, true)]
    [InlineData(5u, uint.MaxValue - 10, uint.MaxValue - 20, true)] // the clock wrapped around in between
    [InlineData(5u, uint.MaxValue - 20, uint.MaxValue - 10, false)]
    public void Ghost_hit_goes_to_main_if_its_reuse_distance_is_within_mains_span(uint clock, uint ghostBirth, uint mainOldestBirth, bool toMain) =>
        Assert.Equal(toMain ? LogKind.Main : LogKind.Small, AtClock(clock).OnInsert(View(5, 90, mainOldestBirth: mainOldestBirth), ghostHit: true, ghostBirth));

    [Fact]
    public void Ghost_hit_goes_to_the_small_log_while_main_is_empty() =>
        Assert.Equal(LogKind.Small, AtClock(10).OnInsert(View(5, 0), ghostHit: true, 9));

    // ---- which segment goes ----

    [Fact]
    public void Cold_fill_relabels_small_segments_until_main_has_its_share()
    {
        EvictionPolicy policy = new(1);
        int small = 100;
        int main = 0;
        while (policy.ChooseVictim(View(small, main), 0) == VictimKind.RelabelSmallOldest)
        {
            small--;
            main++;
        }
        // a tenth of the capacity stays small
        Assert.Equal((10, 90), (small, main));
        Assert.Equal(VictimKind.SmallOldest, policy.ChooseVictim(View(small, main), 0));
    }

    [Fact]
    public void Relabelling_ends_with_the_first_reclaim_of_main_and_returns_when_main_is_half_empty()
    {
        EvictionPolicy policy = new(1);
        Assert.True(policy.Filling);
        Assert.Equal(VictimKind.MainOldest, policy.ChooseVictim(View(9, 91), 0));
        Assert.False(policy.Filling);
        Assert.Equal(VictimKind.SmallOldest, policy.ChooseVictim(View(40, 60), 0));
        Assert.False(policy.Filling);
        Assert.Equal(VictimKind.RelabelSmallOldest, policy.ChooseVictim(View(60, 40), 0));
        Assert.True(policy.Filling);
    }

    [Fact]
    public void Only_segment_of_the_small_log_is_never_relabelled() =>
        Assert.Equal(VictimKind.SmallOldest, new EvictionPolicy(1).ChooseVictim(View(1, 2), 0));

    [Fact]
    public void Main_pays_while_it_has_more_than_its_share_or_the_small_log_is_empty()
    {
        EvictionPolicy policy = new(1);
        Assert.Equal(VictimKind.MainOldest, policy.ChooseVictim(View(9, 91), 0));
        Assert.Equal(VictimKind.MainOldest, policy.ChooseVictim(View(0, 1), 0));
        Assert.Equal(VictimKind.None, policy.ChooseVictim(View(0, 0), 0));
    }

    [Fact]
    public void After_eight_reclaims_of_main_the_small_log_pays()
    {
        EvictionPolicy policy = new(1);
        Assert.Equal(VictimKind.MainOldest, policy.ChooseVictim(View(2, 98), 7));
        Assert.Equal(VictimKind.SmallOldest, policy.ChooseVictim(View(2, 98), 8));
    }

    [Fact]
    public void Without_a_small_log_main_gives_up_even_hot_records_after_24_reclaims()
    {
        EvictionPolicy policy = new(1);
        int dropped = 0;
        for (int reclaims = 0; reclaims <= 24; reclaims++)
        {
            Assert.Equal(VictimKind.MainOldest, policy.ChooseVictim(View(0, 100), reclaims));
            if (policy.Judge(LogKind.Main, hits: 3, tag: 0, View(0, 100), out _, out _) == Fate.Drop)
                dropped++;
        }
        Assert.Equal(1, dropped);
        policy.ChooseVictim(View(0, 100), 0);
        Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Main, hits: 1, tag: 0, View(0, 100), out _, out _));
    }

    // ---- which records of the small log stay ----

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Twice_read_record_of_the_small_log_is_promoted_with_its_hits_as_tag(int hits)
    {
        EvictionPolicy policy = new(1);
        Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Small, hits, 0, View(5, 95), out int newHits, out int newTag));
        Assert.Equal((0, hits), (newHits, newTag));
    }

    [Fact]
    public void Once_read_records_are_promoted_by_a_coin_of_1_in_32_until_main_has_shown_that_they_return()
    {
        EvictionPolicy policy = new(1);
        Assert.False(policy.IsPromoted(1));
        int kept = Count(10_000, () => policy.Judge(LogKind.Small, 1, 0, View(5, 95), out _, out int tag) == Fate.KeepInMain && tag == 1);
        Assert.InRange(kept, 10_000 / 32 - 60, 10_000 / 32 + 60);

        for (int i = 0; i < 100; i++)
            policy.Judge(LogKind.Main, 1, tag: 1, View(5, 95), out _, out _);
        Assert.True(policy.IsPromoted(1));
        Assert.Equal(1000, Count(1000, () => policy.Judge(LogKind.Small, 1, 0, View(5, 95), out _, out _) == Fate.KeepInMain));
    }

    [Fact]
    public void Promotion_stops_for_hit_counts_that_idle_in_main()
    {
        EvictionPolicy policy = new(1);
        for (int i = 0; i < 100; i++)
            policy.Judge(LogKind.Main, 0, tag: 2, View(5, 95), out _, out _);
        Assert.False(policy.IsPromoted(2));
        Assert.True(policy.IsPromoted(3));
    }

    [Fact]
    public void Unread_records_are_dropped_and_remembered_but_for_1_in_256()
    {
        EvictionPolicy policy = new(1);
        int kept = Count(100_000, () => policy.Judge(LogKind.Small, 0, 0, View(5, 95), out _, out int tag) == Fate.KeepInMain && tag == 0);
        Assert.InRange(kept, 100_000 / 256 - 80, 100_000 / 256 + 80);
        Assert.Equal(Fate.DropAndRemember, policy.Judge(LogKind.Small, 0, 0, View(5, 95), out _, out _));
    }

    [Fact]
    public void Chance_of_unread_records_rises_to_1_in_16_while_main_idles()
    {
        EvictionPolicy policy = new(1);
        Assert.Equal(1.0 / 256, policy.EscapeProbability);
        for (int i = 0; i < 1000; i++)
            policy.Judge(LogKind.Main, 0, 0, View(5, 95), out _, out _);
        Assert.Equal(1.0 / 16, policy.EscapeProbability, 3);
        for (int i = 0; i < 1000; i++)
            policy.Judge(LogKind.Main, 2, 0, View(5, 95), out _, out _);
        Assert.Equal(1.0 / 256, policy.EscapeProbability);
    }

    // ---- which records of main stay ----

    [Theory]
    [InlineData(0, false, 0)]
    [InlineData(1, true, 0)]
    [InlineData(2, true, 1)]
    [InlineData(3, true, 2)]
    public void Record_of_main_pays_one_hit_to_stay_and_carries_what_is_left(int hits, bool stays, int expectedHits)
    {
        Assert.Equal(stays ? Fate.KeepInMain : Fate.Drop, new EvictionPolicy(1).Judge(LogKind.Main, hits, tag: 3, View(5, 95), out int newHits, out int newTag));
        Assert.Equal((expectedHits, stays ? RecordTag.Kept(expectedHits, askedFor: true) : RecordTag.None), (newHits, newTag));
    }

    [Theory]
    [InlineData(10, 1)]
    [InlineData(149, 1)]
    [InlineData(150, 2)]
    [InlineData(240, 2)]
    [InlineData(250, 3)]
    [InlineData(10_000, 3)]
    public void Large_records_need_more_hits_for_their_room(int bytes, int hitsToStay)
    {
        EvictionPolicy policy = new(1);
        policy.OnInsert(View(5, 95), ghostHit: false, 0, bytes: 100);
        for (int hits = 0; hits <= 3; hits++)
            Assert.Equal(hits >= hitsToStay ? Fate.KeepInMain : Fate.Drop, policy.Judge(LogKind.Main, hits, 0, View(5, 95), out _, out _, bytes));
    }

    [Fact]
    public void Large_records_must_return_sooner_to_be_taken_into_main()
    {
        EvictionPolicy policy = new(1);
        for (int i = 0; i < 1000; i++)
            policy.OnInsert(View(5, 95), ghostHit: false, 0, bytes: 100);
        // main's oldest segment is 500 inserts old; the key went 300 inserts ago
        OccupancyView view = View(5, 95, mainOldestBirth: 501);
        Assert.Equal(LogKind.Main, policy.OnInsert(view, ghostHit: true, 701, bytes: 100));
        Assert.Equal(LogKind.Small, policy.OnInsert(view, ghostHit: true, 702, bytes: 200));
        Assert.Equal(LogKind.Main, policy.OnInsert(view, ghostHit: true, 103, bytes: 50));
    }

    /// <summary>"A tenth of the size needs a tenth of the odds."</summary>
    [Fact]
    public void Small_records_need_no_hit_as_long_as_they_prove_worth_their_room()
    {
        EvictionPolicy policy = new(1);
        policy.OnInsert(View(5, 95), ghostHit: false, 0, bytes: 1000);
        int Kept(int bytes) => Count(10_000, () => policy.Judge(LogKind.Small, 0, 0, View(5, 95), out _, out int tag, bytes) == Fate.KeepInMain && tag == RecordTag.KeptAsSmall);
        Assert.Equal((0, 10_000, 10_000), (Kept(250), Kept(249), Kept(50)));

        // nobody asks for them again: only the one in 32 is left that keeps the estimate alive
        for (int i = 0; i < 2000; i++)
            Assert.Equal(Fate.Drop, policy.Judge(LogKind.Main, 0, RecordTag.KeptAsSmall, View(5, 95), out _, out _, bytes: 50));
        Assert.InRange(Kept(249), 200, 430);

        // one in twenty comes back: worth it for a record of a twentieth of the size (0.3 x 0.05), not for one of a quarter
        for (int i = 0; i < 4000; i++)
            policy.Judge(LogKind.Main, i % 20 == 0 ? 1 : 0, RecordTag.KeptAsSmall, View(5, 95), out _, out _, bytes: 50);
        Assert.Equal(10_000, Kept(50));
        Assert.InRange(Kept(249), 200, 430);
    }

    [Fact]
    public void Tags_of_main_say_what_was_left_and_whether_it_was_asked_for()
    {
        for (int credit = 0; credit <= 2; credit++)
        {
            foreach (bool askedFor in new[] { true, false })
            {
                int tag = RecordTag.Kept(credit, askedFor);
                Assert.InRange(tag, 0, Storage.Log.Record.TagMask);
                Assert.Equal((false, !askedFor, credit), (RecordTag.IsPromoted(tag), RecordTag.WasIdle(tag), RecordTag.Credit(tag)));
            }
        }
        Assert.All([1, 2, 3], tag => Assert.Equal((true, false, 0), (RecordTag.IsPromoted(tag), RecordTag.WasIdle(tag), RecordTag.Credit(tag))));
        foreach (int withoutHit in new[] { RecordTag.KeptAsSmall, RecordTag.KeptUnread })
        {
            Assert.InRange(withoutHit, 0, Storage.Log.Record.TagMask);
            Assert.Equal((false, false, 0), (RecordTag.IsPromoted(withoutHit), RecordTag.WasIdle(withoutHit), RecordTag.Credit(withoutHit)));
        }
        Assert.Equal(RecordTag.KeptForOneHit, RecordTag.Kept(0, askedFor: true));
        Assert.Equal((false, false, 0), (RecordTag.IsPromoted(RecordTag.None), RecordTag.WasIdle(RecordTag.None), RecordTag.Credit(RecordTag.None)));
    }

    [Fact]
    public void Old_hits_keep_a_record_only_as_long_as_such_records_are_asked_for_again()
    {
        EvictionPolicy policy = new(1);
        int resting = RecordTag.Kept(2, askedFor: true); // left with two hits, and none came since
        Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Main, 2, resting, View(5, 95), out int newHits, out int idle));
        Assert.Equal((1, true), (newHits, RecordTag.WasIdle(idle)));

        for (int i = 0; i < 200; i++)
            policy.Judge(LogKind.Main, 1, idle, View(5, 95), out _, out _); // kept for its credit, and again nobody asked
        Assert.False(policy.HonoursCredit);
        int kept = Count(10_000, () => policy.Judge(LogKind.Main, 2, resting, View(5, 95), out _, out _) == Fate.KeepInMain);
        Assert.InRange(kept, 10_000 / 32 - 60, 10_000 / 32 + 60);
        Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Main, 3, resting, View(5, 95), out _, out _)); // a hit of this round always counts

        for (int i = 0; i < 200; i++)
            policy.Judge(LogKind.Main, 2, idle, View(5, 95), out _, out _);
        Assert.True(policy.HonoursCredit);
        Assert.Equal(Fate.KeepInMain, policy.Judge(LogKind.Main, 2, resting, View(5, 95), out _, out _));
    }

    // ---- the share that learns ----

    [Fact]
    public void Share_of_the_small_log_grows_with_quick_ghost_hits_up_to_nine_tenths()
    {
        EvictionPolicy policy = AtClock(1000);
        policy.BeginVictim(VictimKind.SmallOldest, birth: 900);
        Assert.Equal(100u, policy.SmallSpan);
        double before = policy.SmallShare;
        for (int i = 0; i < 128; i++)
            policy.OnInsert(View(10, 90), ghostHit: true, policy.Clock - 100);
        Assert.Equal(before * 1.5, policy.SmallShare, 6);
        for (int i = 0; i < 128 * 20; i++)
            policy.OnInsert(View(10, 90), ghostHit: true, policy.Clock - 100);
        Assert.Equal(0.9, policy.SmallShare);
    }

    [Fact]
    public void Ghost_hit_after_twice_the_span_of_the_small_log_is_no_vote_for_it()
    {
        EvictionPolicy policy = AtClock(1000);
        policy.BeginVictim(VictimKind.SmallOldest, birth: 900);
        for (int i = 0; i < 1000; i++)
            policy.OnInsert(View(10, 90), ghostHit: true, policy.Clock - 200); // one insert later: 201
        Assert.Equal(0.10, policy.SmallShare);
    }

    [Fact]
    public void Share_of_the_small_log_shrinks_with_marginal_hits_in_main_down_to_a_twentieth()
    {
        EvictionPolicy policy = new(1);
        for (int i = 0; i < 128 * 20; i++)
            policy.Judge(LogKind.Main, hits: 1, tag: 0, View(30, 70), out _, out _);
        Assert.Equal(0.05, policy.SmallShare);
    }

    [Fact]
    public void Share_waits_for_as_many_votes_as_a_thirty_second_of_the_live_records()
    {
        EvictionPolicy policy = new(1);
        OccupancyView view = View(30, 70, live: 32_000);
        for (int i = 0; i < 999; i++)
            policy.Judge(LogKind.Main, hits: 1, tag: 0, view, out _, out _);
        Assert.Equal(0.10, policy.SmallShare);
        policy.Judge(LogKind.Main, hits: 1, tag: 0, view, out _, out _);
        Assert.True(policy.SmallShare < 0.10);
    }

    [Fact]
    public void Reclaiming_main_does_not_change_the_span_of_the_small_log()
    {
        EvictionPolicy policy = AtClock(1000);
        policy.BeginVictim(VictimKind.SmallOldest, 700);
        policy.BeginVictim(VictimKind.MainOldest, 100);
        policy.BeginVictim(VictimKind.RelabelSmallOldest, 100);
        Assert.Equal(300u, policy.SmallSpan);
    }

    [Fact]
    public void Decides_without_allocating()
    {
        EvictionPolicy policy = new(1);
        Decide(policy, 100);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Decide(policy, 10_000);
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static void Decide(EvictionPolicy policy, int times)
    {
        for (int i = 0; i < times; i++)
        {
            policy.OnInsert(View(10, 90, live: 1000), i % 3 == 0, (uint)(i / 2));
            policy.BeginVictim(policy.ChooseVictim(View(i % 20, 90), i % 10), (uint)(i / 2));
            policy.Judge((LogKind)(i & 1), i & 3, (i >> 2) & 3, View(10, 90, live: 1000), out _, out _);
        }
    }

    private static int Count(int times, Func<bool> holds)
    {
        int count = 0;
        for (int i = 0; i < times; i++)
        {
            if (holds())
                count++;
        }
        return count;
    }
}
