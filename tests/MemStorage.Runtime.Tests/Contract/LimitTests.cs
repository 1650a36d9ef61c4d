using System.Globalization;
using MemStorage.Storage;
using MemStorage.Storage.Log;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>
/// "Limits are numbers that are checked": each at its border, with a typed error that names the value and the range. Where the real one needs too much memory, the layout is asked, or a layout
/// with fewer numbers.
/// </summary>
public sealed class LimitTests : StoreTest
{
    private const long GiB = 1L << 30;

    /// <summary>The largest bound is 512 GiB: what is above is an <see cref="ArgumentException"/>, not an attempt.</summary>
    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData((512 * GiB) + 1)]
    public void A_bound_that_no_layout_can_address_is_refused(long bytes)
    {
        MemStoreOptions options = Options(o => (o.MaxMemoryBytes, o.SegmentBytes, o.ShardCount) = (bytes, 0, 0));
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => new MemStore(options));
        Assert.Contains("MaxMemoryBytes", error.Message, StringComparison.Ordinal);
        Assert.Contains(bytes.ToString(CultureInfo.InvariantCulture), error.Message, StringComparison.Ordinal);
        Assert.Contains("549755813888", error.Message, StringComparison.Ordinal);
        Assert.Contains(options.GetFaults(), f => f.Contains("MaxMemoryBytes", StringComparison.Ordinal));
    }

    /// <summary>A store of 512 GiB takes what it needs by and by: it can be made, and works.</summary>
    [Fact]
    public void The_largest_bound_works()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.SegmentBytes, o.ShardCount, o.ChangeLogBytes) = (512 * GiB, 0, 1, 0));
        Assert.Equal(128, store.Engine.Shards.Length); // of 4 GiB: one shard was asked for
        store.Put("k", Payload.Create(1, 1, 400_000));
        Assert.True(Payload.TryVerify(store.Get("k").Value.Span, 1, out _));
    }

    /// <summary>
    /// Each large value takes a number of its own, and is longer than a quarter of a segment: a shard has numbers for twice as many as fit into it on average, and for all its shared segments beside
    /// them. At 9.7 GiB in one shard of 0.1.0 the 32,768th value of 262,200 bytes had none.
    /// </summary>
    [Fact]
    public void Every_layout_has_numbers_for_what_it_can_hold()
    {
        int seen = 0;
        foreach (long limit in (long[])[64 << 10, 1 << 20, 256 << 20, 1L << 30, 10_415_295_692, 32L << 30, (64L << 30) - 1, 512 * GiB])
        {
            foreach (int shards in (int[])[0, 1, 2, 8, 64, 4096])
            {
                foreach (int segment in (int[])[0, 1024, 16 << 10, 64 << 10, 1 << 20])
                {
                    MemStoreOptions options = Options(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.ChangeLogBytes) = (limit, shards, segment, -1));
                    if (options.GetFaults().Count > 0)
                        continue;
                    StoreLayout layout = StoreLayout.From(options);
                    long perShard = limit / layout.Shards;
                    Assert.InRange(layout.Shards, 1, StoreLayout.MaxShards);
                    Assert.InRange(perShard, 1, StoreLayout.MaxShardBytes);
                    Assert.True(layout.SegmentNumbers >= (perShard / layout.SegmentBytes) + layout.LargeValuesPerShard, layout.ToString());
                    Assert.True(layout.LargeValuesPerShard >= perShard / layout.MaxInlineRecord * 3 / 2, layout.ToString());
                    Assert.True((ulong)layout.SegmentNumbers << StoreLayout.OffsetBits(layout.SegmentBytes) <= uint.MaxValue, layout.ToString());
                    seen++;
                }
            }
        }
        Assert.True(seen > 100);
    }

    /// <summary>The last number and the last place in a segment make an address, and come back out of it.</summary>
    [Theory]
    [InlineData(1024)]
    [InlineData(84 << 10)]
    [InlineData(1 << 20)]
    public void The_last_address_is_one(int segmentBytes)
    {
        StoreLayout layout = segmentBytes == 84 << 10
            ? StoreLayout.From(new MemStoreOptions { MaxMemoryMB = 256, ShardCount = 64 })
            : StoreLayout.From(new MemStoreOptions { MaxMemoryMB = 256, ShardCount = 1, SegmentBytes = segmentBytes });
        Assert.Equal(segmentBytes, layout.SegmentBytes);
        var map = new ReadMap(1, segmentBytes, new Versions.WallClock(Time));
        var log = new SegmentLog(new MemoryBudget(1 << 20), new SharedSegments(), layout, map, 0);
        uint address = log.AddressOf(layout.SegmentNumbers, segmentBytes - 8);
        Assert.Equal(layout.SegmentNumbers, log.IdOf(address));
        Assert.Equal(segmentBytes - 8, log.OffsetOf(address));
        Assert.True(address > log.AddressOf(layout.SegmentNumbers, 0));
    }

    /// <summary>Where large values have taken their numbers, another one takes the place of one of them; small ones have their own.</summary>
    [Fact]
    public void A_large_value_without_a_number_displaces_another()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.SegmentNumbers, o.AsyncEviction) = (256 << 10, 1, 1024, 300, false));
        int most = store.Engine.Store.Layout.LargeValuesPerShard;
        Assert.Equal(300 - 256, most);
        for (int i = 0; i < 10 * most; i++)
        {
            store.Put($"large{i}", Payload.Create(i, 1, 300 + (i % 50)));
            store.Put($"small{i % 100}", Payload.Create(i, 1, 60));
            Assert.Equal(Math.Max(0, i + 1 - most), store.Stats().EvictCount);
        }
        Assert.Equal(most, store.Keys().Count(k => k.StartsWith("large", StringComparison.Ordinal)));
        Assert.All(Enumerable.Range(0, 100), i => Assert.True(store.TryGet($"small{i}", out _)));
        foreach (string key in store.Keys())
        {
            if (key.StartsWith("large", StringComparison.Ordinal))
                Assert.True(Payload.TryVerify(store.Get(key).Value.Span, int.Parse(key[5..], CultureInfo.InvariantCulture), out _));
        }
    }

    /// <summary>In a store that never evicts it is refused, changes nothing, and a number that is given back is used again.</summary>
    [Fact]
    public void A_large_value_without_a_number_is_refused_where_nothing_is_evicted()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.SegmentNumbers, o.EvictionMode) = (256 << 10, 1, 1024, 300, EvictionMode.Refuse));
        int most = store.Engine.Store.Layout.LargeValuesPerShard;
        for (int i = 0; i < most; i++)
            store.Put($"large{i}", Payload.Create(i, 1, 300));
        StoreImage.AssertUnchanged(store, () => Assert.Equal(SetResult.MemoryLimit, store.Set("one more", new StoredItem(Payload.Create(1, 1, 300)))));
        StoreImage.AssertUnchanged(store, () => Assert.Equal(SetResult.MemoryLimit, store.Set("large3", new StoredItem(Payload.Create(3, 2, 310)))));
        for (int i = 0; i < 500; i++)
            store.Put($"small{i}", Payload.Create(i, 1, 60));
        for (int i = 0; i < 1000; i++)
        {
            Assert.Equal(DeleteResult.Deleted, store.Delete($"large{i}"));
            store.Put($"large{i + most}", Payload.Create(i + most, 1, 300));
            Assert.True(Payload.TryVerify(store.Get($"large{i + 1}").Value.Span, i + 1, out _));
        }
        Assert.Equal(0, store.Stats().EvictCount);
    }

    /// <summary>"1 to 65,535 bytes of UTF-8", and the largest entry is what <see cref="MemStore.MaxEntryBytes"/> says: one byte more is refused, and nothing goes for it.</summary>
    [Fact]
    public void The_longest_key_and_the_largest_entry_work_and_longer_ones_are_refused()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.CompressionEnabled, o.ChangeLogBytes, o.AsyncEviction) = (1 << 20, 1, false, 0, false));
        string longest = new('k', 65_535);
        store.Put(longest, "value");
        Assert.Equal("value", store.Text(longest));
        ArgumentException error = Assert.ThrowsAny<ArgumentException>(() => store.Set(longest + "k", StoreExtensions.Item("value")));
        Assert.Contains("65,536", error.Message, StringComparison.Ordinal);
        Assert.Contains("65,535", error.Message, StringComparison.Ordinal);
        // its tombstone has no place in a segment of 4 KiB: the entry goes all the same, and nothing else is touched
        store.Put("other", Payload.Create(7, 1, 900));
        Assert.Equal(DeleteResult.Deleted, store.Delete(longest));
        Assert.False(store.TryGet(longest, out _));
        Assert.Equal(DeleteResult.NotFound, store.Delete(longest));
        // "a replicated deletion is never refused for want of room": its version is remembered without a tombstone
        long deleted = VersionNow + (10_000L << 16);
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation(longest, OpType.OpDelete, new StoredItem([], deleted), 3)));
        Assert.Equal(SetResult.Superseded, store.Apply(new SyncOperation(longest, OpType.OpSet, StoreExtensions.Item("late", deleted - 1), 3)));
        Assert.False(store.TryGet(longest, out _));
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation(longest, OpType.OpSet, StoreExtensions.Item("newer", deleted + 1), 3)));
        Assert.Equal("newer", store.Text(longest));
        Assert.True(Payload.TryVerify(store.Get("other").Value.Span, 7, out _));

        long most = (store.MaxEntryBytes & ~7) - 24 - 8; // header with an expiry, a key of eight bytes
        StoreImage.AssertUnchanged(store, () => Assert.Equal(SetResult.MemoryLimit, store.Set("12345678", new StoredItem(new byte[most + 8]))));
        store.Put("12345678", Payload.Create(1, 1, (int)most));
        Assert.True(Payload.TryVerify(store.Get("12345678").Value.Span, 1, out _));
    }

    /// <summary>"Setting an empty value is a delete", also where the key alone is longer than what shared segments take, and longer than a segment.</summary>
    [Theory]
    [InlineData(900)]
    [InlineData(2000)]
    [InlineData(65_535)]
    public void Setting_an_empty_value_is_a_delete_whatever_the_length_of_the_key(int length)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.CompressionEnabled, o.ChangeLogBytes, o.AsyncEviction) = (1 << 20, 1, false, 0, false));
        string key = new('k', length);
        Assert.Equal(SetResult.Stored, store.Set(key, new StoredItem([])));
        Assert.False(store.TryGet(key, out _));
        store.Put(key, "value");
        Assert.Equal(SetResult.Stored, store.Set(key, new StoredItem([])));
        Assert.False(store.TryGet(key, out _));
        Assert.Empty(store.Keys());
        Assert.Equal(0, store.Stats().KeyCount);
        Assert.Equal(SetResult.Superseded, store.Apply(new SyncOperation(key, OpType.OpSet, StoreExtensions.Item("late", VersionNow - 1), 3)));
        Assert.Equal(DeleteResult.NotFound, store.Delete(key));
    }

    /// <summary>A store has 65,536 key spaces with a name; what replicated changes bring without one is held all the same.</summary>
    [Fact]
    public void A_key_space_too_many_is_refused()
    {
        MemStore store = Open();
        for (int i = 0; i < KeySpaces.Most; i++)
            _ = store.GetKeySpace(string.Create(CultureInfo.InvariantCulture, $"space {i}"));
        MemStorageException error = Assert.Throws<MemStorageException>(() => store.GetKeySpace("one more"));
        Assert.Equal(MemStorageError.KeySpaceLimit, error.Error);
        Assert.Contains("65,536", error.Message, StringComparison.Ordinal);
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation("\u0001AAAAAAkey", OpType.OpSet, StoreExtensions.Item("value", VersionNow), 3)));
        Assert.Equal("space 7", store.GetKeySpace("space 7").Name);
    }
}
