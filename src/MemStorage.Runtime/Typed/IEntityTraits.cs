namespace MemStorage.Typed;

/// <summary>
/// What a typed repository must know about an entity. Implemented by generated code as a struct of static members, so that the compiler
/// specialises the repository for each entity and inlines these calls. Every member must be pure and thread-safe.
/// </summary>
/// <typeparam name="TKey">The key: one of the supported key types, or a readonly record struct of them.</typeparam>
/// <typeparam name="TEntity">The entity.</typeparam>
public interface IEntityTraits<TKey, TEntity>
{
    /// <summary>The entity's name, life, shape and indexes. The same instance on every call.</summary>
    static abstract EntityDescriptor Descriptor { get; }

    /// <summary>The key of an entity.</summary>
    static abstract TKey GetKey(in TEntity entity);

    /// <summary>Writes the key: its parts in order, with <see cref="KeyWriter.WriteSeparator"/> between two parts.</summary>
    static abstract void WriteKey(ref KeyWriter writer, TKey key);

    /// <summary>Reads what <see cref="WriteKey"/> wrote.</summary>
    /// <returns>False when the bytes are not a key of this entity.</returns>
    static abstract bool TryReadKey(ref KeyReader reader, out TKey key);

    /// <summary>The version member of an entity; 0 for an entity without one.</summary>
    static virtual long GetVersion(in TEntity entity) => 0;

    /// <summary>Sets the version member; does nothing for an entity without one.</summary>
    static virtual void SetVersion(ref TEntity entity, long version)
    {
    }

    /// <summary>Writes the value of an indexed member.</summary>
    /// <param name="index">The position in <see cref="EntityDescriptor.Indexes"/>.</param>
    /// <param name="writer">Where to write.</param>
    /// <param name="entity">The entity.</param>
    static virtual void WriteIndexKey(int index, ref IndexKeyWriter writer, in TEntity entity)
    {
    }
}
