using System.Diagnostics.CodeAnalysis;

namespace MemStorage;

/// <summary>
/// A typed repository over a <see cref="MemStore"/>, as the generator writes it for an entity. All members are thread-safe. A null key or
/// entity, an empty key and a key of more than 65,535 bytes (prefix included) are <see cref="ArgumentException"/>s; a closed
/// store throws <see cref="ObjectDisposedException"/>. In both cases nothing has changed.
/// </summary>
/// <remarks>
/// Made to be replaced in tests: no member takes a span or has a default implementation, because mocking libraries cannot play such members. A repository
/// written by hand, a fake or a wrapper, derives from <see cref="CustomRepository{TKey, TEntity}"/>, needs few members and goes on compiling when later versions
/// bring more. Spans of keys and factories that return a <see cref="Task{TResult}"/> are taken by the extension methods of
/// <see cref="MemStorageRepositoryExtensions"/>.
/// </remarks>
/// <typeparam name="TKey">The key.</typeparam>
/// <typeparam name="TEntity">The entity.</typeparam>
public interface IMemStorageRepository<TKey, TEntity>
    where TKey : notnull
    where TEntity : notnull
{
    /// <summary>The store.</summary>
    MemStore Store { get; }

    /// <summary>The key space of the entity.</summary>
    KeySpace KeySpace { get; }

    /// <summary>The number of live entities. Expired ones count until they are swept.</summary>
    long Count { get; }

    /// <summary>How many reads met a record of another shape of the entity; each was a miss.</summary>
    long ShapeMismatches { get; }

    /// <summary>A fresh object; it is the caller's and may be changed.</summary>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.NotFound"/>) there is no live entity under the key.</exception>
    TEntity Get(TKey key);

    /// <summary>A fresh object; it is the caller's and may be changed.</summary>
    /// <returns>False when there is no live entity under the key.</returns>
    bool TryGet(TKey key, [MaybeNullWhen(false)] out TEntity entity);

    /// <summary>An instance that is shared with other callers and must not be changed; decoded once per stored version while it stays in the table of shared instances.</summary>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.NotFound"/>) there is no live entity under the key.</exception>
    [return: NoCopy]
    TEntity GetNoCopy(TKey key);

    /// <inheritdoc cref="GetNoCopy(TKey)"/>
    /// <returns>False when there is no live entity under the key.</returns>
    bool TryGetNoCopy(TKey key, [NoCopy][MaybeNullWhen(false)] out TEntity entity);

    /// <summary>Whether there is a live entity under the key; counts as a read.</summary>
    bool Contains(TKey key);

    /// <summary>Version and expiry of the live entity under the key; counts as a read.</summary>
    bool TryGetInfo(TKey key, out EntityInfo info);

    /// <summary>Stores the entity, replacing what is there, with the next version of the store's clock, and writes that version into the version member.</summary>
    [MustCheck]
    SetResult Set(TEntity entity);

    /// <inheritdoc cref="Set(TEntity)"/>
    /// <param name="entity">The entity.</param>
    /// <param name="version">The version stored; the winner's when the result is <see cref="SetResult.Superseded"/>.</param>
    [MustCheck]
    SetResult Set(TEntity entity, out long version);

    /// <summary>Stores the entity with a version of the caller; the higher version wins, and at equal versions what is there stays.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="version">The version; positive.</param>
    [MustCheck]
    SetResult Set(TEntity entity, long version);

    /// <summary>Stores the entity with a life of its own.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="timeToLive">How long it lives; positive, or <see cref="Timeout.InfiniteTimeSpan"/> for ever. Not subject to jitter, not prolonged by reads, and kept by updates.</param>
    [MustCheck]
    SetResult Set(TEntity entity, TimeSpan timeToLive);

    /// <summary>Stores the entity until a point in time.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="expireAt">When it expires, in whole milliseconds, rounded up; in the future. Not subject to jitter, not prolonged by reads, and kept by updates.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="expireAt"/> is not in the future.</exception>
    [MustCheck]
    SetResult Set(TEntity entity, DateTimeOffset expireAt);

    /// <summary>Stores the entity, all choices at once.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="options">Version, life, condition.</param>
    /// <param name="version">The version stored; the winner's when the result is <see cref="SetResult.Superseded"/>.</param>
    [MustCheck]
    SetResult Set(TEntity entity, in EntitySetOptions options, out long version);

    /// <summary>Stores a struct entity and writes the new version into the caller's variable; for classes the same as <see cref="Set(TEntity)"/>.</summary>
    [MustCheck]
    SetResult Set([Mutates] ref TEntity entity);

    /// <summary>Stores the entity or throws.</summary>
    /// <returns>The version stored.</returns>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.VersionMismatch"/>, <see cref="MemStorageError.MemoryLimit"/>) the entity was not stored.</exception>
    long SetOrThrow(TEntity entity);

    /// <summary>Stores the entity if the stored one still has the version that the entity carries, and writes the new version into it.</summary>
    /// <exception cref="InvalidOperationException">The entity has no version member: use <see cref="TryUpdate(TEntity, long, out long)"/>.</exception>
    [MustCheck]
    UpdateResult TryUpdate(TEntity entity);

    /// <inheritdoc cref="TryUpdate(TEntity)"/>
    /// <param name="entity">The entity.</param>
    /// <param name="version">The version stored; the stored entity's when the result is <see cref="UpdateResult.VersionMismatch"/>, 0 when it is <see cref="UpdateResult.NotFound"/>.</param>
    [MustCheck]
    UpdateResult TryUpdate(TEntity entity, out long version);

    /// <summary>Stores the entity if the stored one has exactly the expected version.</summary>
    /// <param name="entity">The entity.</param>
    /// <param name="expectedVersion">The version that was read.</param>
    /// <param name="version">The version stored; the stored entity's when the result is <see cref="UpdateResult.VersionMismatch"/>, 0 when it is <see cref="UpdateResult.NotFound"/>.</param>
    [MustCheck]
    UpdateResult TryUpdate(TEntity entity, long expectedVersion, out long version);

    /// <summary>Reads, changes and stores an entity, and does so again when another write came between: no change is lost.</summary>
    /// <param name="key">The key.</param>
    /// <param name="change">Changes a fresh object; must not change its key; may run more than once.</param>
    /// <exception cref="InvalidOperationException"><paramref name="change"/> changed the key, or writes it itself (then each try would be lost to its own function), or <typeparamref name="TEntity"/> is a struct (use the overload that returns the changed one).</exception>
    [MustCheck]
    UpdateResult Update(TKey key, Action<TEntity> change);

    /// <inheritdoc cref="Update(TKey, Action{TEntity})"/>
    [MustCheck]
    UpdateResult Update(TKey key, Func<TEntity, TEntity> change);

    /// <inheritdoc cref="Update(TKey, Action{TEntity})"/>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="change"/>, so that it needs no closure.</param>
    /// <param name="change">Returns the changed entity; must not change its key; may run more than once.</param>
    [MustCheck]
    UpdateResult Update<TState>(TKey key, TState state, Func<TEntity, TState, TEntity> change);

    /// <summary>Deletes the entity, whatever its version.</summary>
    [MustCheck]
    DeleteResult Delete(TKey key);

    /// <summary>Deletes the entity unless its version is newer than the given one.</summary>
    [MustCheck]
    DeleteResult Delete(TKey key, long version);

    /// <summary>Lets a live entity live for a new time from now on, which updates keep; its version stays.</summary>
    /// <param name="key">The key.</param>
    /// <param name="timeToLive">Positive, or <see cref="Timeout.InfiniteTimeSpan"/> for ever.</param>
    /// <returns>False when there is no live entity under the key.</returns>
    bool Touch(TKey key, TimeSpan timeToLive);

    /// <summary>The entity under the key, or the one that the factory makes; concurrent callers of one key run one factory.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the entity; its exception goes to every waiting caller and nothing is stored.</param>
    TEntity GetOrCreate(TKey key, Func<TKey, TEntity> factory);

    /// <inheritdoc cref="GetOrCreate(TKey, Func{TKey, TEntity})"/>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the entity and may set its life or decide that it is not stored.</param>
    TEntity GetOrCreate(TKey key, Func<TKey, LoadContext, TEntity> factory);

    /// <summary>The entity under the key, or the one that the factory makes; concurrent callers of one key wait for one factory.</summary>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the entity. Its exception goes to every waiting caller and nothing is stored. Its token is cancelled only when no caller waits any more.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    ValueTask<TEntity> GetOrCreateAsync(TKey key, Func<TKey, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetOrCreateAsync(TKey, Func{TKey, CancellationToken, ValueTask{TEntity}}, CancellationToken)"/>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the entity and may set its life or decide that it is not stored.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    ValueTask<TEntity> GetOrCreateAsync(TKey key, Func<TKey, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default);

    /// <inheritdoc cref="GetOrCreateAsync(TKey, Func{TKey, CancellationToken, ValueTask{TEntity}}, CancellationToken)"/>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="factory"/>, so that it needs no closure.</param>
    /// <param name="factory">Makes the entity and may set its life or decide that it is not stored.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    ValueTask<TEntity> GetOrCreateAsync<TState>(
        TKey key, TState state, Func<TKey, TState, LoadContext, CancellationToken, ValueTask<TEntity>> factory, CancellationToken cancellationToken = default);

    /// <summary>
    /// Fresh objects for those keys that have a live entity, in the order of the keys. In a store of more than a few thousand entries the memory that up to 64 keys need is fetched
    /// together, which takes about half the time of single reads.
    /// </summary>
    /// <exception cref="ArgumentException">A key is not allowed; those before it may have been read, which shows in the statistics only.</exception>
    IReadOnlyList<TEntity> GetMany(IEnumerable<TKey> keys);

    /// <summary>Stores entities, one after the other; one result for each, in their order.</summary>
    /// <remarks>When serializing an entity throws, those before it are stored, that one and those after it are not.</remarks>
    [MustCheck]
    IReadOnlyList<SetResult> SetMany(IEnumerable<TEntity> entities);

    /// <summary>Deletes entities, whatever their version.</summary>
    /// <returns>How many were there.</returns>
    int DeleteMany(IEnumerable<TKey> keys);

    /// <summary>The keys of the live entities, in no order, without stopping writers: an entity written or removed meanwhile may be seen or not.</summary>
    IEnumerable<TKey> Keys();

    /// <summary>Fresh objects of all live entities, in no order, one at a time, without stopping writers: an entity written or removed meanwhile may be seen or not. No access: counts as no read and prolongs no life.</summary>
    IEnumerable<TEntity> All();
}
