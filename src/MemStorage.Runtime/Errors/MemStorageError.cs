namespace MemStorage;

/// <summary>Why a throwing call of the store failed (<see cref="MemStorageException.Error"/>).</summary>
public enum MemStorageError
{
    /// <summary>No entry under the key (the ancestor's <c>ErrNotFound</c>).</summary>
    NotFound = 1,

    /// <summary>The entry under the key has expired (the ancestor's <c>ErrExpired</c>).</summary>
    Expired,

    /// <summary>The stored version is newer, or not the expected one (the ancestor's <c>ErrVersionMismatch</c>).</summary>
    VersionMismatch,

    /// <summary>The write does not fit into the memory bound (the ancestor's <c>ErrMemoryLimit</c>).</summary>
    MemoryLimit,

    /// <summary>The key is empty (the ancestor's <c>ErrEmptyKey</c>). Calls that take a key throw <see cref="ArgumentException"/> instead.</summary>
    EmptyKey,

    /// <summary>A version of others is further ahead of the wall clock than <see cref="MemStoreOptions.MaxClockDrift"/>.</summary>
    ClockDrift,

    /// <summary>A compressed value cannot be decompressed.</summary>
    Corrupted,

    /// <summary>Two key spaces of one store share a name or a prefix.</summary>
    KeySpaceConflict,

    /// <summary>A key that came from outside is empty, longer than the layer allows, or not well-formed text.</summary>
    InvalidKey,

    /// <summary>A value that came from outside is longer than the layer allows.</summary>
    ValueTooLarge,

    /// <summary>The store has as many key spaces as it may have (65,536).</summary>
    KeySpaceLimit,
}
