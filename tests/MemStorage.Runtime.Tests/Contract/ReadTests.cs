using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>Get, GetNoCopy, BatchGet, BatchGetNoCopy.</summary>
public sealed class ReadTests : StoreTest
{
    /// <summary>"<c>Get(key)</c>: decompressed deep copy, safe to change."</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(3000)]
    [InlineData(100_000)]
    public void Get_returns_a_copy_of_its_own(int length)
    {
        MemStore store = Open();
        byte[] value = [.. Enumerable.Range(0, length).Select(i => (byte)(i / 50))];
        DateTimeOffset expireAt = Now.AddHours(1);
        long version = store.Put("k", value, expireAt: expireAt);

        StoredItem first = store.Get("k");
        Assert.Equal(value, first.Value.ToArray());
        Assert.Equal(version, first.Version);
        Assert.Equal(expireAt, first.ExpireAt);
        Assert.Equal("k", first.Key);

        // a caller that defeats the read-only view harms only its own copy
        System.Runtime.InteropServices.MemoryMarshal.AsMemory(first.Value).Span.Fill(0xEE);
        Assert.Equal(value, store.Get("k").Value.ToArray());
    }

    /// <summary>The store takes its own copy on the way in as well.</summary>
    [Fact]
    public void Changing_the_array_after_Set_changes_nothing()
    {
        MemStore store = Open();
        byte[] value = [1, 2, 3];
        store.Put("k", value);
        value[0] = 99;
        Assert.Equal([1, 2, 3], store.Get("k").Value.ToArray());
    }

    /// <summary>"<c>ErrNotFound</c>": <c>Get</c> throws with <c>MemStorageError.NotFound</c>, the key in the exception; <c>TryGet</c> is false.</summary>
    [Fact]
    public void An_absent_key_is_NotFound()
    {
        MemStore store = Open();
        MemStorageException error = Assert.Throws<MemStorageException>(() => store.Get("absent"));
        Assert.Equal(MemStorageError.NotFound, error.Error);
        Assert.Equal("absent", error.Key);
        Assert.Contains("absent", error.Message, StringComparison.Ordinal);
        Assert.Equal(MemStorageError.NotFound, Assert.Throws<MemStorageException>(() => store.GetNoCopy("absent")).Error);
        Assert.False(store.TryGet("absent", out StoredItem? item));
        Assert.Null(item);
        Assert.False(store.TryGetNoCopy("absent", out NoCopyItem view));
        Assert.True(view.Value.IsEmpty);
    }

    /// <summary>"<c>ErrExpired</c>": <c>Get</c> of an entry that has expired throws with <c>MemStorageError.Expired</c>.</summary>
    [Fact]
    public void An_expired_key_is_Expired()
    {
        MemStore store = Open();
        store.Put("k", "v", expireAt: Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(1));
        MemStorageException error = Assert.Throws<MemStorageException>(() => store.Get("k"));
        Assert.Equal(MemStorageError.Expired, error.Error);
        Assert.Equal("k", error.Key);
        Assert.False(store.TryGet("k", out _));
    }

    /// <summary>"<c>GetNoCopy(key)</c>: without copying the value": the same bytes, and two reads share them when the value is stored as it is.</summary>
    [Fact]
    public void GetNoCopy_shows_the_stores_own_bytes()
    {
        MemStore store = Open(o => o.CompressionEnabled = false);
        byte[] value = Payload.Create(1, 1, 200);
        long version = store.Put("k", value, expireAt: Now.AddHours(1));
        NoCopyItem a = store.GetNoCopy("k");
        Assert.True(store.TryGetNoCopy("k", out NoCopyItem b));
        Assert.Equal(value, a.Value.ToArray());
        Assert.Equal(version, a.Version);
        Assert.Equal(Now.AddHours(1), a.ExpireAt);
        Assert.True(a.Value.Span.Overlaps(b.Value.Span, out int offset) && offset == 0, "Two no-copy reads of one value returned different memory.");
    }

    /// <summary>"A compressed value is decompressed once into its own array."</summary>
    [Fact]
    public void GetNoCopy_of_a_compressed_value_is_decompressed()
    {
        MemStore store = Open();
        byte[] value = new byte[2000];
        value.AsSpan().Fill(7);
        store.Put("k", value);
        Assert.True(store.Stats().CompressedBytes < 2000);
        Assert.Equal(value, store.GetNoCopy("k").Value.ToArray());
    }

    /// <summary>The view "stays valid and unchanged for as long as it is held", whatever happens to the entry and to the segment.</summary>
    [Theory]
    [InlineData(24)]
    [InlineData(500)]
    [InlineData(20_000)]
    public void A_view_never_changes(int length)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.CompressionEnabled, o.SegmentBytes) = (256 << 10, false, 1024));
        byte[] value = Payload.Create(1, 1, length);
        store.Put("held", value);
        NoCopyItem overwritten = store.GetNoCopy("held");
        store.Put("held", Payload.Create(1, 2, length));
        NoCopyItem deleted = store.GetNoCopy("held");
        Assert.Equal(DeleteResult.Deleted, store.Delete("held"));
        store.Put("held", Payload.Create(1, 3, length));
        NoCopyItem evicted = store.GetNoCopy("held");
        // fills the bound several times, so that every segment has been recycled
        for (int i = 0; i < 5000; i++)
            Assert.NotEqual(SetResult.Superseded, store.Set($"k{i % 700}", new StoredItem(Payload.Create(i, i, 300))));
        NoCopyItem cleared = store.TryGetNoCopy("k1", out NoCopyItem k1) ? k1 : default;
        byte[] clearedBytes = cleared.Value.ToArray();
        store.Clear();
        GC.Collect();
        for (int i = 0; i < 3000; i++)
            Assert.NotEqual(SetResult.Superseded, store.Set($"c{i % 700}", new StoredItem(Payload.Create(i, i + 1, 300))));
        Assert.Equal(value, overwritten.Value.ToArray());
        Assert.Equal(Payload.Create(1, 2, length), deleted.Value.ToArray());
        Assert.Equal(Payload.Create(1, 3, length), evicted.Value.ToArray());
        Assert.Equal(clearedBytes, cleared.Value.ToArray());
    }

    /// <summary>"<c>BatchGet</c>, <c>BatchGetNoCopy</c>: many keys; absent ones are absent from the map."</summary>
    [Fact]
    public void BatchGet_leaves_absent_keys_out()
    {
        MemStore store = Open(o => o.ShardCount = 8);
        for (int i = 0; i < 200; i += 2)
            store.Put($"k{i}", $"v{i}");
        store.Put("expired", "x", expireAt: Now.AddSeconds(1));
        Time.Advance(TimeSpan.FromSeconds(2));
        string[] keys = [.. Enumerable.Range(0, 200).Select(i => $"k{i}"), "expired", "k0", "never"];

        Dictionary<string, StoredItem> copies = store.BatchGet(keys);
        Dictionary<string, NoCopyItem> views = store.BatchGetNoCopy(keys);
        Assert.Equal(100, copies.Count);
        Assert.Equal(100, views.Count);
        for (int i = 0; i < 200; i += 2)
        {
            byte[] expected = System.Text.Encoding.UTF8.GetBytes($"v{i}");
            Assert.Equal(expected, copies[$"k{i}"].Value.ToArray());
            Assert.Equal($"k{i}", copies[$"k{i}"].Key);
            Assert.Equal(expected, views[$"k{i}"].Value.ToArray());
        }
        Assert.Empty(store.BatchGet([]));
        Assert.Empty(store.BatchGetNoCopy([]));
    }

    /// <summary>Unicode keys: what differs as text differs as a key.</summary>
    [Fact]
    public void Keys_are_text_in_UTF8()
    {
        MemStore store = Open();
        string[] keys = ["a", "A", "ä", "a\u0308", "€", "😀", "k\0", "k", " ", "\u200B", new string('x', 65_535), new string('€', 21_845)];
        for (int i = 0; i < keys.Length; i++)
            store.Put(keys[i], $"value {i}");
        for (int i = 0; i < keys.Length; i++)
            Assert.Equal($"value {i}", store.Text(keys[i]));
        Assert.Equal(keys.Order(StringComparer.Ordinal), store.Keys().Order(StringComparer.Ordinal));
    }
}
