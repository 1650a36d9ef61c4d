using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency.Interleavings;

/// <summary>
/// The races around arrays of large values that are used again, made on purpose: a reader stands in its copy while the value is replaced and its array gets another value. Each of
/// the two guards (the generation of a retired segment, the mark of a no-copy reader) is taken out once, and then the wrong bytes come.
/// </summary>
[Collection(TestHooksUsers.Name)]
public sealed class LargeValueInterleavingTests : StoreTest
{
    private const int Length = 40_000;

    private MemStore OpenLarge() =>
        Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) = (1 << 20, 1, 1024, false, false, 0));

    private static void Put(MemStore store, int id, long stamp, long version) =>
        Assert.Equal(SetResult.Stored, store.Set($"key{id}", new StoredItem(Payload.Create(id, stamp, Length), version)));

    /// <summary>The value of key 1 is replaced; key 2 is stored with the version that it had, in the array that it had.</summary>
    private static void ReplaceAndReuse(MemStore store)
    {
        Put(store, 1, 2, version: 2);
        Put(store, 2, 1, version: 1);
    }

    [Theory]
    [InlineData(Guard.None, nameof(TestPoint.ReadAfterSlot))]
    [InlineData(Guard.None, nameof(TestPoint.ReadBeforeRecord))]
    [InlineData(Guard.None, nameof(TestPoint.ReadBeforeCopy))]
    [InlineData(Guard.None, nameof(TestPoint.ReadAfterCopy))]
    [InlineData(Guard.GenerationCheck, nameof(TestPoint.ReadBeforeCopy))]
    [InlineData(Guard.GenerationBump, nameof(TestPoint.ReadBeforeCopy))]
    public void A_read_survives_the_reuse_of_the_array_and_without_the_generation_it_does_not(Guard guard, string at)
    {
        using GuardTakenOut taken = new(guard);
        MemStore store = OpenLarge();
        Put(store, 1, 1, version: 1);
        StoredItem? item = null;
        using ParkedThread reader = ParkedThread.At(Enum.Parse<TestPoint>(at), () => store.TryGet("key1", out item));
        ReplaceAndReuse(store);
        reader.Finish();
        Assert.NotNull(item);
        Assert.Equal(guard == Guard.None, Payload.TryVerify(item.Value.Span, 1, out long stamp) && stamp == item.Version);
    }

    [Theory]
    [InlineData(Guard.None)]
    [InlineData(Guard.SharedMark)]
    public void A_held_view_survives_the_reuse_of_arrays_and_without_the_mark_it_does_not(Guard guard)
    {
        using GuardTakenOut taken = new(guard);
        MemStore store = OpenLarge();
        Put(store, 1, 1, version: 1);
        NoCopyItem view = store.GetNoCopy("key1");
        ReplaceAndReuse(store);
        Assert.Equal(guard == Guard.None, Payload.TryVerify(view.Value.Span, 1, out _));
    }

    /// <summary>No-copy against retire: the reader has marked, the writer retires: the writer sees the mark, or the reader the retirement.</summary>
    [Fact]
    public void A_view_that_is_taken_while_its_value_is_replaced_is_right()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenLarge();
        Put(store, 1, 1, version: 1);
        NoCopyItem view = default;
        using ParkedThread reader = ParkedThread.At(TestPoint.NoCopyAfterMark, () => view = store.GetNoCopy("key1"));
        ReplaceAndReuse(store);
        reader.Finish();
        Put(store, 3, 1, version: 1);
        Assert.True(Payload.TryVerify(view.Value.Span, 1, out long stamp));
        Assert.Equal(view.Version, stamp);
    }

    [Fact]
    public void A_view_that_is_taken_between_retirement_and_reuse_is_the_new_one()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenLarge();
        Put(store, 1, 1, version: 1);
        using ParkedThread writer = ParkedThread.At(TestPoint.RetireAfterGeneration, () => ReplaceAndReuse(store));
        NoCopyItem view = store.GetNoCopy("key1");
        writer.Finish();
        Assert.Equal(2, view.Version);
        Assert.True(Payload.TryVerify(view.Value.Span, 1, out long stamp) && stamp == 2);
    }

    /// <summary>A store that is closed while a large write has its array and not yet the lock: the write ends with an exception, and no array is kept.</summary>
    [Fact]
    public void Closing_while_a_large_write_is_on_its_way_keeps_no_array()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenLarge();
        bool refused = false;
        using ParkedThread writer = ParkedThread.At(TestPoint.AllocateSegment, () =>
        {
            try
            {
                Put(store, 1, 1, version: 1);
            }
            catch (ObjectDisposedException)
            {
                refused = true;
            }
        });
        store.Dispose();
        writer.Finish();
        Assert.True(refused);
        Assert.Equal(0, store.Engine.Store.Budget.Spares.Bytes);
        Assert.InRange(store.Engine.Store.Budget.Used, 0, 8192);
    }
}
