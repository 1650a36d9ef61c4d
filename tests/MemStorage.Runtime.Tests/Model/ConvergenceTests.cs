using CsCheck;
using MemStorage.Tests.Support;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Model;

/// <summary>"Replicas that have seen the same writes hold the same bytes, whatever the order."</summary>
public sealed class ConvergenceTests
{
    private readonly record struct Step(int Node, int Key, int Kind, int Version, int Content)
    {
        public override string ToString() => $"node {Node}: {(Kind == 0 ? "delete" : "set")} {Key} at {Version}{(Kind == 0 ? "" : $" = {Content}")}";
    }

    private static readonly Gen<Step> GenStep =
        Gen.Select(Gen.Int[0, 2], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[1, 4], Gen.Int[1, 3]).Select(t => new Step(t.Item1, t.Item2, t.Item3, t.Item4, t.Item5));

    /// <summary>
    /// Three nodes write at versions that often collide and exchange their buffers in random order, some of them twice. After everything has arrived everywhere the three
    /// stores hold the same.
    /// </summary>
    [Fact]
    public void Three_nodes_converge() =>
        Gen.Select(GenStep.Array[1, 40], Gen.Int).Sample((steps, seed) =>
        {
            FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
            MemStore[] nodes = [.. Enumerable.Range(0, 3).Select(n => new MemStore(new MemStoreOptions
            {
                MaxMemoryBytes = 1 << 20, ShardCount = n + 1, SegmentBytes = 1024, NodeId = n, TimeProvider = time, ExpirySweepInterval = TimeSpan.Zero, HashSeed = (ulong)n,
            }))];
            List<SyncOperation>[] inboxes = [[], [], []];
            Random random = new(seed);
            foreach (Step step in steps)
            {
                MemStore node = nodes[step.Node];
                string key = $"k{step.Key}";
                if (step.Kind == 0)
                    _ = node.Delete(key, step.Version);
                else
                    _ = node.Set(key, new StoredItem([(byte)step.Content], step.Version));
                if (random.Next(3) == 0)
                    Publish(step.Node);
                if (random.Next(3) == 0)
                    Deliver(random.Next(3), everything: false);
            }
            for (int n = 0; n < 3; n++)
                Publish(n);
            for (int n = 0; n < 3; n++)
                Deliver(n, everything: true);
            string[] images = [.. nodes.Select(StoreImage.Entries)];
            Assert.Equal(images[0], images[1]);
            Assert.Equal(images[0], images[2]);
            foreach (MemStore node in nodes)
            {
                Assert.Empty(node.GetSyncBuffer().Operations);
                StoreInvariants.Assert(node);
                node.Dispose();
            }

            void Publish(int from)
            {
                foreach (SyncOperation operation in nodes[from].GetSyncBuffer().Operations)
                {
                    for (int to = 0; to < 3; to++)
                    {
                        if (to == from)
                            continue;
                        inboxes[to].Add(operation);
                        if (random.Next(4) == 0)
                            inboxes[to].Add(operation);
                    }
                }
            }

            void Deliver(int to, bool everything)
            {
                SyncOperation[] inbox = [.. inboxes[to]];
                random.Shuffle(inbox);
                int count = everything ? inbox.Length : random.Next(inbox.Length + 1);
                foreach (SyncOperation operation in inbox.Take(count))
                    _ = nodes[to].Apply(operation);
                inboxes[to] = [.. inbox.Skip(count)];
            }
        }, iter: Effort.Histories(800));
}
