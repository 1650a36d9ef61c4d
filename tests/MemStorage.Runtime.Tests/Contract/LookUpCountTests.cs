using System.Buffers;
using MemStorage.Storage;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"A miss pays for two look-ups" at most, whatever is asked and whatever the key is like; so does a compressed value.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class LookUpCountTests : StoreTest
{
    private static readonly Dictionary<string, Action<MemStore, string>> s_reads = new(StringComparer.Ordinal)
    {
        ["get"] = static (store, key) => Xunit.Record.Exception(() => store.Get(key)),
        ["try get"] = static (store, key) => store.TryGet(key, out _),
        ["copy"] = static (store, key) => store.TryGet(key.AsSpan(), new byte[4000], out _, out _),
        ["copy of bytes"] = static (store, key) => store.TryGet(Bytes(key), new byte[4000], out _, out _),
        ["get no copy"] = static (store, key) => Xunit.Record.Exception(() => store.GetNoCopy(key)),
        ["try get no copy"] = static (store, key) => store.TryGetNoCopy(key, out _),
        ["no copy of bytes"] = static (store, key) => store.TryGetNoCopy(Bytes(key), out _),
        ["batch"] = static (store, key) => store.BatchGet([key]),
        ["batch of copies"] = static (store, key) => store.BatchGet([key], new byte[4000], new Range[1], new ItemInfo[1]),
        ["batch no copy"] = static (store, key) => store.BatchGetNoCopy([key]),
        ["space: copy"] = static (store, key) => store.GetKeySpace("space").TryGet(Bytes(key), new byte[4000], out _, out _),
        ["space: writer"] = static (store, key) => store.GetKeySpace("space").TryGet(Bytes(key), new ArrayBufferWriter<byte>(4000), out _),
        ["space: info"] = static (store, key) => store.GetKeySpace("space").TryGetInfo(Bytes(key), out _),
    };

    public static TheoryData<string, string> Reads()
    {
        TheoryData<string, string> data = [];
        foreach (string read in s_reads.Keys)
        {
            foreach (string key in new[] { "k", "key of 15 bytes", "a key of more bytes than that", "schlüssel", new string('k', 300) })
                data.Add(read, key);
        }
        return data;
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public void A_miss_looks_at_the_index_twice_at_most(string read, string key)
    {
        MemStore store = Open(static o => o.CompressionThreshold = 64);
        Assert.InRange(CountLookUps(() => s_reads[read](store, key)), 1, 2);

        // one that has expired is a miss; the throwing reads tell it without looking again
        Put(store, key, new byte[10], Now.AddSeconds(1));
        Assert.InRange(CountLookUps(() => s_reads[read](store, key)), 1, 2);
        Time.Advance(TimeSpan.FromSeconds(1));
        Assert.InRange(CountLookUps(() => s_reads[read](store, key)), 1, 2);
        Assert.Equal(MemStorageError.Expired, Assert.Throws<MemStorageException>(() => store.Get(key)).Error);
        Assert.Equal(MemStorageError.Expired, Assert.Throws<MemStorageException>(() => store.GetNoCopy(key)).Error);
        Assert.False(store.TryGetNoCopy(key, out NoCopyItem none));
        Assert.Null(none.ExpireAt);

        Put(store, key, new byte[2000], null); // compressed
        Assert.InRange(CountLookUps(() => s_reads[read](store, key)), 1, 2);
    }

    private static void Put(MemStore store, string key, byte[] value, DateTimeOffset? expireAt)
    {
        Assert.Equal(SetResult.Stored, store.Set(key, value, expireAt: expireAt));
        Assert.Equal(SetResult.Stored, store.GetKeySpace("space").Set(Bytes(key), value, expireAt));
    }

    private static byte[] Bytes(string key) => System.Text.Encoding.UTF8.GetBytes(key);

    private static int CountLookUps(Action read)
    {
        int thread = Environment.CurrentManagedThreadId;
        int count = 0;
        TestHooks.Callback = point =>
        {
            if (Environment.CurrentManagedThreadId == thread && point is TestPoint.ReadStraightAfterTable or TestPoint.ReadAfterTable)
                count++;
        };
        try
        {
            read();
        }
        finally
        {
            TestHooks.Callback = null;
        }
        return count;
    }
}
