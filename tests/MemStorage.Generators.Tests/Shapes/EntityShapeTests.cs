namespace MemStorage.Generators.Tests.Shapes;

/// <summary>Entities of every shape people have: each is compiled, run and round-tripped.</summary>
public sealed class EntityShapeTests
{
    private static void Run(string source, string program = "Program") => ShapeProgram.Run(
        program == "Program" ? source : $"{source}\npublic static class Program {{ public static void Run(MemStore store) => global::{program}.Run(store); }}");

    [Fact]
    public void A_class_with_a_key_and_a_version() => Run(
        """
        [MemStorageEntity, MemoryPackable]
        public sealed partial class Order
        {
            [MemStorageKey] public required int Id { get; init; }
            [MemStorageVersion] public long Version { get; set; }
            public decimal Total { get; set; }
            public List<OrderLine> Lines { get; set; } = [];
        }

        [MemoryPackable]
        public sealed partial record OrderLine(string Product, int Quantity);

        public static class Program
        {
            public static void Run(MemStore store)
            {
                OrderRepository orders = store.Orders();
                Order order = new() { Id = 7, Total = 1.5m, Lines = { new OrderLine("tea", 2) } };
                Check.Equal(SetResult.Stored, orders.Set(order));
                Check.Equal(true, order.Version > 0);
                Order read = orders.Get(7);
                Check.Equal(order.Version, read.Version);
                Check.Equal(1.5m, read.Total);
                Check.Same(order.Lines, read.Lines);
                Check.Same([7], orders.Keys());
                Check.Equal(orders, store.Orders());
                Check.Equal(UpdateResult.Updated, orders.TryUpdate(read));
                Check.Equal(UpdateResult.VersionMismatch, orders.TryUpdate(order));
            }
        }
        """);

    [Fact]
    public void A_record_and_a_record_struct() => Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial record City([property: MemStorageKey] string Code, string Name, int? Population)
        {
            [MemStorageVersion] public long Version { get; init; }
        }

        [MemStorageEntity, MemoryPackable]
        public partial record struct Mark([property: MemStorageKey] int Id, string Text)
        {
            [MemStorageVersion] public long Version { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                City city = new("VIE", "Wien", 2_000_000);
                Check.Equal(SetResult.Stored, store.Cities().Set(city));
                City read = store.Cities().Get("VIE");
                Check.Equal(city.Version, read.Version);
                Check.Equal(true, city.Version > 0);
                Check.Equal(city, read);

                Mark mark = new(1, "a");
                Check.Equal(SetResult.Stored, store.Marks().Set(ref mark));
                Check.Equal(true, mark.Version > 0);
                Check.Equal(mark, store.Marks().Get(1));
            }
        }
        """);

    [Fact]
    public void A_readonly_struct_is_read_in_place() => Run(
        """
        [MemStorageEntity, MemoryPackable]
        public readonly partial struct Point
        {
            [MemoryPackConstructor] public Point(int id, double x, double y, long version) { Id = id; X = x; Y = y; Version = version; }
            [MemStorageKey] public int Id { get; }
            public double X { get; }
            public double Y { get; }
            [MemStorageVersion] public long Version { get; init; }
        }

        [MemStorageEntity, MemoryPackable]
        public readonly partial record struct Tick([property: MemStorageKey] long Id, double Price);

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Tick tick = new(5, 1.25);
                Check.Equal(SetResult.Stored, store.Ticks().Set(tick));
                Check.Equal(1.25, store.Ticks().Read(5, (in Tick t) => t.Price));
                Check.Equal(tick, store.Ticks().Get(5));
            }
        }
        """.Replace("[MemoryPackConstructor] ", "", StringComparison.Ordinal));

    [Fact]
    public void Structs_with_references_and_fields() => Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial struct Node
        {
            [MemStorageKey] public int Id;
            public string Name;
            [MemStorageVersion] public long Version;
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Node node = new() { Id = 3, Name = "n" };
                Check.Equal(SetResult.Stored, store.Nodes().Set(ref node));
                Node read = store.Nodes().Get(3);
                Check.Equal("n", read.Name);
                Check.Equal(node.Version, read.Version);
            }
        }
        """);

    [Fact]
    public void Nested_entities_of_every_accessibility() => Run(
        """
        namespace Shop;

        public partial class Outer
        {
            [MemStorageEntity, MemoryPackable] public partial class Open { [MemStorageKey] public int Id { get; init; } }
            [MemStorageEntity, MemoryPackable] internal partial class Inside { [MemStorageKey] public int Id { get; init; } }
            [MemStorageEntity, MemoryPackable] private partial class Hidden { [MemStorageKey] public int Id { get; init; } }
            [MemStorageEntity, MemoryPackable] protected partial class Guarded { [MemStorageKey] public int Id { get; init; } }
            [MemStorageEntity, MemoryPackable] protected internal partial class Half { [MemStorageKey] public int Id { get; init; } }
            [MemStorageEntity, MemoryPackable] private protected partial class Narrow { [MemStorageKey(0)] public int Id { get; init; } [MemStorageKey(1)] public int Sub { get; init; } }

            internal static void Use(MemStore store)
            {
                Check.Equal(SetResult.Stored, new HiddenRepository(store).Set(new Hidden { Id = 1 }));
                Check.Equal(1, new HiddenRepository(store).Get(1).Id);
                Check.Equal(SetResult.Stored, new GuardedRepository(store).Set(new Guarded { Id = 2 }));
                Check.Equal(SetResult.Stored, new NarrowRepository(store).Set(new Narrow { Id = 2, Sub = 3 }));
                Check.Equal(true, new NarrowRepository(store).Contains(new NarrowKey(2, 3)));
            }

            public partial record struct Deep
            {
                [MemStorageEntity, MemoryPackable] public partial record Leaf([property: MemStorageKey] int Id);
            }
        }

        internal partial record Container
        {
            [MemStorageEntity, MemoryPackable] public partial record Item([property: MemStorageKey] int Id);
        }
        """ + "\n" + """

        class Runner
        {
            public static void Run(MemStore store)
            {
                Outer.Use(store);
                Check.Equal(SetResult.Stored, store.OuterOpens().Set(new Outer.Open { Id = 1 }));
                Check.Equal(SetResult.Stored, store.OuterInsides().Set(new Outer.Inside { Id = 1 }));
                Check.Equal(SetResult.Stored, store.OuterHalves().Set(new Outer.Half { Id = 1 }));
                Check.Equal(SetResult.Stored, store.OuterDeepLeaves().Set(new Outer.Deep.Leaf(1)));
                Check.Equal(SetResult.Stored, store.ContainerItems().Set(new Container.Item(1)));
            }
        }
        """, program: "Shop.Runner");

    [Fact]
    public void Generic_types_as_members() => Run(
        """
        [MemoryPackable]
        public partial class Box<T> { public T? Value { get; set; } }

        [MemStorageEntity, MemoryPackable]
        public partial class Shelf
        {
            [MemStorageKey] public int Id { get; init; }
            public Box<int> Number { get; set; } = new();
            public Box<Box<string>> Nested { get; set; } = new();
            public Dictionary<string, Box<Guid>> Map { get; set; } = [];
            public (int Left, string Right) Pair { get; set; }
            public KeyValuePair<string, int>[] Pairs { get; set; } = [];
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Shelf shelf = new()
                {
                    Id = 1, Number = new() { Value = 4 }, Nested = new() { Value = new() { Value = "deep" } },
                    Map = { ["a"] = new() { Value = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11) } }, Pair = (1, "r"), Pairs = [new("k", 2)],
                };
                Check.Equal(SetResult.Stored, store.Shelves().Set(shelf));
                Shelf read = store.Shelves().Get(1);
                Check.Equal(4, read.Number.Value);
                Check.Equal("deep", read.Nested.Value!.Value);
                Check.Equal(shelf.Map["a"].Value, read.Map["a"].Value);
                Check.Equal(shelf.Pair, read.Pair);
                Check.Same(shelf.Pairs, read.Pairs);
            }
        }
        """);

    [Fact]
    public void Inheritance_with_a_union() => Run(
        """
        [MemoryPackable, MemoryPackUnion(0, typeof(Circle)), MemoryPackUnion(1, typeof(Square))]
        public abstract partial class Shape { public string Name { get; set; } = ""; }

        [MemoryPackable] public partial class Circle : Shape { public double Radius { get; set; } }
        [MemoryPackable] public partial class Square : Shape { public double Side { get; set; } }

        [MemoryPackable, MemoryPackUnion(0, typeof(Dog))]
        public partial interface IAnimal { string Name { get; } }

        [MemoryPackable] public partial record Dog(string Name) : IAnimal;

        [MemStorageEntity, MemoryPackable]
        public partial class Drawing : Named
        {
            public List<Shape> Shapes { get; set; } = [];
            public IAnimal? Pet { get; set; }
        }

        public abstract class Named
        {
            [MemStorageKey] public required string Title { get; init; }
            [MemStorageVersion] public long Version { get; private protected set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Drawing drawing = new() { Title = "t", Shapes = { new Circle { Radius = 2 }, new Square { Side = 3, Name = "s" } }, Pet = new Dog("Rex") };
                Check.Equal(SetResult.Stored, store.Drawings().Set(drawing));
                Drawing read = store.Drawings().Get("t");
                Check.Equal(2.0, ((Circle)read.Shapes[0]).Radius);
                Check.Equal("s", ((Square)read.Shapes[1]).Name);
                Check.Equal<IAnimal?>(new Dog("Rex"), read.Pet);
                Check.Equal(drawing.Version, read.Version);
                Check.Equal(true, read.Version > 0);
            }
        }
        """);

    [Fact]
    public void An_entity_that_is_a_case_of_a_union() => Run(
        """
        [MemoryPackable, MemoryPackUnion(0, typeof(Car))]
        public abstract partial class Vehicle { [MemStorageKey] public int Id { get; init; } }

        [MemStorageEntity, MemoryPackable]
        public partial class Car : Vehicle { public int Doors { get; set; } }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Cars().Set(new Car { Id = 2, Doors = 5 }));
                Check.Equal(5, store.Cars().Get(2).Doors);
            }
        }
        """);

    [Fact]
    public void Members_of_many_types() => Run(
        """
        using System.Collections.Immutable;
        using System.Collections.Concurrent;
        using System.Collections.ObjectModel;

        public enum Colour : byte { Red, Green }
        public readonly record struct Vector(float X, float Y);

        [MemStorageEntity, MemoryPackable]
        public partial class Everything
        {
            [MemStorageKey] public Guid Id { get; init; }
            public required string Required { get; set; }
            public string? Nullable { get; set; }
            public int? NullableInt { get; set; }
            public Colour Colour { get; set; }
            public Colour? MaybeColour { get; set; }
            public Vector Vector { get; set; }
            public Vector? MaybeVector { get; set; }
            public Dictionary<Colour, Vector> Vectors { get; set; } = [];
            public Dictionary<Vector, List<int[]>> Lists { get; set; } = [];
            public int[] Numbers { get; set; } = [];
            public int[,] Grid { get; set; } = new int[0, 0];
            public string?[] Texts { get; set; } = [];
            public Vector[] VectorArray { get; set; } = [];
            public ImmutableArray<int> Immutable { get; set; } = [];
            public ImmutableList<string> ImmutableTexts { get; set; } = [];
            public ImmutableDictionary<string, Colour> ImmutableMap { get; set; } = ImmutableDictionary<string, Colour>.Empty;
            public IReadOnlyList<string> ReadOnly { get; set; } = [];
            public IReadOnlyDictionary<int, string> ReadOnlyMap { get; set; } = new Dictionary<int, string>();
            public HashSet<DateOnly> Days { get; set; } = [];
            public ConcurrentDictionary<string, TimeSpan> Spans { get; set; } = [];
            public ObservableCollection<Vector> Observed { get; set; } = [];
            public DateTimeOffset Moment { get; set; }
            public DateTime Time { get; set; }
            public TimeOnly Clock { get; set; }
            public decimal Money { get; set; }
            public Int128 Big { get; set; }
            public Uri? Link { get; set; }
            public Version? Release { get; set; }
            public (Colour, Vector)? Pair { get; set; }
            public Tuple<int, Colour>? Classic { get; set; }
            public Lazy<string>? Later { get; set; }
            public Memory<byte> Bytes { get; set; }
            public SortedDictionary<string, Colour[]> Sorted { get; set; } = [];
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Everything e = new()
                {
                    Id = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11), Required = "r", NullableInt = 5, Colour = Colour.Green, MaybeColour = Colour.Red,
                    Vector = new(1, 2), MaybeVector = new(3, 4), Vectors = { [Colour.Green] = new(5, 6) }, Lists = { [new(7, 8)] = [[1, 2], [3]] },
                    Numbers = [1, 2], Grid = new int[,] { { 1, 2 }, { 3, 4 } }, Texts = ["a", null], VectorArray = [new(9, 9)], Immutable = [1, 2, 3], ImmutableTexts = ["x"],
                    ImmutableMap = ImmutableDictionary<string, Colour>.Empty.Add("k", Colour.Green), ReadOnly = ["q"], ReadOnlyMap = new Dictionary<int, string> { [1] = "o" },
                    Days = [new(2026, 1, 2)], Observed = [new(1, 1)], Moment = new(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(2)),
                    Time = new(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc), Clock = new(1, 2), Money = 12.345m, Big = Int128.MaxValue, Link = new("https://example.org/"),
                    Release = new(1, 2, 3), Pair = (Colour.Green, new(2, 2)), Classic = Tuple.Create(1, Colour.Green), Later = new("late"), Bytes = new byte[] { 1, 2 },
                    Sorted = { ["s"] = [Colour.Green] },
                };
                e.Spans["t"] = TimeSpan.FromSeconds(3);
                Check.Equal(SetResult.Stored, store.Everythings().Set(e));
                Everything r = store.Everythings().Get(e.Id);
                Check.Equal("r", r.Required);
                Check.Equal(null, r.Nullable);
                Check.Equal(5, r.NullableInt);
                Check.Equal(Colour.Green, r.Colour);
                Check.Equal(Colour.Red, r.MaybeColour);
                Check.Equal(e.Vector, r.Vector);
                Check.Equal(e.MaybeVector, r.MaybeVector);
                Check.Same(e.Vectors, r.Vectors);
                Check.Same(e.Lists[new(7, 8)][0], r.Lists[new(7, 8)][0]);
                Check.Same(e.Numbers, r.Numbers);
                Check.Equal(4, r.Grid[1, 1]);
                Check.Same(e.Texts, r.Texts);
                Check.Same(e.VectorArray, r.VectorArray);
                Check.Same(e.Immutable, r.Immutable);
                Check.Same(e.ImmutableTexts, r.ImmutableTexts);
                Check.Same(e.ImmutableMap, r.ImmutableMap);
                Check.Same(e.ReadOnly, r.ReadOnly);
                Check.Same(e.ReadOnlyMap, r.ReadOnlyMap);
                Check.Same(e.Days, r.Days);
                Check.Same(e.Spans, r.Spans);
                Check.Same(e.Observed, r.Observed);
                Check.Equal(e.Moment, r.Moment);
                Check.Equal(e.Moment.Offset, r.Moment.Offset);
                Check.Equal(e.Time, r.Time);
                Check.Equal(DateTimeKind.Utc, r.Time.Kind);
                Check.Equal(e.Clock, r.Clock);
                Check.Equal(12.345m, r.Money);
                Check.Equal(e.Big, r.Big);
                Check.Equal(e.Link, r.Link);
                Check.Equal(e.Release, r.Release);
                Check.Equal(e.Pair, r.Pair);
                Check.Equal(e.Classic, r.Classic);
                Check.Equal("late", r.Later!.Value);
                Check.Same(e.Bytes.ToArray(), r.Bytes.ToArray());
                Check.Same(e.Sorted["s"], r.Sorted["s"]);
            }
        }
        """);

    [Fact]
    public void Unicode_names_and_keyword_members() => Run(
        """
        namespace Größe.数据
        {
            [MemStorageEntity, MemoryPackable]
            public partial class Straße { [MemStorageKey] public int Número { get; init; } public string @class { get; set; } = ""; }

            [MemStorageEntity, MemoryPackable]
            public partial class 订单 { [MemStorageKey(0)] public int @event { get; init; } [MemStorageKey(1)] public required string @namespace { get; init; } }

            [MemStorageEntity, MemoryPackable]
            public partial class value
            {
                [MemStorageKey] public int key { get; init; }
                [MemStorageVersion] public long version { get; set; }
                [MemStorageIndex] public string? entity { get; set; }
                [MemStorageIndex] public int writer { get; set; }
            }
        }

        namespace Use
        {
            using Größe.数据;

            public static class Runner
            {
                public static void Run(MemStore store)
                {
                    Check.Equal(SetResult.Stored, store.Straßes().Set(new Straße { Número = 1, @class = "c" }));
                    Check.Equal("c", store.Straßes().Get(1).@class);
                    Check.Equal(SetResult.Stored, store.订单().Set(new 订单 { @event = 1, @namespace = "n" }));
                    Check.Equal("n", store.订单().Get(1, "n").@namespace);
                    Check.Equal(true, store.订单().TryGet(new 订单Key(1, "n"), out _));
                    Check.Equal(SetResult.Stored, store.values().Set(new value { key = 1, entity = "e", writer = 2 }));
                    Check.Equal(1, store.values().FindByEntity("e").Single().key);
                    Check.Equal(1, store.values().FindWriterBetween(1, 2).Single().key);
                }
            }
        }
        """, program: "Use.Runner");

    [Fact]
    public void The_same_name_in_two_namespaces() => Run(
        """
        namespace A { [MemStorageEntity, MemoryPackable] public partial class Item { [MemStorageKey] public int Id { get; init; } } }
        namespace B { [MemStorageEntity, MemoryPackable] public partial class Item { [MemStorageKey] public int Id { get; init; } } }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, A.ItemMemStoreExtensions.Items(store).Set(new A.Item { Id = 1 }));
                Check.Equal(1L, A.ItemMemStoreExtensions.Items(store).Count);
                Check.Equal(0L, B.ItemMemStoreExtensions.Items(store).Count);
            }
        }
        """);

    [Fact]
    public void Key_types_that_are_not_public_hide_the_repository() => Run(
        """
        internal enum Secret { One }

        [MemStorageEntity, MemoryPackable]
        public partial class Vault
        {
            [MemStorageKey(0), MemoryPackInclude] internal Secret Kind { get; init; }
            [MemStorageKey(1)] public int Id { get; init; }
            [MemStorageIndex, MemoryPackInclude] internal Secret? Other { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Vaults().Set(new Vault { Id = 1, Other = Secret.One }));
                Check.Equal(1, store.Vaults().FindByOther(Secret.One).Count());
                Check.Equal(0, store.Vaults().FindByOther(null).Count());
            }
        }
        """);

    [Fact]
    public void An_entity_whose_members_come_from_another_project() => ShapeProgram.RunProjects(
        """
        namespace Domain;

        [MemoryPackable] public partial record Line(string Product, int Quantity);
        public readonly record struct CustomerId(int Value);
        public abstract class Root { [MemStorageKey] public CustomerId Id { get; init; } [MemStorageVersion] public long Version { get; protected set; } }

        [MemStorageEntity, MemoryPackable] public partial class Product { [MemStorageKey] public string Code { get; init; } = ""; }
        """,
        """
        using Domain;

        [MemStorageEntity, MemoryPackable]
        public partial class Customer : Root { public List<Line> Lines { get; set; } = []; public Product? Favourite { get; set; } }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Customer customer = new() { Id = new(4), Lines = { new("tea", 2) }, Favourite = new() { Code = "f" } };
                Check.Equal(SetResult.Stored, store.Customers().Set(customer));
                Customer read = store.Customers().Get(new CustomerId(4));
                Check.Same(customer.Lines, read.Lines);
                Check.Equal("f", read.Favourite!.Code);
                Check.Equal(customer.Version, read.Version);
                Check.Equal(SetResult.Stored, store.Products().Set(new Product { Code = "p" }));
                Check.Equal("p", store.Products().Get("p").Code);
            }
        }
        """);
}
