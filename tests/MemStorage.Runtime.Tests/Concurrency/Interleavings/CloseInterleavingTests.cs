using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency.Interleavings;

/// <summary>Closing, against calls that are under way.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class CloseInterleavingTests : InterleavingTest
{
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
}
