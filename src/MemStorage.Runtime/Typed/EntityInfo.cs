namespace MemStorage;

/// <summary>What the store knows about an entity besides its value.</summary>
/// <param name="Version">The version.</param>
/// <param name="ExpireAt">When it expires; null: never.</param>
public readonly record struct EntityInfo(long Version, DateTimeOffset? ExpireAt);
