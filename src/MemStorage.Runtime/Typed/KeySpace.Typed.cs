namespace MemStorage;

public sealed partial class KeySpace
{
    private long _shapeMismatches;

    /// <summary>Typed reads of this space that met a record of another shape of the entity, and were misses therefore.</summary>
    internal long ShapeMismatches => Volatile.Read(ref _shapeMismatches);

    internal void CountShapeMismatch() => Interlocked.Increment(ref _shapeMismatches);
}
