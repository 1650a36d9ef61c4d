namespace MemStorage.Typed;

/// <summary>
/// The bytes of a store's indexes, out of the store's bound. Under a shard's lock nothing may be evicted to make room, so some bytes are kept in
/// hand: a typed write fills them up before it takes any lock, evicting entries where the store is full.
/// </summary>
internal sealed class IndexMemory(MemStore store, long wanted) : IMemoryReservation
{
    private long _inHand;

    /// <summary>Fills up what is kept in hand. Not under any lock.</summary>
    public void FillUp()
    {
        if (Volatile.Read(ref _inHand) < wanted / 2 && store.TryReserveSecondary(wanted))
            Interlocked.Add(ref _inHand, wanted);
    }

    public bool TryReserve(long bytes)
    {
        long inHand = Volatile.Read(ref _inHand);
        while (inHand >= bytes)
        {
            long seen = Interlocked.CompareExchange(ref _inHand, inHand - bytes, inHand);
            if (seen == inHand)
                return true;
            inHand = seen;
        }
        return store.Budget.TryReserveSecondary(bytes);
    }

    public void Release(long bytes) => store.Budget.ReleaseSecondary(bytes);
}
