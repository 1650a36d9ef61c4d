using MemStorage.Storage.Eviction;

namespace MemStorage.Storage.Log;

/// <summary>Where a segment is in its life.</summary>
internal enum SegmentState : byte
{
    /// <summary>The id is not in use.</summary>
    None,

    /// <summary>Empty and ready.</summary>
    Free,

    /// <summary>The tail of its log: records are appended.</summary>
    Open,

    /// <summary>Full, in the queue of its log.</summary>
    Closed,

    /// <summary>Being reclaimed: out of its queue, records still readable.</summary>
    Victim,
}

/// <summary>What writers know of a segment; apart from <see cref="Segment"/>, so that counting does not disturb readers. Guarded by the shard's lock.</summary>
internal struct SegmentInfo
{
    public SegmentState State;
    public LogKind Log;

    /// <summary>The bytes appended.</summary>
    public int Position;

    /// <summary>The bytes of records that are no longer in the index.</summary>
    public int Dead;

    /// <summary>The policy's clock when the segment was opened.</summary>
    public uint Birth;

    /// <summary>Neighbours in the queue of the log, oldest first; 0: none.</summary>
    public int Older;
    public int Newer;

    /// <summary>No record here expires before this time (Unix milliseconds); <see cref="long.MaxValue"/>: none expires.</summary>
    public long EarliestExpiry;
}
