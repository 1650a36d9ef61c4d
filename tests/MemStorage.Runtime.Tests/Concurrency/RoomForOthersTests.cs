using System.Runtime.CompilerServices;
using MemStorage.Storage;
using MemStorage.Storage.Log;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>Room that shards give back for large values and other users of the bound: that it comes together, that none is lost, that nothing is kept which was given back.</summary>
[Collection(TestHooksUsers.Name)]
public sealed class RoomForOthersTests : StoreTest
{
    private MemStore OpenSmall(int shards = 2) =>
        Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction, o.CompressionEnabled, o.ChangeLogBytes) = (1 << 20, shards, 4096, false, false, 0));

    private sealed class GivesUp : Exception;

    /// <summary>
    /// Others write as much as is given back, each time before the writer of the large value has the next lock. It gets its room all the same, since shards take no more segments while
    /// somebody waits; without that it tries for ever.
    /// </summary>
    [Theory]
    [InlineData(Guard.None, false)]
    [InlineData(Guard.Wanted, false)]
    [InlineData(Guard.None, true)]
    [InlineData(Guard.Wanted, true)]
    public void Room_that_is_given_back_is_not_taken_again_meanwhile(Guard guard, bool secondary)
    {
        using GuardTakenOut taken = new(guard);
        MemStore store = OpenSmall();
        int written = 0;
        void Write(int count)
        {
            for (int end = written + count; written < end; written++)
                store.Put($"k{written % 20_000}", Payload.Create(written, 1, 200));
        }

        Write(6000);
        bool inside = false;
        int tries = 0;
        TestHooks.BeforeLockCallback = _ =>
        {
            if (inside)
                return;
            inside = true;
            if (++tries > 3000)
                throw new GivesUp();
            Write(60); // three segments
            inside = false;
        };
        bool got = true;
        try
        {
            if (secondary)
                got = store.TryReserveSecondary(400_000);
            else
                store.Put("large", Payload.Create(1, 1, 400_000));
        }
        catch (GivesUp)
        {
            got = false;
        }
        TestHooks.BeforeLockCallback = null;
        Assert.Equal(guard == Guard.None, got);
        Assert.Equal(0, store.Budget.Wanted);
        if (got && secondary)
            store.Budget.ReleaseSecondary(400_000);
        StoreInvariants.Assert(store);
        Write(1000);
    }

    /// <summary>A touch of a record that has no room for an expiry, and no memory for its copy: nothing changes.</summary>
    [Fact]
    public void A_touch_that_fails_loses_no_bytes()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall();
        store.Put("touched", Payload.Create(1, 1, 100));
        long used = store.UsedBytes;
        TestHooks.Callback = static point =>
        {
            if (point == TestPoint.AllocateCopy)
                throw new InsufficientMemoryException();
        };
        Assert.Throws<InsufficientMemoryException>(() => _ = store.Touch("touched"u8, Now.AddHours(1).ToUnixTimeMilliseconds()));
        TestHooks.Callback = null;
        StoreInvariants.Assert(store);
        Assert.Equal(used, store.UsedBytes - store.Budget.Spares.Bytes);
        Assert.True(store.Touch("touched"u8, Now.AddHours(1).ToUnixTimeMilliseconds()));
        Assert.True(Payload.TryVerify(store.Get("touched").Value.Span, 1, out _));
    }

    /// <summary>The sweep does not keep alive what it has swept: bytes that were given back to the bound would stay in the process.</summary>
    [Fact]
    public void A_sweep_keeps_no_array_of_what_has_gone()
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = OpenSmall(shards: 1);
        WeakReference array = PutLarge(store);
        Time.Advance(TimeSpan.FromSeconds(10));
        store.SweepExpired();
        Assert.Equal(1, store.Stats().ExpiredCount);
        store.Clear();
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
        Assert.False(array.IsAlive);

        [MethodImpl(MethodImplOptions.NoInlining)]
        WeakReference PutLarge(MemStore store)
        {
            store.Put("large", Payload.Create(1, 1, 50_000), expireAt: Now.AddSeconds(5));
            SegmentLog log = store.Engine.Shards[0].Log;
            int id = Enumerable.Range(1, log.HighestId).Single(i => log.Info(i).State == SegmentState.Closed && log.IsOversize(i));
            return new WeakReference(log.SegmentById(id).Data);
        }
    }

    /// <summary>A store full of values with an array of their own takes small ones as well: these displace those.</summary>
    [Theory]
    [InlineData(1, 1100)]
    [InlineData(1, 2000)]
    [InlineData(2, 1100)]
    [InlineData(4, 5000)]
    public void Small_values_displace_large_ones(int shards, int length)
    {
        using GuardTakenOut taken = new(Guard.None);
        MemStore store = Open(o => (o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.AsyncEviction, o.CompressionEnabled, o.ChangeLogBytes) = (4 << 20, shards, 4096, false, false, 0));
        for (int i = 0; store.Stats().EvictCount == 0; i++)
            store.Put($"large{i}", Payload.Create(i, 1, length));
        for (int i = 0; i < 3000; i++)
            store.Put($"small{i}", Payload.Create(i, 1, 200));
        StoreInvariants.Assert(store);
    }
}
