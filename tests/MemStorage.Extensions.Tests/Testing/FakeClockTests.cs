using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Testing;

/// <summary>docs/testing-your-service.md: the clock of the tests is the clock of the store, for expiry and for versions.</summary>
public sealed class FakeClockTests
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private static MemStore Store(FakeTimeProvider time) =>
        new(new MemStoreOptions { MaxMemoryMB = 8, TimeProvider = time, AsyncEviction = false, ExpirySweepInterval = TimeSpan.Zero, MaxClockDrift = TimeSpan.FromSeconds(10) });

    [Fact]
    public void Versions_are_the_same_in_each_run()
    {
        static long[] Run()
        {
            FakeTimeProvider time = new(s_start);
            using MemStore store = Store(time);
            List<long> versions = [];
            for (int i = 0; i < 10; i++)
            {
                versions.Add(store.SetOrThrow($"k{i % 3}", new StoredItem([1])));
                time.Advance(TimeSpan.FromMilliseconds(i % 2));
            }
            return [.. versions];
        }

        long[] first = Run();
        Assert.Equal(first, Run());
        Assert.Equal(first.Order().Distinct(), first);
        Assert.Equal(s_start, Versions.HybridLogicalClock.TimeOf(first[0]));
    }

    [Fact]
    public void A_clock_that_stands_still_still_orders_writes_and_expires_nothing()
    {
        FakeTimeProvider time = new(s_start);
        using MemStore store = Store(time);
        long first = store.SetOrThrow("k", new StoredItem([1], expireAt: s_start.AddMilliseconds(1)));
        long second = store.SetOrThrow("k", new StoredItem([2], expireAt: s_start.AddMilliseconds(1)));
        Assert.True(second > first);
        Assert.True(store.TryGet("k", out _));
        time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(store.TryGet("k", out _));
    }

    [Fact]
    public void A_clock_that_is_set_back_never_sets_versions_back()
    {
        FakeTimeProvider time = new(s_start);
        using MemStore store = Store(time);
        long before = store.SetOrThrow("k", new StoredItem([1]));
        time.AdjustTime(s_start.AddSeconds(-5)); // within MaxClockDrift
        Assert.True(store.SetOrThrow("k", new StoredItem([2])) > before);
        time.AdjustTime(s_start.AddSeconds(-60));
        long after = store.SetOrThrow("k", new StoredItem([3]));
        Assert.True(after > before + 1);
        Assert.Equal([3], store.Get("k").Value.ToArray());
        Assert.Equal(TimeSpan.FromSeconds(60), store.Stats().ClockAhead);
        time.AdjustTime(s_start);
        Assert.True(store.SetOrThrow("k", new StoredItem([4])) > after);
    }
}
