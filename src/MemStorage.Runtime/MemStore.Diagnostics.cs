using MemStorage.Typed;

namespace MemStorage;

public sealed partial class MemStore
{
    private long _lostChanges;

    /// <summary>The statistics of the whole store. Costs a walk over shards and threads, not over entries.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MemStoreStats Stats()
    {
        ThrowIfClosed();
        return _engine.Statistics(space: null) with { LostChanges = Interlocked.Read(ref _lostChanges), ClockAhead = Clock.Ahead };
    }

    internal void CountLostChanges(long lost)
    {
        if (lost != 0)
            Interlocked.Add(ref _lostChanges, lost);
    }

    /// <summary>
    /// Where every byte of the bound is, by purpose and by key space: of one moment, for which the locks of all shards are held together. Costs a walk over shards, not over
    /// entries.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public MemoryReport GetMemoryReport()
    {
        ThrowIfClosed();
        return _engine.Report();
    }

    /// <summary>The counter of the bound: bytes in use now, never more than the limit. Reads one number.</summary>
    public long UsedBytes => _engine.Store.Budget.Used;

    /// <summary>The bound in bytes.</summary>
    public long LimitBytes => _engine.Store.Layout.LimitBytes;

    /// <summary>
    /// Drops what has expired and tombstones past their retention now instead of at the next sweep of the background
    /// (<see cref="MemStoreOptions.ExpirySweepInterval"/>). Touches only segments that hold some.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void SweepExpired()
    {
        ThrowIfClosed();
        _engine.Background.Sweep();
    }

    /// <summary>
    /// Checks every internal invariant: each index slot names a record of its key, each live record is reached once, counted bytes equal the bytes found, the report sums to
    /// the counter, the counter is within the bound, each live entity is known to its secondary indexes. For tests; walks everything under the locks; call it when nobody writes.
    /// </summary>
    /// <exception cref="InvalidOperationException">An invariant does not hold; the message says which. That is a bug of the store.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void ValidateInvariants()
    {
        ThrowIfClosed();
        _engine.Validate();
        foreach (KeySpace space in KeySpaces)
            (space.Owner as IKeySpaceOwner)?.Validate();
    }
}
