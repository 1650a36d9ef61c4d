using System.Diagnostics.CodeAnalysis;

namespace MemStorage;

/// <summary>
/// The base of a repository that is written by hand: a fake in a test, or a wrapper around a real one. What follows from other members is done here, and so are
/// members that later versions of the interface bring. A real repository is generated.
/// </summary>
/// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}"/>
public abstract class CustomRepository<TKey, TEntity> : IMemStorageRepository<TKey, TEntity>
    where TKey : notnull
    where TEntity : notnull
{
    /// <inheritdoc/>
    public abstract MemStore Store { get; }

    /// <inheritdoc/>
    public abstract KeySpace KeySpace { get; }

    /// <inheritdoc/>
    public virtual long Count => Keys().LongCount();

    /// <inheritdoc/>
    public virtual long ShapeMismatches => 0;

    /// <inheritdoc/>
    public virtual TEntity Get(TKey key) => TryGet(key, out TEntity? entity)
        ? entity
        : throw new MemStorageException(MemStorageError.NotFound, $"There is no {typeof(TEntity).Name} with the key '{key}'.", key.ToString());

    /// <inheritdoc/>
    public abstract bool TryGet(TKey key, [MaybeNullWhen(false)] out TEntity entity);

    /// <inheritdoc/>
    [return: NoCopy]
    public virtual TEntity GetNoCopy(TKey key) => Get(key);

    /// <inheritdoc/>
    public virtual bool TryGetNoCopy(TKey key, [NoCopy][MaybeNullWhen(false)] out TEntity entity) => TryGet(key, out entity);

    /// <inheritdoc/>
    public virtual bool Contains(TKey key) => TryGetInfo(key, out _);

    /// <inheritdoc/>
    public abstract bool TryGetInfo(TKey key, out EntityInfo info);

    /// <inheritdoc/>
    [MustCheck]
    public virtual SetResult Set(TEntity entity) => Set(entity, default, out _);

    /// <inheritdoc/>
    [MustCheck]
    public virtual SetResult Set(TEntity entity, out long version) => Set(entity, default, out version);

    /// <inheritdoc/>
    [MustCheck]
    public virtual SetResult Set(TEntity entity, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(version);
        return Set(entity, new EntitySetOptions { Version = version }, out _);
    }

    /// <inheritdoc/>
    [MustCheck]
    public virtual SetResult Set(TEntity entity, TimeSpan timeToLive) => Set(entity, new EntitySetOptions { TimeToLive = timeToLive }, out _);

    /// <inheritdoc/>
    [MustCheck]
    public virtual SetResult Set(TEntity entity, DateTimeOffset expireAt) => Set(entity, new EntitySetOptions { ExpireAt = expireAt }, out _);

    /// <inheritdoc/>
    [MustCheck]
    public abstract SetResult Set(TEntity entity, in EntitySetOptions options, out long version);

    /// <inheritdoc/>
    [MustCheck]
    public virtual SetResult Set([Mutates] ref TEntity entity) => Set(entity);

    /// <inheritdoc/>
    public virtual long SetOrThrow(TEntity entity) => Set(entity, out long version) switch
    {
        SetResult.Stored => version,
        SetResult.Superseded => throw new MemStorageException(
            MemStorageError.VersionMismatch, $"The {typeof(TEntity).Name} was not stored: there is one with the newer version {version}."),
        _ => throw new MemStorageException(MemStorageError.MemoryLimit, $"The {typeof(TEntity).Name} was not stored: the store is full."),
    };

    /// <inheritdoc/>
    [MustCheck]
    public virtual UpdateResult TryUpdate(TEntity entity) => TryUpdate(entity, out _);

    /// <inheritdoc/>
    [MustCheck]
    public abstract UpdateResult TryUpdate(TEntity entity, out long version);

    /// <inheritdoc/>
    [MustCheck]
    public abstract UpdateResult TryUpdate(TEntity entity, long expectedVersion, out long version);

    /// <inheritdoc/>
    [MustCheck]
    public virtual UpdateResult Update(TKey key, Action<TEntity> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (typeof(TEntity).IsValueType)
            throw new InvalidOperationException($"{typeof(TEntity).Name} is a struct: a change of the copy would be lost; use the overload that returns the changed one.");
        return Update(key, change, static (entity, change) =>
        {
            change(entity);
            return entity;
        });
    }

    /// <inheritdoc/>
    [MustCheck]
    public virtual UpdateResult Update(TKey key, Func<TEntity, TEntity> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Update(key, change, static (entity, change) => change(entity));
    }

    /// <inheritdoc/>
    [MustCheck]
    public virtual UpdateResult Update<TState>(TKey key, TState state, Func<TEntity, TState, TEntity> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        // the version before the entity: an entity that is newer than its version is refused and read again, never the other way round
        while (TryGetInfo(key, out EntityInfo info) && TryGet(key, out TEntity? entity))
        {
            UpdateResult result = TryUpdate(change(entity, state), info.Version, out _);
            if (result is not UpdateResult.VersionMismatch)
                return result;
        }
        return UpdateResult.NotFound;
    }

    /// <inheritdoc/>
    [MustCheck]
    public abstract DeleteResult Delete(TKey key);

    /// <inheritdoc/>
    [MustCheck]
    public abstract DeleteResult Delete(TKey key, long version);

    /// <inheritdoc/>
    public abstract bool Touch(TKey key, TimeSpan timeToLive);

    /// <inheritdoc/>
    public virtual TEntity GetOrCreate(TKey key, Func<TKey, TEntity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (key, factory, _, _) => new ValueTask<TEntity>(factory(key))).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public virtual TEntity GetOrCreate(TKey key, Func<TKey, LoadContext, TEntity> factory)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (key, factory, context, _) => new ValueTask<TEntity>(factory(key, context))).AsTask().GetAwaiter().GetResult();
    }

    /// <inheritdoc/>
    public virtual ValueTask<TEntity> GetOrCreateAsync(TKey key, Func<TKey, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (key, factory, _, token) => factory(key, token), cancellationToken);
    }

    /// <inheritdoc/>
    public virtual ValueTask<TEntity> GetOrCreateAsync(TKey key, Func<TKey, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(factory);
        return GetOrCreateAsync(key, factory, static (key, factory, context, token) => factory(key, context, token), cancellationToken);
    }

    /// <inheritdoc/>
    public abstract ValueTask<TEntity> GetOrCreateAsync<TState>(
        TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default);

    /// <inheritdoc/>
    public virtual IReadOnlyList<TEntity> GetMany(IEnumerable<TKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        List<TEntity> found = [];
        foreach (TKey key in keys)
            if (TryGet(key, out TEntity? entity))
                found.Add(entity);
        return found;
    }

    /// <inheritdoc/>
    [MustCheck]
    public virtual IReadOnlyList<SetResult> SetMany(IEnumerable<TEntity> entities)
    {
        ArgumentNullException.ThrowIfNull(entities);
        List<SetResult> results = [];
        foreach (TEntity entity in entities)
            results.Add(Set(entity));
        return results;
    }

    /// <inheritdoc/>
    public virtual int DeleteMany(IEnumerable<TKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        int deleted = 0;
        foreach (TKey key in keys)
            if (Delete(key) is DeleteResult.Deleted)
                deleted++;
        return deleted;
    }

    /// <inheritdoc/>
    public abstract IEnumerable<TKey> Keys();

    /// <inheritdoc/>
    public virtual IEnumerable<TEntity> All()
    {
        foreach (TKey key in Keys())
            if (TryGet(key, out TEntity? entity))
                yield return entity;
    }
}
