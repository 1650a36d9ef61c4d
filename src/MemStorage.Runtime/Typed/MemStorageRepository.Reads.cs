using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemStorage.Keys;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <inheritdoc/>
    public TEntity Get(TKey key)
    {
        if (!TryGet(key, out TEntity? entity))
            ThrowNotFound(key);
        return entity;
    }

    /// <inheritdoc/>
    public bool TryGet(TKey key, [MaybeNullWhen(false)] out TEntity entity)
    {
        if (!NumberKey.TryGet(key, out uint number))
            return TryGetOfText(key, out entity);
        PairKey words = NumberKey.Create(_space.Space.PrefixWord, number);
        if (!TryReadStraight(words, out entity, out ItemInfo info, out bool fixedLife))
            return false;
        if (_descriptor.Sliding && info.ExpireAtMilliseconds != 0)
            SlideOf(key, info.Version, info.ExpireAtMilliseconds, fixedLife);
        return true;
    }

    // out of line: the room for a key that is written as text must not cost those that are not
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryGetOfText(TKey key, [MaybeNullWhen(false)] out TEntity entity)
    {
        KeyRoom room = default;
        using KeyWriter writer = WriteKey(room, key);
        bool found = TryReadEntity(writer.Written, out entity, out RecordInfo info, out bool fixedLife);
        if (found)
            Slide(writer.Written, info.Version, info.ExpireAt, fixedLife);
        return found;
    }

    /// <inheritdoc/>
    [return: NoCopy]
    public TEntity GetNoCopy(TKey key)
    {
        if (!TryGetNoCopy(key, out TEntity? entity))
            ThrowNotFound(key);
        return entity;
    }

    /// <inheritdoc/>
    public bool TryGetNoCopy(TKey key, [NoCopy][MaybeNullWhen(false)] out TEntity entity)
    {
        SharedInstances<TKey, TEntity>? shared = _space.Shared;
        if (shared is null || !RuntimeHelpers.IsReferenceOrContainsReferences<TEntity>())
            return TryGet(key, out entity); // nothing in such a struct can be shared

        if (!typeof(TKey).IsValueType && key is null)
            ThrowNullKey();
        SharedInstances<TKey, TEntity>.Node? node = shared.Find(key);
        if (node is null || !Store.IsCurrent(node.Place, _space.Space, out long expireAt))
            return TryShare(shared, node, key, out entity);
        if (_descriptor.Sliding && expireAt != 0)
            SlideOf(key, node.Place.Version, expireAt, node.FixedLife);
        entity = node.Entity;
        return true;
    }

    /// <inheritdoc/>
    public bool Contains(TKey key)
    {
        using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        bool found = Store.TryLocate(writer.Written, _space.Space, out _);
        return found;
    }

    /// <inheritdoc/>
    public bool TryGetInfo(TKey key, out EntityInfo info)
    {
        using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        bool found = Store.TryLocate(writer.Written, _space.Space, out RecordInfo record);
        info = found ? new EntityInfo(record.Version, record.ExpireAt == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(record.ExpireAt)) : default;
        return found;
    }

    /// <summary>Looks at the MemoryPack bytes of an entity without deserializing it.</summary>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="reader"/>, so that it needs no closure.</param>
    /// <param name="reader">Runs once, on a copy that is valid only until it returns. The version inside these bytes is not the stored one.</param>
    /// <param name="result">What <paramref name="reader"/> returned.</param>
    /// <returns>False when there is no live entity under the key.</returns>
    public bool TryReadBytes<TState, TResult>(TKey key, TState state, EntityBytesReader<TState, TResult> reader, [MaybeNullWhen(false)] out TResult result)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(reader);
        KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        ScratchBuffer scratch = new(stackalloc byte[ValueBuffer]);
        try
        {
            if (!TryReadBytes(writer.Written, ref scratch, out Span<byte> payload, out _))
            {
                result = default;
                return false;
            }
            result = reader(payload, state);
            return true;
        }
        finally
        {
            scratch.Dispose();
            writer.Dispose();
        }
    }

    /// <summary>Copies the payload of a record of exactly this shape.</summary>
    private protected bool TryReadBytes(ReadOnlySpan<byte> key, ref ScratchBuffer scratch, out Span<byte> payload, out RecordInfo info)
    {
        payload = default;
        if (!Store.Read(key, _space.Space, ref scratch, out int length, out info))
            return false;
        if (!EntityCodec<TEntity>.TryReadHeader(scratch.Span[..length], TTraits.Descriptor, out bool sameShape, out bool fixedLife) || !sameShape)
        {
            CountShapeMismatch();
            return false;
        }
        payload = scratch.Span[EntityCodec<TEntity>.PayloadOffset(_descriptor)..length];
        Slide(key, info.Version, info.ExpireAt, fixedLife);
        return true;
    }

    private protected KeyWriter BeginRead(Span<byte> buffer, TKey key) => WriteKey(buffer, key);

    // out of line: the hit is the path that must be short
    [MethodImpl(MethodImplOptions.NoInlining)]
    private bool TryShare(SharedInstances<TKey, TEntity> shared, SharedInstances<TKey, TEntity>.Node? stale, TKey key, [MaybeNullWhen(false)] out TEntity entity)
    {
        KeyRoom room = default;
        using KeyWriter writer = WriteKey(room, key);
        bool found = TryReadEntity(writer.Written, straight: stale is null, out entity, out RecordInfo info, out bool fixedLife);
        if (found)
        {
            Slide(writer.Written, info.Version, info.ExpireAt, fixedLife);
            shared.Publish(new SharedInstances<TKey, TEntity>.Node(key, entity!, info.PlaceOf(Store.HashOf(writer.Written)), fixedLife));
        }
        else if (stale is not null)
            shared.Forget(stale);
        return found;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SlideOf(TKey key, long version, long expireAt, bool fixedLife)
    {
        using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        Slide(writer.Written, version, expireAt, fixedLife);
    }
}

/// <summary>Looks at the serialized bytes of an entity; they are valid only until it returns.</summary>
public delegate TResult EntityBytesReader<TState, out TResult>(ReadOnlySpan<byte> payload, TState state)
    where TState : allows ref struct;
