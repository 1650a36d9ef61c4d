using System.Diagnostics.CodeAnalysis;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>
/// Values larger than <see cref="StoreLayout.MaxInlineRecord"/>: each has an array of its own. What they need comes, in this order, from a spare array that fits well, from room
/// that nobody has, from an old large value of about that size (the one whose turn it is, if it has it), from a spare array that fits badly, and last from whatever eviction gives.
/// All of it outside the lock of the value's own shard, one shard's lock at a time.
/// </summary>
internal sealed partial class StorageEngine
{
    /// <summary>What was asked for may stay for some rounds, as in any eviction; then it has to go.</summary>
    private const int Patience = 32;

    private WriteOutcome WriteLarge(ReadOnlySpan<byte> key, ulong hash, KeySpace space, in PreparedValue value, in WriteRequest request, long size, out long version)
    {
        Shard shard = ShardOf(hash);
        if (shard.IsRefused(key, hash, space, value, request, out WriteOutcome refusal, out version))
            return refusal;
        version = request.Version;
        _store.Pressure.TryRaise();
        if (size > MaxRecordBytes || !TryTakeArray(shard, (int)size, out byte[]? array))
        {
            shard.CountMemoryLimit(space);
            return WriteOutcome.MemoryLimit;
        }
        try
        {
            return shard.Write(key, hash, space, value, request, tombstone: false, ref array, out version);
        }
        finally
        {
            // the shard takes the reference away when it adopts the array: whatever fails after that, it is a record's
            if (array is not null)
                _store.Budget.Recycle(array);
        }
    }

    /// <summary>
    /// An array for a large record, its bytes reserved. Where a new one cannot be had although the process is not short of memory, a spare one does as well; nothing is evicted for it,
    /// because a call that throws has changed nothing. Where it is short, the caller gives some back first: the rest of the process needs it too.
    /// </summary>
    private bool TryTakeArray(Shard shard, int size, [NotNullWhen(true)] out byte[]? array)
    {
        try
        {
            return TryTakeOrAllocate(shard, size, out array);
        }
        catch (OutOfMemoryException)
        {
            if (_store.Pressure.IsShort || !_store.Budget.Spares.TryTake(size, 2L * size, out array))
                throw;
            _store.Pressure.CountFailure();
            return true;
        }
    }

    private bool TryTakeOrAllocate(Shard shard, int size, [NotNullWhen(true)] out byte[]? array)
    {
        MemoryBudget budget = _store.Budget;
        long length = LargeLength(size);
        long wellFitting = size + size / 8L;
        if (budget.Spares.TryTake(size, wellFitting, out array))
            return true;
        long fitting = size + size / 4L;
        if (budget.Spares.Bytes > _store.MaxSpares)
        {
            // sizes have changed: what lies here is of no use, and must not stay in place of values; up to a half more, or what RoomyLength gave would not be used again
            if (budget.Spares.TryTake(size, size + size / 2L, out array))
                return true;
            long roomy = RoomyLength(size, length);
            budget.Discard(budget.Spares.DropSmallest(Math.Min(2 * roomy, budget.Spares.Bytes - _store.MaxSpares)));
            if (TryAllocate(roomy, mayDropSpares: true, out array))
                return true;
        }
        else if (TryAllocate(length, mayDropSpares: false, out array) || budget.Spares.TryTake(size, fitting, out array))
            return true;
        int start = Array.IndexOf(_shards, shard);
        if (_store.MayEvict)
        {
            // whose turn it is gives way if it has the right size; else another old value that has; else a stock of spare arrays grows until one fits; then one that fits badly,
            // or a value of the right size that is not so old: all are better than an array more and another as garbage
            if ((shard.EvictLargeInTurn(size, fitting) && budget.Spares.TryTake(size, fitting, out array))
                || TryEvictFitting(start, size, fitting, anyAge: false, out array)
                || TryGrowSpares(start, size, fitting, length, out array)
                || budget.Spares.TryTake(size, 2L * size, out array)
                || TryEvictFitting(start, size, fitting, anyAge: true, out array))
                return true;
        }
        return TryAllocateEvicting(start, size, fitting, length, out array);
    }

    private bool TryEvictFitting(int start, int least, long most, bool anyAge, [NotNullWhen(true)] out byte[]? array)
    {
        for (int i = 0; i < _shards.Length; i++)
        {
            if (_shards[(start + i) % _shards.Length].EvictLarge(least, most, anyAge) && _store.Budget.Spares.TryTake(least, most, out array))
                return true;
        }
        array = null;
        return false;
    }

    /// <summary>Evicts in turn round the shards while there are few spare arrays, until one fits or there is room.</summary>
    private bool TryGrowSpares(int start, int size, long most, long length, [NotNullWhen(true)] out byte[]? array)
    {
        for (int i = 0; _store.Budget.Spares.Bytes < _store.MaxKeptSpares && i < 2 * _shards.Length; i++)
        {
            _ = _shards[(start + i) % _shards.Length].GiveBack(force: false);
            if (_store.Budget.Spares.TryTake(size, most, out array) || TryAllocate(length, mayDropSpares: false, out array))
                return true;
        }
        array = null;
        return false;
    }

    /// <summary>Evicts round the shards until there is room, or an array that fits.</summary>
    private bool TryAllocateEvicting(int start, int size, long most, long length, [NotNullWhen(true)] out byte[]? array)
    {
        if (TryAllocate(length, mayDropSpares: true, out array))
            return true;
        _store.Budget.AddWanted(length);
        try
        {
            bool gave = true;
            for (int round = 0; gave; round++)
            {
                gave = false;
                for (int i = 0; i < _shards.Length; i++)
                {
                    gave |= _shards[(start + i) % _shards.Length].GiveBack(force: round >= Patience);
                    if (_store.Budget.Spares.TryTake(size, most, out array) || TryAllocate(length, mayDropSpares: true, out array))
                        return true;
                }
            }
            return false;
        }
        finally
        {
            _store.Budget.AddWanted(-length);
        }
    }

    private bool TryAllocate(long length, bool mayDropSpares, [NotNullWhen(true)] out byte[]? array)
    {
        array = null;
        if (!(mayDropSpares ? _store.Budget.TryReserve(length) : _store.Budget.TryReserveUnused(length)))
            return false;
        try
        {
            _store.Budget.Discarded.WaitWhereOutrun(_store.Budget.Used);
            array = AllocateLarge(length);
            return true;
        }
        finally
        {
            if (array is null)
                _store.Budget.Release(length);
        }
    }

    /// <summary>Not pinned, like the segments of all but small stores (<see cref="CollectedHeap.AllocateToStay"/>): what one leaves is room for another, and the collector can move them together.</summary>
    internal static byte[] AllocateLarge(long length)
    {
        TestHooks.At(TestPoint.AllocateSegment);
        FaultPoint.Allocation();
        return GC.AllocateUninitializedArray<byte>((int)length);
    }

    /// <summary>Rounded up, but for a value that would not fit into the bound then.</summary>
    private long LargeLength(int size)
    {
        long length = SpareArrays.LengthFor(size, _store.Layout.SegmentBytes);
        return length <= MaxRecordBytes ? length : size == _store.Layout.SegmentBytes ? size + 8 : size;
    }

    /// <summary>
    /// With a quarter more than is asked for, where that is little beside the bound: values that grow steadily outgrow all arrays again and again, and each time the old ones
    /// are garbage. A store that never evicts would refuse values for it.
    /// </summary>
    private long RoomyLength(int size, long length)
    {
        long roomy = SpareArrays.LengthFor(size + size / 4L, _store.Layout.SegmentBytes);
        return _store.MayEvict && roomy <= _store.MaxKeptSpares ? roomy : length;
    }

    /// <summary>Reserves room for a user of the bound beside the shards, evicting round the shards until there is.</summary>
    internal bool TryReserveEvicting(long bytes)
    {
        if (_store.Budget.TryReserve(bytes))
            return true;
        _store.Pressure.TryRaise();
        _store.Budget.AddWanted(bytes);
        try
        {
            bool gave = true;
            for (int round = 0; gave; round++)
            {
                gave = false;
                foreach (Shard shard in _shards)
                {
                    gave |= shard.GiveBack(force: round >= Patience);
                    if (_store.Budget.TryReserve(bytes))
                        return true;
                }
            }
            return false;
        }
        finally
        {
            _store.Budget.AddWanted(-bytes);
        }
    }

    /// <summary>
    /// After an allocation has failed: gives memory back where the process is short of it, shard by shard, by eviction (by cleaning where nothing may be evicted). Where it is not, eviction
    /// would not help. No lock is held here.
    /// </summary>
    /// <param name="attempt">How often the call has failed before.</param>
    /// <param name="wanted">The bytes of the call.</param>
    /// <param name="isShort">Whether the process is short of memory.</param>
    /// <returns>Whether to try again.</returns>
    private bool TryRelieve(int attempt, long wanted, out bool isShort)
    {
        // what the call needs is given back once; when that was not enough, a little at a time
        long segments = 2L * _store.Layout.SegmentBytes;
        isShort = _store.Pressure.OnFailure(wanted > _store.Layout.MaxInlineRecord ? wanted : 0, attempt == 0 ? wanted + segments : segments, KeptBytes, out long give);
        if (give == 0 || attempt >= MemoryPressure.Attempts)
            return false;
        MemoryBudget budget = _store.Budget;
        long target = Math.Max(0, budget.Used - give);
        DropSparesAbove(target);
        bool gave = true;
        for (int round = 0; gave && budget.Used > target; round++)
        {
            gave = false;
            for (int i = 0; i < _shards.Length && budget.Used > target; i++)
            {
                try
                {
                    gave |= _shards[i].GiveBack(force: round >= Patience);
                    DropSparesAbove(target); // the array of a large value that went is one of them: nothing is given back before it is
                }
                catch (OutOfMemoryException)
                {
                    // what this shard needed to make room cannot be had either; another may give
                }
            }
        }
        return true;
    }

    /// <summary>Reserves room for a structure of a typed repository, evicting entries for it.</summary>
    public bool TryReserveSecondary(long bytes)
    {
        if (!TryReserveEvicting(bytes))
            return false;
        _store.Budget.MarkSecondary(bytes);
        return true;
    }

    private void DropSparesAbove(long target) => _store.Budget.Discard(_store.Budget.Spares.DropSmallest(_store.Budget.Used - target));

    private void DropSpares(bool close) => _store.Budget.Discard(_store.Budget.Spares.Clear(close));
}
