using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Collections.ObjectModel;
using System.Numerics;
using MemoryPack;
using MemStorage;

namespace AotSmoke;

/// <summary>One member for each kind of serializer that the generator registers; MemoryPack would look for them by reflection, which is not there.</summary>
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Shelf
{
    [MemStorageKey]
    public required int Id { get; init; }

    // nullable structs, with and without references, alone and inside others
    public (int Left, string? Right)? Pair { get; set; }

    public Spot? Spot { get; set; }

    public List<Spot?> Spots { get; set; } = [];

    public Dictionary<Kind, decimal?> Amounts { get; set; } = [];

    // arrays of arrays, of more dimensions, of tuples
    public string?[][] Jagged { get; set; } = [];

    public int?[][] Numbers { get; set; } = [];

    public Booking[,] Table { get; set; } = new Booking[0, 0];

    public (Kind, Spot)[] Tuples { get; set; } = [];

    public (int, int, int, int, int, int, int, string) Eight { get; set; }

    public Tuple<int, Tuple<string, Kind>>? Classic { get; set; }

    // the collections of the platform
    public HashSet<Spot> Set { get; set; } = [];

    public HashSet<DayOfWeek> Days { get; set; } = [];

    public HashSet<Range> Ranges { get; set; } = [];

    public HashSet<Vector2> Vectors { get; set; } = [];

    public SortedDictionary<string, Kind[]> Sorted { get; set; } = [];

    public SortedSet<DateOnly> Dates { get; set; } = [];

    public Stack<(string, int)> Stack { get; set; } = [];

    public Queue<Booking> Queue { get; set; } = [];

    public LinkedList<Kind> Linked { get; set; } = [];

    public PriorityQueue<string, int> Priorities { get; set; } = new();

    public ConcurrentDictionary<string, TimeSpan?> Concurrent { get; set; } = [];

    public ObservableCollection<Spot> Observed { get; set; } = [];

    // immutable ones
    public ImmutableArray<Spot> Array { get; set; } = [];

    public ImmutableList<string?> List { get; set; } = [];

    public ImmutableDictionary<Kind, ImmutableArray<string>> Map { get; set; } = ImmutableDictionary<Kind, ImmutableArray<string>>.Empty;

    public ImmutableSortedSet<string> SortedTexts { get; set; } = [];

    public ImmutableHashSet<Kind> Kinds { get; set; } = [];

    public ImmutableQueue<Booking> Waiting { get; set; } = [];

    public FrozenDictionary<Kind, Spot> Frozen { get; set; } = FrozenDictionary<Kind, Spot>.Empty;

    public FrozenSet<Spot> FrozenSet { get; set; } = [];

    // interfaces
    public IReadOnlyList<Booking> ReadOnly { get; set; } = [];

    public IReadOnlyDictionary<string, IReadOnlyList<int?>> Nested { get; set; } = new Dictionary<string, IReadOnlyList<int?>>();

    public ISet<Kind> Interface { get; set; } = new HashSet<Kind>();

    public IEnumerable<Spot> Enumerable { get; set; } = [];

    public ILookup<Kind, string>? Lookup { get; set; }

    // generic types of the program, unions inside collections, and a number that MemoryPack itself loses
    public Page<Page<Kind>>? Pages { get; set; }

    public Page<(string, Spot?)>? TuplePage { get; set; }

    public Dictionary<string, Contact> Contacts { get; set; } = [];

    public Memory<byte> Bytes { get; set; }

    public ReadOnlyMemory<Spot> Memory { get; set; }

    public Lazy<string>? Later { get; set; }

    public BigInteger Big { get; set; }

    public List<BigInteger> Bigs { get; set; } = [];
}

public readonly record struct Spot(int X, int Y);

/// <summary>Versioned shapes and objects that refer to themselves.</summary>
[MemStorageEntity]
[MemoryPackable(GenerateType.VersionTolerant)]
public sealed partial class Tolerant
{
    [MemStorageKey, MemoryPackOrder(0)]
    public required string Id { get; init; }

    [MemoryPackOrder(1), SuppressDefaultInitialization]
    public List<Node> Nodes { get; set; } = [];

    [MemStorageVersion, MemoryPackOrder(2)]
    public long Version { get; init; }
}

[MemoryPackable(GenerateType.CircularReference)]
public sealed partial class Node
{
    [MemoryPackOrder(0)]
    public string Name { get; set; } = "";

    [MemoryPackOrder(1)]
    public Node? Next { get; set; }
}
