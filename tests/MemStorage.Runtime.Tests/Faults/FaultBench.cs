using System.Buffers;
using System.Globalization;
using System.Text;
using MemStorage.Storage;
using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Faults;

/// <summary>A store in a known state, the calls that can be made on it, and what must hold after each.</summary>
internal sealed partial class FaultBench : IDisposable
{
    private const int LargeLength = 3000;
    private readonly FaultInjector _faults;
    private readonly FaultyClock _clock;
    private readonly FaultyLayout _layout;
    private readonly KeySpace _observed;
    private FaultyItems _items;
    private readonly Dictionary<string, string> _reported = [];
    private string? _last;
    private bool _changesNothingElse = true;

    public FaultBench(FaultInjector faults, FaultyLayout layout)
    {
        _faults = faults;
        _layout = layout;
        _clock = new FaultyClock(faults);
        TestHooks.MaxBuckets = layout == FaultyLayout.Splitting ? MemStorage.Storage.Index.HashIndex.MinBuckets : MemStorage.Storage.Index.HashIndex.MaxBuckets;
        Store = new MemStore(new MemStoreOptions
        {
            MaxMemoryBytes = 160 << 10,
            ShardCount = layout == FaultyLayout.Roomy ? 2 : 1,
            SegmentBytes = 1024,
            EvictionMode = layout == FaultyLayout.Refusing ? EvictionMode.Refuse : EvictionMode.Evict,
            AsyncEviction = false,
            CompressionEnabled = false,
            ChangeLogBytes = 8192,
            ExpirySweepInterval = TimeSpan.Zero,
            TimeProvider = _clock,
            HashSeed = 42,
            NodeId = 1,
        });
        _items = new FaultyItems(Store);
        _observed = Store.GetKeySpace("observed");
        Store.Observe(_observed, new FaultyObserver(faults));
        Fill();
    }

    public MemStore Store { get; }

    private bool Evicts => _layout is FaultyLayout.Full or FaultyLayout.FullOfLarge;

    public void Dispose()
    {
        TestHooks.MaxBuckets = MemStorage.Storage.Index.HashIndex.MaxBuckets;
        if (!Store.IsClosed)
            Store.Dispose();
    }

    private void Fill()
    {
        int small = _layout switch { FaultyLayout.Full => 900, FaultyLayout.Refusing => 500, FaultyLayout.FullOfLarge => 20, _ => 35 };
        for (int i = 0; i < small; i++)
            _ = Store.Set("k" + i, new StoredItem(Payload.Create(i, 1, 100)));
        int large = _layout switch { FaultyLayout.FullOfLarge => 60, FaultyLayout.Full => 0, _ => 8 };
        for (int i = 0; i < large; i++)
            _ = Store.Set("large" + i, new StoredItem(Payload.Create(i, 1, LargeLength)));
        // read, so that some are worth keeping; then what the calls below are made on, so that it is there also where others had to go
        for (int i = 0; i < small; i += 3)
            _ = Store.TryGet("k" + i, out StoredItem? _);
        for (int i = 0; i < 4; i++)
        {
            Assert.Equal(SetResult.Stored, _items.Set(new FaultyItem { Id = i, Group = "g" + i % 2, Body = new byte[40] }));
            Assert.Equal(SetResult.Stored, _observed.Set(Encoding.UTF8.GetBytes("o" + i), new byte[20]));
        }
        Store.Put("present", Payload.Create(1, 1, 100));
        Store.Put("present large", Payload.Create(1, 1, LargeLength));
        Store.Put("expires", Payload.Create(1, 1, 50), expireAt: _clock.Inner.GetUtcNow().AddSeconds(1));
        Store.Put("expires large", Payload.Create(1, 1, LargeLength), expireAt: _clock.Inner.GetUtcNow().AddSeconds(1));
        _ = Store.GetSyncBuffer();
        Store.Put("changed", Payload.Create(1, 1, 60));
        Assert.Equal(4, _items.Count);
        Assert.Equal(4, _observed.Stats().KeyCount);
    }

    // ---- images ----

    /// <summary>Every record that a replica would get, tombstones included, in words.</summary>
    private Dictionary<string, string> Image() => Store.Snapshot().ToDictionary(
        static o => o.Key, o => o.OpType == OpType.OpDelete ? Tombstone : Words(o.Item.Value.Span), StringComparer.Ordinal);

    private const string Tombstone = "deleted";

    private static string Words(ReadOnlySpan<byte> value) => Convert.ToHexString(System.Security.Cryptography.SHA256.HashData(value).AsSpan(0, 8)) + " " + value.Length.ToString(CultureInfo.InvariantCulture);

    // ---- the run ----

    /// <summary>Makes the call with a fault at a point, and checks what must hold after it.</summary>
    /// <returns>Whether the point was there.</returns>
    public bool Run(FaultyCall call, int failAt, bool memoryIsGone)
    {
        Before(call);
        Dictionary<string, string> before = Image();
        MemStoreStats counted = Store.Stats();
        ChangeCursor cursor = Store.Changes.Newest;
        Exception? thrown = null;
        _faults.Arm(failAt, memoryIsGone);
        try
        {
            Make(call);
        }
        catch (Exception e)
        {
            thrown = e;
        }
        finally
        {
            _faults.Disarm();
        }
        if (thrown is not null)
            Assert.True(FaultInjector.IsInjected(thrown), $"Not what was injected: {thrown}");
        if (call == FaultyCall.Close)
        {
            AssertClosed();
            return _faults.Failed is not null;
        }
        Check(call, before, counted, cursor, thrown);
        if (failAt > 0)
        {
            _reported.Clear();
            long evicted = Store.Stats().EvictCount;
            Make(call); // "and the next call works"
            AssertReported(Image(), call, evicted);
            StoreInvariants.Assert(Store);
        }
        return _faults.Failed is not null;
    }

    private void Check(FaultyCall call, Dictionary<string, string> before, MemStoreStats counted, ChangeCursor cursor, Exception? thrown)
    {
        Dictionary<string, string> after = Image();
        AssertReported(after, call, counted.EvictCount);
        HashSet<string> own = [.. _reported.Keys];
        foreach ((string key, string value) in after)
        {
            if (own.Contains(key))
                continue;
            if (before.TryGetValue(key, out string? old))
                Assert.True(old == value, $"'{key}' is {value} and was {old}.");
            else
                Assert.True(MayHaveHappened(call, key), $"'{key}' is there, and nobody was told that it was stored.");
        }
        if (thrown is not null && !Evicts && call is not (FaultyCall.Sweep or FaultyCall.Drain))
            Assert.All(before.Keys.Except(own), key => Assert.True(after.ContainsKey(key), $"'{key}' is gone, after {thrown.Message}."));
        MemStoreStats now = Store.Stats();
        if (_changesNothingElse)
        {
            Assert.Equal(counted.SetCount + _sets, now.SetCount);
            Assert.Equal(counted.DeleteCount + _deletes, now.DeleteCount);
        }
        AssertFeed(cursor, own, call);
        AssertIndexes();
        Assert.Equal(0, _items.State.Flights.Count);
        Assert.Equal(0, Store.Budget.Wanted);
        StoreInvariants.Assert(Store);
    }

    /// <summary>What returned is so. No write evicts what it has stored itself; a later one of several may, and then it is counted.</summary>
    private void AssertReported(Dictionary<string, string> image, FaultyCall call, long evictedBefore)
    {
        long evicted = Store.Stats().EvictCount - evictedBefore;
        foreach ((string key, string value) in _reported)
        {
            bool there = image.TryGetValue(key, out string? found);
            if (!there && Evicts && call is FaultyCall.SetManySmall or FaultyCall.SetManyLarge or FaultyCall.TypedCreateNested && key != _last)
                Assert.True(value == Tombstone || --evicted >= 0, $"'{key}' was reported as {value}, is absent, and was not counted as evicted.");
            else
                Assert.True(found == value || (value == Tombstone && !there && _layout != FaultyLayout.Roomy), $"'{key}' was reported as {value} and is {found ?? "absent"}.");
        }
    }

    /// <summary>The feed has what was reported, and nothing that was not.</summary>
    private void AssertFeed(ChangeCursor cursor, HashSet<string> own, FaultyCall call)
    {
        if (call == FaultyCall.Clear)
            return; // replicas are not told
        ChangeBatch batch = Store.Changes.Read(cursor, int.MaxValue);
        HashSet<string> told = [.. batch.Operations.Select(static o => o.Key)];
        Assert.All(told, key => Assert.True(own.Contains(key) || MayHaveHappened(call, key), $"The feed has '{key}', which was not changed."));
        if (!batch.IsGap && call is not (FaultyCall.ApplySet or FaultyCall.ApplyDelete or FaultyCall.ApplyUnknownSpace or FaultyCall.Touch or FaultyCall.TouchLarge))
            Assert.All(own, key => Assert.True(told.Contains(key), $"The feed has lost '{key}' silently."));
    }

    /// <summary>A search finds what a walk over the entities finds.</summary>
    private void AssertIndexes()
    {
        List<FaultyItem> all = [.. _items.All()];
        foreach (string group in (string[])["g0", "g1", "moved", "new"])
            Assert.Equal(all.Where(i => i.Group == group).Select(static i => i.Id).Order(), _items.FindByGroup(group).Select(static i => i.Id).Order());
    }

    /// <summary>A load that fails after it has stored what it loaded has stored it all the same: what a load finds may be kept.</summary>
    private static bool MayHaveHappened(FaultyCall call, string key) => call is FaultyCall.TypedCreate or FaultyCall.TypedCreateNested && key.EndsWith("77", StringComparison.Ordinal);

    private void AssertClosed()
    {
        Assert.True(Store.IsClosed || _faults.Failed is null, "Half closed.");
        if (!Store.IsClosed)
            return;
        Store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => Store.Put("after", "v"));
        Assert.Equal(0, Store.Budget.Spares.Bytes);
        // what is left are the empty tables, and what the indexes keep in hand
        Assert.True(Store.UsedBytes - Store.Budget.Secondary < 4096, $"{Store.UsedBytes} bytes are still in use.");
    }

    private sealed class FaultyObserver(FaultInjector faults) : IRecordObserver
    {
        public void OnStored(ReadOnlySpan<byte> key, long version) => faults.Foreign("observer");

        public void OnRemoved(ReadOnlySpan<byte> key, RemovalReason reason) => faults.Foreign("observer");

        public void OnFault(ReadOnlySpan<byte> key) => faults.Foreign("observer");
    }

    private sealed class FaultyWriter(FaultInjector faults) : IBufferWriter<byte>
    {
        private readonly byte[] _bytes = new byte[4096];

        public void Advance(int count) => faults.Foreign("writer");

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            faults.Foreign("writer");
            return _bytes;
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}

/// <summary>A clock that fails on demand.</summary>
internal sealed class FaultyClock(FaultInjector faults) : TimeProvider
{
    public Microsoft.Extensions.Time.Testing.FakeTimeProvider Inner { get; } = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    public override DateTimeOffset GetUtcNow()
    {
        faults.Foreign("clock");
        return Inner.GetUtcNow();
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) => Inner.CreateTimer(callback, state, dueTime, period);
}
