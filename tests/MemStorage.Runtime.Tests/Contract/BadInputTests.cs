using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>
/// Empty or too long keys, null items, a value larger than the bound: "each a typed error that names the value and the range, with the store
/// unchanged". (Options: <see cref="OptionsTests"/>; a closed store: <see cref="ClosedStoreTests"/>.)
/// </summary>
public sealed class BadInputTests : StoreTest
{
    private static readonly string TooLong = new('x', 65_536);
    private static readonly string TooLongInUtf8 = new('€', 21_846);

    /// <summary>Every call that takes one key.</summary>
    private static Action<MemStore, string>[] KeyedCalls =>
    [
        (s, k) => s.Get(k),
        (s, k) => s.TryGet(k, out _),
        (s, k) => s.GetNoCopy(k),
        (s, k) => s.TryGetNoCopy(k, out _),
        (s, k) => s.BatchGet([k]),
        (s, k) => s.BatchGetNoCopy(["there", k]),
        (s, k) => _ = s.Set(k, StoreExtensions.Item("v")),
        (s, k) => _ = s.Set(k, StoreExtensions.Item("v"), out _),
        (s, k) => s.SetOrThrow(k, StoreExtensions.Item("v")),
        (s, k) => _ = s.Delete(k),
        (s, k) => _ = s.Delete(k, 1),
        (s, k) => s.DeleteOrThrow(k, 1),
        (s, k) => _ = s.Apply(new SyncOperation(k, OpType.OpSet, StoreExtensions.Item("v", 1), 0)),
    ];

    private MemStore OpenWithEntry()
    {
        MemStore store = Open();
        store.Put("there", "value", 5);
        return store;
    }

    /// <summary>"An empty key is an <c>ArgumentException</c> everywhere" (the origin's <c>ErrEmptyKey</c>).</summary>
    [Fact]
    public void An_empty_or_null_key_is_an_ArgumentException_everywhere()
    {
        MemStore store = OpenWithEntry();
        foreach (Action<MemStore, string> call in KeyedCalls)
        {
            StoreImage.AssertUnchanged(store, () => Assert.ThrowsAny<ArgumentException>(() => call(store, "")));
            StoreImage.AssertUnchanged(store, () => Assert.ThrowsAny<ArgumentException>(() => call(store, null!)));
        }
    }

    /// <summary>"A key is at most 65,535 bytes of UTF-8"; the message has the length and the range.</summary>
    [Fact]
    public void A_key_that_is_too_long_names_its_length_and_the_range()
    {
        MemStore store = OpenWithEntry();
        foreach (Action<MemStore, string> call in KeyedCalls)
        {
            foreach ((string key, string length) in new[] { (TooLong, "65536"), (TooLongInUtf8, "65538") })
            {
                StoreImage.AssertUnchanged(store, () =>
                {
                    string message = Assert.ThrowsAny<ArgumentException>(() => call(store, key)).Message.Replace(",", "", StringComparison.Ordinal);
                    Assert.Contains(length, message, StringComparison.Ordinal);
                    Assert.Contains("65535", message, StringComparison.Ordinal);
                });
            }
        }
    }

    /// <summary>Two keys that differ must never meet: a text that UTF-8 cannot carry is refused, not replaced.</summary>
    [Fact]
    public void A_key_that_is_no_text_is_refused()
    {
        MemStore store = OpenWithEntry();
        StoreImage.AssertUnchanged(store, () => Assert.ThrowsAny<ArgumentException>(() => store.SetOrThrow("a\uD800", StoreExtensions.Item("v"))));
        Assert.False(store.TryGet("a\uFFFD", out _));
    }

    /// <summary>Keys used directly on the store must not begin with the mark of a key space: they could not be told from one.</summary>
    [Fact]
    public void A_key_that_begins_with_the_mark_of_a_key_space_is_refused()
    {
        MemStore store = OpenWithEntry();
        StoreImage.AssertUnchanged(store, () => Assert.ThrowsAny<ArgumentException>(() => store.SetOrThrow("\u0001ABCDEFkey", StoreExtensions.Item("v"))));
    }

    [Fact]
    public void A_null_item_is_an_ArgumentNullException()
    {
        MemStore store = OpenWithEntry();
        StoreImage.AssertUnchanged(store, () =>
        {
            Assert.Equal("item", Assert.Throws<ArgumentNullException>(() => _ = store.Set("k", null!)).ParamName);
            Assert.Equal("item", Assert.Throws<ArgumentNullException>(() => _ = store.Set("k", null!, out _)).ParamName);
            Assert.Equal("item", Assert.Throws<ArgumentNullException>(() => store.SetOrThrow("k", null!)).ParamName);
            Assert.ThrowsAny<ArgumentException>(() => new StoredItem((byte[])null!));
            Assert.ThrowsAny<ArgumentException>(() => new StoredItem([1], key: null!));
        });
    }

    [Fact]
    public void Null_collections_are_refused()
    {
        MemStore store = OpenWithEntry();
        Assert.Throws<ArgumentNullException>(() => store.BatchGet(null!));
        Assert.Throws<ArgumentNullException>(() => store.BatchGetNoCopy(null!));
        Assert.Throws<ArgumentNullException>(() => _ = store.BatchSet(null!));
    }

    /// <summary>A batch with one bad key or item changes nothing: it is checked before the first write.</summary>
    [Fact]
    public void A_batch_with_a_bad_entry_stores_nothing()
    {
        MemStore store = OpenWithEntry();
        KeyValuePair<string, StoredItem>[] bad =
            [new("", StoreExtensions.Item("v")), new("k", null!), new(TooLong, StoreExtensions.Item("v")), new(null!, StoreExtensions.Item("v"))];
        foreach (KeyValuePair<string, StoredItem> entry in bad)
        {
            KeyValuePair<string, StoredItem>[] batch = [new("first", StoreExtensions.Item("v")), new("there", StoreExtensions.Item("v", 9)), entry, new("last", StoreExtensions.Item("v"))];
            StoreImage.AssertUnchanged(store, () => Assert.ThrowsAny<ArgumentException>(() => _ = store.BatchSet(batch)));
        }
    }

    [Fact]
    public void Negative_versions_are_out_of_range()
    {
        MemStore store = OpenWithEntry();
        StoreImage.AssertUnchanged(store, () =>
        {
            Assert.Throws<ArgumentOutOfRangeException>(() => new StoredItem([1], -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = store.Delete("there", -1));
            Assert.Throws<ArgumentOutOfRangeException>(() => store.DeleteOrThrow("there", -1));
        });
    }

    /// <summary>A value larger than the bound is <c>MemoryLimit</c>, the old value stays; the throwing call names size and bound.</summary>
    [Theory]
    [InlineData(EvictionMode.Evict)]
    [InlineData(EvictionMode.Refuse)]
    public void A_value_larger_than_the_bound_is_refused(EvictionMode mode)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.EvictionMode, o.CompressionEnabled) = (256 << 10, mode, false));
        store.Put("there", "value", 5);
        store.Put("other", "value", 5);
        byte[] tooLarge = Payload.Create(1, 1, (256 << 10) + 1);
        StoreImage.AssertUnchanged(store, () =>
        {
            Assert.Equal(SetResult.MemoryLimit, store.Set("there", new StoredItem(tooLarge)));
            Assert.Equal(SetResult.MemoryLimit, store.Set("new", new StoredItem(tooLarge)));
            string message = Assert.Throws<MemStorageException>(() => store.SetOrThrow("there", new StoredItem(tooLarge))).Message.Replace(",", "", StringComparison.Ordinal);
            Assert.Contains("262145", message, StringComparison.Ordinal);
            Assert.Contains("262144", message, StringComparison.Ordinal);
        });
        Assert.Equal("value", store.Text("there"));
        Assert.Equal("value", store.Text("other"));
    }

    [Fact]
    public void Key_spaces_need_a_name()
    {
        MemStore store = Open();
        Assert.ThrowsAny<ArgumentException>(() => store.GetKeySpace(""));
        Assert.ThrowsAny<ArgumentException>(() => store.GetKeySpace(null!));
        string message = Assert.ThrowsAny<ArgumentException>(() => store.GetKeySpace(new string('n', 1025))).Message.Replace(",", "", StringComparison.Ordinal);
        Assert.Contains("1025", message, StringComparison.Ordinal);
        Assert.Contains("1024", message, StringComparison.Ordinal);
        Assert.NotNull(store.GetKeySpace(new string('n', 1024)));
    }
}
