namespace MemStorage;

/// <summary>The repository of an entity that is an unmanaged struct: its stored bytes are its memory, so that it can be looked at without being deserialized.</summary>
/// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}"/>
public interface IMemStorageUnmanagedRepository<TKey, TEntity> : IMemStorageRepository<TKey, TEntity>
    where TKey : notnull
    where TEntity : unmanaged
{
    /// <inheritdoc cref="MemStorageUnmanagedRepository{TKey, TEntity, TTraits}.Read{TResult}(TKey, EntityView{TEntity, TResult})"/>
    TResult Read<TResult>(TKey key, EntityView<TEntity, TResult> view);

    /// <inheritdoc cref="MemStorageUnmanagedRepository{TKey, TEntity, TTraits}.Read{TState, TResult}(TKey, TState, EntityView{TEntity, TState, TResult})"/>
    TResult Read<TState, TResult>(TKey key, TState state, EntityView<TEntity, TState, TResult> view)
        where TState : allows ref struct;

    /// <inheritdoc cref="MemStorageUnmanagedRepository{TKey, TEntity, TTraits}.TryRead{TState, TResult}(TKey, TState, EntityView{TEntity, TState, TResult}, out TResult)"/>
    bool TryRead<TState, TResult>(
        TKey key, TState state, EntityView<TEntity, TState, TResult> view, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TResult result)
        where TState : allows ref struct;
}
