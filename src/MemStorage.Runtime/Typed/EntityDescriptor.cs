namespace MemStorage.Typed;

/// <summary>The facts about an entity that its repository works with. Immutable; written by the generator from the attributes.</summary>
public sealed class EntityDescriptor
{
    /// <summary>The highest allowed <see cref="SharedInstances"/>.</summary>
    public const int MaxSharedInstances = 1_048_576;

    private readonly ulong[] _slots = [];

    /// <summary>Creates a descriptor.</summary>
    /// <param name="name">The name of the key space; not empty.</param>
    /// <exception cref="ArgumentException"><paramref name="name"/> is null or empty.</exception>
    public EntityDescriptor(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        Name = name;
    }

    /// <summary>The name of the key space.</summary>
    public string Name { get; }

    /// <summary>
    /// A hash of the entity's stored shape (members, order, types, also of the types it contains). The low 30 bits are stored before every value;
    /// a record with another fingerprint is a miss.
    /// </summary>
    public uint Fingerprint { get; init; }

    /// <summary>How long an entity lives after it was written; <see cref="TimeSpan.Zero"/>: it does not expire.</summary>
    public TimeSpan TimeToLive { get; init; }

    /// <summary>Whether reads prolong the life of an entity.</summary>
    public bool Sliding { get; init; }

    /// <summary>How much of the time to live is random, in percent, 0 to 100.</summary>
    public int JitterPercent { get; init; }

    /// <summary>How many decoded instances are kept for no-copy reads; 0: none. Rounded up to a power of two.</summary>
    public int SharedInstances { get; init; } = 4096;

    /// <summary>
    /// Whether the entity is serialized in MemoryPack's version-tolerant format: records with another fingerprint, written by such an
    /// entity, are then read rather than missed, if their <see cref="Slots"/> agree.
    /// </summary>
    public bool VersionTolerant { get; init; }

    /// <summary>
    /// Of a version-tolerant entity: hashes of 16 bits, from the top, of each place in it (the order of a member), of the name of what lies there, and of
    /// its type; the first slot is that of the key. Every record carries them, six bytes each. A record of another fingerprint is read when it agrees in the key
    /// and in the type of every place that both know, and no name moved to another place; it is a miss otherwise, so that nothing is ever read as something
    /// else. At most 65,535.
    /// </summary>
    /// <exception cref="ArgumentNullException">The value is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There are more than 65,535.</exception>
    public IReadOnlyList<ulong> Slots
    {
        get => _slots;
        init
        {
            ArgumentNullException.ThrowIfNull(value);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(value.Count, ushort.MaxValue, nameof(Slots));
            _slots = [.. value];
            RecordSlots = ShapeSlots.Write(_slots);
        }
    }

    /// <summary><see cref="Slots"/> as records carry them; empty when there are none.</summary>
    internal byte[] RecordSlots { get; private init; } = [];

    /// <summary>Whether the entity has a version member.</summary>
    public bool HasVersion { get; init; }

    /// <summary>The indexed members, in the numbering of <see cref="IEntityTraits{TKey, TEntity}.WriteIndexKey"/>.</summary>
    public IReadOnlyList<IndexDescriptor> Indexes { get; init; } = [];
}

/// <summary>One indexed member.</summary>
/// <param name="Name">The name of the member.</param>
/// <param name="Ordered">Whether the order of the written bytes is the order of the values, so that ranges can be searched.</param>
public sealed record IndexDescriptor(string Name, bool Ordered);
