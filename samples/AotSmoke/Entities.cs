using System.Collections.Immutable;
using MemoryPack;
using MemStorage;

namespace AotSmoke;

/// <summary>What people put into entities, generic types above all: their serializers must be there without reflection.</summary>
[MemStorageEntity(TimeToLive = "00:10:00", Sliding = true)]
[MemoryPackable]
public sealed partial class Account
{
    [MemStorageKey]
    public required Guid Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public required string Owner { get; init; }

    [MemStorageIndex]
    public decimal Balance { get; set; }

    public List<Booking> Bookings { get; set; } = [];

    public Dictionary<string, List<int>> Tags { get; set; } = [];

    public ImmutableArray<(int Left, string Right)> Pairs { get; set; } = [];

    public KeyValuePair<Kind, DateTimeOffset?>[] Dates { get; set; } = [];

    public Page<Booking>? Page { get; set; }

    public Contact? Contact { get; set; }

    public HashSet<Kind> Kinds { get; set; } = [];
}

public enum Kind
{
    None,
    Saving,
    Giro,
}

[MemoryPackable]
public sealed partial record Booking(DateTimeOffset When, decimal Amount, string? Text);

[MemoryPackable]
public sealed partial class Page<T>
{
    public T[] Items { get; set; } = [];
}

[MemoryPackable]
[MemoryPackUnion(0, typeof(Mail))]
[MemoryPackUnion(1, typeof(Phone))]
public abstract partial record Contact;

[MemoryPackable]
public sealed partial record Mail(string Address) : Contact;

[MemoryPackable]
public sealed partial record Phone(long Number) : Contact;

/// <summary>An unmanaged struct with a composite key.</summary>
[MemStorageEntity]
[MemoryPackable]
public readonly partial record struct Rate([property: MemStorageKey(0)] Kind Kind, [property: MemStorageKey(1)] DateOnly Day, double Value);
