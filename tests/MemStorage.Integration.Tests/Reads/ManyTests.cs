using MemStorage.Integration.Tests.Entities;

namespace MemStorage.Integration.Tests.Reads;

/// <summary>Reads of many keys, which are fetched 64 at a time, and of keys that take different ways: numbers made in registers, and those written as text.</summary>
public sealed class ManyTests
{
    private static readonly int[] s_awkward =
    [
        0, 1, 9, 10, 99, 100, 12_345, 999_999, 1_000_000, 9_999_999, 10_000_000, 99_999_999, 100_000_000, 100_000_001, 999_999_999, 1_000_000_000, int.MaxValue, -1, -9, -10, -99_999_999, int.MinValue,
    ];

    [Fact]
    public void Every_integer_key_is_found_where_it_was_stored()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        foreach (int id in s_awkward)
            Assert.Equal(SetResult.Stored, pages.Set(Page.Create(id, 1)));
        foreach (int id in s_awkward)
        {
            Assert.Equal(id, pages.Get(id).Id);
            Assert.Equal(id, pages.GetNoCopy(id).Id);
            Assert.True(pages.Contains(id));
        }
        Assert.Equal(s_awkward, pages.GetMany(s_awkward).Select(p => p.Id));
        Assert.Equal(s_awkward.Order(), pages.Keys().Order());
        foreach (int id in s_awkward)
        {
            Assert.Equal(DeleteResult.Deleted, pages.Delete(id));
            Assert.False(pages.TryGet(id, out _));
        }
    }

    /// <summary>"<c>GetMany</c>: fresh objects for those keys that have a live entity, in the order of the keys."</summary>
    [Theory]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(1000)]
    [InlineData(30_000)] // enough for touching ahead
    public void Many_keys_come_in_their_order_whatever_their_number(int keys)
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        for (int id = 0; id < keys; id += 3)
            Assert.Equal(SetResult.Stored, pages.Set(Page.Create(id * 7919, 1)));
        Random random = new(keys);
        int[] wanted = [.. Enumerable.Range(0, keys).Select(i => i * 7919)];
        random.Shuffle(wanted);
        int[] expected = [.. wanted.Where(id => id / 7919 % 3 == 0)];

        Assert.Equal(expected, pages.GetMany(wanted).Select(p => p.Id));
        Assert.Equal(expected, pages.GetMany(wanted.Where(_ => true)).Select(p => p.Id));
        Assert.Equal(2 * keys, store.Stats().GetCount);
        Assert.Equal(2 * expected.Length, store.Stats().HitCount);
    }
}
