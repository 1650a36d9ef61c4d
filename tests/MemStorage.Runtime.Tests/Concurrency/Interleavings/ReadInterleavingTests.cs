using MemStorage.Storage;
using MemStorage.Storage.Eviction;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency.Interleavings;

/// <summary>A reader that copies, against whatever can happen to its record meanwhile.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class ReadInterleavingTests : InterleavingTest
{
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

    /// <summary>Without the reader's look at the generation, and without the reclaimer raising it.</summary>
    [Theory]
    [InlineData(Guard.GenerationCheck)]
    [InlineData(Guard.GenerationBump)]
    public void Without_its_guards_a_read_returns_what_replaced_its_record(Guard guard)
    {
        using GuardTakenOut taken = new(guard);
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
