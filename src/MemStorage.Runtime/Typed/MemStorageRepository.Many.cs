using System.Runtime.CompilerServices;
using MemStorage.Keys;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetMany(IEnumerable{TKey})"/>
    [OverloadResolutionPriority(1)] // from C# 13 on, whatever can be a span is one
    public IReadOnlyList<TEntity> GetMany(params ReadOnlySpan<TKey> keys)
    {
        List<TEntity> found = new(keys.Length);
        GetMany(keys, found);
        return found;
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.GetMany(IEnumerable{TKey})"/>
    public IReadOnlyList<TEntity> GetMany(params TKey[] keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return GetMany(keys.AsSpan());
    }

    /// <inheritdoc/>
    public IReadOnlyList<TEntity> GetMany(IEnumerable<TKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        if (keys is TKey[] array)
            return GetMany(array.AsSpan());
        List<TEntity> found = keys.TryGetNonEnumeratedCount(out int count) ? new(count) : [];
        foreach (TKey[] chunk in keys.Chunk(Prefetch.Capacity))
            GetMany(chunk, found);
        return found;
    }

    /// <summary>Adds the entities that are there, in the order of their keys; cache misses of up to 64 keys overlap.</summary>
    private void GetMany(scoped ReadOnlySpan<TKey> keys, List<TEntity> found)
    {
        for (int first = 0; first < keys.Length; first += Prefetch.Capacity)
        {
            ReadOnlySpan<TKey> chunk = keys.Slice(first, Math.Min(Prefetch.Capacity, keys.Length - first));
            if (chunk.Length > 1 && Prefetch.Pays(Store.Engine))
                Touch(chunk);
            foreach (TKey key in chunk)
                if (TryGet(key, out TEntity? entity))
                    found.Add(entity);
        }
    }

    private void Touch(ReadOnlySpan<TKey> keys)
    {
        Span<ulong> hashes = stackalloc ulong[Prefetch.Capacity];
        Span<byte> room = stackalloc byte[KeyBuffer];
        ulong seed = Store.Engine.HashSeed;
        for (int i = 0; i < keys.Length; i++)
        {
            if (NumberKey.TryGet(keys[i], out uint number))
            {
                hashes[i] = NumberKey.Create(_space.Space.PrefixWord, number).Hash(seed);
                continue;
            }
            using KeyWriter writer = WriteKey(room, keys[i]);
            hashes[i] = Store.HashOf(writer.Written);
        }
        Prefetch.Touch(Store.Engine, hashes[..keys.Length]);
    }

    /// <inheritdoc/>
    [MustCheck]
    public IReadOnlyList<SetResult> SetMany(IEnumerable<TEntity> entities)
    {
        ArgumentNullException.ThrowIfNull(entities);
        List<SetResult> results = entities.TryGetNonEnumeratedCount(out int count) ? new(count) : [];
        foreach (TEntity entity in entities)
            results.Add(Set(entity));
        return results;
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.DeleteMany(IEnumerable{TKey})"/>
    [OverloadResolutionPriority(1)] // from C# 13 on, whatever can be a span is one
    public int DeleteMany(params ReadOnlySpan<TKey> keys)
    {
        int deleted = 0;
        foreach (TKey key in keys)
            if (Delete(key) is DeleteResult.Deleted)
                deleted++;
        return deleted;
    }

    /// <inheritdoc cref="IMemStorageRepository{TKey, TEntity}.DeleteMany(IEnumerable{TKey})"/>
    public int DeleteMany(params TKey[] keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        return DeleteMany(keys.AsSpan());
    }

    /// <inheritdoc/>
    public int DeleteMany(IEnumerable<TKey> keys)
    {
        ArgumentNullException.ThrowIfNull(keys);
        int deleted = 0;
        foreach (TKey key in keys)
            if (Delete(key) is DeleteResult.Deleted)
                deleted++;
        return deleted;
    }

    /// <inheritdoc/>
    public IEnumerable<TKey> Keys()
    {
        foreach (byte[] full in Store.ScanKeys(_space.Space))
            if (TryReadKey(full, out TKey? key))
                yield return key;
    }

    /// <inheritdoc/>
    public IEnumerable<TEntity> All()
    {
        // by the stored key: no need to read it back into a TKey and to write it again
        foreach (byte[] full in Store.ScanKeys(_space.Space))
            if (TryPeekEntity(full, out TEntity? entity))
                yield return entity;
    }

    private static bool TryReadKey(byte[] full, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TKey key)
    {
        KeyReader reader = new(full.AsSpan(KeySpace.PrefixLength));
        return TTraits.TryReadKey(ref reader, out key) && reader.AtEnd;
    }
}
