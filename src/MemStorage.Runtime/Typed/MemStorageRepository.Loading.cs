using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <inheritdoc/>
    public TEntity GetOrCreate(TKey key, Func<TKey, TEntity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        long ended = _space.Flights.Ended; // before the look: see Join
        return TryGet(key, out TEntity? entity)
            ? entity
            : Load(key, factory, static (key, factory, _, _) => new ValueTask<TEntity>(factory(key)), ended, blocks: true, default).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public TEntity GetOrCreate(TKey key, Func<TKey, LoadContext, TEntity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        long ended = _space.Flights.Ended;
        return TryGet(key, out TEntity? entity)
            ? entity
            : Load(key, factory, static (key, factory, context, _) => new ValueTask<TEntity>(factory(key, context)), ended, blocks: true, default).AsTask().GetAwaiter().GetResult();
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
        long ended = _space.Flights.Ended;
        return TryGet(key, out TEntity? entity) ? new ValueTask<TEntity>(entity) : Load(key, state, factory, ended, blocks: false, cancellationToken);
    }

    /// <param name="key">The key.</param>
    /// <param name="state">For the factory.</param>
    /// <param name="factory">The factory.</param>
    /// <param name="ended"><see cref="SingleFlight{TKey}.Ended"/> before the caller looked and found nothing.</param>
    /// <param name="blocks">Whether the caller blocks its thread until the load has landed.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller.</param>
    private async ValueTask<TEntity> Load<TState>(
        TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory, long ended, bool blocks, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Flight<TKey, TEntity> flight = _space.Flights.Join(key, static key => new Flight<TKey, TEntity>(key), out bool leads, out long endedNow);
        LoadNode? loader = null; // whose factory asks
        bool flies = false;
        LoadResult result;
        try
        {
            if (LoadNode.Current is { } current)
            {
                if (current.BeginWait(flight.Node) is { } circle)
                    throw Circle(current, circle); // somebody else leads: a flight that has just begun waits for nobody
                loader = current;
            }
            if (leads)
            {
                FaultPoint.Allocation();
                flight.StartedOn = new LoadThread(blocks);
                // its outcome, good or bad, arrives through flight.Task
                _ = Fly(flight, key, state, factory, mayBeThere: endedNow != ended);
                flies = true;
            }
            else if (blocks && !flight.Task.IsCompleted && flight.StartedOn is { IsCurrent: true })
                throw BlocksItself(flight.Node);
            FaultPoint.Allocation();
            result = await flight.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (!flight.Task.IsCompleted)
        {
            // this caller waits no longer, or cannot; others may be waiting already
            if (leads && !flies)
            {
                _space.Flights.Close(key, flight);
                flight.Crash(e); // nobody else would land it
            }
            else
                _space.Flights.Leave(key, flight);
            throw;
        }
        finally
        {
            loader?.EndWait(flight.Node);
        }
        result.ThrowIfOutOfMemory();
        return OwnCopy(result);
    }

    private static InvalidOperationException Circle(LoadNode loader, IReadOnlyList<LoadNode> circle) => new(
        (circle.Count == 1
            ? $"The factory of {loader} asks for the entity it is to make: who waits for the answer waits for itself."
            : $"The factory of {loader} asks for an entity whose factory has asked, itself or by way of others, for this one: {loader} -> {string.Join(" -> ", circle)}. If each waits for its answer, all wait for ever.")
        + " (A question counts until it is answered, whether it is awaited or not. A load that is only to be started goes outside of the factory's flow of control, as after ExecutionContext.SuppressFlow.)");

    private static InvalidOperationException BlocksItself(LoadNode load) => new(
        $"The load of {load} was started on this thread or in this context, which does one thing at a time and which the load needs to go on. This call would block it until the load has ended: both would "
        + "wait for ever. Use GetOrCreateAsync.");

    /// <summary>Runs the factory, stores what it made and tells everybody who waits. Never throws.</summary>
    private async Task Fly<TState>(
        Flight<TKey, TEntity> flight, TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory, bool mayBeThere)
    {
        try
        {
            // A flight may have landed between the caller's look and its take-off; then the entity is there and the factory is not needed.
            if (mayBeThere && TryPeekStored(key, out LoadResult stored))
            {
                _space.Flights.Close(key, flight);
                flight.Land(stored);
                return;
            }

            // Before the factory: a write or a delete that comes while it runs has a higher version and wins. Taken after it, the version would
            // let data read before an invalidation bury the invalidation.
            using LoadTicket ticket = BeginLoad(key);
            LoadContext context = new(ticket);
            flight.Node.Enter();
            TEntity entity = await factory(key, state, context, flight.Token).ConfigureAwait(false);
            if (!typeof(TEntity).IsValueType && entity is null)
                throw new MemStorageException(MemStorageError.NotFound, $"The factory found no {typeof(TEntity).Name} for the key '{key}'.", key.ToString());
            if (!EqualityComparer<TKey>.Default.Equals(TTraits.GetKey(entity), key))
                throw new InvalidOperationException($"The factory was asked for the key '{key}' and made an entity with the key '{TTraits.GetKey(entity)}'.");
            LoadResult result = Keep(flight, key, entity, context);
            _space.Flights.Close(key, flight);
            flight.Land(result);
        }
        catch (Exception e)
        {
            _space.Flights.Close(key, flight);
            flight.Crash(e);
        }
    }

    private LoadTicket BeginLoad(TKey key)
    {
        using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        return Store.BeginLoad(writer.Written);
    }

    /// <summary>Stores what the factory made, if it is to be stored and nothing newer has come.</summary>
    /// <returns>What the callers shall see.</returns>
    private LoadResult Keep(Flight<TKey, TEntity> flight, TKey key, TEntity entity, LoadContext context)
    {
        bool isToStay = TryExpiryOf(context, out long expireAt, out bool fixedLife) && context.Store;
        LoadResult loaded = new(Encode(entity, fixedLife), context.Version);

        // nobody waits any more: the load was cancelled, and what it made all the same is dropped
        if (!isToStay || flight.Token.IsCancellationRequested)
            return loaded;
        // whether something has beaten the load is judged under the lock that stores it: readers never see what was read before a newer write, a delete or a clearing
        WriteOutcome outcome = Write(key, entity, loaded.Encoded, new WriteRequest(context.Version, expireAt, WriteCondition.Load, Load: context.Ticket));
        // somebody wrote during the load: that is what the callers shall see
        return outcome == WriteOutcome.Superseded && TryPeekStored(key, out LoadResult newer) ? newer : loaded;
    }

    private byte[] Encode(in TEntity entity, bool fixedLife)
    {
        EntityBuffer buffer = EntityBuffer.Take();
        try
        {
            EntityCodec<TEntity>.Encode(buffer, entity, _descriptor, fixedLife);
            return buffer.Written.ToArray();
        }
        finally
        {
            EntityBuffer.Return(buffer);
        }
    }

    /// <summary>The stored form of an entity, if it can be read. No access: the caller's miss was counted.</summary>
    private bool TryPeekStored(TKey key, out LoadResult stored)
    {
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        ScratchBuffer scratch = new(stackalloc byte[ValueBuffer]);
        try
        {
            stored = default;
            if (!Store.Peek(writer.Written, ref scratch, out int length, out RecordInfo info))
                return false;
            EntityBuffer buffer = EntityBuffer.OfThread();
            if (!EntityCodec<TEntity>.TryDecode(buffer, scratch.Span[..length], _descriptor, out _, out _))
                return false;
            stored = new LoadResult(scratch.Span[..length].ToArray(), info.Version);
            return true;
        }
        finally
        {
            scratch.Dispose();
            writer.Dispose();
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

    /// <summary>An object of the caller's own, as a read of the store would give it.</summary>
    private TEntity OwnCopy(in LoadResult result)
    {
        if (!EntityCodec<TEntity>.TryDecode(EntityBuffer.OfThread(), result.Encoded, _descriptor, out TEntity? entity, out _))
            throw new InvalidOperationException($"A {typeof(TEntity).Name} that was just serialized could not be read back.");
        TTraits.SetVersion(ref entity, result.Version);
        return entity;
    }
}
