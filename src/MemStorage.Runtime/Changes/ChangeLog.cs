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
/// told. The ring grows up to its bound, inside the store's bound. Guarded by the shard's lock.
/// </summary>
internal sealed class ChangeLog(MemoryBudget budget, long maxBytes)
{
    public const int EntryBytes = 24;
    private const int FirstCapacity = 32;

    private readonly int _maxCapacity = (int)Math.Min(maxBytes / EntryBytes, Array.MaxLength);
    private ChangeEntry[] _ring = [];

    /// <summary>The sequence number of the next change; the first is 0.</summary>
    public long Next { get; private set; }

    /// <summary>The oldest sequence number still here.</summary>
    public long First { get; private set; }

    public long Bytes => (long)_ring.Length * EntryBytes;

    public bool IsEnabled => _maxCapacity > 0;

    public void Append(ulong hash, long version, uint address, bool tombstone)
    {
        if (_maxCapacity == 0)
        {
            First = ++Next;
            return;
        }
        if (Next - First == _ring.Length && !TryGrow())
        {
            if (_ring.Length == 0)
            {
                First = ++Next; // not even the first few entries fit into the bound: a gap
                return;
            }
            First++;
        }
        _ring[Next % _ring.Length] = new ChangeEntry(hash, version, address, tombstone);
        Next++;
    }

    public ChangeEntry this[long sequence] => _ring[sequence % _ring.Length];

    public void Release()
    {
        budget.Release(Bytes);
        _ring = [];
        First = Next;
    }

    private bool TryGrow()
    {
        int capacity = (int)Math.Min(Math.Max(FirstCapacity, _ring.Length * 2L), _maxCapacity);
        // old and new ring are both there for a moment, and both count
        if (capacity <= _ring.Length || !budget.TryReserve((long)capacity * EntryBytes))
            return false;
        long old = Bytes;
        ChangeEntry[] bigger;
        try
        {
            TestHooks.At(TestPoint.AllocateChangeLog);
            bigger = GC.AllocateUninitializedArray<ChangeEntry>(capacity); // nothing outside First to Next is read
        }
        catch (OutOfMemoryException)
        {
            // the write is stored already and must not fail now: the oldest change goes, which its readers are told
            budget.Release((long)capacity * EntryBytes);
            return false;
        }
        for (long i = First; i < Next;)
        {
            // as far as neither ring begins again: the shard's lock is held, and entry by entry a full ring takes a millisecond
            int from = (int)(i % _ring.Length), to = (int)(i % capacity);
            int length = (int)Math.Min(Next - i, Math.Min(_ring.Length - from, capacity - to));
            Array.Copy(_ring, from, bigger, to, length);
            i += length;
        }
        _ring = bigger;
        budget.Discard(old);
        return true;
    }
}
