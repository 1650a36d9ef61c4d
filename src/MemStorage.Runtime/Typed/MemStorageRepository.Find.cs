using System.Diagnostics.CodeAnalysis;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    // An entity is read and compared before it is returned: a search never gives one that is gone or does not match. An entity that is there from
    // the beginning of a search to its end, with the same matching value, is found, whatever is written meanwhile. One whose value changes within the range
    // searched is found when it moves forward; behind the search's back it may be met twice or not at all.

    /// <summary>The live entities whose indexed member has a value, as fresh objects, in the order of their keys' bytes; what a generated <c>FindBy…</c> calls.</summary>
    /// <param name="index">The position in <see cref="EntityDescriptor.Indexes"/>.</param>
    /// <param name="value">The value.</param>
    /// <param name="write">Writes it as the traits write the member.</param>
    protected IEnumerable<TEntity> FindByIndex<TValue>(int index, TValue value, IndexValueWriter<TValue> write)
    {
        byte[] key = IndexKeyOf(value, write);
        return Find(index, key, key);
    }

    /// <summary>The live entities whose indexed member is in a range, both ends included, as fresh objects in ascending order; what a generated <c>Find…Between</c> calls.</summary>
    /// <param name="index">The position in <see cref="EntityDescriptor.Indexes"/>.</param>
    /// <param name="from">The lowest value.</param>
    /// <param name="to">The highest value; below <paramref name="from"/> the result is empty.</param>
    /// <param name="write">Writes a value as the traits write the member.</param>
    protected IEnumerable<TEntity> FindByIndexBetween<TValue>(int index, TValue from, TValue to, IndexValueWriter<TValue> write) =>
        Find(index, IndexKeyOf(from, write), IndexKeyOf(to, write));

    private IEnumerable<TEntity> Find(int index, byte[] from, byte[] to)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual((uint)index, (uint)TTraits.Descriptor.Indexes.Count, nameof(index));
        return from.AsSpan().SequenceCompareTo(to) > 0 ? [] : Search(index, from, to);
    }

    private IEnumerable<TEntity> Search(int index, byte[] from, byte[] to)
    {
        EntityIndexes? indexes = _space.Indexes;
        byte[] value = [];
        byte[] key = [];
        bool begun = false;
        if (indexes is not null && indexes.Repair(() => Store.ScanKeys(_space.Space)))
        {
            IndexCursor cursor = new(indexes, index, from, to, () => ReadOpenEntities(indexes));
            while (cursor.MoveNext())
            {
                if (TryReadMatch(index, cursor, from, to, out TEntity? entity))
                    yield return entity;
                begun = true;
            }
            if (!cursor.Failed)
                yield break;
            (value, key) = cursor.Last;
        }

        // The bound has no room for the index: every entity is looked at, and those behind the last one found are put in order.
        indexes?.CountScan();
        foreach (TEntity entity in Scan(index, from, to, begun, value, key))
            yield return entity;
    }

    /// <summary>Reads the entities whose indexed values are not known yet.</summary>
    /// <returns>False when the bound has no room for them.</returns>
    private bool ReadOpenEntities(EntityIndexes indexes)
    {
        IndexChunk? chunk = null;
        foreach (IndexStripe stripe in indexes.Stripes)
        {
            if (!stripe.HasOpen)
                continue;
            chunk ??= new IndexChunk();
            indexes.Memory.FillUp();
            byte[] last = [];
            while (stripe.Collect(indexes.Count, default, last, after: last.Length > 0, default, chunk) && chunk.Count > 0)
            {
                for (int i = 0; i < chunk.Count; i++)
                    Resolve(indexes, stripe, chunk.Key(i), chunk.Stamp(i));
                last = chunk.Key(chunk.Count - 1).ToArray();
            }
            if (stripe.Failed)
                return false;
        }
        return true;
    }

    private void Resolve(EntityIndexes indexes, IndexStripe stripe, ReadOnlySpan<byte> key, long stamp)
    {
        KeyWriter full = new(stackalloc byte[KeyBuffer], _space.Space.Prefix);
        EntityIndexes.PendingWrite pending = indexes.Prepare(key);
        try
        {
            full.WriteRaw(key);
            // again and again while others write the entity between the reading and the entering
            while (true)
            {
                bool found = TryPeekEntity(full.Written, out TEntity? entity);
                if (found)
                    GatherValues(pending, entity!);
                if (stripe.Resolve(IndexStripe.HashOf(key), key, ref stamp, found ? pending.Values : null))
                    return;
            }
        }
        finally
        {
            EntityIndexes.Retract(pending);
            full.Dispose();
        }
    }

    private static void GatherValues(EntityIndexes.PendingWrite pending, in TEntity entity)
    {
        pending.Values.Clear();
        IndexKeyWriter writer = new(stackalloc byte[KeyBuffer]);
        try
        {
            int count = TTraits.Descriptor.Indexes.Count;
            for (int i = 0; i < count; i++)
            {
                writer.Reset();
                TTraits.WriteIndexKey(i, ref writer, entity);
                pending.Values.Add(writer.Written);
            }
        }
        finally
        {
            writer.Dispose();
        }
    }

    /// <summary>Reads what an index named. Only an entity that is there and matches, now, is found.</summary>
    private bool TryReadMatch(int index, IndexCursor cursor, ReadOnlySpan<byte> from, ReadOnlySpan<byte> to, [MaybeNullWhen(false)] out TEntity entity)
    {
        KeyWriter full = new(stackalloc byte[KeyBuffer], _space.Space.Prefix);
        IndexKeyWriter writer = new(stackalloc byte[KeyBuffer]);
        try
        {
            full.WriteRaw(cursor.Key);
            if (!TryPeekEntity(full.Written, out entity))
                return false;
            TTraits.WriteIndexKey(index, ref writer, entity);
            ReadOnlySpan<byte> current = writer.Written;
            if (from.SequenceCompareTo(current) > 0 || current.SequenceCompareTo(to) > 0)
                return false;
            // changed since the index was looked at, to a value that is still to come: it is found there, in order and not twice
            if (IndexValues.Cut(current).SequenceCompareTo(cursor.Value) > 0)
            {
                cursor.MeetAgain(IndexValues.Cut(current));
                return false;
            }
            return true;
        }
        finally
        {
            writer.Dispose();
            full.Dispose();
        }
    }

    private List<TEntity> Scan(int index, byte[] from, byte[] to, bool after, byte[] afterValue, byte[] afterKey)
    {
        List<(byte[] Value, byte[] Key, TEntity Entity)> found = [];
        foreach (byte[] full in Store.ScanKeys(_space.Space))
        {
            if (!TryPeekEntity(full, out TEntity? entity))
                continue;
            byte[] value = IndexValueOf(index, entity);
            if (from.AsSpan().SequenceCompareTo(value) > 0 || value.AsSpan().SequenceCompareTo(to) > 0)
                continue;
            byte[] key = full[KeySpace.PrefixLength..];
            int order = IndexValues.Cut(value).SequenceCompareTo(afterValue);
            if (after && (order < 0 || (order == 0 && key.AsSpan().SequenceCompareTo(afterKey) <= 0)))
                continue;
            found.Add((value, key, entity));
        }
        found.Sort(static (left, right) =>
        {
            int order = left.Value.AsSpan().SequenceCompareTo(right.Value);
            return order != 0 ? order : left.Key.AsSpan().SequenceCompareTo(right.Key);
        });
        return found.ConvertAll(static f => f.Entity);
    }

    private static byte[] IndexValueOf(int index, in TEntity entity)
    {
        IndexKeyWriter writer = new(stackalloc byte[KeyBuffer]);
        try
        {
            TTraits.WriteIndexKey(index, ref writer, entity);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }

    private static byte[] IndexKeyOf<TValue>(TValue value, IndexValueWriter<TValue> write)
    {
        IndexKeyWriter writer = new(stackalloc byte[KeyBuffer]);
        try
        {
            write(ref writer, value);
            return writer.Written.ToArray();
        }
        finally
        {
            writer.Dispose();
        }
    }
}

/// <summary>Writes a value of an indexed member.</summary>
public delegate void IndexValueWriter<in TValue>(ref IndexKeyWriter writer, TValue value);
