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
    public TFlight Join<TFlight>(TKey key, Func<TKey, TFlight> begin, out bool leads)
        where TFlight : Flight
    {
        FaultPoint.Lock();
        lock (_lock)
        {
            FaultPoint.Allocation();
            leads = !_flights.TryGetValue(key, out Flight? flight);
            if (leads)
                _flights.Add(key, flight = begin(key));
            flight!.Callers++;
            return (TFlight)flight;
        }
    }

    /// <summary>The caller who leads stops waiting, see <see cref="Leave"/>.</summary>
    public void LeaderLeave(TKey key, Flight flight)
    {
        using (_lock.EnterUninterrupted())
            flight.LeaderWaits = false;
        Leave(key, flight);
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
    /// <returns>How many wait besides the one who leads.</returns>
    public int Close(TKey key, Flight flight)
    {
        using (_lock.EnterUninterrupted())
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
/// <remarks>
/// Loads whose factories load know whom they wait for, in one graph for the process: one that would close a circle is refused, since all of the circle would wait for ever.
/// Only loads that begin inside a factory come to the graph and its lock.
/// </remarks>
[SuppressMessage("Design", "CA1001", Justification = "A cancellation source without a timer holds nothing, and a late Cancel must not throw.")]
internal abstract class Flight
{
    private static readonly AsyncLocal<Flight?> s_current = new();

    /// <summary>Guards <see cref="_awaited"/> of all flights, which may be of different entities and stores. A leaf.</summary>
    private static readonly Lock s_graph = new();

    private readonly CancellationTokenSource _cancellation = new();

    /// <summary>The flights that the factory of this one waits for; one that it waits for twice is there twice.</summary>
    private List<Flight>? _awaited;

    /// <summary>The flight whose factory this flow of control belongs to.</summary>
    public static Flight? Current => s_current.Value;

    public int Callers { get; set; }

    public bool LeaderWaits { get; set; } = true;

    public bool Closed { get; set; }

    /// <summary>Cancelled when nobody waits any more.</summary>
    public CancellationToken Token => _cancellation.Token;

    /// <summary>Whether its result is there: who waits for it goes on.</summary>
    protected abstract bool HasLanded { get; }

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

    /// <summary>Marks this flow of control as the one that runs the flight's factory.</summary>
    public void Enter() => s_current.Value = this;

    /// <summary>The factory of this flight begins to wait for another, until <see cref="EndWait"/>.</summary>
    /// <returns>Null; or, when that one waits for this one, perhaps by way of others: the circle, and then there is no waiting.</returns>
    public IReadOnlyList<Flight>? BeginWait(Flight other)
    {
        FaultPoint.Lock();
        lock (s_graph)
        {
            FaultPoint.Allocation();
            // a factory may leave work behind that asks when its own load has landed: nobody waits for that one any more
            if (!HasLanded && other.WayTo(this) is { } way)
                return way;
            (_awaited ??= []).Add(other);
            return null;
        }
    }

    public void EndWait(Flight other)
    {
        using (s_graph.EnterUninterrupted())
            _ = _awaited!.Remove(other);
    }

    /// <summary>The flights from this one on, each waiting for the next, to <paramref name="goal"/>; null: there is no such way.</summary>
    private List<Flight>? WayTo(Flight goal)
    {
        if (ReferenceEquals(this, goal))
            return [this];
        if (_awaited is not { Count: > 0 })
            return null;
        Dictionary<Flight, Flight?> cameFrom = new(ReferenceEqualityComparer.Instance) { [this] = null };
        Queue<Flight> open = new([this]);
        while (open.TryDequeue(out Flight? flight))
        {
            if (flight._awaited is null || flight.HasLanded)
                continue;
            foreach (Flight next in flight._awaited)
            {
                if (!cameFrom.TryAdd(next, flight))
                    continue;
                if (!ReferenceEquals(next, goal))
                {
                    open.Enqueue(next);
                    continue;
                }
                List<Flight> way = [];
                for (Flight? at = next; at is not null; at = cameFrom[at])
                    way.Insert(0, at);
                return way;
            }
        }
        return null;
    }
}

/// <summary>One load of an entity.</summary>
internal sealed class Flight<TKey, TEntity>(TKey key) : Flight
    where TKey : notnull
{
    private readonly TaskCompletionSource<LoadResult<TEntity>> _landed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<LoadResult<TEntity>> Task => _landed.Task;

    protected override bool HasLanded => _landed.Task.IsCompleted;

    public void Land(in LoadResult<TEntity> result) => _landed.TrySetResult(result);

    public void Crash(Exception exception)
    {
        try
        {
            FaultPoint.Allocation();
            _landed.TrySetException(exception);
            _ = _landed.Task.Exception; // observed, also when every caller has left
        }
        catch (OutOfMemoryException)
        {
            _landed.TrySetResult(LoadResult<TEntity>.OutOfMemory); // needs none: whoever waits must not wait for ever
        }
    }

    /// <summary>As messages name it.</summary>
    public override string ToString() => $"{typeof(TEntity).Name} '{key}'";
}

/// <summary>What a load gave.</summary>
/// <param name="Entity">The factory's own object: for the caller who led the flight.</param>
/// <param name="Encoded">Its stored form, when there are other callers: each decodes an object of its own.</param>
/// <param name="Version">Its version.</param>
internal readonly record struct LoadResult<TEntity>(TEntity Entity, byte[]? Encoded, long Version)
{
    /// <summary>There was not even memory for the exception.</summary>
    public static LoadResult<TEntity> OutOfMemory => new(default!, null, -1);

    public void ThrowIfOutOfMemory()
    {
        if (Version < 0)
            throw new InsufficientMemoryException();
    }
}
