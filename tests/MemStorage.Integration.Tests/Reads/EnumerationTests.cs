using System.Runtime.CompilerServices;
using MemStorage.Integration.Tests.Entities;
using MemStorage.Storage.Index;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Reads;

/// <summary>Who looks over everything, or searches by value, asks for no key: that is no access. It is no read of the statistics, prolongs no life, and eviction does not learn of it.</summary>
public sealed class EnumerationTests
{
    [Fact]
    public void Looking_over_everything_prolongs_no_life_and_asking_by_key_does()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        LeaseRepository leases = store.Leases();
        Action[] looks =
        [
            () => _ = leases.All().Count(),
            () => _ = leases.Keys().Count(),
            () => _ = leases.KeySpace.Keys().Count(),
            () => _ = store.Snapshot().Count(),
            () => _ = store.Changes.Read(store.Changes.Oldest),
            () => _ = leases.Count,
            () => store.ValidateInvariants(),
            () => _ = store.GetMemoryReport(),
            () => _ = store.Stats(),
            () => store.SweepExpired(),
            () => _ = leases.TryUpdate(new Lease { Name = "a" }, 1, out _), // refused: and no read
        ];
        foreach (Action look in looks)
        {
            leases.SetOrThrow(new Lease { Name = "a" });
            long reads = store.Stats().GetCount;
            clock.Advance(TimeSpan.FromMinutes(9));
            look();
            Assert.Equal(reads, store.Stats().GetCount);
            clock.Advance(TimeSpan.FromMinutes(1));
            Assert.Empty(leases.All());
        }

        leases.SetOrThrow(new Lease { Name = "a" });
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Single(leases.GetMany(["a"])); // by key, as in Caffeine's getAllPresent
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Single(leases.All());
    }

    [Fact]
    public void Searches_and_enumerations_are_no_reads_and_no_hits_for_eviction()
    {
        using MemStore store = TestStores.Create();
        OrderRepository orders = store.Orders();
        for (int i = 0; i < 50; i++)
            orders.SetOrThrow(new Order { Id = i, Customer = "ada", Total = i });
        MemStoreStats before = orders.KeySpace.Stats();
        for (int i = 0; i < 3; i++)
        {
            Assert.Equal(50, orders.FindByCustomer("ada").Count());
            Assert.Equal(10, orders.FindByTotal(3).Count() + orders.FindTotalBetween(11, 19).Count());
            Assert.Equal(50, orders.All().Count());
        }
        MemStoreStats after = orders.KeySpace.Stats();
        Assert.Equal((before.GetCount, before.HitCount), (after.GetCount, after.HitCount));
        Assert.Equal(0, HitsOf(store));
        _ = orders.Get(1);
        Assert.Equal(1, HitsOf(store));
        Assert.Equal(before.GetCount + 1, orders.KeySpace.Stats().GetCount);
    }

    /// <summary>What eviction has been told of hits, over all entries.</summary>
    private static int HitsOf(MemStore store)
    {
        int hits = 0;
        for (int shard = 0; shard < store.Engine.Shards.Length; shard++)
        {
            foreach (IndexTable table in store.Engine.Store.Map.View(shard).Directory.Distinct())
            {
                for (uint b = 0; b < (uint)table.Buckets; b++)
                {
                    for (int i = 0; i < IndexTable.SlotsPerBucket; i++)
                        hits += Slot.Hits(Unsafe.Add(ref table.Bucket(b), i));
                }
            }
        }
        return hits;
    }
}
