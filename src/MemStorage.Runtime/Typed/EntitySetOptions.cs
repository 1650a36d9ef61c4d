namespace MemStorage;

/// <summary>The choices of a typed write. The default stands for a plain <c>Set</c>.</summary>
public readonly record struct EntitySetOptions
{
    /// <summary>The version to store; 0: the next of the store's clock. Not negative.</summary>
    public long Version { get; init; }

    /// <summary>
    /// How long the entity lives: positive, or <see cref="Timeout.InfiniteTimeSpan"/> for ever; null: as the entity's attribute says. A life given here is
    /// not subject to jitter, not prolonged by reads, and kept by updates. Not together with <see cref="ExpireAt"/>.
    /// </summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>When the entity expires, in whole milliseconds, rounded up, in the future; null: as <see cref="TimeToLive"/> says. Not prolonged by reads.</summary>
    public DateTimeOffset? ExpireAt { get; init; }

    /// <summary>Store only if there is no live entity under the key; otherwise the result is <see cref="SetResult.Superseded"/>.</summary>
    public bool OnlyIfAbsent { get; init; }
}
