using System.Collections.Immutable;
using System.Numerics;
using MemoryPack;

namespace MemStorage.Integration.Tests.Entities.Shapes
{
    public enum Grade : byte
    {
        Low,
        High = 7,
    }

    public readonly record struct CustomerId(int Value);

    public readonly record struct Range<T>(T From, T To);

    [MemStorageEntity]
    [MemoryPackable]
    public partial record Person([property: MemStorageKey] CustomerId Id, string Name, int? Age, Person.Address? Home, [property: MemStorageVersion] long Version = 0)
    {
        [MemoryPackable]
        public partial record Address(string Street, Dictionary<string, List<int>> Numbers);
    }

    // everything that people put into an entity
    [MemStorageEntity]
    [MemoryPackable]
    public sealed partial class Everything
    {
        [MemStorageKey]
        public required Guid Id { get; init; }

        [MemStorageVersion]
        public long Version { get; set; }

        public required string Required { get; set; }

        public string InitOnly { get; init; } = "";

        public string? Nothing { get; set; }

        public int? MaybeInt { get; set; }

        [MemStorageIndex]
        public Grade? MaybeGrade { get; set; }

        public bool Flag { get; set; }

        public char Letter { get; set; }

        public decimal Money { get; set; }

        public double Number { get; set; }

        [MemStorageIndex]
        public DateTimeOffset When { get; set; }

        public DateTime Local { get; set; }

        public DateOnly Day { get; set; }

        public TimeOnly Hour { get; set; }

        public TimeSpan Length { get; set; }

        public Guid Other { get; set; }

        public Int128 Wide { get; set; }

        public BigInteger Huge { get; set; }

        public Uri? Link { get; set; }

        public System.Version? Release { get; set; }

        public byte[] Bytes { get; set; } = [];

        public int[]? Ints { get; set; }

        public string?[] Strings { get; set; } = [];

        public int[][] Jagged { get; set; } = [];

        public int[,] Matrix { get; set; } = new int[0, 0];

        public List<Item> Items { get; set; } = [];

        public Dictionary<string, Item> ByName { get; set; } = [];

        public Dictionary<Grade, List<Range<int>>> Nested { get; set; } = [];

        public HashSet<int> Set { get; set; } = [];

        public Queue<string> Queue { get; set; } = [];

        public ImmutableArray<int> ImmutableArray { get; set; } = [];

        public ImmutableList<string> ImmutableList { get; set; } = [];

        public ImmutableDictionary<int, string> ImmutableDictionary { get; set; } = ImmutableDictionary<int, string>.Empty;

        public IReadOnlyList<Item> ReadOnly { get; set; } = [];

        public KeyValuePair<int, string> Pair { get; set; }

        public (int Left, string Right) Tuple { get; set; }

        public Range<double> Span { get; set; }

        public Box<Item>? Boxed { get; set; }

        public Shape? Shape { get; set; }

        public Complex Complex { get; set; }
    }

    [MemoryPackable]
    public sealed partial record Item(int Number, string? Label);

    [MemoryPackable]
    public sealed partial class Box<T>
    {
        public T? Content { get; set; }
    }

    [MemoryPackable]
    [MemoryPackUnion(0, typeof(Circle))]
    [MemoryPackUnion(1, typeof(Square))]
    public abstract partial record Shape;

    [MemoryPackable]
    public sealed partial record Circle(double Radius) : Shape;

    // an entity that is also one case of a union
    [MemStorageEntity]
    [MemoryPackable]
    public sealed partial record Square([property: MemStorageKey] int Side) : Shape;

    // key and version inherited
    [MemoryPackable(GenerateType.NoGenerate)]
    public abstract partial class EntityBase
    {
        [MemStorageKey]
        public required long Id { get; init; }

        [MemStorageVersion]
        public long Version { get; set; }
    }

    [MemStorageEntity]
    [MemoryPackable]
    public sealed partial class Derived : EntityBase
    {
        public string Text { get; set; } = "";
    }

    // an enum and a date as the parts of a key
    [MemStorageEntity]
    [MemoryPackable]
    public readonly partial struct Reading2
    {
        [MemoryPackConstructor]
        public Reading2(Grade grade, DateOnly day, string text, long version)
        {
            Grade = grade;
            Day = day;
            Text = text;
            Version = version;
        }

        [MemStorageKey(0)]
        public Grade Grade { get; }

        [MemStorageKey(1)]
        public DateOnly Day { get; }

        public string Text { get; }

        [MemStorageVersion]
        public long Version { get; init; }
    }

    public static partial class Outer
    {
        [MemStorageEntity]
        [MemoryPackable]
        public sealed partial class Inner
        {
            [MemStorageKey]
            public char Letter { get; init; }

            public string Text { get; set; } = "";
        }
    }

    // unicode and keyword names
    [MemStorageEntity]
    [MemoryPackable]
    public sealed partial class Größe
    {
        [MemStorageKey]
        public required int @class { get; init; }

        [MemStorageVersion]
        public long @event { get; set; }

        [MemStorageIndex]
        public string? Straße { get; set; }

        public int 数 { get; set; }
    }

    [MemStorageEntity]
    [MemoryPackable]
    internal sealed partial class Hidden
    {
        [MemStorageKey]
        public required ulong Id { get; init; }

        public string Secret { get; set; } = "";
    }

    // objects that refer to each other; MemoryPack does not restore init-only members of such types
#pragma warning disable MST0005
    [MemStorageEntity]
    [MemoryPackable(GenerateType.CircularReference)]
    public sealed partial class Node
    {
        [MemStorageKey]
        [MemoryPackOrder(0)]
        public int Id { get; set; }

        [MemoryPackOrder(1)]
        public Node? Next { get; set; }
    }
#pragma warning restore MST0005
}

// the same type name in two namespaces
namespace MemStorage.Integration.Tests.Entities.North
{
    [MemStorageEntity]
    [MemoryPackable]
    public sealed partial class City
    {
        [MemStorageKey]
        public int Id { get; init; }

        public string Name { get; set; } = "";
    }
}

namespace MemStorage.Integration.Tests.Entities.South
{
    [MemStorageEntity]
    [MemoryPackable]
    public sealed partial class City
    {
        [MemStorageKey]
        public string Id { get; init; } = "";

        public int People { get; set; }
    }
}
