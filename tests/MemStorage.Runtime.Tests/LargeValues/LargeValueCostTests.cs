using MemStorage.Storage;
using Xunit;

namespace MemStorage.Tests.LargeValues;

/// <summary>Steady traffic of large values uses the arrays again that it has.</summary>
public sealed class LargeValueCostTests
{
    private const int Bound = 128 << 20;
    private const int Replacements = 10_000;

    /// <summary>0.1 to 5 % were measured; with an array for each value it is 100.</summary>
    private const int MostPercent = 7;

    private static MemStore NewStore() => new(new MemStoreOptions
    {
        MaxMemoryBytes = Bound,
        ShardCount = 8,
        CompressionEnabled = false,
        ChangeLogBytes = 0,
        AsyncEviction = false,
        ExpirySweepInterval = TimeSpan.Zero,
        HashSeed = 1,
    });

    /// <summary>Sizes spread evenly over the powers between the two; replaced: the keys fit; else four times as many.</summary>
    [Theory]
    [InlineData(20_000, 2_000_000, true)]
    [InlineData(20_000, 2_000_000, false)]
    [InlineData(30_000, 500_000, true)]
    [InlineData(30_000, 500_000, false)]
    [InlineData(100_000, 102_000, true)]
    [InlineData(100_000, 102_000, false)]
    public void Ten_thousand_large_writes_into_a_full_store_allocate_few_percent_of_what_they_write(int least, int most, bool replaces)
    {
        byte[] value = new byte[most];
        Random random = new(3);
        int Size() => (int)(least * Math.Pow(most / (double)least, random.NextDouble()));
        int fits = (int)(Bound / Enumerable.Range(0, 1000).Average(_ => Size()));
        string[] keys = [.. Enumerable.Range(0, replaces ? fits * 9 / 10 : fits * 4).Select(i => $"page:{i}")];
        using MemStore store = NewStore();
        long written = 0;
        int stored = 0;
        void Write(int writes)
        {
            for (int i = 0; i < writes; i++)
            {
                int size = Size();
                written += size;
                if (store.Set(keys[random.Next(keys.Length)], value.AsSpan(0, size)) == SetResult.Stored)
                    stored++;
            }
        }

        Write(2 * keys.Length);
        Assert.Equal(2 * keys.Length, stored);
        written = stored = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        Write(Replacements);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(Replacements, stored);
        Assert.True(allocated * 100 <= written * MostPercent, $"{allocated:N0} bytes were allocated for {written:N0} written: {allocated * 100.0 / written:F1} %, {MostPercent} % is allowed.");
        MemoryReport report = store.GetMemoryReport();
        Assert.True(report.LiveBytes > Bound * 0.65, $"Only {report.LiveBytes:N0} bytes are live: {report}");
        StoreInvariants.Assert(store);
    }

    /// <summary>One size: no array is allocated after the first rounds.</summary>
    [Fact]
    public void Values_of_one_size_allocate_no_array()
    {
        byte[] value = new byte[200_000];
        string[] keys = [.. Enumerable.Range(0, 300).Select(i => $"page:{i}")];
        using MemStore store = NewStore();
        int stored = 0;
        void Round()
        {
            foreach (string key in keys)
            {
                if (store.Set(key, value) == SetResult.Stored)
                    stored++;
            }
        }

        Round();
        Round();
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10; i++)
            Round();
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(12 * keys.Length, stored);
        Assert.InRange(allocated, 0, 3000 * 48); // an object for the segment of each, no array
    }

    /// <summary>
    /// Values that grow with every write outgrow all arrays that there are. What is too short for them must not stay in their place (once all but two values were evicted, and 95 % of
    /// the bound were arrays that nobody could use), and must not be made anew for each write.
    /// </summary>
    [Fact]
    public void Values_that_grow_steadily_stay_and_seldom_need_a_new_array()
    {
        const int Writes = 12_000, Largest = 900_000;
        byte[] value = new byte[Largest];
        string[] keys = [.. Enumerable.Range(0, 50).Select(i => $"page:{i}")];
        Random random = new(5);
        using MemStore store = NewStore();
        store.Engine.Store.Budget.Discarded = new DiscardedMemory(Bound, new DiscardedMemoryTests.FakeHeap()); // what else is on the heap of the process must not matter
        long written = 0, least = long.MaxValue;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < Writes; i++)
        {
            int size = 20_000 + (int)((long)i * (Largest - 20_000) / Writes);
            written += size;
            Assert.Equal(SetResult.Stored, store.Set(keys[random.Next(keys.Length)], value.AsSpan(0, size)));
            if (i > Writes / 2)
                least = Math.Min(least, Bound - store.Engine.Store.Budget.Spares.Bytes);
        }
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        Assert.Equal(0, store.Stats().EvictCount); // at the end they take a third of the bound
        Assert.True(allocated * 100 <= written * 20, $"{allocated:N0} bytes were allocated for {written:N0} written: {allocated * 100.0 / written:F1} %, 20 % is allowed.");
        Assert.True(least > Bound * 2 / 5, $"Only {least:N0} bytes were not spare arrays.");
        StoreInvariants.Assert(store);
    }
}
