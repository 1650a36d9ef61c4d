using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    /// <summary>The live entities whose indexed member has a value; what a generated <c>FindBy…</c> calls.</summary>
    /// <param name="index">The position in <see cref="EntityDescriptor.Indexes"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="write">Writes it as the traits write the member.</param>
    protected IEnumerable<TEntity> FindByIndex<TValue>(int index, TValue value, IndexValueWriter<TValue> write)
    {
        byte[] key = IndexKeyOf(value, write);
        return Find(index, key, key);
    }

    /// <summary>The live entities whose indexed member is in a range, both ends included; what a generated <c>Find…Between</c> calls.</summary>
    /// <param name="index">The position in <see cref="EntityDescriptor.Indexes"/>.</param>
    /// <param name="from">The lowest value.</param>
    /// <param name="to">The highest value; below <paramref name="from"/> the result is empty.</param>
    /// <param name="write">Writes a value as the traits write the member.</param>
    protected IEnumerable<TEntity> FindByIndexBetween<TValue>(int index, TValue from, TValue to, IndexValueWriter<TValue> write) =>
        Find(index, IndexKeyOf(from, write), IndexKeyOf(to, write));

    private IEnumerable<TEntity> Find(int index, byte[] from, byte[] to)
    {
        foreach (TEntity entity in All())
            if (Matches(index, entity, from, to))
                yield return entity;
    }

    private static bool Matches(int index, in TEntity entity, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to)
    {
        IndexKeyWriter writer = new(stackalloc byte[KeyBuffer]);
        TTraits.WriteIndexKey(index, ref writer, entity);
        bool matches = from.SequenceCompareTo(writer.Written) <= 0 && writer.Written.SequenceCompareTo(to) <= 0;
        writer.Dispose();
        return matches;
    }

    private static byte[] IndexKeyOf<TValue>(TValue value, IndexValueWriter<TValue> write)
    {
        IndexKeyWriter writer = new(stackalloc byte[KeyBuffer]);
        write(ref writer, value);
        byte[] key = writer.Written.ToArray();
        writer.Dispose();
        return key;
    }
}

/// <summary>Writes a value of an indexed member.</summary>
public delegate void IndexValueWriter<in TValue>(ref IndexKeyWriter writer, TValue value);
