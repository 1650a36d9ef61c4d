namespace MemStorage;

/// <summary>
/// Marks a domain type whose typed repository the MemStorage source generator writes. The type must also be
/// <c>[MemoryPackable]</c> and <c>partial</c> (MST0001) and have a key (MST0002).
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct, Inherited = false)]
public sealed class MemStorageEntityAttribute : Attribute
{
    /// <summary>
    /// The name of the entity's key space. Defaults to the full name of the type. Two entities of one store must not share a name.
    /// Renaming an entity without fixing its old name here leaves its stored records unreachable.
    /// </summary>
    public string? Name { get; set; }

    /// <summary>
    /// How long an entity lives after it was written, as an invariant <see cref="TimeSpan"/> text (<c>"00:10:00"</c>); positive.
    /// Unset: entities do not expire.
    /// </summary>
    public string? TimeToLive { get; set; }

    /// <summary>Whether a read prolongs the life of an entity by <see cref="TimeToLive"/> (sliding) instead of letting it end at a fixed time. Default: false.</summary>
    public bool Sliding { get; set; }

    /// <summary>
    /// How much of the time to live is random, in percent of it, 0 to 100: an entity lives between <c>TimeToLive * (1 - Jitter/100)</c> and
    /// <c>TimeToLive</c>, so that entities written together do not expire together. Default: 0.
    /// </summary>
    public int JitterPercent { get; set; }

    /// <summary>
    /// How many decoded instances the repository keeps for <c>GetNoCopy</c>: 0 (none; each call decodes) to 1,048,576, rounded up to a power of two.
    /// Default: 4,096.
    /// </summary>
    public int SharedInstances { get; set; } = 4096;
}

/// <summary>Marks the key of an entity. An entity with a composite key marks each part and numbers them with <see cref="Order"/>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MemStorageKeyAttribute : Attribute
{
    /// <summary>Marks the only key part.</summary>
    public MemStorageKeyAttribute()
    {
    }

    /// <summary>Marks one part of a composite key.</summary>
    /// <param name="order">The position of the part, from 0; distinct within the entity.</param>
    public MemStorageKeyAttribute(int order) => Order = order;

    /// <summary>The position of this part in a composite key; 0 for a single key.</summary>
    public int Order { get; }
}

/// <summary>
/// Marks the <see cref="long"/> member that carries the version of an entity. The store's version wins over what was serialized: a read sets
/// the member, a successful write sets it to the version that was stored.
/// </summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MemStorageVersionAttribute : Attribute
{
}

/// <summary>Marks a member that the repository indexes: <c>FindBy…</c> and, for ordered types, <c>Find…Between</c>.</summary>
[AttributeUsage(AttributeTargets.Property | AttributeTargets.Field)]
public sealed class MemStorageIndexAttribute : Attribute
{
}

/// <summary>
/// Names the converter of a type that can be a key only through it (MST0004): on the type itself, or on the assembly for a type that somebody else wrote.
/// </summary>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Assembly, AllowMultiple = true, Inherited = false)]
public sealed class MemStorageKeyConverterAttribute : Attribute
{
    /// <summary>Names the converter.</summary>
    /// <param name="converter">A type that implements <see cref="IMemStorageKeyConverter{TKey, TStored}"/> for the key's type.</param>
    public MemStorageKeyConverterAttribute(Type converter) => Converter = converter;

    /// <summary>The converter.</summary>
    public Type Converter { get; }
}
