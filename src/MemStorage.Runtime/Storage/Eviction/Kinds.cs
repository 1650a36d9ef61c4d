namespace MemStorage.Storage.Eviction;

/// <summary>The two logs of a shard.</summary>
internal enum LogKind : byte
{
    /// <summary>Where new records go: short, so that what is never asked for again leaves soon.</summary>
    Small = 0,

    /// <summary>Where records that proved themselves live.</summary>
    Main = 1,

    /// <summary>Deletions, in the order in which they were made. The policy does not know of it: it has a share of its own, and gives way to entries.</summary>
    Tombstones = 2,
}

/// <summary>What to reclaim next.</summary>
internal enum VictimKind
{
    /// <summary>Neither log holds a segment.</summary>
    None = 0,

    /// <summary>The oldest segment of the small log: judge its live records, then free it.</summary>
    SmallOldest,

    /// <summary>The oldest segment of the main log: judge its live records, then free it.</summary>
    MainOldest,

    /// <summary>The oldest segment of the small log becomes the newest of main as it is: nothing is copied, nothing is freed.</summary>
    RelabelSmallOldest,
}

/// <summary>What happens to a live record of a segment that is reclaimed.</summary>
internal enum Fate
{
    /// <summary>It goes, and eviction does not need to remember it.</summary>
    Drop = 0,

    /// <summary>It goes and is entered in the ghost with the birth of its segment.</summary>
    DropAndRemember,

    /// <summary>It is copied to the tail of main with the new hit counter and tag.</summary>
    KeepInMain,
}
