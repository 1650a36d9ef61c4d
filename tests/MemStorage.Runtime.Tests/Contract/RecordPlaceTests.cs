using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>
/// "Whether the record that a read found before is still what its key has": a place says yes only for as long as the version it was taken of is stored there. Shared instances
/// stand on it.
/// </summary>
public sealed class RecordPlaceTests : StoreTest
{
    private static readonly byte[] s_key = Encoding.UTF8.GetBytes("some key");

    private MemStore OpenSmall(int segmentBytes = 4096) =>
        Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) = (256 << 10, 1, segmentBytes, false, false, 0));

    private static RecordPlace Place(MemStore store)
    {
        Assert.True(store.TryLocate(s_key, store.RawSpace, out RecordInfo info));
        return info.PlaceOf(store.HashOf(s_key));
    }

    private static bool IsCurrent(MemStore store, in RecordPlace place) => store.IsCurrent(place, store.RawSpace, out _);

    [Theory]
    [InlineData(20, 20)] // in place
    [InlineData(20, 200)] // to another place
    public void Not_after_a_write(int before, int after)
    {
        MemStore store = OpenSmall();
        Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[before]));
        RecordPlace place = Place(store);
        Assert.True(IsCurrent(store, place));
        Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[after]));
        Assert.False(IsCurrent(store, place));
        Assert.True(IsCurrent(store, Place(store)));
    }

    [Fact]
    public void Not_after_a_deletion_nor_after_everything_was_cleared()
    {
        MemStore store = OpenSmall();
        Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[20]));
        RecordPlace place = Place(store);
        Assert.Equal(DeleteResult.Deleted, store.Delete("some key"));
        Assert.False(IsCurrent(store, place));

        Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[20]));
        place = Place(store);
        store.Clear();
        Assert.False(IsCurrent(store, place));
    }

    [Fact]
    public void Not_once_it_has_expired_and_the_expiry_is_what_a_touch_made_it()
    {
        MemStore store = OpenSmall();
        DateTimeOffset at = Time.GetUtcNow().AddSeconds(10);
        Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[20], 0, at));
        RecordPlace place = Place(store);
        Assert.True(store.IsCurrent(place, store.RawSpace, out long expireAt));
        Assert.Equal(at.ToUnixTimeMilliseconds(), expireAt);
        Assert.True(store.Touch(s_key, at.AddSeconds(10).ToUnixTimeMilliseconds()));
        Assert.True(store.IsCurrent(place, store.RawSpace, out expireAt));
        Assert.Equal(at.AddSeconds(10).ToUnixTimeMilliseconds(), expireAt);
        Time.Advance(TimeSpan.FromSeconds(20));
        Assert.False(IsCurrent(store, place));
    }

    [Fact]
    public void Still_while_the_index_grows_and_not_after_eviction()
    {
        MemStore store = OpenSmall();
        Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[20]));
        RecordPlace place = Place(store);
        for (int i = 0; i < 600; i++)
            Assert.Equal(SetResult.Stored, store.Set($"other {i}", new byte[20]));
        // the slot has moved through several tables, the record has not
        Assert.Equal(place, Place(store));
        Assert.True(IsCurrent(store, place));
        // thirty times the bound, without a look at the key: a look counts as a hit
        for (int i = 0; i < 60_000; i++)
            Assert.Equal(SetResult.Stored, store.Set($"more {i}", new byte[100]));
        Assert.False(IsCurrent(store, place));
    }

    /// <summary>
    /// "Within a shard a pair of address and generation never comes again": also where segments go to the collector, because somebody holds a view of them, and their numbers
    /// are used again. With versions of the caller's own a repeated pair would pass for the same record.
    /// </summary>
    [Fact]
    public void A_place_never_comes_again()
    {
        MemStore store = OpenSmall(segmentBytes: 1024);
        HashSet<(uint, int)> seen = [];
        for (int i = 0; i < 20_000; i++)
        {
            // lengths alternate, so that no write is in place
            Assert.Equal(SetResult.Stored, store.Set(s_key, new byte[20 + (i % 2 * 100)]));
            Assert.True(store.TryLocate(s_key, store.RawSpace, out RecordInfo info));
            Assert.True(seen.Add((info.Address, info.Generation)), $"write {i} is at address {info.Address} in generation {info.Generation} again");
            if (i % 7 == 0)
                _ = store.GetNoCopy("some key");
        }
    }
}
