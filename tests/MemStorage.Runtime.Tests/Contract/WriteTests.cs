using MemStorage.Tests.Support;
using MemStorage.Versions;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>Set, SetOrThrow, BatchSet.</summary>
public sealed class WriteTests : StoreTest
{
    /// <summary>"<c>Set(key, item)</c>: last write wins by version, atomic per shard."</summary>
    [Fact]
    public void The_higher_version_wins_whatever_the_order()
    {
        MemStore store = Open();
        Assert.Equal(SetResult.Stored, store.Set("k", StoreExtensions.Item("five", 5), out long stored));
        Assert.Equal(5, stored);
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("four", 4), out long winner));
        Assert.Equal(5, winner);
        Assert.Equal("five", store.Text("k"));
        Assert.Equal(SetResult.Stored, store.Set("k", StoreExtensions.Item("six", 6), out stored));
        Assert.Equal(6, stored);
        Assert.Equal("six", store.Text("k"));
    }

    /// <summary>At equal versions "what is there stays" while it has not expired.</summary>
    [Fact]
    public void An_equal_version_does_not_replace()
    {
        MemStore store = Open();
        store.Put("k", "first", 5);
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("second", 5), out long winner));
        Assert.Equal(5, winner);
        Assert.Equal("first", store.Text("k"));
    }

    /// <summary>"At equal versions the unexpired one" wins.</summary>
    [Fact]
    public void An_equal_version_replaces_what_has_expired()
    {
        MemStore store = Open();
        store.Put("k", "first", 5, Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(2));
        store.Put("k", "second", 5);
        Assert.Equal("second", store.Text("k"));
    }

    /// <summary>Version 0 "lets the store stamp the item with its clock": every stamp wins over what is there, and tells the version.</summary>
    [Fact]
    public void Version_0_is_stamped_and_wins()
    {
        MemStore store = Open();
        long first = store.Put("k", "a");
        long second = store.Put("k", "b");
        Assert.True(second > first);
        Assert.Equal(second, store.Get("k").Version);
        Assert.Equal(Now, HybridLogicalClock.TimeOf(first));
        Assert.Equal(store.Clock.Last, second);
    }

    /// <summary>A stamp also wins over an explicit version that lies ahead of the wall clock, inside the drift.</summary>
    [Fact]
    public void A_stamp_wins_over_a_version_from_a_clock_ahead()
    {
        MemStore store = Open();
        long ahead = VersionNow + (30_000L << 16);
        store.Put("k", "ahead", ahead);
        long stamped = store.Put("k", "mine");
        Assert.True(stamped > ahead);
        Assert.Equal("mine", store.Text("k"));
    }

    /// <summary>"<c>SetOrThrow</c>": the same outcomes as exceptions, with the origin's names.</summary>
    [Fact]
    public void SetOrThrow_throws_what_Set_returns()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount) = (256 << 10, 1));
        Assert.Equal(7, store.SetOrThrow("k", StoreExtensions.Item("v", 7)));
        MemStorageException stale = Assert.Throws<MemStorageException>(() => store.SetOrThrow("k", StoreExtensions.Item("old", 6)));
        Assert.Equal(MemStorageError.VersionMismatch, stale.Error);
        Assert.Equal("k", stale.Key);
        Assert.Contains("7", stale.Message, StringComparison.Ordinal);
        Assert.Contains("6", stale.Message, StringComparison.Ordinal);
        MemStorageException tooLarge = Assert.Throws<MemStorageException>(() => store.SetOrThrow("big", new StoredItem(Payload.Create(1, 1, 300 << 10))));
        Assert.Equal(MemStorageError.MemoryLimit, tooLarge.Error);
        Assert.Equal("big", tooLarge.Key);
        Assert.Equal("v", store.Text("k"));
    }

    /// <summary>"<c>BatchSet(map)</c>: returns one result per key: nothing is skipped silently."</summary>
    [Fact]
    public void BatchSet_returns_one_result_per_key()
    {
        MemStore store = Open(o => o.ShardCount = 8);
        store.Put("old", "there", 10);
        Dictionary<string, StoredItem> items = Enumerable.Range(0, 300).ToDictionary(i => $"k{i}", i => StoreExtensions.Item($"v{i}", i + 1));
        items["old"] = StoreExtensions.Item("late", 9);
        items["huge"] = new StoredItem(Payload.Create(1, 1, 5 << 20));
        Dictionary<string, SetResult> results = store.BatchSet(items);
        Assert.Equal(302, results.Count);
        Assert.Equal(SetResult.Superseded, results["old"]);
        Assert.Equal(SetResult.MemoryLimit, results["huge"]);
        Assert.Equal("there", store.Text("old"));
        for (int i = 0; i < 300; i++)
        {
            Assert.Equal(SetResult.Stored, results[$"k{i}"]);
            Assert.Equal($"v{i}", store.Text($"k{i}"));
        }
        Assert.Empty(store.BatchSet([]));
    }

    /// <summary>Values from one byte to many segments are stored as they are.</summary>
    [Theory]
    [InlineData(1024)]
    [InlineData(4096)]
    public void Values_of_every_size_come_back(int segmentBytes)
    {
        MemStore store = Open(o => o.SegmentBytes = segmentBytes);
        int[] lengths = [1, 2, 7, 8, 9, 63, 64, 65, 255, 256, 900, 1000, 1023, 1024, 1025, 4000, 4095, 4096, 4097, 65_535, 65_536, 200_000];
        foreach (int length in lengths)
        {
            byte[] value = new byte[length];
            new Random(length).NextBytes(value);
            store.Put($"random {length}", value);
            store.Put($"zero {length}", new byte[length]);
            Assert.Equal(value, store.Get($"random {length}").Value.ToArray());
        }
        foreach (int length in lengths)
        {
            byte[] value = new byte[length];
            new Random(length).NextBytes(value);
            Assert.Equal(value, store.Get($"random {length}").Value.ToArray());
            Assert.Equal(new byte[length], store.Get($"zero {length}").Value.ToArray());
        }
    }

    /// <summary>"Setting an empty value writes a tombstone: the key is then absent."</summary>
    [Theory]
    [InlineData(0)]
    [InlineData(9)]
    public void An_empty_value_is_a_tombstone(long version)
    {
        MemStore store = Open();
        store.Put("k", "v", version == 0 ? 0 : 8);
        Assert.Equal(SetResult.Stored, store.Set("k", new StoredItem([], version), out long deleted));
        Assert.False(store.TryGet("k", out _));
        Assert.Empty(store.Keys());
        Assert.Equal(0, store.Stats().KeyCount);
        Assert.Equal(1, store.Stats().TombstoneCount);
        Assert.Equal(SetResult.Superseded, store.Set("k", StoreExtensions.Item("late", deleted - 1)));
        store.Put("k", "new", deleted + 1);
        Assert.Equal("new", store.Text("k"));
        Assert.Equal(0, store.Stats().TombstoneCount);
    }
}
