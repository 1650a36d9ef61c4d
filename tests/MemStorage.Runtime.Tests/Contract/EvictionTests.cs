using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>EvictThreshold, EvictTarget, EvictBatchSize, AsyncEviction, and the mode that refuses instead. (The policy itself has tests of its own.)</summary>
public sealed class EvictionTests : StoreTest
{
    private const int Limit = 256 << 10;

    private MemStore OpenSmall(Action<MemStoreOptions>? configure = null) => Open(o =>
    {
        (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction, o.CompressionEnabled) = (Limit, 1, 4096, false, false);
        configure?.Invoke(o);
    });

    /// <summary>The bound "is <c>MaxMemoryMB</c>: ... counted exactly, never exceeded", whatever the sizes.</summary>
    [Theory]
    [InlineData(1, 100)]
    [InlineData(24, 400)]
    [InlineData(100, 4000)]
    [InlineData(1000, 20_000)]
    [InlineData(24, 100_000)]
    public void The_bound_is_never_exceeded(int smallest, int largest)
    {
        MemStore store = OpenSmall(o => o.ShardCount = 4);
        Random random = new(smallest + largest);
        for (int i = 0; i < 1500; i++)
        {
            byte[] value = new byte[random.Next(smallest, largest)];
            random.NextBytes(value);
            _ = store.Set($"k{random.Next(400)}", new StoredItem(value));
            if (i % 10 == 0)
                StoreInvariants.AssertReport(store.GetMemoryReport(), store.Stats());
        }
    }

    /// <summary>A value of nearly the bound takes the room of the others: "larger than a segment ... inside the bound and evictable".</summary>
    [Fact]
    public void Large_values_displace_and_are_displaced()
    {
        MemStore store = OpenSmall();
        for (int i = 0; i < 300; i++)
            store.Put($"small{i}", Payload.Create(i, 1, 200));
        store.Put("large", Payload.Create(1, 1, 100_000));
        Assert.Contains("large", store.Keys());
        Assert.True(store.Stats().KeyCount > 1);
        for (int i = 0; i < 8000; i++)
        {
            store.Put($"next{i}", Payload.Create(i, 1, 200));
            // used twice each, so that they claim the room of what is not used
            _ = store.TryGet($"next{i}", out _);
            _ = store.TryGet($"next{i - 100}", out _);
        }
        Assert.DoesNotContain("large", store.Keys());
        StoreInvariants.Assert(store);
    }

    /// <summary>"What was written last is there: it was not judged by its own write", also where it is written over itself in a segment that is being evicted.</summary>
    [Theory]
    [InlineData(95)]
    [InlineData(60)]
    public void No_write_evicts_what_it_has_stored(int threshold)
    {
        MemStore store = OpenSmall(o => (o.EvictThreshold, o.EvictTarget, o.EvictBatchSize) = (threshold, threshold - 10, 64));
        KeySpace space = store.GetKeySpace("written over");
        int overwritten = 0;
        for (int i = 0; i < 6000; i++)
        {
            Assert.Equal(SetResult.Stored, space.Set(Key(i), Payload.Create(i, 1, 200)));
            Assert.True(space.TryGetInfo(Key(i), out _), $"{i} is not there after it was stored.");
            foreach (int back in (ReadOnlySpan<int>)[1, 5, 17, 18, 19, 40, 300, 500, 700])
            {
                byte[] key = Key(i - back);
                if (!space.TryGetInfo(key, out _))
                    continue;
                Assert.Equal(SetResult.Stored, space.Set(key, Payload.Create(i, 2, 200)));
                Assert.True(space.TryGetInfo(key, out _), $"{i - back} is not there after it was written over itself, at {i}.");
                overwritten++;
            }
        }
        Assert.True(overwritten > 10_000 && store.Stats().EvictCount > 1000, $"{overwritten} overwritten, {store.Stats().EvictCount} evicted: nothing is shown.");
        StoreInvariants.Assert(store);
    }

    private static byte[] Key(int i) => System.Text.Encoding.UTF8.GetBytes($"k{i}");

    /// <summary>"<c>Config.EvictThreshold</c>: percent of the limit where eviction starts": below it nothing goes.</summary>
    [Fact]
    public void Nothing_is_evicted_below_the_threshold()
    {
        MemStore store = OpenSmall();
        int i = 0;
        while (store.GetMemoryReport() is { } r && r.LiveBytes + r.IndexBytes + r.GhostBytes + r.ChangeLogBytes < Limit * 70 / 100)
            store.Put($"k{i++}", Payload.Create(i, 1, 200));
        Assert.Equal(0, store.Stats().EvictCount);
        Assert.Equal(i, store.Keys().Count());
    }

    /// <summary>"<c>Config.AsyncEviction</c> ... false really turns it off": only writers evict; without a writer nothing goes, however long.</summary>
    [Fact]
    public async Task Without_background_eviction_only_writers_evict()
    {
        MemStore store = OpenSmall(o => o.ExpirySweepInterval = TimeSpan.FromSeconds(1));
        await store.StartAsync(TestContext.Current.CancellationToken);
        for (int i = 0; i < 2000; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200));
        long evicted = store.Stats().EvictCount;
        Assert.True(evicted > 0);
        for (int i = 0; i < 1000; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(evicted, store.Stats().EvictCount);
    }

    /// <summary>"A mode that never evicts and refuses instead (<c>MemoryLimit</c>)": all that was stored is still there.</summary>
    [Fact]
    public void Refuse_never_evicts()
    {
        MemStore store = OpenSmall(o => o.EvictionMode = EvictionMode.Refuse);
        List<int> stored = [];
        int refused = 0;
        for (int i = 0; i < 3000; i++)
        {
            switch (store.Set($"k{i}", new StoredItem(Payload.Create(i, 1, 200))))
            {
                case SetResult.Stored:
                    stored.Add(i);
                    break;
                case SetResult.MemoryLimit:
                    refused++;
                    break;
                default:
                    Assert.Fail("A new key cannot be superseded.");
                    break;
            }
        }
        Assert.True(refused > 0);
        Assert.True(stored.Count > 500, $"Only {stored.Count} entries of about 230 bytes fit into {Limit} bytes.");
        Assert.Equal(0, store.Stats().EvictCount);
        Assert.Equal(refused, store.Stats().MemoryLimitCount);
        Assert.All(stored, i => Assert.True(Payload.TryVerify(store.Get($"k{i}").Value.Span, i, out _)));
        // room that is given back can be used
        foreach (int i in stored)
            Assert.Equal(DeleteResult.Deleted, store.Delete($"k{i}"));
        Time.Advance(TimeSpan.FromHours(1));
        store.Put("again", Payload.Create(1, 1, 200));
    }

    /// <summary>What is read again and again stays while what is read once goes.</summary>
    [Fact]
    public void What_is_used_survives_what_is_not()
    {
        MemStore store = OpenSmall();
        for (int i = 0; i < 50; i++)
            store.Put($"hot{i}", Payload.Create(i, 1, 200));
        for (int i = 0; i < 5000; i++)
        {
            store.Put($"cold{i}", Payload.Create(i, 1, 200));
            _ = store.TryGet($"hot{i % 50}", out _);
        }
        int hot = Enumerable.Range(0, 50).Count(i => store.TryGet($"hot{i}", out _));
        Assert.True(hot >= 45, $"Only {hot} of 50 entries that were read all the time are still there.");
    }

    /// <summary>"An older write after eviction ... within the promised window is refused": the version of what was evicted is remembered.</summary>
    [Fact]
    public void A_late_older_write_after_eviction_is_refused()
    {
        MemStore store = OpenSmall();
        for (int i = 0; i < 3000; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200), version: 1000);
        int[] recent = [.. Enumerable.Range(0, 3000).Where(i => !store.TryGet($"k{i}", out _)).TakeLast(100)];
        Assert.Equal(100, recent.Length);
        int accepted = recent.Count(i => store.Set($"k{i}", StoreExtensions.Item("late", 999)) == SetResult.Stored);
        Assert.Equal(0, accepted);
        // a newer one is stored, whatever was remembered
        Assert.All(recent, i => store.Put($"k{i}", "newer", 1001));
    }

    /// <summary>"Percent of the limit where eviction starts (90) and stops (80)": the background is asked above the one, and ends at the other.</summary>
    [Theory]
    [InlineData(90, 80)]
    [InlineData(70, 40)]
    public void Background_eviction_starts_at_the_threshold_and_stops_at_the_target(int threshold, int target)
    {
        MemStore store = OpenSmall(o => (o.AsyncEviction, o.EvictThreshold, o.EvictTarget) = (true, threshold, target));
        Storage.Shard shard = store.Engine.Shards[0];
        int requests = 0;
        store.Engine.Store.RequestEviction = () => requests++; // instead of the thread pool, so that the test says when
        int i = 0;
        for (; requests == 0; i++)
        {
            Assert.True(Percent(shard) <= threshold, $"{Percent(shard):F1} % and nobody was asked to evict.");
            store.Put($"k{i}", Payload.Create(i, 1, 200));
        }
        Assert.Equal(0, store.Stats().EvictCount);
        Assert.True(Percent(shard) > threshold, $"Asked to evict at {Percent(shard):F1} %.");
        store.Engine.Background.EvictToTarget();
        double after = Percent(shard);
        double segment = 100.0 * shard.Log.SegmentBytes * shard.Store.Layout.Shards / Limit;
        Assert.InRange(after, target - (2 * segment), target);
        Assert.True(store.Stats().EvictCount > 0);
        long evicted = store.Stats().EvictCount;
        store.Engine.Background.EvictToTarget();
        Assert.Equal(evicted, store.Stats().EvictCount);
    }

    private static double Percent(Storage.Shard shard) =>
        100.0 * (shard.Charge - ((long)shard.Log.FreeCount * shard.Log.SegmentBytes)) / shard.Store.ShardQuota;

    /// <summary>
    /// The tombstones of any number of deletions stay a part of the bound, and leave room for values: "tombstones kept for <c>TombstoneRetention</c>, counted, bounded". Eviction keeps
    /// those it meets only while they take less than an eighth; those it has not met yet come on top.
    /// </summary>
    [Fact]
    public void A_flood_of_deletions_is_bounded()
    {
        MemStore store = OpenSmall();
        for (int i = 0; i < 400; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200));
        for (int i = 0; i < 20_000; i++)
        {
            Assert.Equal(DeleteResult.NotFound, store.Delete($"gone{i}"));
            _ = store.TryGet($"k{i % 400}", out _);
            if (i % 500 == 0)
                StoreInvariants.AssertReport(store.GetMemoryReport(), store.Stats());
        }
        MemStoreStats stats = store.Stats();
        MemoryReport report = store.GetMemoryReport();
        Assert.InRange(stats.TombstoneCount, 100, 10_000);
        Assert.True(report.LiveBytes - stats.TotalBytes < Limit * 2 / 5, $"Tombstones take {report.LiveBytes - stats.TotalBytes} of {Limit} bytes.");
        Assert.True(stats.KeyCount > 100, $"Tombstones have displaced all but {stats.KeyCount} of 400 entries that are read all the time.");
        // the newest are still there: what they protect from is refused
        Assert.Equal(SetResult.Superseded, store.Set("gone19999", StoreExtensions.Item("late", 1)));
    }

    /// <summary>Where eviction has forgotten a version, replicated writes that may be older are refused by the floor; local ones are not ("What a late, older write meets").</summary>
    [Fact]
    public void A_replicated_write_that_may_be_older_than_what_was_forgotten_is_refused()
    {
        MemStore store = OpenSmall();
        for (int i = 0; i < 30_000; i++)
            store.Put($"k{i}", Payload.Create(i, 1, 200), version: 1000 + i);
        Storage.Shard shard = store.Engine.Shards[0];
        Assert.InRange(shard.VersionFloor, 1001, 31_000);
        SyncOperation late = new("never here", OpType.OpSet, StoreExtensions.Item("late", shard.VersionFloor), 3);
        Assert.Equal(SetResult.Superseded, store.Apply(late));
        Assert.Equal(SetResult.Stored, store.Apply(new("never here", OpType.OpSet, StoreExtensions.Item("newer", shard.VersionFloor + 100_000), 3)));
        // evicted so long ago that the ghost has forgotten: a local write is stored, a replicated one is not
        Assert.False(store.TryGet("k7", out _));
        Assert.Equal(SetResult.Superseded, store.Apply(new("k7", OpType.OpSet, StoreExtensions.Item("late", 1006), 3)));
        Assert.Equal(SetResult.Stored, store.Set("k7", StoreExtensions.Item("local", 1006)));
        // after Clear nothing is remembered but the floor
        store.Clear();
        Assert.Equal(SetResult.Stored, store.Set("k29999", StoreExtensions.Item("local", 5)));
    }

    /// <summary>"Segments held by outstanding no-copy results are reported apart": the bound is free again, the report says what is still held.</summary>
    [Fact]
    public void Segments_held_by_views_are_reported_apart()
    {
        MemStore store = OpenSmall();
        List<NoCopyItem> held = [];
        for (int i = 0; i < 2000; i++)
        {
            store.Put($"k{i}", Payload.Create(i, 1, 200));
            if (i % 50 == 0)
                held.Add(store.GetNoCopy($"k{i}"));
        }
        MemoryReport report = store.GetMemoryReport();
        Assert.True(report.SharedSegments > 3, $"{report.SharedSegments} segments are held.");
        Assert.Equal(report.SharedSegments * 4096L, report.SharedBytes);
        StoreInvariants.AssertReport(report, store.Stats());
        Assert.All(held.Select((view, n) => (view, n)), p => Assert.True(Payload.TryVerify(p.view.Value.Span, p.n * 50, out _)));
    }
}
