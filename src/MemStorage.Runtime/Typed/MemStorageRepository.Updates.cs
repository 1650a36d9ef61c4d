using System.Diagnostics.CodeAnalysis;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

// An update keeps the expiry that the entity has, unless its attribute gives it a time to live: that begins again with every write.
public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <inheritdoc/>
    [MustCheck]
    public UpdateResult TryUpdate(TEntity entity) => TryUpdate(entity, out _);

    /// <inheritdoc/>
    [MustCheck]
    public UpdateResult TryUpdate(TEntity entity, out long version)
    {
        if (!TTraits.Descriptor.HasVersion)
            ThrowNoVersion();
        if (!typeof(TEntity).IsValueType && entity is null)
            ThrowNullEntity();
        return TryUpdate(entity, TTraits.GetVersion(entity), out version);
    }

    /// <inheritdoc/>
    [MustCheck]
    public UpdateResult TryUpdate(TEntity entity, long expectedVersion, out long version)
    {
        if (!typeof(TEntity).IsValueType && entity is null)
            ThrowNullEntity();
        long expireAt = DefaultExpiry(0);
        if (expireAt == 0)
        {
            using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], TTraits.GetKey(entity));
            bool found = Store.TryLocate(writer.Written, _space.Space, out RecordInfo info);
            expireAt = found ? info.ExpireAt : 0;
        }
        return Result(Write(ref entity, new WriteRequest(0, expireAt, WriteCondition.ExpectedVersion, expectedVersion), fixedLife: false, out version));
    }

    /// <inheritdoc/>
    [MustCheck]
    public UpdateResult Update(TKey key, Action<TEntity> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        if (typeof(TEntity).IsValueType)
            throw new InvalidOperationException($"{typeof(TEntity).Name} is a struct: changes of a copy would be lost. Use the overload whose function returns the changed entity.");
        return Update(key, change, static (entity, change) =>
        {
            change(entity);
            return entity;
        });
    }

    /// <inheritdoc/>
    [MustCheck]
    public UpdateResult Update(TKey key, Func<TEntity, TEntity> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        return Update(key, change, static (entity, change) => change(entity));
    }

    /// <inheritdoc/>
    [MustCheck]
    public UpdateResult Update<TState>(TKey key, TState state, Func<TEntity, TState, TEntity> change)
    {
        ArgumentNullException.ThrowIfNull(change);
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        try
        {
            // No bound on the tries: one is lost only when another writer has succeeded.
            while (true)
            {
                if (!TryReadEntity(writer.Written, out TEntity? entity, out RecordInfo info, out _))
                    return UpdateResult.NotFound;
                entity = change(entity, state);
                if (!typeof(TEntity).IsValueType && entity is null)
                    throw new InvalidOperationException("The function returned null instead of the changed entity.");
                if (!EqualityComparer<TKey>.Default.Equals(TTraits.GetKey(entity), key))
                    ThrowKeyChanged(key, TTraits.GetKey(entity));
                WriteRequest request = new(0, DefaultExpiry(info.ExpireAt), WriteCondition.ExpectedVersion, info.Version);
                WriteOutcome outcome = Write(ref entity, request, fixedLife: false, out _);
                if (outcome != WriteOutcome.Superseded)
                    return Result(outcome);
            }
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static UpdateResult Result(WriteOutcome outcome) => outcome switch
    {
        WriteOutcome.Stored => UpdateResult.Updated,
        WriteOutcome.NotFound => UpdateResult.NotFound,
        WriteOutcome.MemoryLimit => UpdateResult.MemoryLimit,
        _ => UpdateResult.VersionMismatch,
    };

    [DoesNotReturn]
    private static void ThrowNoVersion() => throw new InvalidOperationException(
        $"{typeof(TEntity).Name} has no [MemStorageVersion] member: pass the version that was read to TryUpdate(entity, expectedVersion, out version).");

    [DoesNotReturn]
    private static void ThrowKeyChanged(TKey key, TKey changed) => throw new InvalidOperationException($"The change turned the key '{key}' into '{changed}'; store a new entity and delete the old one instead.");
}
