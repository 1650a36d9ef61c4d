using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Writes;

/// <summary>"the store's version wins over what was serialized"; "Set stamps the next clock value, writes it into the version member and returns it".</summary>
public sealed class VersionTests
{
    [Fact]
    public void Set_writes_the_new_version_into_the_entity_and_a_read_sees_it()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Page page = Page.Create(1, 1);
        page.Version = 12345; // whatever the member holds is not what is stored
        Assert.Equal(SetResult.Stored, pages.Set(page, out long version));
        Assert.Equal(version, page.Version);
        Assert.Equal(version, pages.Get(1).Version);
        Assert.Equal(version, pages.GetNoCopy(1).Version);
        Assert.True(pages.TryGetInfo(1, out EntityInfo info));
        Assert.Equal(new EntityInfo(version, null), info);
        Assert.True(pages.SetOrThrow(page) > version);
    }

    [Fact]
    public void A_struct_gets_its_version_through_a_reference_or_as_the_result()
    {
        using MemStore store = TestStores.Create();
        ReadingRepository readings = store.Readings();
        Reading reading = new() { Sensor = 1, Values = [1, 2] };
        Assert.Equal(SetResult.Stored, readings.Set(ref reading));
        Assert.True(reading.Version > 0);
        Assert.Equal(reading.Version, readings.Get(1).Version);
        reading.Values = [3];
        Assert.Equal(UpdateResult.Updated, readings.TryUpdate(reading, out long version));
        Assert.Equal(version, readings.Get(1).Version);
        Assert.Equal([3.0], readings.Get(1).Values);

        TickRepository ticks = store.Ticks();
        Tick tick = new(1, 5, 0);
        Assert.Equal(SetResult.Stored, ticks.Set(ref tick));
        Assert.Equal(tick, ticks.Get(1));
    }

    [Fact]
    public void An_init_only_version_of_a_record_is_set_too()
    {
        using MemStore store = TestStores.Create();
        Place place = new() { Country = "at", Number = 1 };
        Assert.Equal(SetResult.Stored, store.Places().Set(place, out long version));
        Assert.Equal(version, place.Version);
        Assert.Equal(version, store.Places().Get("at", 1).Version);
    }

    /// <summary>"SetOrThrow and DeleteOrThrow turn a refusal into a MemStorageException".</summary>
    [Fact]
    public void DeleteOrThrow_turns_a_refusal_into_an_exception()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        long first = pages.SetOrThrow(Page.Create(1, 1));
        long second = pages.SetOrThrow(Page.Create(1, 2));
        MemStorageException stale = Assert.Throws<MemStorageException>(() => pages.DeleteOrThrow(1, first));
        Assert.Equal((MemStorageError.VersionMismatch, $"The Page '1' was not deleted with version {first}: it has version {second}."), (stale.Error, stale.Message));
        Assert.True(pages.Contains(1));
        pages.DeleteOrThrow(1, second);
        Assert.False(pages.Contains(1));
        Assert.Equal(MemStorageError.NotFound, Assert.Throws<MemStorageException>(() => pages.DeleteOrThrow(1, second)).Error);
        Assert.Throws<ArgumentOutOfRangeException>(() => pages.DeleteOrThrow(1, 0));
    }

    [Fact]
    public void A_stale_write_is_Superseded_with_the_version_that_won_and_changes_nothing()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        long current = pages.SetOrThrow(Page.Create(1, 1));
        Page stale = Page.Create(1, 2);
        Assert.Equal(SetResult.Superseded, pages.Set(stale, new EntitySetOptions { Version = current - 1 }, out long winner));
        Assert.Equal(current, winner);
        Assert.Equal(0, stale.Version);
        Assert.Equal(SetResult.Superseded, pages.Set(stale, current)); // at equal versions what is there stays
        Assert.Equal(1, pages.Get(1).Content[0]);
        Assert.Equal(SetResult.Stored, pages.Set(stale, current + 1));
        Assert.Equal(current + 1, stale.Version);
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = pages.Set(stale, 0L));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = pages.Set(stale, new EntitySetOptions { Version = -1 }, out _));
    }

    [Fact]
    public void TryUpdate_stores_only_over_the_version_that_was_read()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(1, 1));
        Page mine = pages.Get(1);
        Page theirs = pages.Get(1);
        Assert.Equal(UpdateResult.Updated, pages.TryUpdate(theirs));
        Assert.Equal(UpdateResult.VersionMismatch, pages.TryUpdate(mine, out long winner));
        Assert.Equal(theirs.Version, winner);
        Assert.Equal(UpdateResult.NotFound, pages.TryUpdate(Page.Create(2, 1)));
        Assert.Equal(UpdateResult.Updated, pages.TryUpdate(mine, theirs.Version, out long version));
        Assert.Equal(version, mine.Version);
        Assert.Equal(UpdateResult.Updated, pages.TryUpdate(mine)); // the new version is in it: it can go on
    }

    [Fact]
    public void TryUpdate_of_an_entity_without_a_version_member_says_what_to_do_instead()
    {
        using MemStore store = TestStores.Create();
        NoteRepository notes = store.Notes();
        Note note = new() { Title = "a" };
        Assert.Equal(SetResult.Stored, notes.Set(note, out long version));
        Assert.Contains("expectedVersion", Assert.Throws<InvalidOperationException>(() => _ = notes.TryUpdate(note)).Message, StringComparison.Ordinal);
        Assert.Equal(UpdateResult.Updated, notes.TryUpdate(note, version, out _));
        Assert.Equal(UpdateResult.VersionMismatch, notes.TryUpdate(note, version, out _));
    }

    [Fact]
    public void Update_loses_no_change_under_contention()
    {
        using MemStore store = TestStores.Create(static o => o.TimeProvider = TimeProvider.System);
        OrderRepository orders = store.Orders();
        orders.SetOrThrow(new Order { Id = 1, Customer = "ada" });
        Parallel.For(0, 8, _ =>
        {
            for (int i = 0; i < 250; i++)
                Assert.Equal(UpdateResult.Updated, orders.Update(1, o => o.Total += 1));
        });
        Assert.Equal(2000, orders.Get(1).Total);
    }

    [Fact]
    public void Update_takes_a_function_or_a_state_and_refuses_to_move_an_entity_to_another_key()
    {
        using MemStore store = TestStores.Create();
        PlaceRepository places = store.Places();
        places.SetOrThrow(new Place { Country = "at", Number = 1, Name = "Wien" });
        Assert.Equal(UpdateResult.Updated, places.Update(new PlaceKey("at", 1), p => p with { Name = "Vienna" }));
        Assert.Equal("Vienna", places.Get("at", 1).Name);
        Assert.Equal(UpdateResult.Updated, places.Update(new PlaceKey("at", 1), "Bécs", static (p, name) => p with { Name = name }));
        Assert.Equal("Bécs", places.Get("at", 1).Name);
        Assert.Equal(UpdateResult.NotFound, places.Update(new PlaceKey("at", 2), p => p));
        Assert.Throws<InvalidOperationException>(() => _ = places.Update(new PlaceKey("at", 1), p => p with { Number = 9 }));
        Assert.Throws<InvalidOperationException>(() => _ = places.Update(new PlaceKey("at", 1), _ => null!));
        Assert.Equal("Bécs", places.Get("at", 1).Name);

        ReadingRepository readings = store.Readings();
        readings.SetOrThrow(new Reading { Sensor = 1, Values = [] });
        Assert.Throws<InvalidOperationException>(() => _ = readings.Update(1, r => { r.Values = [1]; }));
        Assert.Equal(UpdateResult.Updated, readings.Update(1, r => r with { Values = [1] }));
        Assert.Equal([1.0], readings.Get(1).Values);
    }

    [Fact]
    public void Delete_refuses_when_the_stored_version_is_newer()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        long old = pages.SetOrThrow(Page.Create(1, 1));
        long current = pages.SetOrThrow(Page.Create(1, 2));
        Assert.Equal(DeleteResult.VersionMismatch, pages.Delete(1, old));
        Assert.True(pages.Contains(1));
        Assert.Equal(DeleteResult.Deleted, pages.Delete(1, current));
        Assert.False(pages.Contains(1));
        Assert.Equal(DeleteResult.NotFound, pages.Delete(1));
        Assert.Equal(SetResult.Superseded, pages.Set(Page.Create(1, 3), old)); // a late, older write does not bring it back
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = pages.Delete(1, 0));
    }

    [Fact]
    public void Only_if_absent_stores_once()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        EntitySetOptions absent = new() { OnlyIfAbsent = true };
        Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, 1), absent, out long first));
        Assert.Equal(SetResult.Superseded, pages.Set(Page.Create(1, 2), absent, out long winner));
        Assert.Equal(first, winner);
        Assert.Equal(DeleteResult.Deleted, pages.Delete(1));
        Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, 3), absent, out _));
    }

    [Fact]
    public void A_serializer_that_throws_half_way_leaves_nothing_changed()
    {
        using MemStore store = TestStores.Create();
        FragileRepository things = store.Fragiles();
        Fragile whole = new() { Id = 1, Group = 1, Text = new string('a', 3000) };
        things.SetOrThrow(whole);
        long version = whole.Version;
        Fragile broken = new() { Id = 1, Group = 2, Text = new string('b', 3000), Broken = true };
        Assert.Throws<InvalidOperationException>(() => _ = things.Set(broken));
        Assert.Throws<InvalidOperationException>(() => _ = things.TryUpdate(broken, version, out _));
        Assert.Throws<InvalidOperationException>(() => _ = things.GetOrCreate(2, id => new Fragile { Id = id, Broken = true }));
        Assert.Equal(0, broken.Version);
        Assert.Equal((version, 1, whole.Text), (things.Get(1).Version, things.Get(1).Group, things.Get(1).Text));
        Assert.Equal(1, things.Count);
        Assert.Empty(things.FindByGroup(2));
        Assert.Single(things.FindByGroup(1));
        Assert.Equal(0, things.State.Flights.Count);
        things.SetOrThrow(new Fragile { Id = 3, Text = "fine" }); // the thread's buffer is in order
        Assert.Equal("fine", things.Get(3).Text);

        List<Fragile> batch = [new() { Id = 4 }, new() { Id = 5, Broken = true }, new() { Id = 6 }];
        Assert.Throws<InvalidOperationException>(() => _ = things.SetMany(batch));
        Assert.Equal([true, false, false], new[] { 4, 5, 6 }.Select(things.Contains));
    }

    [Fact]
    public void An_entity_may_write_and_read_others_while_it_is_serialized()
    {
        using MemStore store = TestStores.Create();
        MatryoshkaRepository dolls = store.Matryoshkas();
        Matryoshka.Use(store);
        try
        {
            dolls.SetOrThrow(new Matryoshka { Id = 5, Filling = [.. Enumerable.Range(0, 500)] });
            Matryoshka doll = dolls.Get(5);
            for (int id = 5; id >= 0; id--, doll = doll.Inner!)
            {
                Assert.Equal(id, doll.Id);
                Assert.Equal(505 - id, doll.Filling.Length);
            }
        }
        finally
        {
            Matryoshka.Use(null);
        }
    }

    [Fact]
    public void Many_operations_keep_the_order_and_skip_what_is_absent()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Assert.Equal([SetResult.Stored, SetResult.Stored, SetResult.Stored], pages.SetMany([Page.Create(1, 1), Page.Create(2, 2), Page.Create(3, 3)]));
        Assert.Equal([3, 1, 3], pages.GetMany([3, 9, 1, 3]).Select(p => p.Id));
        Assert.Equal([3, 1], pages.GetMany(new List<int> { 3, 9, 1 }).Select(p => p.Id));
        Assert.Equal([1, 2, 3], pages.All().Select(p => p.Id).Order());
        Assert.Equal([1, 2, 3], pages.Keys().Order());
        Assert.Equal(3, pages.Count);
        Assert.Equal(2, pages.DeleteMany([1, 2, 9]));
        Assert.Equal(1, pages.DeleteMany(new List<int> { 3 }));
        Assert.Equal(0, pages.Count);
        Assert.Empty(pages.All());
    }

    [Fact]
    public void All_goes_on_while_entities_come_and_go()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        for (int i = 0; i < 300; i++)
            pages.SetOrThrow(Page.Create(i, i));
        HashSet<int> seen = [];
        foreach (Page page in pages.All())
        {
            Assert.True(page.IsWhole());
            Assert.True(seen.Add(page.Id));
            if (page.Id % 2 == 0)
                _ = pages.Delete(page.Id);
            pages.SetOrThrow(Page.Create(10_000 + page.Id, 1));
            if (seen.Count > 2_000)
                break;
        }
        Assert.All(Enumerable.Range(0, 300).Where(i => i % 2 == 1), i => Assert.Contains(i, seen));
    }

    [Fact]
    public void Two_types_under_one_name_are_told()
    {
        using MemStore store = TestStores.Create();
        _ = store.Pages();
        MemStorageException error = Assert.Throws<MemStorageException>(() => new ImpostorRepository(store));
        Assert.Equal(MemStorageError.KeySpaceConflict, error.Error);
        Assert.Contains(nameof(Page), error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_closed_store_throws()
    {
        MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        pages.SetOrThrow(Page.Create(1, 1));
        _ = pages.GetNoCopy(1);
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _ = pages.Get(1));
        Assert.Throws<ObjectDisposedException>(() => _ = pages.GetNoCopy(1));
        Assert.Throws<ObjectDisposedException>(() => _ = pages.Set(Page.Create(1, 1)));
        Assert.Throws<ObjectDisposedException>(() => _ = pages.Delete(1));
        Assert.Throws<ObjectDisposedException>(() => _ = pages.GetOrCreate(1, id => Page.Create(id, 1)));
        Assert.Throws<ObjectDisposedException>(() => _ = store.Places());
    }

    private sealed class ImpostorRepository(MemStore store) : MemStorageRepository<string, Note, ImpostorRepository.Traits>(store)
    {
        public readonly struct Traits : Typed.IEntityTraits<string, Note>
        {
            public static Typed.EntityDescriptor Descriptor { get; } = new(PageRepository.Traits.Descriptor.Name);

            public static string GetKey(in Note entity) => entity.Title;

            public static void WriteKey(ref Typed.KeyWriter writer, string key) => writer.Write(key);

            public static bool TryReadKey(ref Typed.KeyReader reader, out string key) => reader.TryRead(out key!);
        }
    }
}
