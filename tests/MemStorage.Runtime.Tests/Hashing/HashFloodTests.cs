using System.Globalization;
using System.Text;
using MemStorage.Hashing;
using MemStorage.Storage;
using Xunit;

namespace MemStorage.Tests.Hashing;

/// <summary>"Chosen keys can be made to fall into one shard" (hole 13 of the ancestor): here they cannot, because each store has a seed of its own.</summary>
public class HashFloodTests
{
    private const ulong KnownSeed = 42;
    private const int Keys = 400;

    /// <summary>Keys whose hashes under the known seed agree in the bits that choose the bucket.</summary>
    private static List<byte[]> CollidingKeys()
    {
        var keys = new List<byte[]>(Keys);
        for (int i = 0; keys.Count < Keys; i++)
        {
            byte[] key = Encoding.UTF8.GetBytes("user:" + i.ToString(CultureInfo.InvariantCulture));
            if ((KeyHash.Compute(key, KnownSeed) & 0x3FF) == 0)
                keys.Add(key);
        }
        return keys;
    }

    private static int LongestProbe(ulong? seed, List<byte[]> keys)
    {
        using var store = new MemStore(new MemStoreOptions { MaxMemoryMB = 4, ShardCount = 1, HashSeed = seed, CompressionEnabled = false });
        foreach (byte[] key in keys)
            Assert.Equal(SetResult.Stored, store.Set(key, "v"u8));
        StorageEngine engine = store.Engine;
        int longest = 0;
        foreach (byte[] key in keys)
        {
            ulong hash = engine.HashOf(key);
            longest = Math.Max(longest, engine.ShardOf(hash).ProbeLength(hash));
        }
        StoreInvariants.Assert(store);
        return longest;
    }

    [Fact]
    public void Keys_chosen_for_a_known_seed_make_long_probes_under_that_seed() =>
        Assert.True(LongestProbe(KnownSeed, CollidingKeys()) > 40);

    [Fact]
    public void The_same_keys_make_short_probes_under_the_seed_of_a_store()
    {
        List<byte[]> keys = CollidingKeys();
        for (int store = 0; store < 8; store++)
            Assert.InRange(LongestProbe(seed: null, keys), 1, 8);
    }

    [Fact]
    public void Seeds_differ_from_store_to_store()
    {
        HashSet<ulong> seeds = [];
        for (int i = 0; i < 64; i++)
            Assert.True(seeds.Add(KeyHash.CreateSeed()));
    }

    [Theory]
    [InlineData("order:{0}")]
    [InlineData("{0}")]
    [InlineData("tenant:42:customer:{0}:profile:v2:en")]
    public void Sequential_keys_spread_over_shards_and_buckets_like_random_ones(string format)
    {
        const int buckets = 4096;
        const int keys = 200_000;
        int[] byBucket = new int[buckets];
        int[] byShard = new int[64];
        for (int i = 0; i < keys; i++)
        {
            ulong hash = KeyHash.Compute(Encoding.UTF8.GetBytes(string.Format(CultureInfo.InvariantCulture, format, i)), 7);
            byBucket[hash & (buckets - 1)]++;
            byShard[hash >> 58]++;
        }
        // chi squared per degree of freedom is 1 for random placement; its deviation is sqrt(2 / degrees)
        Assert.InRange(ChiSquared(byBucket, keys), 0.8, 1.2);
        Assert.InRange(ChiSquared(byShard, keys), 0.3, 2.0);
    }

    private static double ChiSquared(int[] counts, int total)
    {
        double expected = (double)total / counts.Length;
        return counts.Sum(c => (c - expected) * (c - expected) / expected) / (counts.Length - 1);
    }
}
