using MemStorage.Storage;
using Xunit;

namespace MemStorage.Tests.LargeValues;

/// <summary>When a collection is asked for, when a writer waits for one, and what is taken for the store's own holes.</summary>
public sealed class DiscardedMemoryTests
{
    private const long MiB = 1 << 20;

    /// <summary>
    /// "A collection in the background is asked for when much has been dropped since the last one", and again for each time as much: a wish that comes while a collection runs is
    /// not heard, and that collection does not see what is dropped after its beginning. The count begins again with each collection.
    /// </summary>
    [Fact]
    public void Much_that_was_dropped_asks_for_a_collection_until_one_begins()
    {
        FakeHeap heap = new();
        DiscardedMemory discarded = new(limit: 64 * MiB, heap);
        for (int i = 0; i < 15; i++)
            discarded.Add(MiB);
        Assert.Equal(0, heap.Asked);
        discarded.Add(MiB);
        Assert.Equal(1, heap.Asked);
        discarded.Add(15 * MiB);
        Assert.Equal(1, heap.Asked);
        discarded.Add(MiB);
        Assert.Equal(2, heap.Asked);
        discarded.Add(100 * MiB);
        Assert.Equal(3, heap.Asked);
        heap.Begun++;
        discarded.Add(15 * MiB);
        Assert.Equal(3, heap.Asked);
        discarded.Add(MiB);
        Assert.Equal(4, heap.Asked);

        DiscardedMemory ofLarge = new(limit: 64L << 30, heap);
        ofLarge.Add((2L << 30) - 1);
        Assert.Equal(4, heap.Asked);
        ofLarge.Add(1);
        Assert.Equal(5, heap.Asked);
    }

    /// <summary>"A writer waits only where collections in the background do not keep up and the bound is passed", and once for each time that much was dropped.</summary>
    [Fact]
    public void A_writer_that_outruns_the_collector_waits_for_it_once()
    {
        FakeHeap heap = new();
        DiscardedMemory discarded = new(limit: 128 * MiB, heap);
        discarded.Add(31 * MiB);
        discarded.WaitWhereOutrun(used: 129 * MiB);
        Assert.Equal(0, heap.Waited); // not even twice what is asked for in the background
        discarded.Add(MiB);
        discarded.WaitWhereOutrun(used: 101 * MiB);
        Assert.Equal(0, heap.Waited); // there is room beside the garbage
        discarded.WaitWhereOutrun(used: 128 * MiB);
        Assert.Equal(1, heap.Waited);
        Assert.Equal(0, discarded.Bytes);
        discarded.WaitWhereOutrun(used: 128 * MiB);
        Assert.Equal(1, heap.Waited);
        discarded.Add(32 * MiB);
        discarded.WaitWhereOutrun(used: 128 * MiB);
        Assert.Equal(2, heap.Waited);
        Assert.Equal(0, heap.Compacted);
    }

    /// <summary>"Where holes are a good part of it", the collection compacts; again only after as much was dropped as could make such holes anew.</summary>
    [Fact]
    public void Holes_that_pass_the_bound_are_compacted_once()
    {
        FakeHeap heap = new() { Room = 100 * MiB };
        DiscardedMemory discarded = new(limit: 1024 * MiB, heap);
        discarded.WaitWhereOutrun(used: 1024 * MiB);
        Assert.Equal(0, heap.Waited); // not the store's holes: it dropped nothing
        discarded.Add(63 * MiB);
        heap.Begun++;
        discarded.Add(8);
        discarded.WaitWhereOutrun(used: 1024 * MiB);
        Assert.Equal(0, heap.Compacted);
        discarded.Add(MiB);
        discarded.WaitWhereOutrun(used: 900 * MiB);
        Assert.Equal(0, heap.Compacted); // the bound has room for them
        discarded.WaitWhereOutrun(used: 1024 * MiB);
        Assert.Equal(1, heap.Compacted);
        discarded.Add(31 * MiB);
        discarded.WaitWhereOutrun(used: 1024 * MiB);
        Assert.Equal(1, heap.Waited); // what cannot be moved must not be asked for again and again
        discarded.Add(MiB);
        discarded.WaitWhereOutrun(used: 1024 * MiB);
        Assert.Equal(2, heap.Compacted);
    }

    [Fact]
    public void Holes_that_the_store_cannot_have_made_are_not_its_own()
    {
        FakeHeap heap = new() { Room = 50 * MiB };
        DiscardedMemory discarded = new(limit: 128 * MiB, heap);
        discarded.Add(10 * MiB);
        Assert.Equal(0, discarded.Holes); // too little to ask the collector for
        discarded.Add(10 * MiB);
        Assert.Equal(20 * MiB, discarded.Holes);
        discarded.Add(60 * MiB);
        Assert.Equal(50 * MiB, discarded.Holes);
    }

    internal sealed class FakeHeap : CollectedHeap
    {
        public int Begun { get; set; }

        public int Asked { get; private set; }

        public int Waited { get; private set; }

        public int Compacted { get; private set; }

        public long Room { get; set; }

        public override int Collections => Begun;

        public override long Holes => Room;

        public override void CollectInBackground() => Asked++;

        public override void CollectNow(bool compact)
        {
            Waited++;
            Compacted += compact ? 1 : 0;
            Begun++;
        }
    }
}
