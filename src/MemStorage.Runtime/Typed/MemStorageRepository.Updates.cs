using System.Diagnostics.CodeAnalysis;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

// An update keeps the expiry that somebody has named for the entity. The time to live of its attribute begins again with every write; without one the expiry stays as it is.
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
        PeekLife(TTraits.GetKey(entity), out RecordInfo stored, out bool fixedLife);
        return Result(Write(ref entity, UpdateOf(stored, fixedLife, expectedVersion), fixedLife, out version));
    }

    /// <summary>Expiry of the stored entity, and whether it was given with the write; defaults when there is none: then the update will not find it either.</summary>
    private void PeekLife(TKey key, out RecordInfo stored, out bool fixedLife)
    {
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        scoped ScratchBuffer scratch = new(EntityBuffer.OfThread().Whole);
        try
        {
            fixedLife = false;
            if (Store.Peek(writer.Written, ref scratch, out int length, out stored))
                EntityCodec<TEntity>.TryReadHeader(scratch.Span[..length], _descriptor, out _, out fixedLife);
        }
        finally
        {
            scratch.Dispose();
            writer.Dispose();
        }
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
        WatchedUpdate? watch = null;
        try
        {
            // No bound on the tries: one is lost only when another writer has succeeded, and from the second on the function itself cannot be that one.
            while (true)
            {
                if (!TryReadEntity(writer.Written, out TEntity? entity, out RecordInfo info, out bool fixedLife))
                    return UpdateResult.NotFound;
                WriteOutcome outcome = TryChange(key, writer.Written, entity, info, fixedLife, state, change, watch);
                if (outcome != WriteOutcome.Superseded)
                    return Result(outcome);
                watch ??= new WatchedUpdate(Store, writer.Written.ToArray());
            }
        }
        finally
        {
            watch?.Dispose();
            writer.Dispose();
        }
    }

    private WriteOutcome TryChange<TState>(
        TKey key, ReadOnlySpan<byte> full, TEntity entity, in RecordInfo info, bool fixedLife, TState state, Func<TEntity, TState, TEntity> change, WatchedUpdate? watch)
    {
        EntityBuffer? buffer = null;
        try
        {
            // everything that is the caller's code, the serializer's callbacks too, is between Enter and Leave
            watch?.Enter();
            try
            {
                entity = change(entity, state);
                if (!typeof(TEntity).IsValueType && entity is null)
                    throw new InvalidOperationException("The function returned null instead of the changed entity.");
                if (!EqualityComparer<TKey>.Default.Equals(TTraits.GetKey(entity), key))
                    ThrowKeyChanged(key, TTraits.GetKey(entity));
                buffer = EntityBuffer.Take();
                EntityCodec<TEntity>.Encode(buffer, entity, _descriptor, fixedLife);
            }
            finally
            {
                watch?.Leave();
            }
            WriteOutcome outcome = WriteEncoded(full, Store.HashOf(full), entity, buffer.Written, UpdateOf(info, fixedLife, info.Version), out long version);
            if (outcome == WriteOutcome.Stored)
                TTraits.SetVersion(ref entity, version);
            return outcome;
        }
        finally
        {
            if (buffer is not null)
                EntityBuffer.Return(buffer);
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
