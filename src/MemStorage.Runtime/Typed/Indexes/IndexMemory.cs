using System.Runtime.CompilerServices;

namespace MemStorage.Typed;

/// <summary>
/// The bytes of a store's indexes, out of the store's bound. Under a shard's lock nothing may be evicted to make room, so some bytes are kept in
/// hand: a typed write fills them up before it takes any lock, evicting entries where the store is full.
/// </summary>
internal sealed class IndexMemory(MemStore store, long wanted) : IMemoryReservation
{
    private const long RetryMilliseconds = 1000;

    private long _inHand;
    private long _nextTry = long.MinValue;

    /// <summary>Fills up what is kept in hand. Not under any lock.</summary>
    public void FillUp()
    {
        if (Volatile.Read(ref _inHand) < wanted / 2)
            FillUpCore();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void FillUpCore()
    {
        // in a full store that evicts nothing every try goes round all shards in vain
        long now = Environment.TickCount64;
        if (now < Volatile.Read(ref _nextTry))
            return;
        if (store.TryReserveSecondary(wanted))
            Interlocked.Add(ref _inHand, wanted);
        else
            Volatile.Write(ref _nextTry, now + RetryMilliseconds);
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
