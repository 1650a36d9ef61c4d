using System.Globalization;
using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 13 of the origin: "Chosen keys can be made to fall into one shard (unseeded hash)." (Probe lengths inside a shard: Hashing/HashFloodTests.)
/// </summary>
public sealed class Hole13_ChosenKeysDoNotFloodOneShard : StoreTest
{
    private static int ShardOf(MemStore store, string key)
    {
        StorageEngine engine = store.Engine;
        return engine.Shards.IndexOf(engine.ShardOf(engine.HashOf(Encoding.UTF8.GetBytes(key))));
    }

    /// <summary>Keys that all fall into one shard of one store spread evenly in another.</summary>
    [Fact]
    public void Keys_chosen_against_one_store_spread_in_the_next()
    {
        MemStore attacked = Open(o => (o.HashSeed, o.ShardCount) = (null, 16));
        MemStore other = Open(o => (o.HashSeed, o.ShardCount) = (null, 16));
        string[] chosen = [.. Enumerable.Range(0, 20_000).Select(i => $"user:{i}").Where(k => ShardOf(attacked, k) == 3)];
        Assert.InRange(chosen.Length, 1000, 1500);
        int[] spread = new int[16];
        foreach (string key in chosen)
            spread[ShardOf(other, key)]++;
        Assert.All(spread, n => Assert.InRange(n, chosen.Length / 16 / 2, chosen.Length / 16 * 2));
    }

    /// <summary>Sequential, padded, hexadecimal and long keys spread evenly under any seed.</summary>
    [Theory]
    [InlineData("user:{0}")]
    [InlineData("{0:D12}")]
    [InlineData("{0:X8}")]
    [InlineData("a/very/long/common/prefix/that/is/the/same/for/every/key/of/this/kind/{0}")]
    public void Regular_keys_spread_evenly(string format)
    {
        CompositeFormat composite = CompositeFormat.Parse(format);
        foreach (ulong seed in new ulong[] { 0, 1, ulong.MaxValue, 0x9E3779B97F4A7C15 })
        {
            MemStore store = Open(o => (o.HashSeed, o.ShardCount) = (seed, 16));
            int[] spread = new int[16];
            for (int i = 0; i < 16_000; i++)
                spread[ShardOf(store, string.Format(CultureInfo.InvariantCulture, composite, i))]++;
            // chi-square with 15 degrees of freedom: by chance 44.3 is passed once in ten thousand times
            double chiSquare = spread.Sum(n => Math.Pow(n - 1000, 2) / 1000.0);
            Assert.True(chiSquare < 44.3, $"{format} under seed {seed}: {string.Join(' ', spread)}");
        }
    }
}
