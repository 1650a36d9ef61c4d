using MemStorage.Storage.Eviction;
using MemStorage.Tests.Eviction.Simulation;
using Xunit;

namespace MemStorage.Tests.Eviction;

/// <summary>What the rules do together, on loads whose right answer is known.</summary>
public sealed class LoadPatternTests
{
    private const int Segments = 64;

    private static SegmentLogSimulator Store(int capacity, int keys, ulong seed = 1) => new(capacity, Segments, keys, seed);

    private static IEnumerable<int> Loop(int first, int length, int rounds) => Enumerable.Range(0, length * rounds).Select(i => first + i % length);

    private static double HitRatio(SegmentLogSimulator store, IEnumerable<int> accesses)
    {
        int[] all = [.. accesses];
        return store.Replay(all) / (double)all.Length;
    }

    [Fact]
    public void Cold_fill_copies_nothing_and_loses_nothing_until_the_store_is_full()
    {
        SegmentLogSimulator store = Store(6400, 6400);
        int fits = 6400 - 2 * 100; // one segment in reserve, one that is opened last
        Assert.Equal(0, HitRatio(store, Enumerable.Range(0, fits)));
        Assert.Equal(0, store.Copies);
        Assert.All(Enumerable.Range(0, fits), key => Assert.True(store.Contains(key)));
    }

    [Fact]
    public void Once_full_the_first_segments_become_main_without_a_copy()
    {
        SegmentLogSimulator store = Store(6400, 6500);
        HitRatio(store, Enumerable.Range(0, 6500));
        Assert.True(store.Relabels > 50, $"{store.Relabels} segments relabelled");
        Assert.True(store.Copies < 10, $"{store.Copies} records copied");
        Assert.Equal(LogKind.Main, store.LogOf(0));
    }

    [Theory]
    [InlineData(1.25)]
    [InlineData(2)]
    [InlineData(4)]
    public void Loop_longer_than_the_capacity_keeps_most_of_the_share_that_fits(double factor)
    {
        SegmentLogSimulator store = Store(1000, 10_000);
        double ratio = HitRatio(store, Loop(0, (int)(1000 * factor), 40));
        Assert.True(ratio > 0.7 / factor, $"{ratio:P1} of at most {1 / factor:P1}");
    }

    [Fact]
    public void One_loop_after_another_finds_its_foothold()
    {
        SegmentLogSimulator store = Store(1000, 10_000);
        HitRatio(store, Loop(0, 2000, 40));
        double ratio = HitRatio(store, Loop(5000, 2000, 60));
        Assert.True(ratio > 0.2, $"{ratio:P1} of at most 50 %");
    }

    [Fact]
    public void Scan_does_not_wash_out_what_is_used()
    {
        SegmentLogSimulator store = Store(1000, 200_000);
        Random random = new(7);
        for (int i = 0; i < 20_000; i++)
            store.Access(random.Next(500));
        int scan = 1000;
        long hits = 0;
        const int Rounds = 50_000;
        for (int i = 0; i < Rounds; i++)
        {
            if (store.Access(random.Next(500)))
                hits++;
            store.Access(scan++);
            store.Access(scan++);
        }
        Assert.True(hits > Rounds * 0.97, $"{hits} of {Rounds} reads of the working set hit during the scan");
    }

    /// <summary>"A working set that slides over the keys": each key is wanted for a while and never again.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Working_set_that_slides_and_fits_is_kept_as_by_LRU(int seed)
    {
        Random random = new(seed);
        int[] load = [.. Enumerable.Range(0, 60_000).Select(i => i / 12 + random.Next(1000))];
        Traces.Policies.LruPolicy lru = new(1300, 6000);
        double best = load.Count(lru.Access) / (double)load.Length;
        double ratio = HitRatio(Store(1300, 6000, (ulong)seed), load);
        Assert.True(ratio > best - 0.03, $"{ratio:P1}, LRU {best:P1}, seed {seed}"); // 7 points less where unread records have to wait for a hit
    }

    /// <summary>"A loop a little longer than the capacity can look like recency for a moment, and then costs all that main has."</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(5)]
    public void Loop_after_recency_is_not_taken_for_recency(int seed)
    {
        Random random = new(seed);
        SegmentLogSimulator store = Store(900, 30_000, (ulong)seed);
        HitRatio(store, Enumerable.Range(0, 60_000).Select(i => 2000 + i / 3 - (i % 3 == 0 ? 0 : random.Next(Math.Min(2000 + i / 3, 600)))));
        double ratio = HitRatio(store, Loop(25_000, 1010, 200));
        Assert.True(ratio > 0.7, $"{ratio:P1} of at most {900 / 1010.0:P1}, seed {seed}");
    }

    [Fact]
    public void Same_seed_gives_the_same_store()
    {
        int[] load = [.. Enumerable.Range(0, 50_000).Select(i => (int)((uint)(i * 2654435761L) % 7919 * (i % 3)) % 5000)];
        SegmentLogSimulator first = Store(700, 5000, seed: 42);
        SegmentLogSimulator second = Store(700, 5000, seed: 42);
        Assert.Equal(first.Replay(load), second.Replay(load));
        Assert.Equal(first.Copies, second.Copies);
        Assert.All(Enumerable.Range(0, 5000), key => Assert.Equal(first.Contains(key), second.Contains(key)));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(5)]
    [InlineData(50)]
    [InlineData(63)]
    [InlineData(65)]
    public void Tiny_stores_work_and_stay_within_their_count(int capacity)
    {
        SegmentLogSimulator store = Store(capacity, 500);
        Random random = new(3);
        for (int i = 0; i < 20_000; i++)
        {
            store.Access(random.Next(1 + random.Next(500)));
            Assert.InRange(store.Live, 0, capacity);
        }
        Assert.InRange(store.MostMainReclaims, 0, 33);
    }
}
