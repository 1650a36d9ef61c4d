using MemStorage.Storage;

namespace MemStorage.Changes;

/// <summary>One entry of a shard's change log: which key (by hash) reached which version, and where its record was then.</summary>
/// <param name="Hash">The key's hash.</param>
/// <param name="Version">The version; with <see cref="Hash"/> it identifies the change.</param>
/// <param name="Address">Where the record was appended; a hint, records move.</param>
/// <param name="Tombstone">Whether it was a deletion: one at the version of the value that it deletes is another change.</param>
internal readonly record struct ChangeEntry(ulong Hash, long Version, uint Address, bool Tombstone);

/// <summary>
/// What changed in a shard, in order: a ring of 24-byte entries with ascending sequence numbers. It names records, it does not copy them; whoever
/// reads it gets the newest state of a key once, at its last change. A full ring forgets its oldest entries, and a reader behind them is
/// told. Guarded by the shard's lock.
/// <code>
///  chunk n-2      chunk n-1      chunk n             a chunk is allocated when the one before is full, up to the bound; from then on chunk n lies in
/// [###########]  [###########]  [####.......]        the array of chunk n - count, and each entry that is written takes the place of the oldest one
///       First                       Next
/// </code>
/// An array that doubles would be copied under the lock: 1.3 ms for 2 MiB, the longest of all writes while a store grew. Chunks are never copied.
/// </summary>
internal sealed class ChangeLog
{
    public const int EntryBytes = 24;

    /// <summary>96 KiB: what is allocated at once under the lock.</summary>
    internal const int MaxChunkEntries = 4096;
    private const int MinChunkEntries = 32;

    /// <summary>About so many chunks, where they are neither too small nor too large then: a shard that changes little takes little of the bound.</summary>
    private const int Chunks = 64;

    private readonly MemoryBudget _budget;
    private readonly int _chunkEntries;

    /// <summary>The array of chunk n is at n modulo the length.</summary>
    private readonly ChangeEntry[]?[] _chunks;
    private int _count;
    private ChangeEntry[] _current = [];
    private int _offset;

    public ChangeLog(MemoryBudget budget, long maxBytes)
    {
        _budget = budget;
        long entries = maxBytes / EntryBytes;
        long most = Math.Clamp(entries / Chunks, MinChunkEntries, MaxChunkEntries);
        long chunks = (entries + most - 1) / most;
        _chunks = new ChangeEntry[chunks][];
        _chunkEntries = chunks == 0 ? 0 : (int)(entries / chunks);
    }

    /// <summary>The sequence number of the next change; the first is 0.</summary>
    public long Next { get; private set; }

    /// <summary>The oldest sequence number still here.</summary>
    public long First { get; private set; }

    public long Bytes => _count * ChunkBytes;

    public bool IsEnabled => _chunkEntries > 0;

    /// <summary>How many entries the log holds when it has all the room that it may have.</summary>
    internal long MaxEntries => (long)_chunks.Length * _chunkEntries;

    private long ChunkBytes => (long)_chunkEntries * EntryBytes;

    public void Append(ulong hash, long version, uint address, bool tombstone)
    {
        if (_offset >= _current.Length && !TryBeginChunk())
        {
            First = ++Next; // no log, or not even its first chunk fits into the bound: a gap
            return;
        }
        if (Next - First == (long)_count * _chunkEntries)
            First++;
        _current[_offset++] = new ChangeEntry(hash, version, address, tombstone);
        Next++;
    }

    public ChangeEntry this[long sequence]
    {
        get
        {
            (long chunk, long offset) = Math.DivRem(sequence, _chunkEntries);
            return _chunks[chunk % _chunks.Length]![offset];
        }
    }

    public void Release()
    {
        _budget.Release(Bytes);
        Array.Clear(_chunks);
        _current = [];
        _count = _offset = 0;
        First = Next;
    }

    /// <summary>Goes on in a new chunk, or, where there is none to have, in the oldest. False: there is no chunk at all.</summary>
    private bool TryBeginChunk()
    {
        if (_chunkEntries == 0)
            return false;
        (long chunk, long offset) = Math.DivRem(Next, _chunkEntries);
        ChangeEntry[]? array = (_count < _chunks.Length ? TryAllocate() : null) ?? Oldest(chunk);
        if (array is null)
            return false;
        _chunks[chunk % _chunks.Length] = _current = array;
        _offset = (int)offset; // 0, but after a gap at the beginning
        return true;
    }

    private ChangeEntry[]? Oldest(long chunk) => _count == 0 ? null : _chunks[(chunk - _count) % _chunks.Length];

    private ChangeEntry[]? TryAllocate()
    {
        if (!_budget.TryReserve(ChunkBytes))
            return null;
        try
        {
            TestHooks.At(TestPoint.AllocateChangeLog);
            FaultPoint.Allocation();
            // nothing outside First to Next is read; pinned, so that no collection copies it about
            ChangeEntry[] array = GC.AllocateUninitializedArray<ChangeEntry>(_chunkEntries, pinned: true);
            _count++;
            return array;
        }
        catch (OutOfMemoryException)
        {
            // the write is stored already and must not fail now: the oldest change goes, which its readers are told
            _budget.Release(ChunkBytes);
            return null;
        }
    }
}
