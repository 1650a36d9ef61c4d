namespace MemStorage.Storage.Log;

/// <summary>
/// What readers see of a segment: its bytes, a generation, and whether a no-copy result points into it. Nothing that writers count is here: readers
/// of many threads share this object's cache line.
/// <para>
/// Generation: even and stable while the segment holds records; a reclaimer raises it before the bytes change, and a reader that finds the same
/// generation before and after has read bytes that did not change. Retired for good: <see cref="Retired"/>.
/// </para>
/// <para>
/// Shared: a no-copy reader sets it, fences, and checks the generation; a reclaimer raises the generation, fences, and reads it (Dekker's two flags).
/// A shared segment is never recycled and never written again; the garbage collector frees it after the last result.
/// </para>
/// </summary>
internal sealed class Segment(byte[] data)
{
    public const int Retired = -1;

    public readonly byte[] Data = data;

    /// <summary>Read and written with <see cref="Volatile"/>; written under the shard's lock.</summary>
    public int Generation;

    /// <summary>0 or 1; written by readers.</summary>
    public int Shared;
}
