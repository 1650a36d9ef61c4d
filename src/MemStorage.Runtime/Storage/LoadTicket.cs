namespace MemStorage.Storage;

/// <summary>
/// One load under way: the version that its result will be stored with, and whether something has come since that wins over it. Kept by the shard of its key, so that a write, a deletion or a
/// clearing beats the load also where nothing of it is left when the load lands: no tombstone for want of room, a newer entry that was evicted. Guarded by the shard's lock.
/// </summary>
internal sealed class LoadTicket(Shard shard, ulong hash, long version) : IDisposable
{
    public ulong Hash => hash;

    public long Version => version;

    /// <summary>Something newer was stored or deleted, or everything was cleared.</summary>
    public bool IsBeaten { get; set; }

    /// <summary>Another load of a key with this hash.</summary>
    public LoadTicket? Next { get; set; }

    /// <summary>The load has ended.</summary>
    public void Dispose() => shard.EndLoad(this);
}
