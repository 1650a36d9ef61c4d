using MemStorage.Storage;
using Xunit;

namespace MemStorage.Tests.Concurrency.Interleavings;

/// <summary>Writers half way through, against readers and other writers.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class WriteInterleavingTests : InterleavingTest
{
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
}
