using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"<c>Config.CompressionEnabled</c>, <c>CompressionThreshold</c>: LZ4 from this many bytes on, default 64"; "kept only where it saves at least 5 %".</summary>
public sealed class CompressionTests : StoreTest
{
    private static byte[] Zeros(int length) => new byte[length];

    [Theory]
    [InlineData(63, false)]
    [InlineData(64, true)]
    [InlineData(5000, true)]
    [InlineData(200_000, true)]
    public void Values_are_compressed_from_the_threshold_on(int length, bool compressed)
    {
        MemStore store = Open();
        store.Put("k", Zeros(length));
        Assert.Equal(length, store.Stats().OriginalBytes);
        Assert.Equal(compressed, store.Stats().CompressedBytes < length);
        Assert.Equal(Zeros(length), store.Get("k").Value.ToArray());
        Assert.Equal(Zeros(length), store.GetNoCopy("k").Value.ToArray());
    }

    [Fact]
    public void The_threshold_can_be_moved_and_compression_turned_off()
    {
        MemStore high = Open(o => o.CompressionThreshold = 1000);
        high.Put("below", Zeros(999));
        Assert.Equal(999, high.Stats().CompressedBytes);
        high.Put("at", Zeros(1000));
        Assert.True(high.Stats().CompressedBytes < 1500);

        MemStore off = Open(o => o.CompressionEnabled = false);
        off.Put("k", Zeros(5000));
        Assert.Equal(5000, off.Stats().CompressedBytes);
    }

    [Fact]
    public void Values_that_do_not_shrink_are_stored_as_they_are()
    {
        MemStore store = Open();
        Random random = new(3);
        long total = 0;
        for (int i = 0; i < 100; i++)
        {
            byte[] value = new byte[random.Next(64, 3000)];
            random.NextBytes(value);
            total += value.Length;
            store.Put($"k{i}", value);
            Assert.Equal(value, store.Get($"k{i}").Value.ToArray());
        }
        Assert.Equal(total, store.Stats().CompressedBytes);
        Assert.Equal(total, store.Stats().OriginalBytes);
    }

    /// <summary>A value that LZ4 makes 3 % smaller is not worth the work at each read.</summary>
    [Fact]
    public void Less_than_5_percent_is_not_kept()
    {
        MemStore store = Open();
        byte[] value = new byte[4000];
        new Random(4).NextBytes(value);
        value.AsSpan(0, 140).Clear();
        store.Put("k", value);
        Assert.Equal(4000, store.Stats().CompressedBytes);

        MemStore another = Open();
        value.AsSpan(0, 1000).Clear();
        another.Put("k", value);
        Assert.True(another.Stats().CompressedBytes < 3800);
        Assert.Equal(value, another.Get("k").Value.ToArray());
    }

    /// <summary>
    /// Overwrites between compressed and plain forms keep the counters exact. After values that did not shrink the store tries fewer, but it goes on trying: where every
    /// second value shrinks well, many of them are compressed.
    /// </summary>
    [Fact]
    public void Overwriting_across_forms_keeps_the_counters()
    {
        MemStore store = Open();
        byte[] noise = new byte[500];
        new Random(5).NextBytes(noise);
        int compressed = 0;
        for (int i = 0; i < 1000; i++)
        {
            store.Put("k", i % 2 == 0 ? Zeros(500) : noise);
            MemStoreStats stats = store.Stats();
            Assert.Equal(500, stats.OriginalBytes);
            if (stats.CompressedBytes < 100)
                compressed++;
            else
                Assert.Equal(500, stats.CompressedBytes);
        }
        Assert.True(compressed > 400, $"{compressed} of 500 compressible values were compressed.");
    }

    /// <summary>"A corrupted block is a typed error", on every way to read it, and for a replicated write that has to compare with it.</summary>
    [Fact]
    public void A_corrupted_block_is_a_typed_error()
    {
        using MemStore store = new(Options(o => (o.ShardCount, o.NodeId) = (1, 1))); // not validated at the end: its value cannot be read
        store.Put("k", Zeros(4000), version: 10);
        store.Put("other", Zeros(4000));
        Storage.Shard shard = store.Engine.Shards[0];
        byte[] key = "k"u8.ToArray();
        uint address = Storage.Index.Slot.Address(shard.FindSlot(store.Engine.HashOf(key), key));
        byte[] intact = shard.Log.At(address).Value.ToArray();

        // the length of the original does not fit the block
        intact.CopyTo(shard.Log.At(address).Value);
        shard.Log.At(address).Value[1]++;
        AssertCorrupted(store);
        Assert.Equal(4000, store.Get("other").Value.Length);

        // whatever byte has changed: the typed error, or bytes (LZ4 carries no checksum), never anything else
        for (int i = 0; i < intact.Length; i++)
        {
            foreach (byte mask in (ReadOnlySpan<byte>)[0x01, 0x80, 0xFF])
            {
                intact.CopyTo(shard.Log.At(address).Value);
                shard.Log.At(address).Value[i] ^= mask;
                try
                {
                    _ = store.Get("k");
                }
                catch (MemStorageException e)
                {
                    Assert.Equal(MemStorageError.Corrupted, e.Error);
                }
            }
        }

        // it can be overwritten and deleted
        store.Put("k", "new", version: 11);
        Assert.Equal("new", store.Text("k"));
        StoreInvariants.Assert(store);
    }

    private static void AssertCorrupted(MemStore store)
    {
        byte[] destination = new byte[5000];
        foreach (Action read in (ReadOnlySpan<Action>)[
            () => store.TryGet("k", out StoredItem? _),
            () => store.TryGet("k", destination, out int _, out ItemInfo _),
            () => store.TryGetNoCopy("k", out NoCopyItem _),
            () => store.BatchGet(["k"]),
            () => _ = store.Snapshot().Count(),
            () => _ = store.Apply(new SyncOperation("k", OpType.OpSet, new StoredItem(Zeros(10), 10), 1))])
        {
            Assert.Equal(MemStorageError.Corrupted, Assert.Throws<MemStorageException>(read).Error);
        }
    }
}
