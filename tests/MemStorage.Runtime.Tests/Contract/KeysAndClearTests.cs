using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>Keys and Clear.</summary>
public sealed class KeysAndClearTests : StoreTest
{
    /// <summary>"<c>Keys()</c>: all keys, expensive, for monitoring": "no expired ones, no tombstones".</summary>
    [Fact]
    public void Keys_has_the_live_keys_only()
    {
        MemStore store = Open();
        for (int i = 0; i < 100; i++)
            store.Put($"live{i}", "v");
        store.Put("deleted", "v");
        Assert.Equal(DeleteResult.Deleted, store.Delete("deleted"));
        store.Put("expired", "v", expireAt: Now.AddSeconds(1));
        store.Put("later", "v", expireAt: Now.AddSeconds(3));
        Time.Advance(TimeSpan.FromSeconds(2));
        Assert.Equal(Enumerable.Range(0, 100).Select(i => $"live{i}").Append("later").Order(StringComparer.Ordinal), store.Keys().Order(StringComparer.Ordinal));
    }

    /// <summary>"Enumerates without stopping writers": writing while enumerating is fine, and what was there throughout is told exactly once.</summary>
    [Fact]
    public void Keys_can_be_enumerated_while_writing()
    {
        MemStore store = Open();
        for (int i = 0; i < 500; i++)
            store.Put($"stays{i}", "v");
        List<string> seen = [];
        int written = 0;
        foreach (string key in store.Keys())
        {
            seen.Add(key);
            store.Put($"new{written++ % 1000}", new string('x', written % 300 + 1));
            if (written % 7 == 0)
                store.Put($"stays{written % 500}", new string('y', 50));
            Assert.True(written < 10_000, "The enumeration does not end.");
        }
        Assert.Equal(seen.Count, seen.Distinct().Count());
        Assert.Equal(500, seen.Count(k => k.StartsWith("stays", StringComparison.Ordinal)));
    }

    /// <summary>"<c>Clear()</c>: removes everything", and the store goes on as a new one.</summary>
    [Fact]
    public void Clear_removes_everything()
    {
        MemStore store = Open();
        for (int i = 0; i < 1000; i++)
            store.Put($"k{i}", Payload.Create(i, i, 200));
        store.Put("large", Payload.Create(1, 1, 50_000));
        Assert.Equal(DeleteResult.Deleted, store.Delete("k3"));
        store.Clear();
        Assert.Empty(store.Keys());
        Assert.False(store.TryGet("k1", out _));
        MemStoreStats stats = store.Stats();
        Assert.Equal(0, stats.KeyCount);
        Assert.Equal(0, stats.TotalBytes);
        Assert.Equal(0, stats.OriginalBytes);
        Assert.Equal(0, stats.CompressedBytes);
        Assert.Equal(0, stats.TombstoneCount);
        Assert.Equal(0, store.GetMemoryReport().LiveBytes);
        for (int i = 0; i < 1000; i++)
            store.Put($"k{i}", Payload.Create(i, i + 1, 200));
        Assert.Equal(1000, store.Keys().Count());
    }

    [Fact]
    public void Clear_of_an_empty_store_is_fine()
    {
        MemStore store = Open();
        store.Clear();
        store.Clear();
        store.Put("k", "v");
        Assert.Equal("v", store.Text("k"));
    }
}
