using System.Diagnostics.CodeAnalysis;

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

    /// <summary>The loads under way.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
                return _flights.Count;
        }
    }

    /// <summary>Joins the flight of a key, or begins one.</summary>
    /// <param name="key">The key.</param>
    /// <param name="begin">Creates the flight that this caller will lead.</param>
    /// <param name="leads">Whether this caller must run the load.</param>
    public TFlight Join<TFlight>(TKey key, Func<TFlight> begin, out bool leads)
        where TFlight : Flight
    {
        lock (_lock)
        {
            leads = !_flights.TryGetValue(key, out Flight? flight);
            if (leads)
                _flights.Add(key, flight = begin());
            flight!.Callers++;
            return (TFlight)flight;
        }
    }

    /// <summary>The caller who leads stops waiting, see <see cref="Leave"/>.</summary>
    public void LeaderLeave(TKey key, Flight flight)
    {
        lock (_lock)
            flight.LeaderWaits = false;
        Leave(key, flight);
    }

    /// <summary>One caller stops waiting. When it was the last, the load is told to stop and the next caller begins a new one.</summary>
    public void Leave(TKey key, Flight flight)
    {
        lock (_lock)
        {
            if (--flight.Callers > 0 || flight.Closed)
                return;
            Remove(key, flight);
        }
        flight.Cancel(); // outside the lock: callbacks of the factory's token run in it
    }

    /// <summary>Ends a flight: nobody joins any more.</summary>
    /// <returns>How many wait besides the one who leads.</returns>
    public int Close(TKey key, Flight flight)
    {
        lock (_lock)
        {
            if (!flight.Closed)
                Remove(key, flight);
            return flight.Callers - (flight.LeaderWaits ? 1 : 0);
        }
    }

    private void Remove(TKey key, Flight flight)
    {
        flight.Closed = true;
        _flights.Remove(key);
    }
}

/// <summary>One load. <see cref="Callers"/>, <see cref="LeaderWaits"/> and <see cref="Closed"/> are guarded by the lock of the <see cref="SingleFlight{TKey}"/>.</summary>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer holds nothing, and a late Cancel must not throw.")]
internal abstract class Flight
{
    private static readonly AsyncLocal<Flight?> s_current = new();

    private readonly CancellationTokenSource _cancellation = new();
    private Flight? _outer;

    public int Callers { get; set; }

    public bool LeaderWaits { get; set; } = true;

    public bool Closed { get; set; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Token => _cancellation.Token;

    public void Cancel() => _cancellation.Cancel();

    /// <summary>Marks this flow of control as the one that runs the flight's factory.</summary>
    public void Enter()
    {
        _outer = s_current.Value;
        s_current.Value = this;
    }

    /// <summary>Whether the caller is the factory of this very flight, which would then wait for itself for ever.</summary>
    public bool IsEntered()
    {
        for (Flight? flight = s_current.Value; flight is not null; flight = flight._outer)
            if (ReferenceEquals(flight, this))
                return true;
        return false;
    }
}

/// <summary>One load of an entity.</summary>
internal sealed class Flight<TEntity> : Flight
{
    private readonly TaskCompletionSource<LoadResult<TEntity>> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<LoadResult<TEntity>> Task => _landed.Task;

    public void Land(in LoadResult<TEntity> result) => _landed.TrySetResult(result);

    public void Crash(Exception exception)
    {
        _landed.TrySetException(exception);
        _ = _landed.Task.Exception; // observed, also when every caller has left
    }
}

/// <summary>What a load gave.</summary>
/// <param name="Entity">The factory's own object: for the caller who led the flight.</param>
/// <param name="Encoded">Its stored form, when there are other callers: each decodes an object of its own.</param>
/// <param name="Version">Its version.</param>
internal readonly record struct LoadResult<TEntity>(TEntity Entity, byte[]? Encoded, long Version);
