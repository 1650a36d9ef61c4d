using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>BatchGet into a buffer of the caller: any number of keys, 64 at a time, of all lengths.</summary>
public sealed class BatchReadTests : StoreTest
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(63)]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(500)]
    [InlineData(5000)] // enough for touching ahead
    public void Each_key_has_its_value_and_absent_ones_have_none(int count)
    {
        MemStore store = Open(o => o.ShardCount = 4);
        string[] keys = [.. Enumerable.Range(0, count).Select(KeyOf)];
        for (int i = 0; i < count; i += 2)
            store.Put(keys[i], $"value {i}");
        byte[] destination = new byte[count * 16];
        Range[] ranges = new Range[count];
        ItemInfo[] infos = new ItemInfo[count];

        Assert.Equal(count, store.BatchGet(keys, destination, ranges, infos));

        for (int i = 0; i < count; i++)
        {
            Assert.Equal(i % 2 == 0, infos[i].Version != 0);
            Assert.Equal(i % 2 == 0 ? $"value {i}" : "", System.Text.Encoding.UTF8.GetString(destination[ranges[i]]));
        }
        Assert.Equal(count, store.Stats().GetCount);
        Assert.Equal((count + 1) / 2, store.Stats().HitCount);
    }

    [Fact]
    public void What_does_not_fit_is_left_for_the_next_call_and_counted_once()
    {
        MemStore store = Open(o => o.ShardCount = 4);
        string[] keys = [.. Enumerable.Range(0, 200).Select(KeyOf)];
        foreach (string key in keys)
            store.Put(key, "0123456789");
        byte[] destination = new byte[777];
        Range[] ranges = new Range[keys.Length];
        ItemInfo[] infos = new ItemInfo[keys.Length];
        int handled = 0;
        while (handled < keys.Length)
        {
            int now = store.BatchGet(keys.AsSpan(handled), destination, ranges, infos);
            Assert.Equal(Math.Min(77, keys.Length - handled), now);
            for (int i = 0; i < now; i++)
                Assert.Equal("0123456789"u8, destination[ranges[i]]);
            handled += now;
        }
        Assert.Equal(keys.Length, store.Stats().HitCount);
    }

    [Fact]
    public void A_key_that_is_not_allowed_is_told_and_the_next_batch_is_none_the_worse()
    {
        MemStore store = Open();
        store.Put("a", "1");
        Range[] ranges = new Range[3];
        ItemInfo[] infos = new ItemInfo[3];
        byte[] destination = new byte[16];
        Assert.Throws<ArgumentException>(() => store.BatchGet(["a", null!, "b"], destination, ranges, infos));
        Assert.Throws<ArgumentException>(() => store.BatchGet(["a", "", "b"], destination, ranges, infos));
        Assert.Throws<ArgumentException>(() => store.BatchGet(["a", "\ud800", "b"], destination, ranges, infos));
        Assert.Equal(0, store.Stats().GetCount);
        Assert.Equal(3, store.BatchGet(["a", "b", "a"], destination, ranges, infos));
        Assert.Equal(2, store.Stats().HitCount);
    }

    /// <summary>Short, of two words, of four, long, not ASCII.</summary>
    private static string KeyOf(int i) => (i % 5) switch
    {
        0 => $"{i}",
        1 => $"order:{i:D6}",
        2 => $"a longer key of an order {i}",
        3 => $"a key that is longer than the thirty-two bytes of words {i}",
        _ => $"größer{i}",
    };
}
