namespace MemStorage.Storage;

/// <summary>Why a record left the index, in the words of the platform's caches.</summary>
internal enum RemovalReason : byte
{
    /// <summary>Deleted by a caller (a tombstone takes its place).</summary>
    Removed,

    /// <summary>Overwritten.</summary>
    Replaced,

    /// <summary>Its time was over.</summary>
    Expired,

    /// <summary>Evicted for want of room.</summary>
    Capacity,

    /// <summary>The store was cleared.</summary>
    Cleared,

    /// <summary>A tombstone past its retention.</summary>
    TombstoneExpired,
}
