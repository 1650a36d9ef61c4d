namespace MemStorage;

/// <summary>What a <c>GetOrCreate</c> factory may decide about the entity it makes. Belongs to one run of the factory; not thread-safe.</summary>
public sealed class LoadContext
{
    /// <summary>Creates a context, for a repository that tests put in the place of a real one.</summary>
    /// <param name="version">The version the entity will be stored with.</param>
    public LoadContext(long version = 0) => Version = version;

    internal LoadContext(Storage.LoadTicket ticket)
        : this(ticket.Version) => Ticket = ticket;

    /// <summary>
    /// The version the entity will be stored with. It was taken before the factory began: a write or delete of the key that comes during the load
    /// has a higher one and wins.
    /// </summary>
    public long Version { get; }

    /// <summary>By which the shard knows of the load; null in the place of a real one.</summary>
    internal Storage.LoadTicket? Ticket { get; }

    /// <summary>
    /// How long the entity lives; null: as its attribute says; <see cref="Timeout.InfiniteTimeSpan"/>: for ever. A life given here is not subject to jitter, not prolonged by reads,
    /// and survives updates. Zero or negative: it is over already; the callers get the entity, and it is not stored.
    /// </summary>
    public TimeSpan? TimeToLive { get; set; }

    /// <summary>
    /// When the entity expires, in whole milliseconds, rounded up; null: as <see cref="TimeToLive"/> says, which does not count otherwise. Not in the future: the callers get the
    /// entity, and it is not stored.
    /// </summary>
    public DateTimeOffset? ExpireAt { get; set; }

    /// <summary>False: the callers get the entity (as the store would give it, serialized and read back), but it is not stored. Default: true.</summary>
    public bool Store { get; set; } = true;
}
