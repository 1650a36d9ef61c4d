using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemStorage.Keys;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set(TEntity entity) => Set(ref entity, out _);

    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set([Mutates] ref TEntity entity) => Set(ref entity, out _);

    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set(TEntity entity, out long version) => Set(ref entity, out version);

    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set(TEntity entity, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(version);
        return Set(ref entity, new EntitySetOptions { Version = version }, out _);
    }

    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set(TEntity entity, TimeSpan timeToLive) => Set(ref entity, new EntitySetOptions { TimeToLive = timeToLive }, out _);

    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set(TEntity entity, DateTimeOffset expireAt) => Set(ref entity, new EntitySetOptions { ExpireAt = expireAt }, out _);

    /// <inheritdoc/>
    [MustCheck]
    public SetResult Set(TEntity entity, in EntitySetOptions options, out long version) => Set(ref entity, options, out version);

    /// <inheritdoc/>
    public long SetOrThrow(TEntity entity)
    {
        SetResult result = Set(ref entity, out long version);
        if (result is not SetResult.Stored)
            ThrowNotStored(TTraits.GetKey(entity), result, version);
        return version;
    }

    /// <inheritdoc/>
    [MustCheck]
    public DeleteResult Delete(TKey key) => Delete(key, default(WriteRequest));

    /// <inheritdoc/>
    [MustCheck]
    public DeleteResult Delete(TKey key, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(version);
        return Delete(key, new WriteRequest(version));
    }

    /// <summary>Deletes or throws, for callers to whom a refused delete is exceptional.</summary>
    /// <param name="key">The key.</param>
    /// <param name="version">The version that was read; positive. A newer one stays.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="version"/> is zero or negative.</exception>
    /// <exception cref="MemStorageException">
    /// (<see cref="MemStorageError.NotFound"/>) there was no live entity; (<see cref="MemStorageError.VersionMismatch"/>) the stored version is newer.
    /// </exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public void DeleteOrThrow(TKey key, long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(version);
        switch (Delete(key, new WriteRequest(version), out long stored))
        {
            case DeleteResult.NotFound:
                throw new MemStorageException(MemStorageError.NotFound, $"There is no {typeof(TEntity).Name} '{key}' to delete.", key.ToString());
            case DeleteResult.VersionMismatch:
                throw new MemStorageException(MemStorageError.VersionMismatch, $"The {typeof(TEntity).Name} '{key}' was not deleted with version {version}: it has version {stored}.", key.ToString());
        }
    }

    private DeleteResult Delete(TKey key, in WriteRequest request) => Delete(key, request, out _);

    private DeleteResult Delete(TKey key, in WriteRequest request, out long stored)
    {
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        try
        {
            return Store.Remove(writer.Written, _space.Space, request, out stored);
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Without options, which most writes are: what the attribute says about the life, and the last write wins.</summary>
    private SetResult Set(ref TEntity entity, out long version) =>
        (SetResult)Write(ref entity, new WriteRequest(0, DefaultExpiry(0), WriteCondition.LastWriteWins), fixedLife: false, out version);

    private SetResult Set(ref TEntity entity, in EntitySetOptions options, out long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(options.Version);
        long expireAt = ExpiryOf(options, out bool fixedLife);
        WriteCondition condition = options.OnlyIfAbsent ? WriteCondition.Absent : WriteCondition.LastWriteWins;
        WriteOutcome outcome = Write(ref entity, new WriteRequest(options.Version, expireAt, condition), fixedLife, out version);
        return (SetResult)outcome;
    }

    /// <summary>Serializes, stores, and on success writes the new version into the entity. The store is touched only after the serializer is done.</summary>
    private WriteOutcome Write(ref TEntity entity, in WriteRequest request, bool fixedLife, out long version)
    {
        if (!typeof(TEntity).IsValueType && entity is null)
            ThrowNullEntity();
        TKey key = TTraits.GetKey(entity);
        if (!NumberKey.TryGet(key, out uint number))
            return WriteOfText(key, ref entity, request, fixedLife, out version);
        ShortKeyRoom room = default;
        PairKey words = NumberKey.Create(_space.Space.PrefixWord, number);
        return Write(words.Bytes(room), words.Hash(Store.Engine.HashSeed), ref entity, request, fixedLife, out version);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private WriteOutcome WriteOfText(TKey key, ref TEntity entity, in WriteRequest request, bool fixedLife, out long version)
    {
        KeyRoom room = default;
        KeyWriter writer = WriteKey(room, key);
        try
        {
            return Write(writer.Written, Store.HashOf(writer.Written), ref entity, request, fixedLife, out version);
        }
        finally
        {
            writer.Dispose();
        }
    }

    private WriteOutcome Write(ReadOnlySpan<byte> key, ulong hash, ref TEntity entity, in WriteRequest request, bool fixedLife, out long version)
    {
        EntityBuffer buffer = EntityBuffer.Take();
        WriteOutcome outcome;
        try
        {
            EntityCodec<TEntity>.Encode(buffer, entity, _descriptor, fixedLife);
            outcome = WriteEncoded(key, hash, entity, buffer.Written, request, out version);
        }
        finally
        {
            EntityBuffer.Return(buffer);
        }
        if (outcome == WriteOutcome.Stored)
            TTraits.SetVersion(ref entity, version);
        return outcome;
    }

    /// <summary>Writes the stored form of an entity; every typed write ends here, so that the indexes learn its values.</summary>
    private WriteOutcome WriteEncoded(ReadOnlySpan<byte> key, ulong hash, in TEntity entity, ReadOnlySpan<byte> value, in WriteRequest request, out long version)
    {
        if (_space.Indexes is not { } indexes)
            return Store.Write(key, hash, _space.Space, value, request, out version);

        indexes.Memory.FillUp();
        EntityIndexes.PendingWrite pending = indexes.Prepare(key[KeySpace.PrefixLength..]);
        try
        {
            GatherValues(pending, entity);
            EntityIndexes.Publish(pending);
            return Store.Write(key, hash, _space.Space, value, request, out version);
        }
        finally
        {
            EntityIndexes.Retract(pending);
        }
    }

    [DoesNotReturn]
    private static void ThrowNullEntity() => throw new ArgumentNullException("entity");

    [DoesNotReturn]
    private static void ThrowNotStored(TKey key, SetResult result, long version) => throw (result == SetResult.Superseded
        ? new MemStorageException(MemStorageError.VersionMismatch, $"The {typeof(TEntity).Name} '{key}' was not stored: version {version} wins.", key.ToString())
        : new MemStorageException(MemStorageError.MemoryLimit, $"The {typeof(TEntity).Name} '{key}' was not stored: it does not fit into the memory bound.", key.ToString()));
}
