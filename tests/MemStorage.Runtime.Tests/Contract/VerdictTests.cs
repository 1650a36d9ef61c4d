using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"Bad input ...; nothing changes": the verdict on a write comes before room is made for it. What is refused has evicted nothing, in a store that is full.</summary>
public sealed class VerdictTests : StoreTest
{
    private const int Large = 100_000;

    private MemStore OpenFull(EvictionMode mode = EvictionMode.Evict)
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction, o.CompressionEnabled, o.EvictionMode) = (1 << 20, 2, 4096, false, false, mode));
        for (int i = 0; i < 6000; i++)
            _ = store.Set($"k{i}", new StoredItem(Payload.Create(i, 1, 200), VersionNow));
        return store;
    }

    /// <summary>The newest of the keys, which is there.</summary>
    private static string PresentKey(MemStore store) => store.Keys().First(k => k.StartsWith("k59", StringComparison.Ordinal) || k.StartsWith("k1", StringComparison.Ordinal));

    private static void AssertNothingGoes(MemStore store, WriteOutcome expected, string key, int length, WriteRequest request)
    {
        long evicted = store.Stats().EvictCount;
        StoreImage.AssertUnchanged(store, () =>
        {
            WriteOutcome outcome = store.Write(Encoding.UTF8.GetBytes(key), store.RawSpace, Payload.Create(1, 2, length), request, out _);
            Assert.Equal(expected, outcome);
        });
        Assert.Equal(evicted, store.Stats().EvictCount);
    }

    /// <summary>Small values too: they have one lock hold for both, large ones make room before it.</summary>
    [Theory]
    [InlineData(Large)]
    [InlineData(200)]
    [InlineData(2000)]
    public void What_its_version_refuses_evicts_nothing(int length)
    {
        MemStore store = OpenFull();
        string key = PresentKey(store);
        AssertNothingGoes(store, WriteOutcome.Superseded, key, length, new WriteRequest(1));
        AssertNothingGoes(store, WriteOutcome.Superseded, key, length, new WriteRequest(0, 0, WriteCondition.ExpectedVersion, 17));
        AssertNothingGoes(store, WriteOutcome.NotFound, "not there", length, new WriteRequest(0, 0, WriteCondition.ExpectedVersion, 17));
        AssertNothingGoes(store, WriteOutcome.Superseded, key, length, new WriteRequest(0, 0, WriteCondition.Absent));
        AssertNothingGoes(store, WriteOutcome.Superseded, key, length, new WriteRequest(1, 0, WriteCondition.Replicated, 0, 3));
        Assert.Equal(SetResult.Superseded, store.Apply(new SyncOperation(key, OpType.OpSet, new StoredItem(Payload.Create(1, 2, length), 1), 3)));
    }

    /// <summary>A refusal is the write's answer: it is counted once, and tells the winner's version.</summary>
    [Fact]
    public void A_refused_large_write_is_counted_once_and_tells_the_winner()
    {
        MemStore store = OpenFull();
        string key = PresentKey(store);
        MemStoreStats before = store.Stats();
        Assert.Equal(SetResult.Superseded, store.Set(key, new StoredItem(Payload.Create(1, 2, Large), 1), out long winner));
        Assert.Equal(store.Get(key).Version, winner);
        Assert.Equal(before.SetCount + 1, store.Stats().SetCount);
        Assert.Equal(before.SupersededCount + 1, store.Stats().SupersededCount);
        // and one that wins is stored, and counted once
        Assert.Equal(SetResult.Stored, store.Set(key, new StoredItem(Payload.Create(1, 2, Large))));
        Assert.Equal(before.SetCount + 2, store.Stats().SetCount);
    }

    /// <summary>What can never fit is refused before anything goes; a version that refuses comes first.</summary>
    [Fact]
    public void What_can_never_fit_evicts_nothing()
    {
        MemStore store = OpenFull();
        AssertNothingGoes(store, WriteOutcome.MemoryLimit, "new", 2 << 20, default);
        AssertNothingGoes(store, WriteOutcome.MemoryLimit, PresentKey(store), 2 << 20, default);
        AssertNothingGoes(store, WriteOutcome.Superseded, PresentKey(store), 2 << 20, new WriteRequest(1));
    }

    [Theory]
    [InlineData(Large)]
    [InlineData(600_000)]
    [InlineData(200)]
    public void A_store_that_never_evicts_refuses_and_changes_nothing(int length)
    {
        MemStore store = OpenFull(EvictionMode.Refuse);
        while (store.Set($"more{store.Stats().KeyCount}", new StoredItem(Payload.Create(1, 1, 40))) == SetResult.Stored)
        {
        }
        AssertNothingGoes(store, WriteOutcome.MemoryLimit, "new", length, default);
        Assert.Equal(0, store.Stats().EvictCount);
    }

    /// <summary>A call that changes no value takes nothing from others either: touch, delete and invalid calls.</summary>
    [Fact]
    public void Calls_without_a_value_evict_nothing()
    {
        MemStore store = OpenFull();
        store.Put("large", Payload.Create(1, 1, Large));
        long evicted = store.Stats().EvictCount;
        string key = PresentKey(store);
        _ = store.Touch(Encoding.UTF8.GetBytes("large"), Now.ToUnixTimeMilliseconds() + 1000);
        Assert.False(store.Touch(Encoding.UTF8.GetBytes("not there"), 0));
        Assert.Equal(DeleteResult.VersionMismatch, store.Delete(key, 1));
        Assert.Throws<MemStorageException>(() => store.Set(key, new StoredItem(Payload.Create(1, 2, Large), long.MaxValue)));
        Assert.Equal(evicted, store.Stats().EvictCount);
        Assert.True(store.TryGet("large", out _));
    }

    [Fact]
    public void A_closed_store_refuses_a_large_write()
    {
        MemStore store = OpenFull();
        store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => store.Set("k", new StoredItem(Payload.Create(1, 2, Large))));
    }
}
