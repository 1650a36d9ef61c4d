using MemStorage.Storage;
using MemStorage.Storage.Eviction;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// The races of the core, made on purpose: one thread stands at a named point while another does what it must not be able to disturb. No sleeps: a thread either stands at
/// the point or has ended. Where a guard protects the step, the same test without it fails.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class InterleavingTests : StoreTest
{
    /// <summary>Eight records of one size fill a segment, so that a recycled one has a record at every old place.</summary>
    private const int Length = 100;

    /// <summary>One version for all: then the record's version does not tell one from another, and only the generation does.</summary>
    private const long Version = 1;

    private MemStore OpenSmall(long limit = 96 << 10) =>
        Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) = (limit, 1, 1024, false, false, 0));

    private static void Put(MemStore store, int id, long stamp, long version = Version) =>
        Assert.NotEqual(SetResult.MemoryLimit, store.Set(Key(id), new StoredItem(Payload.Create(id, stamp, Length), version)));

    private static string Key(int id) => $"key{id:D5}";

    /// <summary>So many new keys that everything before was evicted and every segment used again.</summary>
    private static void RecycleEverything(MemStore store)
    {
        for (int i = 10_000; i < 13_000; i++)
            Put(store, i, 1);
    }

    private static void AssertRight(StoredItem? item, int id)
    {
        if (item is null)
            return;
        Assert.True(Payload.TryVerify(item.Value.Span, id, out long stamp), "Bytes of another record were returned.");
        Assert.Equal(item.Version, stamp);
    }

    /// <summary>Read against evict: the value is copied out of a segment that has been recycled meanwhile.</summary>
    [Theory]
    [InlineData(nameof(TestPoint.ReadStraightAfterTable))]
    [InlineData(nameof(TestPoint.ReadAfterSlot))]
    [InlineData(nameof(TestPoint.ReadBeforeRecord))]
    [InlineData(nameof(TestPoint.ReadBeforeCopy))]
    [InlineData(nameof(TestPoint.ReadAfterCopy))]
    public void A_read_survives_the_eviction_of_its_record(string at)
    {
        TestPoint point = Enum.Parse<TestPoint>(at);
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(point, () => store.TryGet(Key(1), out item));
        RecycleEverything(store);
        reader.Finish();
        AssertRight(item, 1);
    }

    [Fact]
    public void Without_the_generation_check_a_read_returns_what_replaced_its_record()
    {
        using GuardTakenOut taken = new(Guard.GenerationCheck);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(TestPoint.ReadBeforeCopy, () => store.TryGet(Key(1), out item));
        RecycleEverything(store);
        reader.Finish();
        Assert.NotNull(item);
        Assert.False(Payload.TryVerify(item.Value.Span, 1, out long _));
    }

    [Fact]
    public void Without_raising_the_generation_a_read_returns_what_replaced_its_record()
    {
        using GuardTakenOut taken = new(Guard.GenerationBump);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(TestPoint.ReadBeforeCopy, () => store.TryGet(Key(1), out item));
        RecycleEverything(store);
        reader.Finish();
        Assert.NotNull(item);
        Assert.False(Payload.TryVerify(item.Value.Span, 1, out long _));
    }

    /// <summary>Read against overwrite in place: version and bytes are of one write.</summary>
    [Theory]
    [InlineData(nameof(TestPoint.ReadAfterSlot))]
    [InlineData(nameof(TestPoint.ReadBeforeRecord))]
    [InlineData(nameof(TestPoint.ReadBeforeCopy))]
    [InlineData(nameof(TestPoint.ReadAfterCopy))]
    public void A_read_survives_an_overwrite_in_place(string at)
    {
        TestPoint point = Enum.Parse<TestPoint>(at);
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(point, () => store.TryGet(Key(1), out item));
        Put(store, 1, 2, version: 2);
        reader.Finish();
        Assert.NotNull(item);
        AssertRight(item, 1);
    }

    [Fact]
    public void Without_the_version_check_a_read_returns_the_version_of_one_write_and_the_bytes_of_another()
    {
        using GuardTakenOut taken = new(Guard.VersionCheck);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(TestPoint.ReadBeforeCopy, () => store.TryGet(Key(1), out item));
        Put(store, 1, 2, version: 2);
        reader.Finish();
        Assert.NotNull(item);
        Assert.True(Payload.TryVerify(item.Value.Span, 1, out long stamp));
        Assert.NotEqual(item.Version, stamp);
    }

    /// <summary>A record that is busy makes readers wait, and they get the new value once it is there.</summary>
    [Fact]
    public void A_read_of_a_busy_record_waits_for_the_writer()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        using ParkedThread writer = ParkedThread.At(TestPoint.InPlaceBusy, () => Put(store, 1, 2, version: 2));
        StoredItem? item = null;
        RunningThread read = new(() => item = store.Get(Key(1)));
        Assert.Null(Volatile.Read(ref item));
        writer.Finish();
        read.Finish();
        Assert.Equal(2, item!.Version);
        AssertRight(item, 1);
    }

    /// <summary>No-copy read against overwrite in place: the reader marks the segment while the writer stands before its bytes; the writer goes elsewhere.</summary>
    [Fact]
    public void A_view_taken_before_the_bytes_change_keeps_them()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        NoCopyItem before = store.GetNoCopy(Key(1));
        Put(store, 1, 2, version: 2);
        Put(store, 1, 3, version: 3);
        Assert.True(Payload.TryVerify(before.Value.Span, 1, out long stamp) && stamp == 1);

        Put(store, 2, 1);
        NoCopyItem during = default;
        using ParkedThread reader = ParkedThread.At(TestPoint.NoCopyAfterMark, () => during = store.GetNoCopy(Key(2)));
        Put(store, 2, 2, version: 2);
        reader.Finish();
        Put(store, 2, 3, version: 3);
        Assert.True(Payload.TryVerify(during.Value.Span, 2, out stamp));
        Assert.Equal(during.Version, stamp);
    }

    [Fact]
    public void Without_the_shared_mark_an_overwrite_in_place_changes_a_view()
    {
        using GuardTakenOut taken = new(Guard.SharedMark);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        NoCopyItem view = store.GetNoCopy(Key(1));
        Put(store, 1, 2, version: 2);
        Assert.True(Payload.TryVerify(view.Value.Span, 1, out long stamp));
        Assert.NotEqual(view.Version, stamp);
    }

    /// <summary>No-copy read against retire: the segment is recycled between the mark and the check, or the other way round.</summary>
    [Fact]
    public void A_view_that_is_taken_while_its_segment_is_retired_is_right_or_not_given()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        bool found = false;
        NoCopyItem view = default;
        using ParkedThread reader = ParkedThread.At(TestPoint.NoCopyAfterMark, () => found = store.TryGetNoCopy(Key(1), out view));
        RecycleEverything(store);
        reader.Finish();
        RecycleEverything(store);
        if (found)
            Assert.True(Payload.TryVerify(view.Value.Span, 1, out long _));
    }

    [Fact]
    public void A_held_view_survives_the_reuse_of_everything_and_without_the_mark_it_does_not()
    {
        foreach (Guard guard in new[] { Guard.None, Guard.SharedMark })
        {
            using GuardTakenOut taken = new(guard);
            MemStore store = OpenSmall();
            Put(store, 1, 1);
            NoCopyItem view = store.GetNoCopy(Key(1));
            RecycleEverything(store);
            Assert.Equal(guard == Guard.None, Payload.TryVerify(view.Value.Span, 1, out long _));
        }
    }

    /// <summary>Compact against read: while a record is copied and not yet published, readers find the old place.</summary>
    [Fact]
    public void A_record_that_is_being_moved_can_be_read_throughout()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        for (int i = 0; i < 60; i++)
            Put(store, i, 1);
        for (int i = 0; i < 60; i++)
            Assert.True(store.TryGet(Key(i), out StoredItem? _));
        using ParkedThread writer = ParkedThread.At(TestPoint.RelocateBeforePublish, () => RecycleEverything(store), times: 20);
        do
        {
            for (int i = 0; i < 60; i++)
                AssertRight(store.TryGet(Key(i), out StoredItem? item) ? item : null, i);
        }
        while (writer.Next());
        writer.Finish();
    }

    /// <summary>Delete against compact: the deletion waits for the move and is not undone by it.</summary>
    [Fact]
    public void A_deletion_during_a_move_is_not_undone()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        for (int i = 0; i < 60; i++)
            Put(store, i, 1);
        for (int i = 0; i < 60; i++)
            Assert.True(store.TryGet(Key(i), out StoredItem? _));
        using ParkedThread writer = ParkedThread.At(TestPoint.RelocateBeforePublish, () =>
        {
            for (int i = 10_000; i < 11_000; i++)
                Put(store, i, 1);
        });
        RunningThread deletions = new(() =>
        {
            for (int i = 0; i < 60; i++)
                Assert.NotEqual(DeleteResult.VersionMismatch, store.Delete(Key(i), 5));
        });
        writer.Finish();
        deletions.Finish();
        for (int i = 0; i < 60; i++)
            Assert.False(store.TryGet(Key(i), out StoredItem? _));
    }

    /// <summary>Seal and append: a record that is written and not published, or half written, is not seen.</summary>
    [Theory]
    [InlineData(nameof(TestPoint.WriteHalfWay))]
    [InlineData(nameof(TestPoint.WriteBeforePublish))]
    public void A_record_is_seen_when_it_is_published_and_not_before(string at)
    {
        TestPoint point = Enum.Parse<TestPoint>(at);
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        _ = store.GetNoCopy(Key(1)); // so that the overwrite is not in place
        using ParkedThread writer = ParkedThread.At(point, () => Put(store, 1, 2, version: 2));
        StoredItem item = store.Get(Key(1));
        Assert.Equal(1, item.Version);
        AssertRight(item, 1);
        writer.Finish();
        item = store.Get(Key(1));
        Assert.Equal(2, item.Version);
        AssertRight(item, 1);

        using ParkedThread newKey = ParkedThread.At(point, () => Put(store, 2, 1));
        Assert.False(store.TryGet(Key(2), out StoredItem? _));
        newKey.Finish();
        AssertRight(store.Get(Key(2)), 2);
    }

    /// <summary>
    /// Grow against probe: an entry that moves to another table while a reader searches the old one is found. Without the second look at the directory it is lost. The values are
    /// compressed: such reads go the whole way, which is the one that decides that a key is absent.
    /// </summary>
    [Theory]
    [InlineData(Guard.None)]
    [InlineData(Guard.DirectoryCheck)]
    public void A_read_during_the_growth_of_the_index_finds_its_entry(Guard guard)
    {
        using GuardTakenOut taken = new(guard);
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.ChangeLogBytes) = (64 << 20, 1, 4096, true, 0));
        for (int i = 0; i < 10_000; i++)
            PutCompressible(store, i);
        bool[] found = new bool[16];
        ParkedThread[] readers = [.. Enumerable.Range(0, 16).Select(i => ParkedThread.At(TestPoint.ReadAfterTable, () => found[i] = store.TryGet(Key(i * 600), out StoredItem? _)))];
        for (int i = 10_000; i < 16_000; i++)
            PutCompressible(store, i);
        foreach (ParkedThread reader in readers)
        {
            reader.Finish();
            reader.Dispose();
        }
        if (guard == Guard.None)
            Assert.All(found, Assert.True);
        else
            Assert.Contains(false, found);
    }

    private static void PutCompressible(MemStore store, int id) => Assert.Equal(SetResult.Stored, store.Set(Key(id), new byte[200]));

    /// <summary>
    /// Append against a reader with an old slot: the slot names a place where another write is half done. The second look at the slot refuses it; without it the reader
    /// takes a key with the value of something else.
    /// </summary>
    [Theory]
    [InlineData(Guard.None)]
    [InlineData(Guard.SlotRecheck)]
    public void A_read_with_an_old_slot_does_not_see_a_record_half_written(Guard guard)
    {
        using GuardTakenOut taken = new(guard);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        Shard shard = store.Engine.Shards[0];
        Assert.True(store.TryLocate(System.Text.Encoding.UTF8.GetBytes(Key(1)), store.RawSpace, out RecordInfo old));
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(TestPoint.ReadAfterSlot, () => store.TryGet(Key(1), out item));

        // the writer appends until the log comes round to the old place of the key, with another write of that key
        bool writesKey = false;
        bool stop = false;
        using ParkedThread writer = ParkedThread.At(TestPoint.WriteHalfWay, () =>
        {
            for (int i = 0; i < 20_000 && !Volatile.Read(ref stop); i++)
            {
                Put(store, 10_000 + i, 1);
                _ = store.TryGetNoCopy(Key(1), out NoCopyItem _); // so that the overwrite is not in place
                Volatile.Write(ref writesKey, true);
                Put(store, 1, i + 2, version: i + 2);
                Volatile.Write(ref writesKey, false);
            }
        }, times: 60_000);
        bool came = false;
        do
        {
            foreach (LogKind log in Enum.GetValues<LogKind>())
            {
                int open = shard.Log.Open(log);
                came |= open != 0 && Volatile.Read(ref writesKey) && shard.Log.AddressOf(open, shard.Log.Info(open).Position - RecordBytes) == old.Address;
            }
        }
        while (!came && writer.Next());
        Assert.True(came, "The log did not come round to the old place.");
        reader.Finish();
        Volatile.Write(ref stop, true);
        writer.Finish();
        bool wrong = item is not null && !(Payload.TryVerify(item.Value.Span, 1, out long stamp) && stamp == item.Version);
        Assert.Equal(guard == Guard.SlotRecheck, wrong);
    }

    /// <summary>
    /// A kept place against reuse: its record was overwritten in place, and while a reader stands between generation and version the segment is recycled and has a record with the
    /// old version at the old place. The second look at the generation refuses it; without it the reader takes an instance of the old version for the newest.
    /// </summary>
    [Theory]
    [InlineData(Guard.None)]
    [InlineData(Guard.PlaceCheck)]
    public void A_kept_place_is_not_current_when_another_record_has_its_version_there(Guard guard)
    {
        using GuardTakenOut taken = new(guard);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        byte[] key = System.Text.Encoding.UTF8.GetBytes(Key(1));
        Assert.True(store.TryLocate(key, store.RawSpace, out RecordInfo info));
        RecordPlace place = info.PlaceOf(store.Engine.HashOf(key));
        Put(store, 1, 2, version: 2);
        bool isCurrent = false;
        using ParkedThread reader = ParkedThread.At(TestPoint.ReadBeforeRecord, () => isCurrent = store.Engine.IsCurrent(place, store.RawSpace, out long _));
        RecycleEverything(store);
        reader.Finish();
        Assert.Equal(guard == Guard.PlaceCheck, isCurrent);
    }

    /// <summary>Header 16, key 8, value 100, to the next multiple of 8.</summary>
    private const int RecordBytes = 128;

    /// <summary>Close against everything: whoever stands somewhere ends with a right answer or <see cref="ObjectDisposedException"/>.</summary>
    [Theory]
    [InlineData(nameof(TestPoint.ReadStraightAfterTable))]
    [InlineData(nameof(TestPoint.ReadAfterSlot))]
    [InlineData(nameof(TestPoint.ReadBeforeRecord))]
    [InlineData(nameof(TestPoint.ReadBeforeCopy))]
    [InlineData(nameof(TestPoint.ReadAfterCopy))]
    [InlineData(nameof(TestPoint.NoCopyAfterMark))]
    [InlineData(nameof(TestPoint.WriteHalfWay))]
    [InlineData(nameof(TestPoint.WriteBeforePublish))]
    [InlineData(nameof(TestPoint.InPlaceBusy))]
    [InlineData(nameof(TestPoint.RelocateBeforePublish))]
    [InlineData(nameof(TestPoint.RecycleAfterGeneration))]
    [InlineData(nameof(TestPoint.AllocateSegment))]
    [InlineData(nameof(TestPoint.IndexBeforeGrow))]
    [InlineData(nameof(TestPoint.IndexAfterGrow))]
    public void Closing_while_a_call_stands_at_a_point_ends_both(string at)
    {
        TestPoint point = Enum.Parse<TestPoint>(at);
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        NoCopyItem view = default;
        bool found = false;
        using ParkedThread call = ParkedThread.At(point, () =>
        {
            try
            {
                if (point == TestPoint.NoCopyAfterMark)
                    found = store.TryGetNoCopy(Key(1), out view);
                else if (point is TestPoint.ReadStraightAfterTable or TestPoint.ReadAfterTable or TestPoint.ReadAfterSlot or TestPoint.ReadBeforeRecord or TestPoint.ReadBeforeCopy or TestPoint.ReadAfterCopy)
                    store.TryGet(Key(1), out item);
                else if (point == TestPoint.InPlaceBusy)
                    Put(store, 1, 2, version: 2);
                else
                {
                    for (int i = 10_000; i < 13_000; i++)
                    {
                        Put(store, i, 1);
                        _ = store.TryGet(Key(i), out StoredItem? _);
                    }
                }
            }
            catch (ObjectDisposedException)
            {
            }
        });
        RunningThread close = new(store.Dispose);
        call.Finish();
        close.Finish();
        AssertRight(item, 1);
        if (found)
            Assert.True(Payload.TryVerify(view.Value.Span, 1, out long _));
        Assert.Throws<ObjectDisposedException>(() => store.TryGet(Key(1), out StoredItem? _));
    }

    /// <summary>Clear against read: the old value or none, never a mixture.</summary>
    [Theory]
    [InlineData(nameof(TestPoint.ReadStraightAfterTable))]
    [InlineData(nameof(TestPoint.ReadAfterSlot))]
    [InlineData(nameof(TestPoint.ReadBeforeRecord))]
    [InlineData(nameof(TestPoint.ReadBeforeCopy))]
    [InlineData(nameof(TestPoint.ReadAfterCopy))]
    public void A_read_survives_Clear(string at)
    {
        TestPoint point = Enum.Parse<TestPoint>(at);
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        Put(store, 1, 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(point, () => store.TryGet(Key(1), out item));
        store.Clear();
        for (int i = 0; i < 300; i++)
            Put(store, 5000 + i, 1);
        reader.Finish();
        AssertRight(item, 1);
    }
}
