namespace MemStorage.Testing;

/// <summary>
/// Makes a real store fail on demand: refuse writes for want of room, or throw. The store is a normal one in every other respect, and everything that stands on it (typed repositories, the
/// distributed cache, the output cache) meets the failure. What a failing operation would have changed stays as it was. Thread-safe; one per store at a time.
/// </summary>
/// <remarks>
/// Operations in progress when a fault is set may still succeed. A store without faults does the same work as one that was never prepared for them: the check shares the field that says
/// whether the store is closed.
/// </remarks>
public sealed class MemStoreFaults : IStoreFaults, IDisposable
{
    private readonly Lock _lock = new();
    private readonly MemStore _store;
    private Func<Exception> _fault = DefaultFault;
    private StoreOperations _failing;
    private long _failuresLeft;
    private long _refusalsLeft;
    private long _failures;
    private long _refusals;

    /// <summary>Prepares a store; nothing fails yet.</summary>
    /// <param name="store">The store; not owned.</param>
    /// <exception cref="ArgumentNullException"><paramref name="store"/> is null.</exception>
    /// <exception cref="InvalidOperationException">Another one is at work on this store.</exception>
    public MemStoreFaults(MemStore store)
    {
        ArgumentNullException.ThrowIfNull(store);
        _store = store;
        store.Attach(this);
    }

    /// <summary>How many operations have thrown.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>How many writes were refused.</summary>
    public long Refusals => Interlocked.Read(ref _refusals);

    /// <summary>
    /// The next writes are refused as if there were no room: <see cref="SetResult.MemoryLimit"/>, or an exception with <see cref="MemStorageError.MemoryLimit"/> where a call throws. They count in the
    /// statistics as any refused write. A later call replaces an earlier one.
    /// </summary>
    /// <param name="writes">How many; all until <see cref="Recover"/> when left out; 0: none any more.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="writes"/> is negative.</exception>
    public void RefuseWrites(long writes = long.MaxValue)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(writes);
        lock (_lock)
            _refusalsLeft = writes;
    }

    /// <summary>The next operations of the given kinds throw. A later call replaces an earlier one.</summary>
    /// <param name="operations">How many; 0: none any more.</param>
    /// <param name="kinds">Which.</param>
    /// <param name="fault">Makes the exception of each, for instance an <see cref="OutOfMemoryException"/>; an <see cref="InvalidOperationException"/> when null.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="operations"/> is negative.</exception>
    public void FailNext(long operations, StoreOperations kinds = StoreOperations.All, Func<Exception>? fault = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(operations);
        lock (_lock)
        {
            _failuresLeft = operations;
            _failing = kinds;
            _fault = fault ?? DefaultFault;
        }
    }

    /// <summary>All operations of the given kinds throw until <see cref="Recover"/>.</summary>
    /// <inheritdoc cref="FailNext"/>
    public void Fail(StoreOperations kinds = StoreOperations.All, Func<Exception>? fault = null) => FailNext(long.MaxValue, kinds, fault);

    /// <summary>Nothing is refused and nothing throws any more.</summary>
    public void Recover()
    {
        lock (_lock)
            _failuresLeft = _refusalsLeft = 0;
    }

    /// <summary>Recovers and leaves the store alone.</summary>
    public void Dispose()
    {
        Recover();
        _store.Detach(this);
    }

    bool IStoreFaults.OnOperation(StoreOperation operation)
    {
        lock (_lock)
        {
            if (_failuresLeft > 0 && (_failing & (StoreOperations)operation) != 0)
            {
                Use(ref _failuresLeft);
                _failures++;
                throw _fault();
            }
            if (_refusalsLeft == 0 || operation != StoreOperation.Write)
                return false;
            Use(ref _refusalsLeft);
            _refusals++;
            return true;
        }
    }

    private static void Use(ref long left)
    {
        if (left != long.MaxValue)
            left--;
    }

    private static Exception DefaultFault() => new InvalidOperationException("The store was told to fail.");
}
