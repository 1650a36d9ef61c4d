namespace MemStorage.Testing;

/// <summary>The operations of a store that <see cref="MemStoreFaults"/> can make fail: of the store itself, of its key spaces and of typed repositories, which stand on the same four.</summary>
[Flags]
public enum StoreOperations
{
    /// <summary>None.</summary>
    None = 0,

    /// <summary>Reads of one or many keys, in every form.</summary>
    Reads = 1,

    /// <summary>Writes, also those that replication applies.</summary>
    Writes = 2,

    /// <summary>Deletes, also those that replication applies.</summary>
    Deletes = 4,

    /// <summary>Changes of an expiry: sliding expiry, refresh.</summary>
    Touches = 8,

    /// <summary>All of them.</summary>
    All = Reads | Writes | Deletes | Touches,
}
