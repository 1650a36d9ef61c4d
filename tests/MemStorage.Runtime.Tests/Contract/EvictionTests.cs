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
}
