using System.Diagnostics.CodeAnalysis;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <inheritdoc/>
    public TEntity GetOrCreate(TKey key, Func<TKey, TEntity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return TryGet(key, out TEntity? entity)
            ? entity
            : Load(key, factory, static (key, factory, _, _) => new ValueTask<TEntity>(factory(key)), default).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public TEntity GetOrCreate(TKey key, Func<TKey, LoadContext, TEntity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return TryGet(key, out TEntity? entity)
            ? entity
            : Load(key, factory, static (key, factory, context, _) => new ValueTask<TEntity>(factory(key, context)), default).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public ValueTask<TEntity> GetOrCreateAsync(TKey key, Func<TKey, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (key, factory, _, token) => factory(key, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<TEntity> GetOrCreateAsync(TKey key, Func<TKey, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (key, factory, context, token) => factory(key, context, token), cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<TEntity> GetOrCreateAsync<TState>(
        TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return TryGet(key, out TEntity? entity) ? new ValueTask<TEntity>(entity) : Load(key, state, factory, cancellationToken);
    }

    private async ValueTask<TEntity> Load<TState>(
        TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Flight<TKey, TEntity> flight = _space.Flights.Join(key, static key => new Flight<TKey, TEntity>(key), out bool leads);
        Flight? loader = null; // whose factory asks
        bool flies = false;
        LoadResult<TEntity> result;
        try
        {
            if (Flight.Current is { } current)
            {
                if (current.BeginWait(flight) is { } circle)
                    ThrowCircle(current, circle); // somebody else leads: a flight that has just begun waits for nobody
                loader = current;
            }
            if (leads)
            {
                FaultPoint.Allocation();
                _ = Fly(flight, key, state, factory); // its outcome, good or bad, arrives through flight.Task
                flies = true;
            }
            FaultPoint.Allocation();
            result = await flight.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested && !flight.Task.IsCompleted)
        {
            if (leads)
                _space.Flights.LeaderLeave(key, flight);
            else
                _space.Flights.Leave(key, flight);
            throw;
        }
        catch (Exception e) when (!flight.Task.IsCompleted)
        {
            // this caller cannot wait, for want of memory or because of a circle; others may be waiting already
            if (leads && !flies)
            {
                _ = _space.Flights.Close(key, flight);
                flight.Crash(e); // nobody else would land it
            }
            else if (leads)
                _space.Flights.LeaderLeave(key, flight);
            else
                _space.Flights.Leave(key, flight);
            throw;
        }
        finally
        {
            loader?.EndWait(flight);
        }
        result.ThrowIfOutOfMemory();
        return leads ? result.Entity : OwnCopy(result);
    }

    [DoesNotReturn]
    private static void ThrowCircle(Flight loader, IReadOnlyList<Flight> circle) => throw new InvalidOperationException(circle.Count == 1
        ? $"The factory of {loader} asks for the entity it is to make; it would wait for itself for ever."
        : $"The factory of {loader} asks for an entity whose factory waits for it: {loader} -> {string.Join(" -> ", circle)}. They would wait for each other for ever.");

    /// <summary>Runs the factory, stores what it made and tells everybody who waits. Never throws.</summary>
    private async Task Fly<TState>(
        Flight<TKey, TEntity> flight, TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory)
    {
        try
        {
            // A flight may have landed between the caller's look and its take-off; then the entity is there and the factory is not needed.
            // Looked for without being counted: the caller's miss was.
            if (Exists(key) && TryGet(key, out TEntity? entity))
            {
                Land(flight, key, entity, TTraits.GetVersion(entity), store: null);
                return;
            }

            // Before the factory: a write or a delete that comes while it runs has a higher version and wins. Taken after it, the version would
            // let data read before an invalidation bury the invalidation.
            using LoadTicket ticket = BeginLoad(key);
            LoadContext context = new(ticket);
            flight.Enter();
            entity = await factory(key, state, context, flight.Token).ConfigureAwait(false);
            if (!typeof(TEntity).IsValueType && entity is null)
                throw new MemStorageException(MemStorageError.NotFound, $"The factory found no {typeof(TEntity).Name} for the key '{key}'.", key.ToString());
            if (!EqualityComparer<TKey>.Default.Equals(TTraits.GetKey(entity), key))
                throw new InvalidOperationException($"The factory was asked for the key '{key}' and made an entity with the key '{TTraits.GetKey(entity)}'.");
            Land(flight, key, entity, context.Version, context);
        }
        catch (Exception e)
        {
            _ = _space.Flights.Close(key, flight);
            flight.Crash(e);
        }
    }

    private LoadTicket BeginLoad(TKey key)
    {
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        try
        {
            return Store.BeginLoad(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private bool Exists(TKey key)
    {
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        try
        {
            return Store.Exists(writer.Written);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <param name="flight">The flight.</param>
    /// <param name="key">Its key.</param>
    /// <param name="entity">What was made.</param>
    /// <param name="version">Its version.</param>
    /// <param name="store">How to store it; null: it is there already.</param>
    private void Land(Flight<TKey, TEntity> flight, TKey key, TEntity entity, long version, LoadContext? store)
    {
        EntityBuffer buffer = EntityBuffer.Take();
        try
        {
            bool fixedLife = false;
            long expireAt = store is null ? 0 : ExpiryOf(new EntitySetOptions { TimeToLive = store.TimeToLive, ExpireAt = store.ExpireAt }, out fixedLife);
            EntityCodec<TEntity>.Encode(buffer, entity, TTraits.Descriptor, fixedLife);

            // nobody waits any more: the load was cancelled, and what it made all the same is dropped
            if (store is not null && !flight.Token.IsCancellationRequested)
            {
                // whether something has beaten the load is judged under the lock that stores it: readers never see what was read before a newer write, a delete or a clearing
                WriteOutcome? written = store.Store ? Write(key, entity, buffer.Written, new WriteRequest(version, expireAt, WriteCondition.Load, Load: store.Ticket)) : null;
                if (written == WriteOutcome.Superseded && TryGet(key, out TEntity? newer))
                {
                    // somebody wrote during the load: that is what the callers shall see
                    entity = newer;
                    version = TTraits.GetVersion(newer);
                    buffer.Clear();
                    EntityCodec<TEntity>.Encode(buffer, entity, TTraits.Descriptor, fixedLife: false);
                }
                TTraits.SetVersion(ref entity, version);
            }

            int others = _space.Flights.Close(key, flight);
            flight.Land(new LoadResult<TEntity>(entity, others > 0 ? buffer.Written.ToArray() : null, version));
        }
        finally
        {
            EntityBuffer.Return(buffer);
        }
    }

    private WriteOutcome Write(TKey key, in TEntity entity, ReadOnlySpan<byte> value, in WriteRequest request)
    {
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        try
        {
            return WriteEncoded(writer.Written, Store.HashOf(writer.Written), entity, value, request, out _);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private TEntity OwnCopy(in LoadResult<TEntity> result)
    {
        if (!EntityCodec<TEntity>.TryDecode(EntityBuffer.OfThread(), result.Encoded, _descriptor, out TEntity? entity, out _))
            throw new InvalidOperationException($"A {typeof(TEntity).Name} that was just serialized could not be read back.");
        TTraits.SetVersion(ref entity, result.Version);
        return entity;
    }
}
