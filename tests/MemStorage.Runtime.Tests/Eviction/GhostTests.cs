using MemStorage.Storage.Eviction;
using Xunit;

namespace MemStorage.Tests.Eviction;

public sealed class GhostTests
{
    private static ulong Hash(int i) => (ulong)(i + 1) * 0xD6E8FEB86659FD93;

    [Fact]
    public void Remembers_birth_and_version_until_taken()
    {
        Ghost ghost = new(64);
        Assert.False(ghost.Add(Hash(1), 7, 99, out _));

        Assert.True(ghost.TryPeek(Hash(1), out uint birth, out long version));
        Assert.Equal((7u, 99L), (birth, version));
        Assert.True(ghost.TryTake(Hash(1), out birth, out version));
        Assert.Equal((7u, 99L), (birth, version));
        Assert.False(ghost.TryTake(Hash(1), out _, out _));
        Assert.Equal(0, ghost.Count);
    }

    [Fact]
    public void Birth_zero_and_hash_zero_are_not_taken_for_an_empty_place()
    {
        Ghost ghost = new(8);
        ghost.Add(0, 0, 5, out _);
        Assert.Equal(1, ghost.Count);
        Assert.True(ghost.TryTake(0, out uint birth, out long version));
        Assert.Equal((0u, 5L), (birth, version));
    }

    [Fact]
    public void Known_key_is_renewed_and_keeps_its_higher_version()
    {
        Ghost ghost = new(8);
        ghost.Add(Hash(1), 1, 50, out _);
        Assert.False(ghost.Add(Hash(1), 9, 40, out _));
        Assert.Equal(1, ghost.Count);
        Assert.True(ghost.TryPeek(Hash(1), out uint birth, out long version));
        Assert.Equal((9u, 50L), (birth, version));
    }

    [Fact]
    public void Renews_a_key_even_if_an_earlier_place_of_its_bucket_is_empty()
    {
        Ghost ghost = new(8);
        ghost.Add(Hash(1), 1, 1, out _);
        ghost.Add(Hash(2), 2, 2, out _);
        ghost.Remove(Hash(1));
        ghost.Add(Hash(2), 3, 3, out _);
        Assert.Equal(1, ghost.Count);
        ghost.Remove(Hash(2));
        Assert.False(ghost.TryPeek(Hash(2), out _, out _));
    }

    [Theory]
    [InlineData(100u)]
    [InlineData(uint.MaxValue - 3)] // births wrap around inside the bucket
    public void Full_bucket_forgets_the_oldest_and_says_its_version(uint firstBirth)
    {
        Ghost ghost = new(8);
        for (int i = 0; i < 8; i++)
            Assert.False(ghost.Add(Hash(i), firstBirth + (uint)((i + 3) % 8), 1000 + i, out _));

        // (5 + 3) % 8 = 0: the sixth is the oldest
        Assert.True(ghost.Add(Hash(8), firstBirth + 8, 2000, out long forgotten));
        Assert.Equal(1005, forgotten);
        Assert.False(ghost.TryPeek(Hash(5), out _, out _));
        Assert.True(ghost.TryPeek(Hash(8), out _, out _));
        Assert.Equal(8, ghost.Count);
    }

    [Fact]
    public void Full_bucket_does_not_take_what_is_older_than_all_it_has()
    {
        Ghost ghost = new(8);
        for (int i = 0; i < 8; i++)
            ghost.Add(Hash(i), 100, 1000 + i, out _);

        Assert.True(ghost.Add(Hash(8), 99, 2000, out long forgotten));
        Assert.Equal(2000, forgotten);
        Assert.False(ghost.TryPeek(Hash(8), out _, out _));
        Assert.True(ghost.TryPeek(Hash(0), out _, out _));
    }

    [Fact]
    public void Fingerprints_tell_keys_apart_that_share_shard_and_bucket_bits()
    {
        // keys of one shard share some bits of the hash; those of one index bucket share more
        Ghost ghost = new(4096);
        for (int i = 0; i < 2000; i++)
            ghost.Add(0xABC0_0000_0000_1230 | (ulong)i << 32, 1, i, out _);
        int known = 0;
        for (int i = 0; i < 2000; i++)
        {
            if (ghost.TryPeek(0xABC0_0000_0000_1230 | (ulong)i << 32, out _, out long version))
            {
                Assert.Equal(i, version);
                known++;
            }
        }
        Assert.True(known > 1900, $"Only {known} of 2,000 keys found room in 4,096 places.");
    }

    [Theory]
    [InlineData(0, 128)]
    [InlineData(1, 128)]
    [InlineData(8, 128)]
    [InlineData(9, 256)]
    [InlineData(1000, 16_000)]
    public void Bytes_are_sixteen_per_entry_in_whole_buckets(int entries, long bytes)
    {
        Assert.Equal(bytes, Ghost.BytesFor(entries));
        Assert.Equal(bytes, new Ghost(entries).Bytes);
        Assert.True(new Ghost(entries).Capacity >= entries);
    }

    [Fact]
    public void Clear_forgets_everything()
    {
        Ghost ghost = new(100);
        for (int i = 0; i < 50; i++)
            ghost.Add(Hash(i), 1, 1, out _);
        ghost.Clear();
        Assert.Equal(0, ghost.Count);
        for (int i = 0; i < 50; i++)
            Assert.False(ghost.TryPeek(Hash(i), out _, out _));
    }

    [Fact]
    public void Allocates_a_page_when_its_first_entry_comes_and_nothing_else()
    {
        Ghost ghost = new(100_000);
        int pages = (int)((ghost.Bytes + 65_535) / 65_536);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.False(ghost.TryPeek(Hash(0), out _, out _));
        Assert.False(ghost.Remove(Hash(0)));
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        long most = 0;
        int allocations = 0;
        for (int i = 0; i < 100_000; i++)
        {
            long here = GC.GetAllocatedBytesForCurrentThread();
            ghost.Add(Hash(i), (uint)i, i + 1, out _);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - here;
            most = Math.Max(most, allocated);
            allocations += allocated > 0 ? 1 : 0;
        }
        Assert.Equal(pages, allocations);
        Assert.InRange(most, 65_536, 65_536 + 100);
        Assert.Equal(ghost.Count, Enumerable.Range(0, 100_000).Count(i => ghost.TryPeek(Hash(i), out _, out long version) && version == i + 1));
    }

    [Fact]
    public void Allocates_nothing_once_its_pages_are_there()
    {
        Ghost ghost = new(256);
        ghost.Add(Hash(-1), 0, 1, out _);
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 10_000; i++)
        {
            ghost.Add(Hash(i), (uint)i, i, out _);
            ghost.TryTake(Hash(i / 2), out _, out _);
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }
}
