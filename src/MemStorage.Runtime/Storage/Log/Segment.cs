namespace MemStorage.Storage.Log;

/// <summary>
/// What readers see of a segment: its bytes, a generation, and whether a no-copy result points into it. Nothing that writers count is here: readers
/// of many threads share this object's cache line.
/// <para>
/// Generation: stable while the segment holds records; a reclaimer gives it a new one before the bytes change, and a reader that finds the same
/// generation before and after has read bytes that did not change. No two segments of a shard ever have the same, so that a place that was kept
/// (<see cref="RecordPlace"/>) is not mistaken for a later one under the same number. Retired for good: <see cref="Retired"/>.
/// </para>
/// <para>
/// Shared: a no-copy reader sets it, fences, and checks the generation; a reclaimer raises the generation, fences, and reads it (Dekker's two flags).
/// A shared segment is never recycled and never written again; the garbage collector frees it after the last result.
/// </para>
/// </summary>
internal sealed class Segment(byte[] data, int generation)
{
    public const int Retired = -1;

    public readonly byte[] Data = data;

    /// <summary>The same as the array's, on the line that readers have anyway.</summary>
    public readonly int Length = data.Length;

    /// <summary>Read and written with <see cref="Volatile"/>; written under the shard's lock.</summary>
    public int Generation = generation;

    /// <summary>0 or 1; written by readers.</summary>
    public int Shared;
}
