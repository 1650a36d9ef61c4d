using MemStorage.Changes;
using MemStorage.Storage;
using Xunit;

namespace MemStorage.Tests.Changes;

/// <summary>The ring of chunks against a list: positions, content, what is forgotten when, and what it takes from the bound.</summary>
public sealed class ChangeLogTests
{
    private const int Entry = ChangeLog.EntryBytes;

    [Theory]
    [InlineData(0, 0)]
    [InlineData(23, 0)]
    [InlineData(24, 1)]
    [InlineData(21 * Entry, 21)]
    [InlineData(32 * Entry, 32)]
    [InlineData(33 * Entry, 32)] // two chunks of 16
    [InlineData(512 << 10, 21_840)] // 65 chunks of 336
    public void Holds_as_many_entries_as_fit_in_equal_chunks(long maxBytes, long entries)
    {
        MemoryBudget budget = new(1 << 30);
        ChangeLog log = new(budget, maxBytes);
        Assert.Equal(entries > 0, log.IsEnabled);
        for (long i = 0; i < 3 * entries + 2; i++)
            Append(log, i);
        Assert.Equal(entries, log.MaxEntries);
        Assert.Equal(entries, log.Next - log.First);
        Assert.Equal(entries * Entry, log.Bytes);
        Assert.Equal(log.Bytes, budget.Used);
        for (long i = log.First; i < log.Next; i++)
            Assert.Equal(i, log[i].Version);
        log.Release();
        Assert.Equal(0, budget.Used);
        Assert.Equal(log.Next, log.First);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void Under_a_bound_that_comes_and_goes_it_forgets_the_oldest_and_only_these(int seed)
    {
        Random random = new(seed);
        long capacity = random.Next(33, 1000);
        long limit = capacity * Entry * 2;
        MemoryBudget budget = new(limit);
        ChangeLog log = new(budget, capacity * Entry);
        long others = 0;
        long chunk = 0;
        for (long i = 0; i < 20_000; i++)
        {
            if (random.Next(50) == 0)
            {
                // others take all or most of the room, or leave it
                budget.Release(others);
                others = random.Next(3) == 0 ? 0 : Math.Max(0, limit - log.Bytes - random.Next(4) * 24L * Entry);
                Assert.True(budget.TryReserve(others));
            }
            long held = log.Next - log.First;
            long bytes = log.Bytes;
            Append(log, i);
            Assert.True(log.Next == i + 1, $"seed {seed}");
            Assert.True(log.Bytes >= bytes && budget.Used == log.Bytes + others, $"seed {seed}, change {i}: {log.Bytes} bytes after {bytes}, {budget.Used} used, {others} of others");
            if (log.Bytes > bytes)
            {
                chunk = chunk == 0 ? log.Bytes - bytes : chunk;
                Assert.True(log.Bytes - bytes == chunk, $"seed {seed}, change {i}: a chunk of {log.Bytes - bytes} bytes, not {chunk}");
            }
            // an entry goes only when there is no room, and then one; without any room at all, the change itself
            long expected = log.Bytes == 0 ? 0 : held == log.Bytes / Entry ? held : held + 1;
            Assert.True(log.Next - log.First == expected, $"seed {seed}, change {i}: {log.Next - log.First} entries, expected {expected}");
            if (random.Next(20) == 0 || i == 19_999)
            {
                for (long n = log.First; n < log.Next; n++)
                    Assert.True(log[n] == Entry_(n), $"seed {seed}, change {i}: entry {n} is {log[n]}");
            }
        }
        Assert.True(log.MaxEntries <= capacity && log.MaxEntries > capacity - 32, $"seed {seed}: {log.MaxEntries} of {capacity}");
        budget.Release(others);
        log.Release();
        Assert.Equal(0, budget.Used);
    }

    /// <summary>The longest write while a store grew was one that doubled the log of its shard and copied it, under the lock.</summary>
    [Fact]
    public void No_append_allocates_more_than_a_chunk_and_none_once_the_log_is_full()
    {
        ChangeLog log = new(new MemoryBudget(1 << 30), 8 << 20);
        Append(log, 0);
        long most = 0;
        for (long i = 1; i < log.MaxEntries; i++)
            most = Math.Max(most, AllocatedBy(log, i));
        Assert.InRange(most, ChangeLog.MaxChunkEntries * Entry / 2, ChangeLog.MaxChunkEntries * Entry + 100);
        long full = 0;
        for (long i = log.MaxEntries; i < 2 * log.MaxEntries; i++)
            full += AllocatedBy(log, i);
        Assert.Equal(0, full);
    }

    private static long AllocatedBy(ChangeLog log, long i)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        Append(log, i);
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    private static void Append(ChangeLog log, long i)
    {
        ChangeEntry entry = Entry_(i);
        log.Append(entry.Hash, entry.Version, entry.Address, entry.Tombstone);
    }

    private static ChangeEntry Entry_(long i) => new((ulong)i * 0x9E3779B97F4A7C15, i, (uint)i * 3, i % 5 == 0);
}
