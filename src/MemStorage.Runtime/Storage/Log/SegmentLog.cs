using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Storage.Eviction;

namespace MemStorage.Storage.Log;

/// <summary>
/// The segments of a shard: three logs (small, main, tombstones) to which records are appended, free segments, and segments of single large values. It allocates, opens,
/// appends, frees; it does not decide what to reclaim. Writers hold the shard's lock; readers go through <see cref="ReadMap.SegmentOf"/>.
/// </summary>
internal sealed class SegmentLog
{
    private const int InitialIds = 16;

    private readonly MemoryBudget _budget;
    private readonly SharedSegments _sharedSegments;
    private readonly int _segmentBytes;
    private readonly int _offsetBits;
    private readonly uint _offsetMask;
    private readonly Stack<int> _freeSegments = new(InitialIds); // both have room for every number, so that giving one back allocates nothing
    private readonly Stack<int> _freeIds = new(InitialIds);
    private readonly ReadMap _map;
    private readonly int _shard;
    private Segment?[] _segments = new Segment?[InitialIds]; // the same as the readers' in the map
    private SegmentInfo[] _infos = new SegmentInfo[InitialIds];
    private SegmentQueue _small = new(LogKind.Small);
    private SegmentQueue _main = new(LogKind.Main);
    private int _openSmall;
    private int _openMain;
    private SegmentQueue _tombstones = new(LogKind.Tombstones);
    private int _openTombstones;
    private int _closedSmall;
    private int _closedMain;
    private int _nextId = 1;
    private int _generation;
    private int _victim;
    private LogKind _survivorsGoTo;
    private readonly int _mostNumbers;
    private readonly int _mostLarge;

    public SegmentLog(MemoryBudget budget, SharedSegments sharedSegments, StoreLayout layout, ReadMap map, int shard)
    {
        int segmentBytes = layout.SegmentBytes;
        _mostNumbers = layout.SegmentNumbers;
        _mostLarge = layout.LargeValuesPerShard;
        _map = map;
        _shard = shard;
        Volatile.Write(ref map.View(shard).Segments, _segments);
        _budget = budget;
        _sharedSegments = sharedSegments;
        _segmentBytes = segmentBytes;
        _offsetBits = StoreLayout.OffsetBits(segmentBytes);
        _offsetMask = (1u << _offsetBits) - 1;
    }

    public int SegmentBytes => _segmentBytes;

    /// <summary>Bytes of all normal segments, free ones included.</summary>
    public long AllocatedBytes { get; private set; }

    /// <summary>Bytes of segments of single large values.</summary>
    public long OversizeBytes { get; private set; }

    /// <summary>How many segments of single large values there are.</summary>
    public int OversizeCount { get; private set; }

    /// <summary>Bytes of records that are no longer in the index, in closed and open segments.</summary>
    public long DeadBytes { get; private set; }

    /// <summary>Bytes appended to segments in use.</summary>
    public long AppendedBytes { get; private set; }

    public int FreeCount => _freeSegments.Count;

    public int SegmentsInUse => _small.Count + _main.Count + _tombstones.Count;

    /// <summary>What eviction thresholds compare: everything allocated but the free segments.</summary>
    public long OccupiedBytes => AllocatedBytes - (long)FreeCount * _segmentBytes + OversizeBytes;

    public ref SegmentQueue Queue(LogKind log)
    {
        if (log == LogKind.Small)
            return ref _small;
        return ref log == LogKind.Main ? ref _main : ref _tombstones;
    }

    public ref SegmentInfo Info(int id) => ref _infos[id];

    public int HighestId => _nextId - 1;

    /// <summary>Whether every number there is could be given back, or its segment be free, without an allocation.</summary>
    public bool HasRoomForEveryNumber => _freeSegments.Capacity >= HighestId && _freeIds.Capacity >= HighestId;

    public int Open(LogKind log) => log == LogKind.Small ? _openSmall : log == LogKind.Main ? _openMain : _openTombstones;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int IdOf(uint address) => (int)(address >> _offsetBits);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OffsetOf(uint address) => (int)(address & _offsetMask) << 3;

    public uint AddressOf(int id, int offset) => ((uint)id << _offsetBits) | (uint)(offset >> 3);

    public Segment SegmentById(int id) => _segments[id]!;

    /// <summary>Whether the segment holds one large value.</summary>
    public bool IsOversize(int id) => _segments[id]!.Data.Length != _segmentBytes;

    public long BytesOf(int id) => _segments[id]!.Data.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public RecordView At(uint address)
    {
        Segment segment = _segments[IdOf(address)]!;
        return new RecordView(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(segment.Data), OffsetOf(address)));
    }

    /// <summary>For what is read after the lock is given up.</summary>
    public (Segment Segment, int Offset) PlaceOf(uint address) => (_segments[IdOf(address)]!, OffsetOf(address));

    public RecordView At(int id, int offset) =>
        new(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_segments[id]!.Data), offset));

    // ---- appending ----

    /// <summary>The bytes left at the tail of a log.</summary>
    public int RoomIn(LogKind log) => Open(log) is var open and not 0 ? _segmentBytes - _infos[open].Position : 0;

    public bool HasRoom(LogKind log, int size) => Fits(Open(log), size) || Fits(LastClosed(log), size);

    /// <summary>
    /// The same for a writer: what the survivors of the segment that is being reclaimed may still need is theirs. Writers that took it would leave them no place to go, and a store that
    /// never evicts would lose them.
    /// </summary>
    public bool HasRoomToWrite(LogKind log, int size) =>
        Fits(LastClosed(log), size) || (Fits(Open(log), size) && (FreeCount > 0 || RoomIn(log) - size >= SurvivorBytes(log) || TestHooks.IgnoreSurvivors));

    /// <summary>What writers may append to a log before the segment that is being reclaimed is free.</summary>
    public long RoomToWrite(LogKind log) => RoomIn(log) + (_victim != 0 && _survivorsGoTo == log ? ((long)FreeCount * _segmentBytes) - SurvivorBytes(log) : 0);

    /// <summary>
    /// Whether all that lives in a segment fits into a log without another segment being allocated. As long as writers leave them their room it does until the last one is copied: into the tail, or
    /// else into a free segment, which is as long as their own.
    /// </summary>
    public bool CanHoldSurvivors(int id, LogKind log) =>
        FreeCount > 0 || LiveBytesOf(id) == 0 || (Open(log) != id && RoomIn(log) >= LiveBytesOf(id));

    private int LiveBytesOf(int id) => _infos[id].Position - _infos[id].Dead;

    /// <summary>The most that still comes to a log from the segment that is being reclaimed.</summary>
    private int SurvivorBytes(LogKind log) => _victim != 0 && _survivorsGoTo == log ? LiveBytesOf(_victim) : 0;

    private bool Fits(int id, int size) => id != 0 && _infos[id].Position + size <= _segmentBytes;

    /// <summary>
    /// The predecessor of the open segment, 0 when it is not there any more. Its last record left a gap, half a record long on average; what fits into it goes there, a little
    /// out of order: with records of some hundred bytes that is 2 to 4 % of a small store.
    /// </summary>
    private int LastClosed(LogKind log) => log == LogKind.Small ? _closedSmall : log == LogKind.Main ? _closedMain : 0;

    private void ForgetLastClosed(int id)
    {
        if (_closedSmall == id)
            _closedSmall = 0;
        if (_closedMain == id)
            _closedMain = 0;
    }

    /// <summary>Takes room at the tail of a log that has it (<see cref="HasRoom"/>), or in the gap before it; the caller writes the record.</summary>
    public uint Append(LogKind log, int size, long expireAt)
    {
        int id = Fits(LastClosed(log), size) ? LastClosed(log) : Open(log);
        ref SegmentInfo info = ref _infos[id];
        if (size > _segmentBytes - info.Position)
            ThrowNoRoom(size, info.Position); // what is written there would go over memory of others
        uint address = AddressOf(id, info.Position);
        info.Position += size;
        AppendedBytes += size;
        if (expireAt != 0 && expireAt < info.EarliestExpiry)
            info.EarliestExpiry = expireAt;
        return address;
    }

    private void ThrowNoRoom(int size, int position) => throw new InvalidOperationException($"A record of {size:N0} bytes was to be put at {position:N0} of a segment of {_segmentBytes:N0}.");

    /// <summary>Closes the tail of a log and makes a free segment its new one.</summary>
    public void OpenNext(LogKind log, uint birth)
    {
        TestHooks.At(TestPoint.SealBeforeOpen);
        int id = PopFree();
        if (log == LogKind.Small)
            _closedSmall = _openSmall;
        else if (log == LogKind.Main)
            _closedMain = _openMain;
        Close(log);
        ref SegmentInfo info = ref _infos[id];
        info = new SegmentInfo { State = SegmentState.Open, Birth = birth, EarliestExpiry = long.MaxValue };
        Queue(log).Append(_infos, id, _segmentBytes);
        CountTombstones(log, _segmentBytes);
        SetOpen(log, id);
    }

    /// <summary>Closes the tail of a log; it stays in the queue.</summary>
    public void Close(LogKind log)
    {
        int open = Open(log);
        if (open == 0)
            return;
        _infos[open].State = SegmentState.Closed;
        SetOpen(log, 0);
    }

    private void SetOpen(LogKind log, int id)
    {
        if (log == LogKind.Small)
            _openSmall = id;
        else if (log == LogKind.Main)
            _openMain = id;
        else
            _openTombstones = id;
    }

    /// <summary>Copies a record; nobody knows of the copy until its slot is published.</summary>
    public void CopyRecord(int fromId, int fromOffset, uint to, int size) =>
        _segments[fromId]!.Data.AsSpan(fromOffset, size).CopyTo(_segments[IdOf(to)]!.Data.AsSpan(OffsetOf(to)));

    // ---- segments ----

    /// <summary>Allocates a free segment whose bytes the caller has reserved. Throws <see cref="OutOfMemoryException"/> before anything changes.</summary>
    public void AddFreeSegment()
    {
        TestHooks.At(TestPoint.AllocateSegment);
        FaultPoint.Allocation();
        var segment = new Segment(CollectedHeap.AllocateToStay(_segmentBytes), NextGeneration());
        int id = NewId(segment);
        _infos[id].State = SegmentState.Free;
        AllocatedBytes += _segmentBytes;
        PushFree(id);
    }

    /// <summary>Gives a free segment back to the garbage collector and its bytes to the budget.</summary>
    public void DropFreeSegment()
    {
        int id = PopFree();
        Retire(id);
        AllocatedBytes -= _segmentBytes;
        _budget.Discard(_segmentBytes);
    }

    private void PushFree(int id)
    {
        _freeSegments.Push(id);
        _budget.AddFree(_segmentBytes);
    }

    private int PopFree()
    {
        int id = _freeSegments.Pop();
        _budget.AddFree(-_segmentBytes);
        return id;
    }

    /// <summary>Whether there is a number for one more segment.</summary>
    public bool HasNumber => _freeIds.Count > 0 || _nextId <= _mostNumbers;

    /// <summary>The same for the array of a large value: as many numbers are left as the shard can have shared segments.</summary>
    public bool HasNumberForLarge => OversizeCount < _mostLarge && HasNumber;

    /// <summary>
    /// Adopts the array of a large value, whose bytes the caller has reserved; it takes part in eviction as a segment of its own. Throws <see cref="OutOfMemoryException"/> before
    /// anything changes.
    /// </summary>
    public uint AddOversize(byte[] data, LogKind log, int size, uint birth, long expireAt)
    {
        FaultPoint.Allocation();
        int id = NewId(new Segment(data, NextGeneration()));
        ref SegmentInfo info = ref _infos[id];
        info = new SegmentInfo
        {
            State = SegmentState.Closed,
            Birth = birth,
            Position = size,
            EarliestExpiry = expireAt == 0 ? long.MaxValue : expireAt,
        };
        EnqueueClosed(id, log);
        OversizeBytes += data.Length;
        OversizeCount++;
        _budget.AddOversize(data.Length);
        AppendedBytes += size;
        return AddressOf(id, 0);
    }

    /// <summary>Puts a closed segment behind the open one's predecessors: the open segment stays the newest.</summary>
    private void EnqueueClosed(int id, LogKind log)
    {
        ref SegmentQueue queue = ref Queue(log);
        int open = Open(log);
        if (open != 0)
            queue.Remove(_infos, open, _segmentBytes);
        queue.Append(_infos, id, BytesOf(id));
        CountTombstones(log, BytesOf(id));
        if (open != 0)
            queue.Append(_infos, open, _segmentBytes);
    }

    private void CountTombstones(LogKind log, long bytes)
    {
        if (log == LogKind.Tombstones)
            _budget.AddTombstones(bytes);
    }

    /// <summary>Moves the oldest small segment to main's tail as it is.</summary>
    public void RelabelAsMain(int id)
    {
        if (Open(_infos[id].Log) == id)
            Close(_infos[id].Log);
        ForgetLastClosed(id);
        Queue(_infos[id].Log).Remove(_infos, id, BytesOf(id));
        EnqueueClosed(id, LogKind.Main);
    }

    /// <summary>Takes a segment out of its queue to be reclaimed; its records stay readable. From here on writers leave room for all that lives in it.</summary>
    /// <param name="id">The segment.</param>
    /// <param name="survivorsGoTo">The log to which its live records are copied.</param>
    public void BeginReclaim(int id, LogKind survivorsGoTo)
    {
        TakeOut(id);
        _victim = id;
        _survivorsGoTo = survivorsGoTo;
    }

    /// <summary>Ends a reclaim before its end: what has not been copied stays where it is.</summary>
    public void PutBack(int id)
    {
        _victim = 0;
        _infos[id].State = SegmentState.Closed;
        EnqueueClosed(id, _infos[id].Log);
    }

    private void TakeOut(int id)
    {
        ref SegmentInfo info = ref _infos[id];
        if (info.State == SegmentState.Open)
            Close(info.Log);
        ForgetLastClosed(id);
        Queue(info.Log).Remove(_infos, id, BytesOf(id));
        CountTombstones(info.Log, -BytesOf(id));
        info.State = SegmentState.Victim;
    }

    /// <summary>
    /// Makes a segment free whose records are all out of the index. From here on readers must not accept what they read of it: the generation moves first. When a
    /// no-copy result points into it, the garbage collector gets it instead, with the bytes given back to the budget. The array of a large value becomes a spare one;
    /// whoever uses it next has a new <see cref="Segment"/> for it, so that late readers of the old one cannot take the new bytes for the old.
    /// </summary>
    public void Recycle(int id)
    {
        Segment segment = _segments[id]!;
        ref SegmentInfo info = ref _infos[id];
        if (_victim == id)
            _victim = 0;
        DeadBytes -= info.Dead;
        AppendedBytes -= info.Position;
        bool oversize = IsOversize(id);
        if (oversize)
        {
            byte[] data = segment.Data;
            OversizeBytes -= data.Length;
            OversizeCount--;
            _budget.AddOversize(-data.Length);
            if (Retire(id))
                _budget.Discard(data.Length);
            else
                _budget.Recycle(data);
            return;
        }
        TestHooks.At(TestPoint.RecycleBeforeGeneration);
        if (!TestHooks.SkipGenerationBump)
            Volatile.Write(ref segment.Generation, NextGeneration());
        Interlocked.MemoryBarrier(); // Dekker with ShardReader.MarkShared; also orders the generation before the new bytes
        TestHooks.At(TestPoint.RecycleAfterGeneration);
        if (Volatile.Read(ref segment.Shared) != 0 && !TestHooks.IgnoreShared)
        {
            Retire(id);
            AllocatedBytes -= _segmentBytes;
            if (FreeCount > 0 || !TryReplace())
                _budget.Discard(_segmentBytes);
            return;
        }
        info.State = SegmentState.Free;
        info.Position = 0;
        info.Dead = 0;
        PushFree(id);
    }

    /// <summary>A new array in place of one that a no-copy result holds: without a free segment nothing could be cleaned any more. The bytes stay reserved: another user of the bound would take them.</summary>
    private bool TryReplace()
    {
        try
        {
            AddFreeSegment();
            _budget.Discarded.Add(_segmentBytes);
            return true;
        }
        catch (OutOfMemoryException)
        {
            return false;
        }
    }

    /// <summary>A record left the index: its bytes are dead. A large value's segment goes at once.</summary>
    public void MarkDead(uint address, int size)
    {
        int id = IdOf(address);
        ref SegmentInfo info = ref _infos[id];
        info.Dead += size;
        DeadBytes += size;
        if (info.State != SegmentState.Victim && IsOversize(id))
        {
            TakeOut(id);
            Recycle(id);
        }
    }

    /// <summary>Everything goes, the arrays too.</summary>
    public void Clear()
    {
        for (int id = 1; id < _nextId; id++)
        {
            if (_segments[id] is not { } segment)
                continue;
            if (IsOversize(id))
                _budget.AddOversize(-segment.Data.Length);
            _budget.Discard(segment.Data.Length);
            Retire(id);
        }
        _budget.AddFree(-(long)FreeCount * _segmentBytes);
        _budget.AddTombstones(-_tombstones.Bytes);
        _freeSegments.Clear();
        _victim = 0;
        _small = new SegmentQueue(LogKind.Small);
        _main = new SegmentQueue(LogKind.Main);
        _tombstones = new SegmentQueue(LogKind.Tombstones);
        _openTombstones = 0;
        _openSmall = _openMain = _closedSmall = _closedMain = 0;
        AllocatedBytes = OversizeBytes = DeadBytes = AppendedBytes = 0;
        OversizeCount = 0;
    }

    /// <summary>Takes a segment's number away from it, for good. True: a no-copy result points into it, and its bytes must never change again.</summary>
    private bool Retire(int id)
    {
        Segment segment = _segments[id]!;
        if (!TestHooks.SkipGenerationBump)
            Volatile.Write(ref segment.Generation, Segment.Retired);
        Interlocked.MemoryBarrier(); // Dekker with ShardReader.MarkShared; also orders the generation before the bytes of the next user
        TestHooks.At(TestPoint.RetireAfterGeneration);
        bool shared = Volatile.Read(ref segment.Shared) != 0 && !TestHooks.IgnoreShared;
        if (shared)
            _sharedSegments.Add(segment.Data);
        Volatile.Write(ref _segments[id], null);
        _infos[id] = default;
        _freeIds.Push(id);
        return shared;
    }

    private int NextGeneration() => _generation = (_generation + 1) & int.MaxValue;

    private int NewId(Segment segment)
    {
        if (!_freeIds.TryPop(out int id))
        {
            id = _nextId;
            if (id > _mostNumbers)
                throw new InvalidOperationException($"The shard has {_mostNumbers} segments and no number for another."); // cannot be: whoever adds one has asked HasNumber
            if (id == _segments.Length)
            {
                FaultPoint.Allocation();
                _ = _freeIds.EnsureCapacity(id * 2);
                FaultPoint.Allocation();
                _ = _freeSegments.EnsureCapacity(id * 2);
                FaultPoint.Allocation();
                Array.Resize(ref _infos, id * 2);
                FaultPoint.Allocation();
                var bigger = new Segment?[id * 2];
                _segments.CopyTo(bigger, 0);
                _segments = bigger;
                Volatile.Write(ref _map.View(_shard).Segments, bigger);
            }
            _nextId++;
        }
        Volatile.Write(ref _segments[id], segment);
        return id;
    }
}
