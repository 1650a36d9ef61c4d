using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Reads;

/// <summary>"decoded once per stored version", "bounded by SharedInstances", "checked against the record's place and version".</summary>
public sealed class NoCopyTests
{
    [Fact]
    public void The_same_instance_is_shared_until_the_entity_is_written()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(1, seed: 10));
        Page first = pages.GetNoCopy(1);
        Assert.Same(first, pages.GetNoCopy(1));
        Assert.NotSame(first, pages.Get(1));

        long version = pages.SetOrThrow(Page.Create(1, seed: 20));
        Page second = pages.GetNoCopy(1);
        Assert.NotSame(first, second);
        Assert.Equal(20, second.Content[0]);
        Assert.Equal(version, second.Version);
        Assert.Equal(10, first.Content[0]); // whoever still holds the older one is not disturbed
    }

    [Fact]
    public void A_deleted_or_expired_entity_is_not_shared_any_more()
    {
        using MemStore store = TestStores.Create(out var clock);
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(1, 1));
        Assert.Equal(SetResult.Stored, pages.Set(Page.Create(2, 2), TimeSpan.FromSeconds(5)));
        _ = pages.GetNoCopy(1);
        _ = pages.GetNoCopy(2);

        Assert.Equal(DeleteResult.Deleted, pages.Delete(1));
        clock.Advance(TimeSpan.FromSeconds(5));

        Assert.False(pages.TryGetNoCopy(1, out _));
        Assert.False(pages.TryGetNoCopy(2, out _));
        Assert.Equal(MemStorageError.NotFound, Assert.Throws<MemStorageException>(() => _ = pages.GetNoCopy(2)).Error);
        Assert.Equal(0, pages.State.Shared!.CountInstances());
    }

    [Fact]
    public void The_table_never_holds_more_than_SharedInstances()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        for (int i = 0; i < 500; i++)
        {
            pages.SetOrThrow(Page.Create(i, i));
            Assert.Equal(i, pages.GetNoCopy(i).Content[0]);
        }
        Assert.Equal(8, pages.State.Shared!.Capacity);
        Assert.InRange(pages.State.Shared.CountInstances(), 1, 8);
    }

    /// <summary>Half as many entities as there are places: none is decoded again, whatever the hash codes of the keys are (with one set of four places for each, one in thirty had none).</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Half_as_many_entities_as_instances_are_decoded_once(bool scattered)
    {
        using MemStore store = TestStores.Create(static o => o.HashSeed = 7);
        OrderRepository orders = store.Orders();
        Random random = new(3);
        int[] keys = [.. Enumerable.Range(0, 2000).Select(i => scattered ? random.Next() : i)];
        foreach (int key in keys)
            orders.SetOrThrow(new Order { Id = key, Customer = "ada" });
        Assert.Equal(0, CountDecodedAgain(orders, keys));
    }

    /// <summary>An entry that a full bucket of the index has pushed on to the next is recognised as well.</summary>
    [Fact]
    public void An_instance_is_shared_wherever_its_entry_lies_in_the_index()
    {
        using MemStore store = TestStores.Create(static o => (o.HashSeed, o.ShardCount) = (7, 1));
        OrderRepository orders = store.Orders();
        int[] keys = [.. Enumerable.Range(0, 730)]; // of 896 slots in 128 buckets
        foreach (int key in keys)
            orders.SetOrThrow(new Order { Id = key, Customer = "ada" });
        MemStorage.Storage.Index.IndexTable table = store.Engine.Store.Map.View(0).Directory[0];
        Assert.Equal(128, table.Buckets);
        Assert.NotEqual(0, Enumerable.Range(0, 128).Count(b => MemStorage.Storage.Index.IndexTable.Overflowed(ref table.Bucket((uint)b))));
        Assert.Equal(0, CountDecodedAgain(orders, keys));
    }

    private static int CountDecodedAgain(OrderRepository orders, int[] keys)
    {
        Order[] first = [.. keys.Select(orders.GetNoCopy)];
        return keys.Index().Count(k => !ReferenceEquals(first[k.Index], orders.GetNoCopy(k.Item)));
    }

    [Fact]
    public void Without_shared_instances_every_call_decodes()
    {
        using MemStore store = TestStores.Create();
        NoteRepository notes = store.Notes();
        notes.SetOrThrow(new Note { Title = "a", Text = "text" });
        Assert.NotSame(notes.GetNoCopy("a"), notes.GetNoCopy("a"));
    }

    [Fact]
    public void Two_repositories_of_one_store_share_and_two_stores_do_not()
    {
        using MemStore store = TestStores.Create();
        using MemStore other = TestStores.Create();
        store.Pages().SetOrThrow(Page.Create(1, 1));
        other.Pages().SetOrThrow(Page.Create(1, 2));
        Assert.Same(store.Pages(), store.Pages());
        Assert.Same(store.Pages().GetNoCopy(1), new PageRepository(store).GetNoCopy(1));
        Assert.Equal(2, other.Pages().GetNoCopy(1).Content[0]);
    }

    [Fact]
    public void Under_writers_a_shared_instance_is_always_whole_and_never_older_than_the_last_write_that_was_seen()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        const int Keys = 12; // more than the table holds
        long[] written = new long[Keys];
        for (int i = 0; i < Keys; i++)
            written[i] = pages.SetOrThrow(Page.Create(i, 0));

        int failures = 0;
        Parallel.For(0, 4, worker =>
        {
            Random random = new(worker);
            for (int i = 0; i < 4_000; i++)
            {
                int key = random.Next(Keys);
                if (worker == 0)
                {
                    Volatile.Write(ref written[key], pages.SetOrThrow(Page.Create(key, i)));
                    continue;
                }
                long least = Volatile.Read(ref written[key]);
                Page page = pages.GetNoCopy(key);
                if (!page.IsWhole() || page.Version < least)
                    Interlocked.Increment(ref failures);
            }
        });
        Assert.Equal(0, failures);
    }

    [Fact]
    public void An_unmanaged_entity_is_looked_at_in_place_with_the_stored_version()
    {
        using MemStore store = TestStores.Create();
        TickRepository ticks = store.Ticks();
        Assert.Equal(SetResult.Stored, ticks.Set(new Tick(7, 1234, 0), out long version));

        Assert.Equal((1234 + 1, version), ticks.Read(7, 1L, static (in Tick tick, long add) => (tick.Price + add, tick.Version)));
        Assert.True(ticks.TryRead(7, 0, static (in Tick tick, int _) => tick.Price, out long price));
        Assert.Equal(1234, price);
        Assert.False(ticks.TryRead(8, 0, static (in Tick tick, int _) => tick.Price, out _));
        Assert.Equal(MemStorageError.NotFound, Assert.Throws<MemStorageException>(() => _ = ticks.Read(8, static (in Tick tick) => tick.Price)).Error);
        Assert.Equal(new Tick(7, 1234, version), ticks.GetNoCopy(7));
    }

    [Fact]
    public void The_serialized_bytes_can_be_looked_at()
    {
        using MemStore store = TestStores.Create();
        NoteRepository notes = store.Notes();
        Note note = new() { Title = "a", Text = "some text" };
        notes.SetOrThrow(note);
        byte[] expected = MemoryPack.MemoryPackSerializer.Serialize(note);
        Assert.True(notes.TryReadBytes("a", expected, static (payload, expected) => payload.SequenceEqual(expected), out bool same));
        Assert.True(same);
        Assert.False(notes.TryReadBytes("b", 0, static (payload, _) => payload.Length, out _));
    }
}
