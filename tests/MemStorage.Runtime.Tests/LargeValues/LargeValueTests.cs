using MemStorage.Storage.Log;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.LargeValues;

/// <summary>Values with an array of their own: the bound, the report, and who gets the room of arrays that are not in use.</summary>
public sealed class LargeValueTests : StoreTest
{
    private MemStore OpenLarge(long limit, int shards, EvictionMode mode = EvictionMode.Evict) =>
        Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.EvictionMode, o.ChangeLogBytes) = (limit, shards, 1024, false, false, mode, 4096));

    private static SpareArrays SparesOf(MemStore store) => store.Engine.Store.Budget.Spares;

    private bool Touch(MemStore store, string key, int seconds) => store.Touch(System.Text.Encoding.UTF8.GetBytes(key), Now.AddSeconds(seconds).ToUnixTimeMilliseconds());

    /// <summary>
    /// Random scripts of sizes from 1 byte to half the bound, with deletions, expiry, touches, held views and clears: the counter never passes the bound and the report sums to it
    /// after every step; what is there is the newest; views do not change.
    /// </summary>
    [Theory]
    [InlineData(EvictionMode.Evict, 1)]
    [InlineData(EvictionMode.Evict, 4)]
    [InlineData(EvictionMode.Refuse, 2)]
    public void The_bound_holds_under_random_scripts_of_large_sizes(EvictionMode mode, int shards)
    {
        for (int history = 0; history < Effort.Histories(12); history++)
        {
            int seed = Effort.Seed();
            try
            {
                RunScript(mode, shards, new Random(seed));
            }
            catch (Exception e)
            {
                throw new InvalidOperationException($"MEMSTORAGE_TEST_SEED={seed}: {e.Message}", e);
            }
        }
    }

    private void RunScript(EvictionMode mode, int shards, Random random)
    {
        long limit = random.Next(192, 400) << 10;
        using MemStore store = OpenLarge(limit, shards, mode);
        Dictionary<int, long> newest = [];
        List<(NoCopyItem View, int Key, long Stamp)> held = [];
        int refused = 0;
        for (int step = 1; step <= 600; step++)
        {
            int key = random.Next(40);
            switch (random.Next(20))
            {
                case 0:
                    _ = store.Delete($"k{key}");
                    newest.Remove(key);
                    break;
                case 1:
                    Time.Advance(TimeSpan.FromMilliseconds(random.Next(3000)));
                    break;
                case 2:
                    store.SweepExpired();
                    break;
                case 3:
                    _ = Touch(store, $"k{key}", random.Next(1, 10));
                    break;
                case 4 or 5:
                    if (store.TryGetNoCopy($"k{key}", out NoCopyItem view))
                        held.Add((view, key, newest[key]));
                    break;
                case 6 when random.Next(20) == 0:
                    store.Clear();
                    newest.Clear();
                    Assert.Equal(0, SparesOf(store).Bytes);
                    break;
                default:
                    int length = random.Next(10) switch
                    {
                        < 4 => random.Next(Payload.MinLength, 400),
                        < 9 => (int)(300 * Math.Pow(limit / 4.0 / 300, random.NextDouble())),
                        _ => random.Next((int)limit / 4, (int)limit / 2),
                    };
                    DateTimeOffset? expireAt = random.Next(4) == 0 ? Now.AddMilliseconds(random.Next(1, 5000)) : null;
                    if (store.Set($"k{key}", Payload.Create(key, step, length), expireAt: expireAt) == SetResult.Stored)
                        newest[key] = step;
                    else
                        refused++;
                    break;
            }
            MemoryReport report = store.GetMemoryReport();
            Assert.True(store.UsedBytes <= limit, $"Step {step}: {store.UsedBytes} of {limit} bytes.");
            Assert.Equal(store.UsedBytes, report.UsedBytes);
            if (step % 40 == 0)
                StoreInvariants.Assert(store);
        }
        foreach ((int key, long stamp) in newest)
        {
            if (store.TryGet($"k{key}", out StoredItem? item))
                Assert.True(Payload.TryVerify(item.Value.Span, key, out long found) && found == stamp, $"k{key} is not the newest.");
        }
        foreach ((NoCopyItem view, int key, long stamp) in held)
            Assert.True(Payload.TryVerify(view.Value.Span, key, out long found) && found == stamp, $"A view of k{key} has changed.");
        StoreInvariants.Assert(store);
        Assert.True(mode == EvictionMode.Refuse || refused < 60, $"{refused} of 600 writes were refused.");
    }

    /// <summary>"Freed arrays are reported as free bytes", and the report sums to the counter with them.</summary>
    [Fact]
    public void The_array_of_a_value_that_went_is_free_room()
    {
        MemStore store = OpenLarge(1 << 20, 1);
        store.Put("k", Payload.Create(1, 1, 50_000));
        MemoryReport before = store.GetMemoryReport();
        _ = store.Delete("k");
        MemoryReport after = store.GetMemoryReport();
        Assert.InRange(SparesOf(store).Bytes, 50_000, 54_000);
        Assert.InRange(after.FreeBytes - before.FreeBytes, 49_000, 54_000);
        Assert.InRange(after.UsedBytes - before.UsedBytes, 0, 2048); // the segment of the tombstone
        store.Put("l", Payload.Create(2, 1, 49_900));
        Assert.Equal(0, SparesOf(store).Bytes);
        Assert.Equal(after.UsedBytes, store.GetMemoryReport().UsedBytes);
    }

    [Fact]
    public void Clear_and_close_keep_no_array()
    {
        MemStore store = OpenLarge(1 << 20, 2);
        long empty = store.UsedBytes;
        for (int i = 0; i < 200; i++)
            store.Put($"k{i % 30}", Payload.Create(i, 1, 1000 + 997 * i % 60_000));
        Assert.True(SparesOf(store).Bytes > 0);
        store.Clear();
        Assert.Equal(0, SparesOf(store).Bytes);
        Assert.InRange(store.UsedBytes, 0, empty + 8192); // index and change log
        for (int i = 0; i < 200; i++)
            store.Put($"k{i % 30}", Payload.Create(i, 1, 1000 + 997 * i % 60_000));
        store.Dispose();
        Assert.Equal(0, SparesOf(store).Bytes);
        Assert.InRange(store.Engine.Store.Budget.Used, 0, empty + 8192);
    }

    /// <summary>A store that refuses gives the room of unused arrays to whoever needs it: large values of other sizes, small ones, the index.</summary>
    [Fact]
    public void A_store_that_refuses_uses_the_room_of_arrays_for_anything()
    {
        MemStore store = OpenLarge(1 << 20, 2, EvictionMode.Refuse);
        int large = 0;
        while (store.Set($"large{large}", Payload.Create(large, 1, 20_000)) == SetResult.Stored)
            large++;
        Assert.InRange(large, 40, 52);
        long before = store.Stats().EvictCount;
        for (int i = 0; i < large; i++)
            Assert.Equal(DeleteResult.Deleted, store.Delete($"large{i}"));
        int small = 0;
        while (store.Set($"small{small}", Payload.Create(small, 1, 100)) == SetResult.Stored)
            small++;
        Assert.True(small > 5000, $"Only {small} small values fit after {large} large ones were deleted: {store.GetMemoryReport()}");
        Assert.Equal(before, store.Stats().EvictCount);
        Assert.Equal(0, SparesOf(store).Bytes);
        for (int i = 0; i < small; i++)
            Assert.True(store.TryGet($"small{i}", out StoredItem? _));
    }

    /// <summary>Once large values stay away, their arrays do not take room from the others for ever.</summary>
    [Fact]
    public void Small_values_get_the_room_when_large_ones_stay_away()
    {
        MemStore store = OpenLarge(1 << 20, 1);
        for (int i = 0; i < 400; i++)
            store.Put($"large{i}", Payload.Create(i, 1, 5000 + i % 7 * 3000));
        for (int i = 0; i < 400; i++)
            _ = store.Delete($"large{i}");
        Assert.True(SparesOf(store).Bytes > 500_000);
        for (int i = 0; i < 20_000; i++)
            store.Put($"small{i}", Payload.Create(i, 1, 100));
        Assert.Equal(0, SparesOf(store).Bytes);
        Assert.True(store.Stats().KeyCount > 5000, $"Only {store.Stats().KeyCount} small values: {store.GetMemoryReport()}");
    }

    /// <summary>A value of which a view is held is given to the collector, counted apart; its array is not used again.</summary>
    [Fact]
    public void A_held_large_value_is_counted_apart()
    {
        MemStore store = OpenLarge(1 << 20, 1);
        store.Put("k", Payload.Create(1, 1, 30_000));
        NoCopyItem view = store.GetNoCopy("k");
        store.Put("k", Payload.Create(1, 2, 30_000));
        MemoryReport report = store.GetMemoryReport();
        Assert.Equal(1, report.SharedSegments);
        Assert.InRange(report.SharedBytes, 30_000, 32_000);
        Assert.Equal(0, SparesOf(store).Bytes);
        for (int i = 0; i < 100; i++)
            store.Put($"other{i}", Payload.Create(i, 1, 29_000 + i * 10));
        Assert.True(Payload.TryVerify(view.Value.Span, 1, out long stamp) && stamp == 1);
    }

    /// <summary>A large value gets an expiry that its record has no room for: it moves to another array, also in a full store.</summary>
    [Fact]
    public void Touching_a_large_value_moves_it_to_another_array()
    {
        MemStore store = OpenLarge(1 << 20, 1);
        store.Put("k", Payload.Create(1, 1, 30_000));
        store.Put("gone", Payload.Create(2, 1, 30_000));
        _ = store.Delete("gone");
        Assert.True(Touch(store, "k", 5));
        Assert.True(Payload.TryVerify(store.Get("k").Value.Span, 1, out _));
        StoreInvariants.Assert(store);
        Time.Advance(TimeSpan.FromSeconds(5));
        Assert.False(store.TryGet("k", out StoredItem? _));
        store.SweepExpired();
        Assert.InRange(SparesOf(store).Bytes, 60_000, 66_000);
    }
}
