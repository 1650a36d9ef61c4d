using MemStorage.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Testing;

public sealed class InvariantsTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_store_that_was_used_hard_is_sound(int seed)
    {
        Random random = new(seed);
        FakeTimeProvider time = new();
        using MemStore store = new(new MemStoreOptions { MaxMemoryMB = 1, TimeProvider = time, AsyncEviction = false, CompressionEnabled = false, ExpirySweepInterval = TimeSpan.Zero });
        MemStoreDistributedCache cache = new(store);
        for (int step = 0; step < 5_000; step++)
        {
            string key = "k" + random.Next(2_000);
            switch (random.Next(6))
            {
                case 0:
                    cache.Remove(key);
                    break;
                case 1:
                    cache.Get(key);
                    break;
                case 2:
                    _ = store.Set(key, new StoredItem(new byte[random.Next(1, 3_000)]));
                    break;
                case 3:
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(100)));
                    break;
                default:
                    cache.Set(key, new byte[random.Next(3_000)], new() { SlidingExpiration = TimeSpan.FromSeconds(random.Next(1, 60)) });
                    break;
            }
            if (step % 1_000 == 0)
                store.AssertInvariants();
        }
        Assert.True(store.Stats().EvictCount > 0);
        store.AssertInvariants();
        store.Clear();
        store.AssertInvariants();
    }

    [Fact]
    public void A_violation_lists_everything()
    {
        MemStorageInvariantException e = new(["one", "two"]);
        Assert.Equal($"one{Environment.NewLine}two", e.Message);
        Assert.Equal(["one", "two"], e.Violations);
    }
}
