using MemStorage.Storage;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Buffers;

/// <summary>"Bounded by bytes per step, not by count; never values under the lock", and what a scan promises all the same: a key that is there all the time comes exactly once.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class BoundedScanTests : StoreTest
{
    private const int LongValue = 100_000;

    private MemStore Filled(int entries, int length, bool compressed = false)
    {
        MemStore store = Open(o =>
        {
            o.MaxMemoryBytes = 64 << 20;
            o.ShardCount = 1;
            o.SegmentBytes = 1 << 20;
            o.CompressionEnabled = compressed;
        });
        for (int i = 0; i < entries; i++)
            store.Put($"key{i}", ValueOf(i, length));
        return store;
    }

    private static byte[] ValueOf(int i, int length)
    {
        byte[] value = new byte[length];
        new Random(i).NextBytes(value.AsSpan(0, length / 2)); // the rest compresses
        return value;
    }

    private static long Allocated(Action call)
    {
        long before = GC.GetAllocatedBytesForCurrentThread();
        call();
        return GC.GetAllocatedBytesForCurrentThread() - before;
    }

    /// <summary>490 MiB in 0.1.0, for 512 MiB of values.</summary>
    [Theory]
    [InlineData(400, LongValue)]
    [InlineData(5_000, 8_000)]
    [InlineData(20_000, 500)]
    public void The_first_element_of_a_snapshot_costs_a_step_and_not_a_table(int entries, int length)
    {
        MemStore store = Filled(entries, length);
        using IEnumerator<SyncOperation> snapshot = store.Snapshot().GetEnumerator();
        long first = Allocated(() => Assert.True(snapshot.MoveNext()));
        Assert.InRange(first, length, 400_000);
        long most = 0;
        int count = 1;
        for (bool more = true; more;)
        {
            most = Math.Max(most, Allocated(() => more = snapshot.MoveNext()));
            count += more ? 1 : 0;
        }
        Assert.Equal(entries, count);
        Assert.InRange(most, 1, 400_000);
    }

    [Fact]
    public void Keys_copy_no_values_and_step_by_step_too()
    {
        MemStore store = Open(static o => o.ShardCount = 1);
        string tail = new('k', 60_000);
        for (int i = 0; i < 40; i++)
            store.Put($"{i}{tail}", "v");
        using IEnumerator<string> keys = store.Keys().GetEnumerator();
        Assert.InRange(Allocated(() => Assert.True(keys.MoveNext())), 1, 500_000);
        int count = 1;
        while (keys.MoveNext())
            count++;
        Assert.Equal(40, count);
        Assert.Equal(40, store.Stats().KeyCount);
    }

    /// <summary>503 MiB in 0.1.0, for 1,024 operations.</summary>
    [Theory]
    [InlineData(false, 1L)]
    [InlineData(false, 250_000L)]
    [InlineData(true, 250_000L)]
    [InlineData(false, ChangeFeed.DefaultMaxBytes)]
    public void A_batch_of_changes_is_bounded_by_bytes_and_nothing_is_left_out(bool compressed, long maxBytes)
    {
        const int Entries = 300;
        MemStore store = Filled(Entries, LongValue, compressed);
        ChangeCursor cursor = store.Changes.Oldest;
        HashSet<string> seen = [];
        while (true)
        {
            ChangeBatch batch = null!;
            long allocated = Allocated(() => batch = store.Changes.Read(cursor, maxBytes: maxBytes));
            Assert.False(batch.IsGap);
            if (batch.Operations.Count == 0)
                break;
            long bytes = batch.Operations.Sum(static o => o.Key.Length + o.Item.Value.Length + 100L);
            Assert.True(bytes <= maxBytes || batch.Operations.Count == 1, $"{batch.Operations.Count} operations of {bytes} bytes");
            Assert.InRange(allocated, 1, (bytes * 5 / 2) + 200_000);
            Assert.All(batch.Operations, o => Assert.True(seen.Add(o.Key)));
            cursor = batch.Cursor;
        }
        Assert.Equal(Entries, seen.Count);
        Assert.Throws<ArgumentOutOfRangeException>(nameof(maxBytes), () => store.Changes.Read(cursor, maxBytes: 0));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Values_of_every_length_come_back_as_they_are(bool compressed)
    {
        MemStore store = Filled(0, 0, compressed);
        int[] lengths = [1, 100, 8_191, 8_192, 8_193, 8_200, 16_384, 300_000, 1_500_000];
        foreach (int length in lengths)
            store.Put($"key{length}", ValueOf(length, length));
        foreach (SyncOperation operation in store.Snapshot().Concat(store.GetSyncBuffer().Operations))
        {
            int length = int.Parse(operation.Key.AsSpan(3), System.Globalization.CultureInfo.InvariantCulture);
            Assert.Equal(ValueOf(length, length), operation.Item.Value.ToArray());
        }
        Assert.Equal(lengths.Length, store.Snapshot().Count());
    }

    /// <summary>
    /// "A key that is there all the time comes exactly once", while the index grows and splits, records move, others come, go and are evicted, between any two elements.
    /// </summary>
    [Theory]
    [InlineData(200)]
    [InlineData(9_000)]
    public void A_scan_sees_what_is_there_all_the_time_exactly_once_whatever_happens_between_two_elements(int length)
    {
        int seed = Effort.Seed();
        Random random = new(seed);
        for (int round = 0; round < 6; round++)
        {
            MemStore store = Open(static o =>
            {
                o.MaxMemoryBytes = 24 << 20;
                o.ShardCount = 2;
                o.SegmentBytes = 64 << 10;
                o.EvictionMode = EvictionMode.Refuse; // nothing that stays may be evicted
            });
            const int Stay = 300;
            for (int i = 0; i < Stay; i++)
                store.Put($"stay{i}", ValueOf(i, length));
            Dictionary<string, int> seen = [];
            int made = 0;
            int step = 0;
            foreach (SyncOperation operation in store.Snapshot())
            {
                seen[operation.Key] = seen.GetValueOrDefault(operation.Key) + 1;
                if (operation.Key.StartsWith("stay", StringComparison.Ordinal))
                    Assert.True(operation.Item.Value.Length is var l && (l == length || l == length + 50), $"seed {seed}");
                switch (step++ % 4)
                {
                    case 0 when made < 20_000:
                        for (int i = 0; i < 100; i++)
                            _ = store.Set($"come{made++}", new StoredItem(new byte[10])); // tables double and split
                        break;
                    case 1:
                        for (int i = 0; i < 20 && made > 0; i++)
                            _ = store.Delete($"come{random.Next(made)}");
                        break;
                    case 2:
                        int id = random.Next(Stay);
                        _ = store.Set($"stay{id}", new StoredItem(ValueOf(id, length + 50))); // the record moves
                        break;
                    default:
                        store.SweepExpired();
                        break;
                }
            }
            for (int i = 0; i < Stay; i++)
                Assert.True(seen.GetValueOrDefault($"stay{i}") == 1, $"seed {seed}, round {round}: stay{i} came {seen.GetValueOrDefault($"stay{i}")} times");
            Assert.DoesNotContain(seen, static s => s.Value > 1);
        }
    }

    /// <summary>
    /// A long value is copied without the lock: when its bytes change meanwhile, the new value is told (by the feed: by the later change), when they are given up, none; when they still lie where they
    /// lay, the value that was the newest when it was looked for. It is whole each time.
    /// </summary>
    [Theory]
    [InlineData("set")]
    [InlineData("delete")]
    [InlineData("small")]
    [InlineData("clear")]
    [InlineData("nothing")]
    public void A_long_value_that_changes_while_it_is_copied_is_never_torn(string meanwhile)
    {
        foreach (bool feed in new[] { false, true })
        {
            MemStore store = Filled(0, 0);
            store.Put("key", ValueOf(1, LongValue));
            bool done = false;
            IReadOnlyList<SyncOperation> told;
            TestHooks.Callback = point =>
            {
                if (point != TestPoint.ReadAfterCopy || done)
                    return;
                done = true;
                if (meanwhile == "set")
                    store.Put("key", ValueOf(2, LongValue));
                else if (meanwhile == "small")
                    store.Put("key", ValueOf(2, 10));
                else if (meanwhile == "clear")
                    store.Clear();
                else if (meanwhile == "delete")
                    Assert.Equal(DeleteResult.Deleted, store.Delete("key"));
            };
            try
            {
                told = feed ? store.Changes.Read(store.Changes.Oldest).Operations : [.. store.Snapshot()];
            }
            finally
            {
                TestHooks.Callback = null;
            }
            Assert.True(done);
            if (meanwhile == "clear" || (feed && meanwhile == "set"))
            {
                Assert.Empty(told);
                continue;
            }
            SyncOperation one = Assert.Single(told);
            Assert.Equal(OpType.OpSet, one.OpType);
            Assert.Equal(ValueOf(meanwhile == "set" ? 2 : 1, LongValue), one.Item.Value.ToArray());
        }
    }
}
