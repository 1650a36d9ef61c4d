namespace MemStorage;

/// <summary>The kind of a change (the ancestor's <c>OpType</c>).</summary>
public enum OpType
{
    /// <summary>A value was stored.</summary>
    OpSet = 1,

    /// <summary>A key was deleted; the operation carries the version of the deletion.</summary>
    OpDelete = 2,
}

/// <summary>One change for replication. Applying it with <see cref="MemStore.Apply(SyncOperation)"/> is idempotent and independent of order.</summary>
/// <param name="Key">The key, including the prefix of its key space.</param>
/// <param name="OpType">What happened.</param>
/// <param name="Item">Value, version and expiry; for a delete the value is empty and the version that of the deletion.</param>
/// <param name="Origin">The <see cref="MemStoreOptions.NodeId"/> of the store where the change was made.</param>
public sealed record SyncOperation(string Key, OpType OpType, StoredItem Item, int Origin)
{
    /// <summary>
    /// Whether it comes from a source that has the tombstones (<see cref="MemStore.Snapshot"/>): it says what the newest state of the key is there, not only that there once was such a write.
    /// A store takes it also where it no longer knows whether it had something newer (docs/versions.md, "the floor"), so that a replica gets back what it has evicted. Carry it along when you
    /// send operations elsewhere.
    /// </summary>
    public bool Authoritative { get; init; }
}
