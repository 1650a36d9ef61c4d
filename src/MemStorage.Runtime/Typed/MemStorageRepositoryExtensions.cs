using System.Runtime.CompilerServices;
using MemStorage.Typed;

namespace MemStorage;

/// <summary>
/// The members of a repository that stand beside its interface: mocking libraries cannot play methods that take spans, and two overloads that differ in what
/// a factory's task is called are ambiguous for an <c>async</c> lambda. On a mock they call the member of the interface that takes a list, or a
/// <see cref="ValueTask{TResult}"/>.
/// </summary>
public static class MemStorageRepositoryExtensions
{
    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetMany(IEnumerable{TKey})"/>
    /// <param name="repository">The repository.</param>
    /// <param name="keys">The keys.</param>
    [OverloadResolutionPriority(1)] // no array is made where the language knows params of spans
    public static IReadOnlyList<TEntity> GetMany<TKey, TEntity>(this IMemStorageRepository<TKey, TEntity> repository, params ReadOnlySpan<TKey> keys)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        return repository is ISpanRepository<TKey, TEntity> spans ? spans.GetMany(keys) : repository.GetMany((IEnumerable<TKey>)keys.ToArray());
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetMany(IEnumerable{TKey})"/>
    /// <param name="repository">The repository.</param>
    /// <param name="keys">The keys.</param>
    public static IReadOnlyList<TEntity> GetMany<TKey, TEntity>(this IMemStorageRepository<TKey, TEntity> repository, params TKey[] keys)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        return repository.GetMany((IEnumerable<TKey>)keys);
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.DeleteMany(IEnumerable{TKey})"/>
    /// <param name="repository">The repository.</param>
    /// <param name="keys">The keys.</param>
    [OverloadResolutionPriority(1)] // no array is made where the language knows params of spans
    public static int DeleteMany<TKey, TEntity>(this IMemStorageRepository<TKey, TEntity> repository, params ReadOnlySpan<TKey> keys)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        return repository is ISpanRepository<TKey, TEntity> spans ? spans.DeleteMany(keys) : repository.DeleteMany((IEnumerable<TKey>)keys.ToArray());
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.DeleteMany(IEnumerable{TKey})"/>
    /// <param name="repository">The repository.</param>
    /// <param name="keys">The keys.</param>
    public static int DeleteMany<TKey, TEntity>(this IMemStorageRepository<TKey, TEntity> repository, params TKey[] keys)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        return repository.DeleteMany((IEnumerable<TKey>)keys);
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetOrCreateAsync(TKey, Func{TKey, CancellationToken, ValueTask{TEntity}}, CancellationToken)"/>
    /// <param name="repository">The repository.</param>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the entity. Its exception goes to every waiting caller and nothing is stored. Its token is cancelled only when no caller waits any more.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    public static ValueTask<TEntity> GetOrCreateAsync<TKey, TEntity>(
        this IMemStorageRepository<TKey, TEntity> repository, TKey key, Func<TKey, CancellationToken, Task<TEntity>> factory, CancellationToken cancellationToken = default)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(factory);
        return repository is ISpanRepository<TKey, TEntity>
            ? repository.GetOrCreateAsync(key, factory, static (key, factory, _, token) => TaskOf(key, factory(key, token)), cancellationToken)
            : repository.GetOrCreateAsync(key, (key, token) => TaskOf(key, factory(key, token)), cancellationToken);
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetOrCreateAsync(TKey, Func{TKey, LoadContext, CancellationToken, ValueTask{TEntity}}, CancellationToken)"/>
    /// <param name="repository">The repository.</param>
    /// <param name="key">The key.</param>
    /// <param name="factory">Makes the entity and may set its life or decide that it is not stored.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    public static ValueTask<TEntity> GetOrCreateAsync<TKey, TEntity>(
        this IMemStorageRepository<TKey, TEntity> repository, TKey key, Func<TKey, LoadContext, CancellationToken, Task<TEntity>> factory, CancellationToken cancellationToken = default)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(factory);
        return repository is ISpanRepository<TKey, TEntity>
            ? repository.GetOrCreateAsync(key, factory, static (key, factory, context, token) => TaskOf(key, factory(key, context, token)), cancellationToken)
            : repository.GetOrCreateAsync(key, (key, context, token) => TaskOf(key, factory(key, context, token)), cancellationToken);
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetOrCreateAsync{TState}(TKey, TState, Func{TKey, TState, LoadContext, CancellationToken, ValueTask{TEntity}}, CancellationToken)"/>
    /// <param name="repository">The repository.</param>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="factory"/>, so that it needs no closure.</param>
    /// <param name="factory">Makes the entity and may set its life or decide that it is not stored.</param>
    /// <param name="cancellationToken">Ends the waiting of this caller only.</param>
    public static ValueTask<TEntity> GetOrCreateAsync<TKey, TEntity, TState>(
        this IMemStorageRepository<TKey, TEntity> repository,
        TKey key,
        TState state,
        Func<TKey, TState, LoadContext, CancellationToken, Task<TEntity>> factory,
        CancellationToken cancellationToken = default)
        where TKey : notnull
        where TEntity : notnull
    {
        ArgumentNullException.ThrowIfNull(repository);
        ArgumentNullException.ThrowIfNull(factory);
        return repository.GetOrCreateAsync(
            key,
            (State: state, Factory: factory),
            static (key, both, context, token) => TaskOf(key, both.Factory(key, both.State, context, token)),
            cancellationToken);
    }

    private static ValueTask<TEntity> TaskOf<TKey, TEntity>(TKey key, Task<TEntity>? task) => task is not null
        ? new ValueTask<TEntity>(task)
        : throw new InvalidOperationException($"The factory for the {typeof(TEntity).Name} '{key}' returned null instead of a task.");
}
