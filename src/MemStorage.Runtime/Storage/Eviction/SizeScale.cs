namespace MemStorage.Storage.Eviction;

/// <summary>
/// Weighs a record by its size, in sizes of the records that come in: 1 is an average one. For the room of one large record there can be several small ones, and a miss costs a
/// caller about the same, whatever the size of what was missed. With records of one size all weights are 1.
/// </summary>
internal struct SizeScale()
{
    private const double Memory = 1.0 / 64;

    private double _average;

    /// <summary>A record of so many bytes comes in.</summary>
    public void Learn(int bytes) => _average += _average == 0 ? bytes : (bytes - _average) * Memory;

    /// <summary>The weight of a record of so many bytes.</summary>
    public readonly double Weigh(int bytes) => _average == 0 ? 1 : bytes / _average;

    /// <summary>The hits that a record of this weight needs to stay, 1 to <see cref="Index.Slot.MaxHits"/>: its weight, rounded.</summary>
    public readonly int HitsToStay(int bytes) => (int)Math.Clamp(Weigh(bytes) + 0.5, 1, Index.Slot.MaxHits);
}
