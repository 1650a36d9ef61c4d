using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Model;

/// <summary>
/// docs/replication.md: "<c>Apply</c> is idempotent and does not depend on order … Two stores that have seen the same operations hold the same bytes, as long as neither has evicted or forgotten". Sets,
/// short lives and deletions of three nodes in all orders, with sweeps in between, over three replicas; and a fourth that is too small for all and must never show anything older.
/// </summary>
public sealed class ReplicaOrderTests : StoreTest
{
    private const int Keys = 40;
    private const int Operations = 400;

    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 25)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Replicas_agree_whatever_the_order(int seed)
    {
        Random random = new(seed);
        long first = VersionNow - (60_000L << 16);
        SyncOperation[] operations = [.. Enumerable.Range(0, Operations).Select(i => Draw(random, first + i))];
        MemStore[] replicas = [.. Enumerable.Range(1, 3).Select(n => Open(o =>
        {
            o.NodeId = n;
            o.TombstoneRetention = TimeSpan.FromDays(1);
            o.EvictionMode = n == 3 ? EvictionMode.Refuse : EvictionMode.Evict;
        }))];
        MemStore small = Open(o =>
        {
            o.MaxMemoryBytes = 64 << 10;
            o.ShardCount = 1;
            o.SegmentBytes = 1024;
            o.ChangeLogBytes = 0;
        });
        for (int slice = 0; slice < 4; slice++)
        {
            foreach (MemStore replica in (MemStore[])[.. replicas, small])
            {
                // each sees every operation of the slice, in an order of its own, some of them twice
                SyncOperation[] order = [.. operations.AsSpan(slice * Operations / 4, Operations / 4)];
                random.Shuffle(order);
                foreach (SyncOperation operation in order.Concat(order.Take(20)))
                {
                    _ = replica.Apply(operation) is SetResult.Stored;
                    if (random.Next(10) == 0)
                        replica.SweepExpired();
                }
            }
            // what was drawn early may also come late
            foreach (MemStore replica in replicas)
                _ = replica.Apply(operations[random.Next((slice + 1) * Operations / 4)]) is SetResult.Stored;
            Time.Advance(TimeSpan.FromSeconds(1));
        }
        Time.Advance(TimeSpan.FromMinutes(1));
        foreach (MemStore replica in replicas)
        {
            foreach (SyncOperation operation in operations)
                _ = replica.Apply(operation) is SetResult.Stored;
            replica.SweepExpired();
        }
        for (int k = 0; k < Keys; k++)
        {
            string key = $"k{k}";
            string?[] states = [.. replicas.Select(r => r.Text(key))];
            Assert.True(states.Distinct().Count() == 1, $"seed {seed}, {key}: {string.Join(" | ", states)}");
            string? shown = small.Text(key);
            Assert.True(shown is null || shown == states[0], $"seed {seed}, {key}: the small one shows {shown}, the others {states[0]}");
        }
    }

    private SyncOperation Draw(Random random, long version)
    {
        string key = $"k{random.Next(Keys)}";
        int origin = random.Next(1, 4);
        return random.Next(4) switch
        {
            0 => new SyncOperation(key, OpType.OpDelete, new StoredItem([], version), origin),
            1 => new SyncOperation(key, OpType.OpSet, new StoredItem([(byte)('a' + random.Next(3))], version, Now.AddMilliseconds(random.Next(1, 3000))), origin),
            _ => new SyncOperation(key, OpType.OpSet, new StoredItem([(byte)('a' + random.Next(3)), (byte)origin], version), origin),
        };
    }
}
