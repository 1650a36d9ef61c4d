using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>
/// One record as it was under the lock. A value of some length is not copied there: the record then says where it lies (<see cref="Late"/>), and whoever wants it copies it without the lock,
/// as a reader does.
/// </summary>
/// <param name="Key">The full key.</param>
/// <param name="Stored">The value as stored; null: a tombstone, no value was asked for, or it comes late.</param>
/// <param name="Compressed">Whether the value is compressed.</param>
/// <param name="Tombstone">Whether it is a deletion.</param>
/// <param name="Version">The version.</param>
/// <param name="ExpireAt">Unix milliseconds; 0: never, or a tombstone.</param>
/// <param name="Origin">The node that wrote it.</param>
/// <param name="Late">Where the value lies when it was not copied.</param>
/// <param name="Sequence">Of the change that the record tells; for readers of the change log.</param>
internal readonly record struct ScannedRecord(
    byte[] Key, byte[]? Stored, bool Compressed, bool Tombstone, long Version, long ExpireAt, int Origin, LateValue Late = default, long Sequence = 0)
{
    /// <summary>Whether the value is still to be copied.</summary>
    public bool IsLate => Late.Segment is not null;

    /// <summary>Copies a late value.</summary>
    /// <returns>False when the record has changed, moved or gone since: then it has to be looked for again.</returns>
    public bool TryComplete(out ScannedRecord whole)
    {
        byte[] copy = GC.AllocateUninitializedArray<byte>(Late.ValueLength);
        Late.Segment!.Data.AsSpan(Late.ValueOffset, Late.ValueLength).CopyTo(copy);
        whole = this with { Stored = copy, Late = default };
        return ShardReader.IsUnchanged(Late.Segment, Late.Generation, Late.Offset, Version);
    }
}

/// <summary>Where a value lies, and under which generation of its segment.</summary>
internal readonly record struct LateValue(Segment? Segment, int Generation, int Offset, int ValueOffset, int ValueLength);
