using MemoryPack;

namespace MemStorage.Integration.Tests.Entities;

// a composite key with text in it
[MemStorageEntity]
[MemoryPackable]
public sealed partial record Place
{
    [MemStorageKey(0)]
    public required string Country { get; init; }

    [MemStorageKey(1)]
    public required int Number { get; init; }

    [MemStorageVersion]
    public long Version { get; init; }

    public string Name { get; init; } = "";
}

// a life of ten minutes
[MemStorageEntity(TimeToLive = "00:10:00")]
[MemoryPackable]
public sealed partial class Session
{
    [MemStorageKey]
    public required Guid Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public string? User { get; set; }
}

// a life that reads prolong
[MemStorageEntity(TimeToLive = "00:10:00", Sliding = true)]
[MemoryPackable]
public sealed partial class Lease
{
    [MemStorageKey]
    public required string Name { get; init; }

    public int Holder { get; set; }
}

// the same under a number, which reads do not write as text
[MemStorageEntity(TimeToLive = "00:10:00", Sliding = true)]
[MemoryPackable]
public sealed partial class Seat
{
    [MemStorageKey]
    public required int Number { get; init; }

    public int Holder { get; set; }
}

// a life of which a half is random
[MemStorageEntity(TimeToLive = "00:10:00", JitterPercent = 50)]
[MemoryPackable]
public sealed partial class Quote
{
    [MemStorageKey]
    public required int Id { get; init; }

    public double Price { get; set; }
}

// an unmanaged struct: its bytes are its memory
[MemStorageEntity]
[MemoryPackable]
public readonly partial record struct Tick([property: MemStorageKey] int Instrument, long Price, [property: MemStorageVersion] long Version);

// a struct with a version that can be set, and a reference inside
[MemStorageEntity]
[MemoryPackable]
public partial struct Reading
{
    [MemStorageKey]
    public int Sensor { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public double[] Values { get; set; }
}

// no version member, and no shared instances
[MemStorageEntity(SharedInstances = 0)]
[MemoryPackable]
public sealed partial class Note
{
    [MemStorageKey]
    public required string Title { get; init; }

    public string Text { get; set; } = "";
}

// eight shared instances
[MemStorageEntity(SharedInstances = 8)]
[MemoryPackable]
public sealed partial class Page
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public int Checksum { get; set; }

    public int[] Content { get; set; } = [];

    public static Page Create(int id, int seed, int length = 8)
    {
        int[] content = new int[length];
        int sum = id;
        for (int i = 0; i < length; i++)
            sum += content[i] = seed + (i * 7919);
        return new Page { Id = id, Checksum = sum, Content = content };
    }

    public bool IsWhole() => Content.Sum() + Id == Checksum;
}

// a serializer that gives up half-way
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Fragile
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    [MemStorageIndex]
    public int Group { get; set; }

    public string Text { get; set; } = "";

    [MemoryPackIgnore]
    public bool Broken { get; set; }

    [MemoryPackOnSerialized]
    private void OnSerialized()
    {
        if (Broken)
            throw new InvalidOperationException("The serializer gave up.");
    }
}

// serialized while another one is
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Matryoshka
{
    [ThreadStatic]
    private static MemStore? t_store;

    [MemStorageKey]
    public required int Id { get; init; }

    public int[] Filling { get; set; } = [];

    public static void Use(MemStore? store) => t_store = store;

    [MemoryPackOnSerializing]
    private void OnSerializing()
    {
        if (t_store is { } store && Id > 0)
            store.Matryoshkas().SetOrThrow(new Matryoshka { Id = Id - 1, Filling = [.. Filling, Id] });
    }

    [MemoryPackOnDeserialized]
    private void OnDeserialized()
    {
        if (t_store is { } store && Id > 0 && store.Matryoshkas().TryGet(Id - 1, out Matryoshka? inner))
            Inner = inner;
    }

    [MemoryPackIgnore]
    public Matryoshka? Inner { get; private set; }
}

// what a round trip changes: the comparer of a dictionary, a member that is not stored
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Catalog
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageVersion]
    public long Version { get; set; }

    public Dictionary<string, int> Prices { get; set; } = [];

    [MemoryPackIgnore]
    public string? Note { get; set; }
}
