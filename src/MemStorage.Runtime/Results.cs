namespace MemStorage;

/// <summary>What a write did. No member is 0: a forgotten result does not read as success.</summary>
[MustCheck]
public enum SetResult
{
    /// <summary>The value is stored.</summary>
    Stored = 1,

    /// <summary>Nothing changed: what is there (or was deleted or evicted recently) has a version that wins.</summary>
    Superseded = 2,

    /// <summary>Nothing changed: the value does not fit into the memory bound.</summary>
    MemoryLimit = 3,
}

/// <summary>What a delete did. No member is 0: a forgotten result does not read as success.</summary>
[MustCheck]
public enum DeleteResult
{
    /// <summary>The entry is gone; a tombstone with the version stays for <see cref="MemStoreOptions.TombstoneRetention"/>.</summary>
    Deleted = 1,

    /// <summary>There was no live entry. The tombstone is left all the same, so that a late older write does not bring one.</summary>
    NotFound = 2,

    /// <summary>Nothing changed: the stored version is newer than the given one.</summary>
    VersionMismatch = 3,
}

/// <summary>What a compare-and-set update did. No member is 0: a forgotten result does not read as success.</summary>
[MustCheck]
public enum UpdateResult
{
    /// <summary>The entity is stored under a new version.</summary>
    Updated = 1,

    /// <summary>There is no live entity under the key.</summary>
    NotFound = 2,

    /// <summary>The stored version is not the one that was read.</summary>
    VersionMismatch = 3,

    /// <summary>The entity does not fit into the memory bound.</summary>
    MemoryLimit = 4,
}
