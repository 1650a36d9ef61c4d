using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Storage;
using MemStorage.Storage.Log;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.LargeValues;

/// <summary>Segments on the large object heap, beside the arrays of large values: which ones lie there, that a collection moves them, and that nobody notices.</summary>
public sealed class MovableSegmentTests : StoreTest
{
    private const int KiB = 1 << 10;

    /// <summary>"A power of two of the bound / (shards x 48)", but 84 KiB where that would be 64 and there is room for 48 of them.</summary>
    [Theory]
    [InlineData(8, 23, 32)]
    [InlineData(8, 24, 64)]
    [InlineData(8, 31, 64)]
    [InlineData(8, 32, 84)]
    [InlineData(8, 47, 84)]
    [InlineData(8, 48, 128)]
    [InlineData(64, 256, 84)]
    [InlineData(8, 1024, 1024)]
    [InlineData(1, 64, 1024)]
    public void The_length_of_a_segment_follows_from_the_bound(int shards, int megabytes, int kibibytes)
    {
        StoreLayout layout = StoreLayout.From(new MemStoreOptions { MaxMemoryMB = megabytes, ShardCount = shards });
        Assert.Equal((shards, kibibytes * KiB), (layout.Shards, layout.SegmentBytes));
        Assert.True(layout.LimitBytes / shards / layout.SegmentBytes >= 48, "Too few segments for a shard.");
        Assert.Equal(64 * KiB, StoreLayout.From(new MemStoreOptions { MaxMemoryMB = megabytes, ShardCount = shards, SegmentBytes = 64 * KiB }).SegmentBytes);
    }

    /// <summary>A segment that is no power of two long: every place in it has an address of its own, records of all sizes come back whole.</summary>
    [Fact]
    public void Segments_of_84_KiB_hold_what_is_written()
    {
        int seed = Effort.Seed();
        Random random = new(seed);
        using MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled) = (4 << 20, 1, 0, false));
        SegmentLog log = store.Engine.Shards[0].Log;
        Assert.Equal(84 * KiB, log.SegmentBytes);
        for (int id = 1; id <= 3; id++)
        {
            for (int offset = 0; offset < log.SegmentBytes; offset += 8)
            {
                uint address = log.AddressOf(id, offset);
                if (log.IdOf(address) != id || log.OffsetOf(address) != offset || store.Engine.Store.Map.OffsetOf(address) != offset)
                    Assert.Fail($"Address {address} of segment {id}, place {offset}, is taken for segment {log.IdOf(address)}, place {log.OffsetOf(address)}.");
            }
        }
        for (int i = 0; i < 6000; i++)
        {
            int key = random.Next(2000);
            int length = random.Next(50) == 0 ? random.Next(Payload.MinLength, 100 * KiB) : random.Next(Payload.MinLength, 2 * KiB);
            Assert.Equal(SetResult.Stored, store.Set($"k{key}", Payload.Create(key, i, length)));
            key = random.Next(2000);
            if (store.TryGet($"k{key}", out StoredItem? item))
                Assert.True(Payload.TryVerify(item.Value.Span, key, out _), $"MEMSTORAGE_TEST_SEED={seed}: key {key} has wrong bytes after {i} writes.");
        }
        Assert.True(store.Stats().EvictCount > 0);
    }

    /// <summary>
    /// "A compacting collection moves both": segments that lie behind garbage lie elsewhere afterwards; values, views that are held and later writes are as if nothing had happened.
    /// Short segments stay where they are.
    /// </summary>
    [Fact]
    public void A_compacting_collection_moves_segments_and_changes_nothing()
    {
        using MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled) = (8 << 20, 1, 128 * KiB, false));
        using MemStore small = Open(o => (o.ShardCount, o.CompressionEnabled) = (1, false));
        List<NoCopyItem> views = [];
        Fill(store, small, views);
        (long[] before, long[] smallBefore) = (Places(store), Places(small));
        CollectedHeap.OfProcess.CollectNow(compact: true);
        Assert.Contains(Enumerable.Zip(before, Places(store)), p => p.First != p.Second);
        Assert.Equal(smallBefore, Places(small));
        Check(store, views, stamp: 1);
        for (int i = 0; i < Entries; i++)
            Assert.Equal(SetResult.Stored, store.Set($"k{i}", Payload.Create(i, 2, Length)));
        Check(store, views, stamp: 2);
    }

    private const int Entries = 10_000;
    private const int Length = 300;

    // a method of its own: nothing may refer to what lies between the segments when it is over
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Fill(MemStore store, MemStore small, List<NoCopyItem> views)
    {
        List<byte[]> between = [];
        for (int i = 0; i < Entries; i++)
        {
            Assert.Equal(SetResult.Stored, store.Set($"k{i}", Payload.Create(i, 1, Length)));
            if (i % 10 == 0)
            {
                Assert.Equal(SetResult.Stored, small.Set($"k{i}", Payload.Create(i, 1, Length)));
                Assert.True(store.TryGetNoCopy($"k{i}", out NoCopyItem view));
                views.Add(view);
            }
            if (i % 200 == 0)
                between.Add(new byte[100 * KiB]);
        }
    }

    private static void Check(MemStore store, List<NoCopyItem> views, long stamp)
    {
        for (int i = 0; i < Entries; i++)
        {
            Assert.True(store.TryGet($"k{i}", out StoredItem? item), $"Key {i} is gone.");
            Assert.True(Payload.TryVerify(item.Value.Span, i, out long seen) && seen == stamp, $"Key {i} has wrong bytes.");
        }
        for (int i = 0; i < views.Count; i++)
            Assert.True(Payload.TryVerify(views[i].Value.Span, i * 10, out long seen) && seen == 1, $"The view of key {i * 10} has changed.");
    }

    /// <summary>Where the segments lie now.</summary>
    private static long[] Places(MemStore store)
    {
        SegmentLog log = store.Engine.Shards[0].Log;
        return [.. Enumerable.Range(1, log.HighestId).Select(id => (long)Marshal.UnsafeAddrOfPinnedArrayElement(log.SegmentById(id).Data, 0))];
    }
}
