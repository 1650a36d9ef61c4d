using System.Reflection;
using System.Runtime.CompilerServices;
using MemStorage.Statistics;
using MemStorage.Storage;
using MemStorage.Storage.Log;
using MemStorage.Tests.Concurrency;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Faults;

/// <summary>Single faults that were found once, each with its smallest case.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class AdoptionTests : StoreTest
{
    /// <summary>
    /// "Nothing after publication may throw": a writer is interrupted while it waits for the lock of the spare arrays, with its new value published already. It is stored, the caller is told so, the
    /// array is not given to another value, and the interruption arrives at the next wait of the thread.
    /// </summary>
    [Fact]
    public void A_writer_that_is_interrupted_after_its_value_is_published_keeps_it()
    {
        MemStore store = Open(o => (o.ShardCount, o.SegmentBytes, o.CompressionEnabled) = (1, 1024, false));
        store.Put("a", Payload.Create(1, 1, 5000));
        store.Put("spare", Payload.Create(3, 1, 7000));
        store.Put("spare", Payload.Create(3, 2, 5000)); // so that there is a spare array, and the lock is not passed by
        Lock leaf = (Lock)typeof(SpareArrays).GetField("_lock", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(store.Budget.Spares)!;
        SetResult? result = null;
        bool interrupted = false;
        Thread writer = new(() =>
        {
            result = store.Set("a", new StoredItem(Payload.Create(1, 2, 5300)));
            try
            {
                Thread.Sleep(Timeout.Infinite);
            }
            catch (ThreadInterruptedException)
            {
                interrupted = true;
            }
        })
        { IsBackground = true };
        lock (leaf)
        {
            writer.Start();
            Assert.True(SpinWait.SpinUntil(() => (writer.ThreadState & ThreadState.WaitSleepJoin) != 0, TimeSpan.FromSeconds(30)));
            writer.Interrupt();
        }
        Assert.True(writer.Join(TimeSpan.FromSeconds(30)));
        Assert.Equal(SetResult.Stored, result);
        Assert.True(interrupted, "The interruption is lost.");
        store.Put("b", Payload.Create(2, 1, 5300));
        store.Put("c", Payload.Create(4, 1, 5000));
        Assert.True(Payload.TryVerify(store.Get("a").Value.Span, 1, out long stamp) && stamp == 2);
        Assert.True(Payload.TryVerify(store.Get("b").Value.Span, 2, out _));
        StoreInvariants.Assert(store);
    }

    /// <summary>A large value has room for an expiry from the beginning: a touch needs no second array, in a store that has room for none.</summary>
    [Fact]
    public void A_large_value_can_be_touched_in_a_full_store_that_refuses()
    {
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.EvictionMode) = (256 << 10, 1, 1024, false, EvictionMode.Refuse));
        int count = 0;
        while (store.Set("large" + count, new StoredItem(Payload.Create(count, 1, 20_000))) == SetResult.Stored)
            count++;
        Assert.True(count > 3);
        for (int i = 0; i < count; i++)
        {
            Assert.True(store.Touch(System.Text.Encoding.UTF8.GetBytes("large" + i), Now.AddHours(1).ToUnixTimeMilliseconds()));
            Assert.Equal(Now.AddHours(1), store.Get("large" + i).ExpireAt);
        }
    }

    /// <summary>A secondary index that has no memory: the write stands, the fault is counted, and the next search finds everything.</summary>
    [Fact]
    public void An_index_without_memory_repairs_itself_on_the_next_search()
    {
        using FaultInjector faults = new();
        MemStore store = Open(o => o.ShardCount = 1);
        FaultyItems items = new(store);
        for (int i = 0; i < 1000; i++)
        {
            faults.Arm(0);
            FaultPoint.Callback = i == 500 ? static (_, file, _) =>
            {
                if (file.EndsWith("SortedBlocks.cs", StringComparison.Ordinal) || file.EndsWith("BlockArena.cs", StringComparison.Ordinal) || file.EndsWith("IndexStripe.cs", StringComparison.Ordinal))
                    throw new InsufficientMemoryException();
            }
            : i == 800 ? null : FaultPoint.Callback;
            Assert.Equal(SetResult.Stored, items.Set(new FaultyItem { Id = i, Group = "g" + i % 7 }));
        }
        Assert.True(store.Stats().IndexFaults > 0, "Nothing has failed.");
        Assert.Equal(store.Stats().IndexFaults, items.KeySpace.Stats().IndexFaults);
        Assert.Equal(143, items.FindByGroup("g3").Count());
        Assert.Equal(0, store.Stats().IndexScans);
    }

    /// <summary>A store that is forgotten without being closed gives its number back when it is collected.</summary>
    [Fact]
    public void A_forgotten_store_gives_its_number_back()
    {
        int before = ReadCounters.SlotsInUse;
        Forget(20);
        for (int i = 0; i < 10 && ReadCounters.SlotsInUse > before; i++)
        {
            GC.Collect();
            GC.WaitForPendingFinalizers();
        }
        Assert.True(ReadCounters.SlotsInUse <= before, $"{ReadCounters.SlotsInUse - before} of 20 numbers are kept.");
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void Forget(int stores)
    {
        for (int i = 0; i < stores; i++)
        {
            MemStore store = new(new MemStoreOptions { MaxMemoryBytes = 1 << 20, ShardCount = 1, SegmentBytes = 1024 });
            _ = store.Set("k", StoreExtensions.Item("v"));
            Assert.Equal("v", store.Text("k"));
        }
    }

    /// <summary>Changes from elsewhere whose prefixes nobody has named make a bounded number of key spaces; their records are there, and a name that comes later finds its own.</summary>
    [Fact]
    public void Prefixes_from_elsewhere_do_not_make_key_spaces_without_end()
    {
        MemStore store = Open(o => o.NodeId = 1);
        string prefix = System.Text.Encoding.ASCII.GetString(KeySpace.CreatePrefix("named later"));
        for (int i = 0; i < 2000; i++)
            Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation($"\u0001{i:D6}k", OpType.OpSet, new StoredItem([1], store.Clock.Next()), 2)));
        Assert.Equal(SetResult.Stored, store.Apply(new SyncOperation(prefix + "k", OpType.OpSet, new StoredItem([7], store.Clock.Next()), 2)));
        Assert.InRange(store.KeySpaces.Count, 2, 256);
        Assert.Equal(2001, store.Snapshot().Count());
        StoreInvariants.Assert(store);
        KeySpace space = store.GetKeySpace("named later");
        Span<byte> value = stackalloc byte[8];
        Assert.True(space.TryGet("k"u8, value, out int length, out _) && length == 1 && value[0] == 7);
        Assert.Equal(1, space.Count);
        Assert.Equal("k"u8.ToArray(), Assert.Single(space.Keys()));
        Assert.Equal(2001, store.GetMemoryReport().KeySpaces.Sum(static s => s.Entries));
    }

    private sealed class ClosingClock : TimeProvider
    {
        public Action? Calls { get; set; }

        public override DateTimeOffset GetUtcNow()
        {
            Action? calls = Calls;
            Calls = null;
            calls?.Invoke();
            return new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        }
    }

    /// <summary>A clock that closes or clears the store under the lock of one shard is refused before anything changes: no store is half closed.</summary>
    [Fact]
    public void A_store_is_closed_or_open_never_half()
    {
        ClosingClock clock = new();
        MemStore store = Open(o => (o.TimeProvider, o.ShardCount) = (clock, 4));
        for (int i = 0; i < 50; i++)
            store.Put("k" + i, "v");
        foreach (Action call in (Action[])[store.Dispose, store.Clear])
        {
            clock.Calls = call;
            Assert.Throws<InvalidOperationException>(() => store.Put("k1", "new", expireAt: new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero)));
            Assert.False(store.IsClosed);
            Assert.Equal(50, store.Keys().Count());
        }
        StoreInvariants.Assert(store);
        store.Dispose();
        Assert.True(store.UsedBytes <= 4 * 1024, $"{store.UsedBytes} bytes are still in use.");
    }
}
