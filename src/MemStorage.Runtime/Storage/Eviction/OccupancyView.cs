namespace MemStorage.Storage.Eviction;

/// <summary>
/// What the policy must know of a shard at the moment of a decision. Bytes are those of whole segments, used or not, because a segment is what is reclaimed;
/// a value that has a segment of its own counts with that segment's size.
/// </summary>
internal readonly struct OccupancyView
{
    /// <summary>The segments of the small log, the open one included.</summary>
    public int SmallSegments { get; init; }

    /// <summary>The segments of the main log, the open one included.</summary>
    public int MainSegments { get; init; }

    /// <summary>The bytes of the small log's segments.</summary>
    public long SmallBytes { get; init; }

    /// <summary>The bytes of the main log's segments.</summary>
    public long MainBytes { get; init; }

    /// <summary>The bytes that the segments of both logs may have together, without the segment in reserve.</summary>
    public long CapacityBytes { get; init; }

    /// <summary>The birth of main's oldest segment; of no meaning while main is empty.</summary>
    public uint MainOldestBirth { get; init; }

    /// <summary>The records that can be found in the shard.</summary>
    public long LiveRecords { get; init; }
}
