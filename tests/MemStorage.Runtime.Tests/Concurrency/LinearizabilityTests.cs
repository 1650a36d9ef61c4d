using System.Globalization;
using System.Text;
using CsCheck;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>Each key is an atomic register: calls of many threads look as if they had happened one after another.</summary>
public sealed class LinearizabilityTests
{
    /// <summary>A long history of four threads over few keys, recorded and checked; with room, and in a bound that evicts.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_recorded_history_has_no_contradiction(bool evicts)
    {
        int seed = Effort.Seed();
        using MemStore store = new(new MemStoreOptions { MaxMemoryBytes = evicts ? 96 << 10 : 16 << 20, ShardCount = 2, SegmentBytes = 1024 });
        RecordedHistory history = new();
        int calls = Effort.Histories(25_000);
        RunningThread[] threads = [.. Enumerable.Range(0, 4).Select(t => new RunningThread(() => Call(store, history, new Random(seed + t), evicts ? 2000 : 6, calls)))];
        foreach (RunningThread thread in threads)
            thread.Finish();
        Assert.True(history.FindContradiction(evicts) is not { } contradiction, $"MEMSTORAGE_TEST_SEED={seed}: {history.FindContradiction(evicts)}");
        Assert.True(history.Count > calls);
        StoreInvariants.Assert(store);
    }

    private static void Call(MemStore store, RecordedHistory history, Random random, int keys, int calls)
    {
        for (int i = 0; i < calls; i++)
        {
            int id = random.Next(keys);
            string key = string.Create(CultureInfo.InvariantCulture, $"k{id}");
            long started = history.Begin();
            switch (random.Next(10))
            {
                case < 4:
                    SetResult set = store.Set(key, new StoredItem(Payload.Create(id, i, random.Next(24, 200))), out long version);
                    if (set != SetResult.MemoryLimit)
                        history.End(key, set == SetResult.Stored ? CallKind.Write : CallKind.Refused, version, started);
                    break;
                case 4:
                    _ = store.Remove(Encoding.UTF8.GetBytes(key), store.RawSpace, default, out long deleted);
                    history.End(key, CallKind.Write, deleted, started, deletes: true);
                    break;
                case 5 when store.TryGetNoCopy(key, out NoCopyItem view):
                    history.End(key, CallKind.Read, view.Version, started);
                    Assert.True(Payload.TryVerify(view.Value.Span, id, out _));
                    break;
                case 6 when store.TryGet(key, out StoredItem? current):
                    history.End(key, CallKind.Read, current.Version, started);
                    long begun = history.Begin();
                    WriteOutcome outcome = store.Write(
                        Encoding.UTF8.GetBytes(key), store.RawSpace, Payload.Create(id, i, 50), new WriteRequest(0, 0, WriteCondition.ExpectedVersion, current.Version), out long updated);
                    if (outcome == WriteOutcome.Stored)
                        history.End(key, CallKind.Write, updated, begun);
                    break;
                default:
                    bool found = store.TryGet(key, out StoredItem? item);
                    history.End(key, found ? CallKind.Read : CallKind.Miss, item?.Version ?? 0, started);
                    Assert.True(!found || Payload.TryVerify(item!.Value.Span, id, out _));
                    break;
            }
        }
    }

    /// <summary>The checker can fail: each rule is broken once.</summary>
    [Fact]
    public void The_checker_finds_each_kind_of_contradiction()
    {
        Call write1 = new("k", CallKind.Write, 1, false, 1, 2, 0);
        Call write2 = new("k", CallKind.Write, 2, false, 3, 4, 0);
        Call delete3 = new("k", CallKind.Write, 3, true, 10, 11, 0);
        Assert.Null(Check(write1, write2, new("k", CallKind.Read, 2, false, 5, 6, 1)));
        Assert.Null(Check(write1, write2, new("k", CallKind.Read, 1, false, 2, 6, 1)));
        Assert.Null(Check(write1, delete3, new("k", CallKind.Miss, 0, false, 12, 13, 1)));
        Assert.Contains("stale", Check(write1, write2, new("k", CallKind.Read, 1, false, 5, 6, 1)), StringComparison.Ordinal);
        Assert.Contains("nobody wrote", Check(write1, new("k", CallKind.Read, 9, false, 5, 6, 1)), StringComparison.Ordinal);
        Assert.Contains("before it was written", Check(write1, write2 with { Started = 8, Ended = 9 }, new("k", CallKind.Read, 2, false, 5, 6, 1)), StringComparison.Ordinal);
        Assert.Contains("had been read", Check(write1, write2 with { Ended = 20 }, new("k", CallKind.Read, 2, false, 5, 6, 1), new("k", CallKind.Read, 1, false, 7, 8, 1)), StringComparison.Ordinal);
        Assert.Contains("absent", Check(write1, new("k", CallKind.Miss, 0, false, 5, 6, 1)), StringComparison.Ordinal);
        Assert.Contains("absent", Check(write1, delete3, new("k", CallKind.Miss, 0, false, 5, 6, 1)), StringComparison.Ordinal);
        Assert.Contains("newer version", Check(write2 with { Version = 1 }, write1 with { Version = 2 }), StringComparison.Ordinal);
        Assert.Contains("two writes", Check(write1, write2 with { Version = 1 }), StringComparison.Ordinal);
        Assert.Contains("refused", Check(write1, new("k", CallKind.Refused, 5, false, 5, 6, 1)), StringComparison.Ordinal);
        static string? Check(params Call[] calls)
        {
            RecordedHistory history = new();
            foreach (Call call in calls)
                history.Add(call);
            return history.FindContradiction(mayEvict: false);
        }
    }

    /// <summary>Compare-and-set under contention: no increment is lost.</summary>
    [Fact]
    public void Concurrent_updates_lose_nothing()
    {
        using MemStore store = new(new MemStoreOptions { MaxMemoryBytes = 4 << 20, SegmentBytes = 1024 });
        byte[] key = "counter"u8.ToArray();
        store.Put("counter", BitConverter.GetBytes(0L));
        RunningThread[] threads = [.. Enumerable.Range(0, 4).Select(_ => new RunningThread(() =>
        {
            for (int i = 0; i < 2000;)
            {
                StoredItem item = store.Get("counter");
                byte[] next = BitConverter.GetBytes(BitConverter.ToInt64(item.Value.Span) + 1);
                if (store.Write(key, store.RawSpace, next, new WriteRequest(0, 0, WriteCondition.ExpectedVersion, item.Version), out long _) == WriteOutcome.Stored)
                    i++;
            }
        }))];
        foreach (RunningThread thread in threads)
            thread.Finish();
        Assert.Equal(8000, BitConverter.ToInt64(store.Get("counter").Value.Span));
        StoreInvariants.Assert(store);
    }

    /// <summary>CsCheck runs random operations in parallel and looks for an order of them that explains the state it finds.</summary>
    [Fact]
    public void Parallel_operations_end_in_a_state_that_some_order_explains() =>
        Gen.Const(() => (new MemStore(new MemStoreOptions { MaxMemoryBytes = 1 << 20, ShardCount = 1, SegmentBytes = 1024, ChangeLogBytes = 0 }), new Dictionary<string, byte>()))
            .SampleParallel(
                Gen.Select(Gen.Int[0, 1], Gen.Byte).Operation<MemStore, Dictionary<string, byte>>(
                    t => $"Set({t.Item1}, {t.Item2})", (s, t) => _ = s.Set($"k{t.Item1}", new StoredItem([t.Item2])), (m, t) => m[$"k{t.Item1}"] = t.Item2),
                Gen.Select(Gen.Int[0, 1], Gen.Byte).Operation<MemStore, Dictionary<string, byte>>(
                    t => $"Add({t.Item1}, {t.Item2})",
                    (s, t) => _ = s.Write(Encoding.UTF8.GetBytes($"k{t.Item1}"), s.RawSpace, [t.Item2], new WriteRequest(0, 0, WriteCondition.Absent), out long _),
                    (m, t) => m.TryAdd($"k{t.Item1}", t.Item2)),
                Gen.Int[0, 1].Operation<MemStore, Dictionary<string, byte>>(i => $"Delete({i})", (s, i) => _ = s.Delete($"k{i}"), (m, i) => m.Remove($"k{i}")),
                equal: (s, m) => IsSound(s) && s.Keys().Count() == m.Count && m.All(p => s.TryGet(p.Key, out StoredItem? item) && item.Value.Span[0] == p.Value),
                iter: Effort.Histories(300));

    private static bool IsSound(MemStore store)
    {
        StoreInvariants.Assert(store);
        return true;
    }
}
