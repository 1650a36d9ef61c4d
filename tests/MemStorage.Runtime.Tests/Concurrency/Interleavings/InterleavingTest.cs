using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency.Interleavings;

/// <summary>
/// The races of the core, made on purpose: one thread stands at a named point while another does what it must not be able to disturb. No sleeps: a thread either stands at
/// the point or has ended. Where a guard protects the step, the same test without it fails.
/// </summary>
public abstract class InterleavingTest : StoreTest
{
    /// <summary>Eight records of one size fill a segment, so that a recycled one has a record at every old place.</summary>
    private const int Length = 100;

    /// <summary>One version for all: then the record's version does not tell one from another, and only the generation does.</summary>
    private const long Version = 1;

    /// <summary>Header 16, key 8, value 100, to the next multiple of 8.</summary>
    protected const int RecordBytes = 128;

    protected MemStore OpenSmall(long limit = 96 << 10) =>
        Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.AsyncEviction, o.ChangeLogBytes) = (limit, 1, 1024, false, false, 0));

    protected static void Put(MemStore store, int id, long stamp, long version = Version) =>
        Assert.NotEqual(SetResult.MemoryLimit, store.Set(Key(id), new StoredItem(Payload.Create(id, stamp, Length), version)));

    protected static string Key(int id) => $"key{id:D5}";

    /// <summary>So many new keys that everything before was evicted and every segment used again.</summary>
    protected static void RecycleEverything(MemStore store)
    {
        for (int i = 10_000; i < 13_000; i++)
            Put(store, i, 1);
    }

    protected static void AssertRight(StoredItem? item, int id)
    {
        if (item is null)
            return;
        Assert.True(Payload.TryVerify(item.Value.Span, id, out long stamp), "Bytes of another record were returned.");
        Assert.Equal(item.Version, stamp);
    }
}
