using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>
/// The one counter of the bound: whoever allocates reserves first. <see cref="Used"/> never passes <see cref="Limit"/>, at any instant.
/// Thread-safe, lock-free.
/// </summary>
internal sealed class MemoryBudget(long limit)
{
    private long _ceiling = limit;
    private long _used;
    private long _oversize;
    private long _secondary;
    private long _wanted;
    private long _free;
    private long _tombstones;

    public long Limit { get; } = limit;

    /// <summary>
    /// What the store allows itself at present: <see cref="Limit"/>, or less where the process cannot have as much (<see cref="MemoryPressure"/>). <see cref="Used"/> may be above it for as long as
    /// it takes to give back.
    /// </summary>
    public long Ceiling
    {
        get => Volatile.Read(ref _ceiling);
        set => Volatile.Write(ref _ceiling, value);
    }

    /// <summary>Arrays of large values kept to be used again, part of <see cref="Used"/>; a reservation that lacks room takes theirs.</summary>
    public SpareArrays Spares { get; } = new();

    /// <summary>What was given to the garbage collector. Tests put their own in its place.</summary>
    public DiscardedMemory Discarded { get; set; } = new(limit);

    /// <summary>What a reservation can have at once.</summary>
    public long Available => Ceiling - Used + Spares.Bytes;

    public long Used => Volatile.Read(ref _used);

    /// <summary>The part of <see cref="Used"/> in values with a segment of their own; shards give way to it.</summary>
    public long Oversize => Volatile.Read(ref _oversize);

    /// <summary>The part of <see cref="Used"/> in structures of typed repositories; shards give way to it.</summary>
    public long Secondary => Volatile.Read(ref _secondary);

    /// <summary>What large values and other users of the bound are waiting for at this moment: shards take no more segments in its place.</summary>
    public long Wanted => Volatile.Read(ref _wanted);

    /// <summary>The part of <see cref="Used"/> in free segments of all shards.</summary>
    public long Free => Volatile.Read(ref _free);

    /// <summary>The part of <see cref="Used"/> in segments of tombstones of all shards.</summary>
    public long Tombstones => Volatile.Read(ref _tombstones);

    /// <summary>
    /// What the thresholds of eviction compare with the bound: everything but what is ready to be used again, and but tombstones, which give way by themselves and must not make entries go.
    /// </summary>
    public long Occupied => Used - Free - Spares.Bytes - Tombstones;

    public void AddFree(long bytes) => Interlocked.Add(ref _free, bytes);

    public void AddTombstones(long bytes) => Interlocked.Add(ref _tombstones, bytes);

    public void AddWanted(long bytes) => Interlocked.Add(ref _wanted, bytes);

    /// <summary>Takes bytes from the bound, or takes none. Spare arrays give way.</summary>
    public bool TryReserve(long bytes)
    {
        while (!TryReserveUnused(bytes))
        {
            long missing = bytes - (Ceiling - Used);
            if (missing <= 0)
                continue; // somebody has released meanwhile
            long dropped = Spares.Drop(missing);
            if (dropped == 0)
                return false;
            Discard(dropped);
        }
        return true;
    }

    /// <summary>Takes bytes that nobody has, spare arrays included.</summary>
    public bool TryReserveUnused(long bytes)
    {
        long used = Volatile.Read(ref _used);
        while (true)
        {
            if (bytes > Ceiling - used)
                return false;
            long seen = Interlocked.CompareExchange(ref _used, used + bytes, used);
            if (seen == used)
                return true;
            used = seen;
        }
    }

    public void Release(long bytes) => Interlocked.Add(ref _used, -bytes);

    /// <summary>Releases the bytes of memory that goes to the garbage collector.</summary>
    public void Discard(long bytes)
    {
        if (bytes == 0)
            return;
        Release(bytes);
        Discarded.Add(bytes);
    }

    /// <summary>Keeps the array of a large value, whose bytes are reserved, to be used again.</summary>
    public void Recycle(byte[] array)
    {
        if (!Spares.TryAdd(array))
            Discard(array.Length);
    }

    public void AddOversize(long bytes) => Interlocked.Add(ref _oversize, bytes);

    /// <summary>Reserves without evicting anything: also allowed under a shard's lock.</summary>
    public bool TryReserveSecondary(long bytes)
    {
        if (!TryReserve(bytes))
            return false;
        MarkSecondary(bytes);
        return true;
    }

    /// <summary>Says that bytes reserved belong to a structure of a typed repository.</summary>
    public void MarkSecondary(long bytes) => Interlocked.Add(ref _secondary, bytes);

    public void ReleaseSecondary(long bytes)
    {
        Interlocked.Add(ref _secondary, -bytes);
        Release(bytes);
    }
}
