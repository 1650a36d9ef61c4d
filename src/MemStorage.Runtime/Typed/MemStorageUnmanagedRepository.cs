using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using MemoryPack;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

/// <summary>
/// The repository of an entity that is an unmanaged struct: its stored bytes are its memory, so that it can be looked at without being
/// deserialized.
/// </summary>
/// <inheritdoc/>
public abstract class MemStorageUnmanagedRepository<TKey, TEntity, TTraits> : MemStorageRepository<TKey, TEntity, TTraits>, IMemStorageUnmanagedRepository<TKey, TEntity>
    where TKey : notnull
    where TEntity : unmanaged, IMemoryPackable<TEntity>
    where TTraits : struct, IEntityTraits<TKey, TEntity>
{
    /// <inheritdoc/>
    protected MemStorageUnmanagedRepository(MemStore store)
        : base(store)
    {
    }

    /// <summary>Looks at an entity in place of a copy of its bytes: no deserialization, no allocation.</summary>
    /// <param name="key">The key.</param>
    /// <param name="view">Runs once; the reference is valid only until it returns.</param>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.NotFound"/>) there is no live entity under the key.</exception>
    public TResult Read<TResult>(TKey key, EntityView<TEntity, TResult> view)
    {
        ArgumentNullException.ThrowIfNull(view);
        return Read(key, view, static (in TEntity entity, EntityView<TEntity, TResult> view) => view(entity));
    }

    /// <inheritdoc cref="Read{TResult}(TKey, EntityView{TEntity, TResult})"/>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="view"/>, so that it needs no closure.</param>
    /// <param name="view">Runs once; the reference is valid only until it returns.</param>
    public TResult Read<TState, TResult>(TKey key, TState state, EntityView<TEntity, TState, TResult> view)
        where TState : allows ref struct
    {
        if (!TryRead(key, state, view, out TResult? result))
            throw new MemStorageException(MemStorageError.NotFound, $"There is no {typeof(TEntity).Name} with the key '{key}'.", key.ToString());
        return result;
    }

    /// <inheritdoc cref="Read{TResult}(TKey, EntityView{TEntity, TResult})"/>
    /// <param name="key">The key.</param>
    /// <param name="state">Handed to <paramref name="view"/>, so that it needs no closure.</param>
    /// <param name="view">Runs once; the reference is valid only until it returns.</param>
    /// <param name="result">What <paramref name="view"/> returned.</param>
    /// <returns>False when there is no live entity under the key.</returns>
    public bool TryRead<TState, TResult>(TKey key, TState state, EntityView<TEntity, TState, TResult> view, [MaybeNullWhen(false)] out TResult result)
        where TState : allows ref struct
    {
        ArgumentNullException.ThrowIfNull(view);
        KeyWriter writer = BeginRead(stackalloc byte[128], key);
        ScratchBuffer scratch = new(stackalloc byte[512]);
        try
        {
            if (!TryReadBytes(writer.Written, ref scratch, out Span<byte> payload, out RecordInfo info))
            {
                result = default;
                return false;
            }

            // the bytes are a private, validated copy: writing the stored version into them changes nobody's view
            ref TEntity entity = ref MemoryMarshal.AsRef<TEntity>(payload);
            TTraits.SetVersion(ref entity, info.Version);
            result = view(in entity, state);
            return true;
        }
        finally
        {
            scratch.Dispose();
            writer.Dispose();
        }
    }
}

/// <summary>Looks at an entity in place; the reference is valid only until it returns.</summary>
public delegate TResult EntityView<TEntity, out TResult>(in TEntity entity);

/// <summary>Looks at an entity in place; the reference is valid only until it returns.</summary>
public delegate TResult EntityView<TEntity, TState, out TResult>(in TEntity entity, TState state)
    where TState : allows ref struct;
