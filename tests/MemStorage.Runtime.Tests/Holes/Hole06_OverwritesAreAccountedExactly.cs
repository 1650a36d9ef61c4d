using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 6 of the origin: "Overwrites account the key's bytes once too few or too often; totals go negative."
/// </summary>
public sealed class Hole06_OverwritesAreAccountedExactly : StoreTest
{
    [Fact]
    public void Totals_after_any_number_of_overwrites_are_those_of_one_write()
    {
        const string key = "a key of some length, which must count exactly once";
        MemStore once = Open(o => o.CompressionEnabled = false);
        once.Put(key, Payload.Create(1, 1, 100));
        MemStoreStats expected = once.Stats();

        MemStore store = Open(o => o.CompressionEnabled = false);
        Random random = new(6);
        for (int i = 0; i < 5000; i++)
        {
            store.Put(key, Payload.Create(1, i, random.Next(24, 2000)));
            if (i % 7 == 0)
                Assert.Equal(DeleteResult.Deleted, store.Delete(key));
            MemStoreStats during = store.Stats();
            Assert.True(during.TotalBytes >= 0 && during.OriginalBytes >= 0 && during.CompressedBytes >= 0, $"{during}");
        }
        store.Put(key, Payload.Create(1, 1, 100));
        MemStoreStats stats = store.Stats();
        Assert.Equal((expected.KeyCount, expected.TotalBytes, expected.OriginalBytes, expected.CompressedBytes), (stats.KeyCount, stats.TotalBytes, stats.OriginalBytes, stats.CompressedBytes));
    }

    [Fact]
    public void Deleting_everything_brings_the_totals_to_zero()
    {
        MemStore store = Open();
        for (int i = 0; i < 3000; i++)
            store.Put($"k{i % 300}", Payload.Create(i, i, 24 + (i % 900)));
        for (int i = 0; i < 300; i++)
            Assert.Equal(DeleteResult.Deleted, store.Delete($"k{i}"));
        MemStoreStats stats = store.Stats();
        Assert.Equal((0L, 0L, 0L, 0L), (stats.KeyCount, stats.TotalBytes, stats.OriginalBytes, stats.CompressedBytes));
        Assert.Equal(300, stats.TombstoneCount);
    }
}
