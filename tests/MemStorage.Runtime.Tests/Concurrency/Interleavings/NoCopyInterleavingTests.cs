using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency.Interleavings;

/// <summary>A reader that is given the bytes themselves, against whoever would change them.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class NoCopyInterleavingTests : InterleavingTest
{
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
}
