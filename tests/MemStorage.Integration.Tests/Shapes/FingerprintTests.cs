using MemStorage.Integration.Tests.Entities;
using Earlier = MemStorage.Integration.Elsewhere;
using Later = MemStorage.Integration.Tests.Entities.Later;

namespace MemStorage.Integration.Tests.Shapes;

/// <summary>"a record of another shape is a counted miss (ShapeMismatches), never a wrong object or a crash. VersionTolerant entities read older shapes."</summary>
public sealed class FingerprintTests
{
    // the same key space in two stores: what one shape of the application wrote, another shape reads
    private static void Replicate(MemStore from, MemStore to)
    {
        foreach (SyncOperation operation in from.GetSyncBuffer().Operations)
            Assert.Equal(SetResult.Stored, to.Apply(operation));
    }

    [Fact]
    public void A_record_of_another_shape_is_a_counted_miss_for_every_kind_of_read()
    {
        using MemStore old = TestStores.Create();
        using MemStore store = TestStores.Create();
        Earlier.CardRepository before = new(old);
        Later.CardRepository cards = new(store);
        before.SetOrThrow(new Earlier.Card { Id = 1, Name = "one" });
        Replicate(old, store);

        Assert.Equal(1, cards.Count);
        Assert.False(cards.TryGet(1, out _));
        Assert.False(cards.TryGetNoCopy(1, out _));
        Assert.False(cards.TryReadBytes(1, 0, static (p, _) => p.Length, out _));
        Assert.Empty(cards.All());
        Assert.Equal(UpdateResult.NotFound, cards.Update(1, c => c.Points++));
        Assert.Equal(5, cards.ShapeMismatches);

        // it is made anew like any other miss
        Assert.Equal(9, cards.GetOrCreate(1, static id => new Later.Card { Id = id, Points = 9 }).Points);
        Assert.Equal(9, cards.Get(1).Points);
    }

    [Fact]
    public void A_version_tolerant_entity_reads_older_and_newer_shapes()
    {
        using MemStore old = TestStores.Create();
        using MemStore store = TestStores.Create();
        new Earlier.TolerantRepository(old).SetOrThrow(new Earlier.Tolerant { Id = 1, Name = "one" });
        Replicate(old, store);
        Later.TolerantRepository now = new(store);
        Assert.Equal(("one", 0), (now.Get(1).Name, now.Get(1).Added));
        Assert.Equal(UpdateResult.Updated, now.Update(1, t => t.Added = 5));
        Assert.Equal(("one", 5), (now.Get(1).Name, now.Get(1).Added));
        Assert.Equal(0, now.ShapeMismatches);

        store.GetSyncBuffer();
        now.SetOrThrow(new Later.Tolerant { Id = 2, Name = "two", Added = 7 });
        Replicate(store, old);
        Assert.Equal("two", new Earlier.TolerantRepository(old).Get(2).Name);
    }

    [Fact]
    public void Bytes_that_are_no_entity_at_all_are_a_miss()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        KeySpace space = store.GetKeySpace(PageRepository.Traits.Descriptor.Name);
        string key = System.Text.Encoding.UTF8.GetString(space.Prefix) + "1";
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation(key, OpType.OpSet, new StoredItem([1, 2, 3], store.Clock.Next()), 1)));
        Assert.False(pages.TryGet(1, out _));
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation(key, OpType.OpSet, new StoredItem(new byte[64], store.Clock.Next()), 1)));
        Assert.False(pages.TryGet(1, out _));
        Assert.Equal(2, pages.ShapeMismatches);
    }
}
