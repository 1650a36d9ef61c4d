namespace MemStorage.Storage;

/// <summary>What decides whether a write replaces what is there.</summary>
internal enum WriteCondition : byte
{
    /// <summary>The version: <see cref="Versions.ConflictRule"/>.</summary>
    LastWriteWins,

    /// <summary>The stored entry must be live and have exactly the expected version.</summary>
    ExpectedVersion,

    /// <summary>There must be no live entry.</summary>
    Absent,

    /// <summary>A replicated write: <see cref="Versions.ConflictRule.ReplacesRemote"/>; not written to the change log.</summary>
    Replicated,

    /// <summary>What a load gave: <see cref="LastWriteWins"/>, unless something has beaten it since it began (<see cref="LoadTicket"/>).</summary>
    Load,
}

/// <summary>Everything of a write besides key and value.</summary>
/// <param name="Version">The version; 0: the next of the store's clock, taken under the shard's lock.</param>
/// <param name="ExpireAt">Unix milliseconds; 0: never.</param>
/// <param name="Condition">What decides.</param>
/// <param name="ExpectedVersion">For <see cref="WriteCondition.ExpectedVersion"/>.</param>
/// <param name="Origin">For <see cref="WriteCondition.Replicated"/>: where the write was made.</param>
/// <param name="Authoritative">For <see cref="WriteCondition.Replicated"/>: the source has the tombstones, so the floor is not asked.</param>
/// <param name="Load">For <see cref="WriteCondition.Load"/>.</param>
/// <param name="Exact">The expiry is one that a touch has named, see <see cref="RecordInfo.Exact"/>.</param>
internal readonly record struct WriteRequest(
    long Version = 0,
    long ExpireAt = 0,
    WriteCondition Condition = WriteCondition.LastWriteWins,
    long ExpectedVersion = 0,
    int Origin = 0,
    bool Authoritative = false,
    LoadTicket? Load = null,
    bool Exact = false);

/// <summary>What a write did; the public results are mapped from it.</summary>
internal enum WriteOutcome : byte
{
    /// <summary>Stored; the out version is the one stored.</summary>
    Stored = 1,

    /// <summary>Refused by version; the out version is the winner's.</summary>
    Superseded,

    /// <summary>Refused for want of room.</summary>
    MemoryLimit,

    /// <summary>Only with <see cref="WriteCondition.ExpectedVersion"/>: no live entry.</summary>
    NotFound,
}
