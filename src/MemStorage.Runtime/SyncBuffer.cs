namespace MemStorage;

/// <summary>Pending changes, as <see cref="MemStore.GetSyncBuffer"/> drains them: the newest state of each changed key, in the order of the changes of each shard.</summary>
/// <param name="Operations">The changes.</param>
/// <param name="LostOperations">
/// Changes that can no longer be told: the change log overflowed, or the entry was evicted or expired before the drain. When this is not 0 the
/// receiver should take a snapshot.
/// </param>
public sealed record SyncBuffer(IReadOnlyList<SyncOperation> Operations, long LostOperations);
