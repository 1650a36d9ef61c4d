using System.Runtime.CompilerServices;
using MemStorage.Changes;
using MemStorage.Hashing;
using MemStorage.Storage.Eviction;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;
using MemStorage.Storage.Reclaim;

namespace MemStorage.Storage;

/// <summary>
/// One shard: the order of steps of every write, under one lock. Mechanism is in its parts (<see cref="HashIndex"/>, <see cref="SegmentLog"/>,
/// <see cref="Reclaimer"/>, <see cref="ChangeLog"/>), policy in <see cref="EvictionPolicy"/>. Reads go through <see cref="ShardReader"/> without the lock.
/// </summary>
internal sealed partial class Shard
{
    /// <summary>Two that are open, one in reserve, one that is reclaimed.</summary>
    private const long UnreclaimableSegments = 4;

    /// <summary>The part of a shard's bound in which versions are remembered that nothing else tells of any more.</summary>
    private const int VersionShare = 128;

    private readonly Lock _lock = new();
    private readonly StoreContext _store;
    private readonly Reclaimer _reclaimer;
    private SpaceUsage[] _usage = new SpaceUsage[1];
    private Ghost? _ghost;
    private Ghost? _versions;
    private uint _versionsClock;
    private long _lastNow;
    private bool _closed;

    public Shard(StoreContext store, int number)
    {
        _store = store;
        Index = new HashIndex(store.Map, number);
        Log = new SegmentLog(store.Budget, store.SharedSegments, store.Layout, store.Map, number);
        Changes = new ChangeLog(store.Budget, store.Layout.ChangeLogBytesPerShard);
        Policy = new EvictionPolicy(store.HashSeed + (ulong)number);
        _reclaimer = new Reclaimer(this);
        if (!store.Budget.TryReserve(Index.Bytes))
            throw new ArgumentException($"The bound of {store.Layout.LimitBytes:N0} bytes does not hold the empty index of {store.Layout.Shards} shards.");
    }

    public HashIndex Index { get; }

    public SegmentLog Log { get; }

    internal ChangeLog Changes { get; }

    internal EvictionPolicy Policy { get; }

    internal StoreContext Store => _store;

    /// <summary>The highest version that was dropped and is no longer remembered: a replicated write up to it may be older than what was here, and is refused.</summary>
    internal long VersionFloor { get; private set; }

    /// <summary>The bytes this shard takes from the bound, large values apart.</summary>
    internal long Charge => Log.AllocatedBytes + Index.Bytes + GhostBytes + Changes.Bytes;

    /// <summary>What was reclaimed so far. Read without the lock.</summary>
    internal long ReclaimedBytes => _reclaimer.ReclaimedBytes;

    /// <summary>What eviction cannot give back: index, ghost, change log, and the segments that are open or in reserve. Read without the lock: an estimate.</summary>
    internal long UnreclaimableBytes => Index.Bytes + GhostBytes + Changes.Bytes + UnreclaimableSegments * Log.SegmentBytes;

    /// <summary>What is counted of a space; made by <see cref="EnsureUsage"/> before its first record comes, so that counting allocates nothing.</summary>
    internal ref SpaceUsage Usage(byte space) => ref _usage[space];

    /// <summary>To be called by whatever counts for a space that may have no records yet, before anything changes.</summary>
    private void EnsureUsage(byte space)
    {
        if (space >= _usage.Length)
            GrowUsage(space);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void GrowUsage(byte space)
    {
        FaultPoint.Allocation();
        Array.Resize(ref _usage, Math.Min(256, Math.Max(space + 1, _usage.Length * 2)));
    }

    /// <summary>The slot of a key, or a null reference.</summary>
    internal ref ulong FindSlot(ulong hash, ReadOnlySpan<byte> key)
    {
        uint tag = Slot.TagOf(hash);
        IndexTable table = Index.TableOf(tag);
        for (uint b = table.FirstBucket(tag); ; b = table.NextBucket(b))
        {
            ref ulong bucket = ref table.Bucket(b);
            for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
            {
                ref ulong slot = ref Unsafe.Add(ref bucket, System.Numerics.BitOperations.TrailingZeroCount(match));
                if (Slot.Address(slot) != 0 && Log.At(Slot.Address(slot)).Key.SequenceEqual(key))
                    return ref slot;
            }
            if (table.EndsAt(b, tag))
                return ref Unsafe.NullRef<ulong>();
        }
    }

    /// <summary>The slot that names this address, or a null reference when the record there is no longer in the index.</summary>
    internal ref ulong FindSlotByAddress(uint tag, uint address)
    {
        IndexTable table = Index.TableOf(tag);
        for (uint b = table.FirstBucket(tag); ; b = table.NextBucket(b))
        {
            ref ulong bucket = ref table.Bucket(b);
            for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
            {
                ref ulong slot = ref Unsafe.Add(ref bucket, System.Numerics.BitOperations.TrailingZeroCount(match));
                if (Slot.Address(slot) == address)
                    return ref slot;
            }
            if (table.EndsAt(b, tag))
                return ref Unsafe.NullRef<ulong>();
        }
    }

    // ---- memory ----

    /// <summary>Whether the shard may take more from the bound; nothing is reserved.</summary>
    internal bool CanTake(long bytes) => Charge + bytes <= _store.ShardQuota && bytes <= _store.Budget.Available;

    /// <summary>
    /// The same for a segment. Where somebody waits for room (<see cref="MemoryBudget.Wanted"/>) the shard gives way and goes on with the segments that it has: taken back as fast as
    /// it is given, the room would never be enough. A few it may have in any case (<see cref="UnreclaimableBytes"/>).
    /// </summary>
    internal bool CanTakeSegment()
    {
        _store.Pressure.TryRaise();
        if (!CanTake(Log.SegmentBytes) || !Log.HasNumber)
            return false;
        long wanted = _store.Budget.Wanted;
        return wanted == 0 || Log.AllocatedBytes < UnreclaimableSegments * Log.SegmentBytes || Charge + Log.SegmentBytes + wanted / _store.Layout.Shards <= _store.ShardQuota
            || TestHooks.IgnoreWanted;
    }

    internal bool TryTake(long bytes) => Charge + bytes <= _store.ShardQuota && _store.Budget.TryReserve(bytes);

    internal bool TryAllocateSegment()
    {
        if (!CanTakeSegment() || !TryTake(Log.SegmentBytes))
            return false;
        try
        {
            Log.AddFreeSegment();
        }
        catch
        {
            _store.Budget.Release(Log.SegmentBytes);
            throw;
        }
        return true;
    }

    /// <summary>Whether there is a free segment for what is copied; one is allocated where there is none and the bound allows it.</summary>
    internal bool HasReserve() => Log.FreeCount > 0 || TryAllocateSegment();

    // ---- what was dropped ----

    internal bool RemembersNewer(ulong hash, long version, out long remembered)
    {
        remembered = 0;
        if (_ghost is not null && _ghost.TryPeek(hash, out _, out remembered) && remembered > version)
            return true;
        return _versions is not null && _versions.TryPeek(hash, out _, out remembered) && remembered > version;
    }

    internal bool IsInGhost(ulong hash, out uint birth)
    {
        birth = 0;
        return _ghost is not null && _ghost.TryPeek(hash, out birth, out _);
    }

    /// <summary>The buckets that a probe for this hash looks at, for tests of the hash's quality.</summary>
    internal int ProbeLength(ulong hash)
    {
        using (Enter())
        {
            uint tag = Slot.TagOf(hash);
            IndexTable table = Index.TableOf(tag);
            int length = 1;
            for (uint b = table.FirstBucket(tag); !table.EndsAt(b, tag); b = table.NextBucket(b))
                length++;
            return length;
        }
    }

    /// <summary>Remembers the version of a record that is being dropped.</summary>
    /// <param name="hash">The key's hash.</param>
    /// <param name="birth">For the policy; null when only the version matters: then the entry is the first of its bucket to be forgotten.</param>
    /// <param name="version">The version.</param>
    internal void Remember(ulong hash, uint? birth, long version)
    {
        if (_ghost is null)
            RaiseFloor(version);
        else if (_ghost.Add(hash, birth ?? Policy.Clock - (uint.MaxValue / 4), version, out long forgotten))
            RaiseFloor(forgotten);
    }

    internal void RaiseFloor(long version) => VersionFloor = Math.Max(VersionFloor, version);

    /// <summary>
    /// Makes the ghost when eviction begins: as many entries as live records, at most a sixteenth of the quota. The memory of versions comes with it: when the first record expires there may be no
    /// room for it any more.
    /// </summary>
    internal void EnsureGhost()
    {
        if (_versions is null)
            TryCreateVersions();
        if (_ghost is null)
            TryCreateGhost(Index.Count);
    }

    /// <summary>Once the last segments are taken there is no room for a ghost any more: it is made when seven eighths of the quota are.</summary>
    private void EnsureGhostBeforeFull()
    {
        if (_versions is not null && !_store.MayEvict)
            return;
        long quota = _store.Layout.LimitBytes / _store.Layout.Shards;
        if ((Charge + Log.OversizeBytes) * 8 >= quota * 7)
        {
            if (_versions is null)
                TryCreateVersions();
            if (_ghost is null && _store.MayEvict)
                TryCreateGhost(Index.Count * 8 / 7);
        }
    }

    private void TryCreateGhost(long records)
    {
        int entries = (int)Math.Clamp(records, 8, Math.Max(8, _store.Layout.LimitBytes / _store.Layout.Shards / 16 / Ghost.EntryBytes));
        long bytes = Ghost.BytesFor(entries);
        while (!CanTake(bytes) && Log.FreeCount > Reclaimer.ReservedSegments)
            Log.DropFreeSegment();
        if (!TryTake(bytes))
            return;
        try
        {
            TestHooks.At(TestPoint.AllocateGhost);
            FaultPoint.Allocation();
            _ghost = new Ghost(entries);
        }
        catch (OutOfMemoryException)
        {
            _store.Budget.Release(bytes); // eviction works without its memory, and the next one tries again
        }
    }

    internal long GhostBytes => (_ghost?.Bytes ?? 0) + (_versions?.Bytes ?? 0);

    /// <summary>
    /// Remembers the version of a key that has expired, or whose deletion has no tombstone any more, so that an older write does not bring it back. Apart from the ghost, which remembers for
    /// the policy as well and which stores that never evict have none of; there are many of these at times, and they must not push out what the policy learns from.
    /// </summary>
    internal void RememberVersion(ulong hash, long version)
    {
        if (_versions is null)
            TryCreateVersions();
        if (_versions is null)
            RaiseFloor(version);
        else if (_versions.Add(hash, _versionsClock++, version, out long forgotten))
            RaiseFloor(forgotten);
    }

    private void TryCreateVersions()
    {
        int entries = (int)Math.Max(8, _store.Layout.LimitBytes / _store.Layout.Shards / VersionShare / Ghost.EntryBytes);
        long bytes = Ghost.BytesFor(entries);
        while (!CanTake(bytes) && Log.FreeCount > Reclaimer.ReservedSegments)
            Log.DropFreeSegment();
        if (!TryTake(bytes))
            return;
        try
        {
            TestHooks.At(TestPoint.AllocateGhost);
            FaultPoint.Allocation();
            _versions = new Ghost(entries);
        }
        catch (OutOfMemoryException)
        {
            _store.Budget.Release(bytes); // the floor stands in for it
        }
    }

    internal ulong HashOf(ReadOnlySpan<byte> key) => KeyHash.Compute(key, _store.HashSeed);

    internal OccupancyView Occupancy()
    {
        ref SegmentQueue small = ref Log.Queue(LogKind.Small);
        ref SegmentQueue main = ref Log.Queue(LogKind.Main);
        return new OccupancyView
        {
            SmallSegments = small.Count,
            MainSegments = main.Count,
            SmallBytes = small.Bytes,
            MainBytes = main.Bytes,
            CapacityBytes = Math.Max(Log.SegmentBytes, small.Bytes + main.Bytes + (Log.FreeCount - Reclaimer.ReservedSegments) * (long)Log.SegmentBytes),
            MainOldestBirth = main.Oldest == 0 ? 0 : Log.Info(main.Oldest).Birth,
            LiveRecords = Index.Count,
        };
    }

    /// <summary>The segment that the policy means; 0: there is none.</summary>
    internal int OldestOf(VictimKind kind) => kind switch
    {
        VictimKind.None => 0,
        VictimKind.MainOldest => Log.Queue(LogKind.Main).Oldest,
        _ => Log.Queue(LogKind.Small).Oldest,
    };

    /// <summary>A clock that throws must not undo a write that stands, nor leave one half done: with the last time known, what has expired since goes a little later.</summary>
    internal long NowOrLast()
    {
        try
        {
            return _lastNow = _store.Time.Now;
        }
        catch (Exception)
        {
            return _lastNow;
        }
    }

    /// <summary>
    /// Takes the shard's lock for a <c>using</c>: what <c>lock</c> does, with a named point before it. Foreign code that runs under the lock (a time provider) and calls back would
    /// change tables under the feet of the call that it interrupts: it is refused before anything changes.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Lock.Scope Enter()
    {
        if (_lock.IsHeldByCurrentThread)
            ThrowReentered();
        TestHooks.BeforeLock(_lock);
        FaultPoint.Lock();
        return _lock.EnterScope();
    }

    /// <summary>The same for what must be done: to all shards or to none, where an interruption must not come between two of them, or at the end of a call.</summary>
    private HeldLock EnterUninterrupted()
    {
        if (_lock.IsHeldByCurrentThread)
            ThrowReentered();
        TestHooks.BeforeLock(_lock);
        return _lock.EnterUninterrupted();
    }

    /// <summary>See <see cref="Enter"/>.</summary>
    internal void ThrowIfHeld()
    {
        if (_lock.IsHeldByCurrentThread)
            ThrowReentered();
    }

    private static void ThrowReentered() =>
        throw new InvalidOperationException("A time provider or an observer of the store called the store while it served a call. Such code must not change or inspect the store; it may read entries.");

    private void ThrowIfClosed() => ObjectDisposedException.ThrowIf(_closed, typeof(MemStore));
}
