namespace MemStorage.Extensions;

/// <summary>What the distributed cache does with a write that the store refuses because it does not fit into the memory bound.</summary>
public enum RefusedWriteBehavior
{
    /// <summary>
    /// The call throws <see cref="MemStorageException"/> with <see cref="MemStorageError.MemoryLimit"/>. HybridCache logs such a failure and goes on; others see it.
    /// </summary>
    Throw = 0,

    /// <summary>The call returns as if it had stored; the refusal is counted and logged.</summary>
    Drop = 1,
}

/// <summary>The configuration of <see cref="MemStoreDistributedCache"/>. Copied in its constructor; later changes have no effect.</summary>
public sealed class MemStoreDistributedCacheOptions
{
    /// <summary>The default of <see cref="KeySpace"/>.</summary>
    public const string DefaultKeySpace = "distributed-cache";

    /// <summary>The highest <see cref="MaxPayloadBytes"/>: 1 GiB.</summary>
    public const int HighestMaxPayloadBytes = 1 << 30;

    /// <summary>The key space that holds the entries; 1 to 1,024 characters. Default: <see cref="DefaultKeySpace"/>.</summary>
    public string KeySpace { get; set; } = DefaultKeySpace;

    /// <summary>The longest key accepted, in bytes of UTF-8; 1 to <see cref="MemStorage.KeySpace.MaxKeyBytes"/>. Default: 4,096. Keys come from outside: a limit keeps one caller from filling the store with them.</summary>
    public int MaxKeyBytes { get; set; } = 4096;

    /// <summary>The longest payload accepted, in bytes; 0 to <see cref="HighestMaxPayloadBytes"/>. Default: 16 MiB.</summary>
    public int MaxPayloadBytes { get; set; } = 16 * 1024 * 1024;

    /// <summary>What happens when the store refuses a write. Default: <see cref="RefusedWriteBehavior.Throw"/>. In both cases the entry that was there before is removed, so that nobody reads the outdated value.</summary>
    public RefusedWriteBehavior RefusedWrites { get; set; }
}
