using System.Diagnostics.CodeAnalysis;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// The loads that are under way, one per key. Only misses come here. A flight is in the table from its first caller until it has landed or
/// its last caller has left, so that nothing stays behind, however a load ends.
/// </summary>
/// <remarks>Lock order: the lock here is a leaf; no foreign code runs under it.</remarks>
internal sealed class SingleFlight<TKey>
    where TKey : notnull
{
    private readonly Dictionary<TKey, Flight> _flights = [];
    private readonly Lock _lock = new();
    private long _ended;
    private string? _closedStore;

    /// <summary>The loads under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _flights.Count;
        }
    }

    /// <summary>How many wait for a key, for tests.</summary>
    internal int CallersOf(TKey key)
    {
        using (_lock.EnterUninterrupted())
            return _flights.TryGetValue(key, out Flight? flight) ? flight.Callers : 0;
    }

    /// <summary>
    /// How many flights have ended. Who reads it before it looks for an entity, and finds none, knows in <see cref="Join"/> whether one has landed meanwhile; only then it has to
    /// look again.
    /// </summary>
    public long Ended => Volatile.Read(ref _ended);

    /// <summary>Joins the flight of a key, or begins one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="begin">Creates the flight that this caller will lead.</param>
    /// <param name="leads">Whether this caller must run the load.</param>
    /// <param name="ended"><see cref="Ended"/> as it is now.</param>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public TFlight Join<TFlight>(TKey key, Func<TKey, TFlight> begin, out bool leads, out long ended)
        where TFlight : Flight
    {
        FaultPoint.Lock();
        lock (_lock)
        {
            if (_closedStore is not null)
                ThrowClosed(_closedStore);
            FaultPoint.Allocation();
            leads = !_flights.TryGetValue(key, out Flight? flight);
            if (leads)
                _flights.Add(key, flight = begin(key));
            flight!.Callers++;
            ended = _ended;
            return (TFlight)flight;
        }
    }

    /// <summary>One caller stops waiting. When it was the last, the load is told to stop and the next caller begins a new one.</summary>
    public void Leave(TKey key, Flight flight)
    {
        using (_lock.EnterUninterrupted())
        {
            if (--flight.Callers > 0 || flight.Closed)
                return;
            Remove(key, flight);
        }
        flight.Cancel(); // outside the lock: callbacks of the factory's token run in it
    }

    /// <summary>Ends a flight: nobody joins any more.</summary>
    public void Close(TKey key, Flight flight)
    {
        using (_lock.EnterUninterrupted())
        {
            if (!flight.Closed)
                Remove(key, flight);
        }
    }

    /// <summary>The store is closed: nobody waits any longer, every factory is told to stop, and no flight begins any more.</summary>
    /// <param name="store">What the exception names.</param>
    public void CloseAll(string store)
    {
        while (TryTakeAny(store) is { } flight)
            flight.End(store);
    }

    /// <summary>One after the other: closing needs no memory.</summary>
    private Flight? TryTakeAny(string store)
    {
        using (_lock.EnterUninterrupted())
        {
            _closedStore ??= store;
            foreach ((TKey key, Flight flight) in _flights)
            {
                Remove(key, flight);
                return flight;
            }
            return null;
        }
    }

    [DoesNotReturn]
    private static void ThrowClosed(string store) => throw new ObjectDisposedException(store);

    private void Remove(TKey key, Flight flight)
    {
        flight.Closed = true;
        _ended++;
        _flights.Remove(key);
    }
}

/// <summary>One load. <see cref="Callers"/> and <see cref="Closed"/> are guarded by the lock of the <see cref="SingleFlight{TKey}"/>.</summary>
/// <param name="node">The load in the graph of those that wait for each other.</param>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer holds nothing, and a late Cancel must not throw.")]
internal abstract class Flight(LoadNode node)
{
    private readonly CancellationTokenSource _cancellation = new();

    public LoadNode Node => node;

    public int Callers { get; set; }

    public bool Closed { get; set; }

    /// <summary>Where its factory was started; null before.</summary>
    public LoadThread? StartedOn { get; set; }

    /// <summary>Cancelled when nobody waits any more, and when the store is closed.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Who waits gets an exception.</summary>
    public abstract void Crash(Exception exception);

    public void Cancel()
    {
        try
        {
            _cancellation.Cancel();
        }
        catch (AggregateException e)
        {
            // What a callback of the factory's token throws is not for the caller who has stopped waiting, and nobody else waits: it is an exception that was never observed
            _ = Task.FromException(e);
        }
    }

    /// <summary>The store was closed.</summary>
    public void End(string store)
    {
        try
        {
            Crash(new ObjectDisposedException(store, "The store was closed while the entity was loaded."));
            // the token is cancelled when this returns; its callbacks run elsewhere: whoever closes a store must not wait for what a factory has registered
            _ = _cancellation.CancelAsync();
        }
        catch (OutOfMemoryException)
        {
            LandWithoutMemory();
        }
    }

    /// <summary>Who waits must not wait for ever: ends the load where there is not even memory for an exception.</summary>
    protected abstract void LandWithoutMemory();
}

/// <summary>One load of an entity.</summary>
internal sealed class Flight<TKey, TEntity>(TKey key) : Flight(new LoadNode(typeof(TEntity).Name, key))
    where TKey : notnull
{
    private readonly TaskCompletionSource<LoadResult> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<LoadResult> Task => _landed.Task;

    public void Land(in LoadResult result)
    {
        Node.Land();
        _landed.TrySetResult(result);
    }

    public override void Crash(Exception exception)
    {
        Node.Land();
        try
        {
            FaultPoint.Allocation();
            _landed.TrySetException(exception);
            _ = _landed.Task.Exception; // observed, also when every caller has left
        }
        catch (OutOfMemoryException)
        {
            LandWithoutMemory();
        }
    }

    protected override void LandWithoutMemory() => _landed.TrySetResult(LoadResult.OutOfMemory);
}

/// <summary>What a load gave: every caller, whoever ran the factory, decodes an object of its own, and so gets what the store would give.</summary>
/// <param name="Encoded">The stored form.</param>
/// <param name="Version">The version.</param>
internal readonly record struct LoadResult(byte[] Encoded, long Version)
{
    /// <summary>There was not even memory for the exception.</summary>
    public static LoadResult OutOfMemory => new([], -1);

    public void ThrowIfOutOfMemory()
    {
        if (Version < 0)
            throw new InsufficientMemoryException();
    }
}
