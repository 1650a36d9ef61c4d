using System.Collections.Immutable;
using System.Numerics;
using MemStorage.Integration.Elsewhere;
using MemStorage.Integration.Tests.Entities.Shapes;
using North = MemStorage.Integration.Tests.Entities.North;
using South = MemStorage.Integration.Tests.Entities.South;

namespace MemStorage.Integration.Tests.Shapes;

/// <summary>Entities of every shape are generated for, stored and read back.</summary>
public sealed class RoundTripTests
{
    [Fact]
    public void A_record_with_a_wrapped_key_nullable_members_and_a_nested_record()
    {
        using MemStore store = TestStores.Create();
        Person ada = new(new CustomerId(7), "Ada", 36, new Person.Address("St James's Sq", new() { ["a"] = [1, 2] }));
        Assert.Equal(SetResult.Stored, store.People().Set(ada));
        Person read = store.People().Get(new CustomerId(7));
        Assert.Equal((ada.Name, ada.Age, ada.Version), (read.Name, read.Age, read.Version));
        Assert.Equal([1, 2], read.Home!.Numbers["a"]);
        store.People().SetOrThrow(ada with { Id = new CustomerId(8), Age = null, Home = null });
        Assert.Null(store.People().Get(new CustomerId(8)).Age);
        Assert.Equal([7, 8], store.People().Keys().Select(k => k.Value).Order());
    }

    [Fact]
    public void Members_of_every_kind()
    {
        using MemStore store = TestStores.Create();
        Everything all = new()
        {
            Id = new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11),
            Required = "ключ\0\U0001F600",
            InitOnly = "init",
            MaybeInt = 5,
            MaybeGrade = Grade.High,
            Flag = true,
            Letter = '\uD800',
            Money = 79228162514264337593543950335m,
            Number = double.NegativeInfinity,
            When = new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(-3)),
            Local = new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            Day = new DateOnly(2026, 1, 2),
            Hour = new TimeOnly(3, 4),
            Length = TimeSpan.FromTicks(long.MinValue),
            Other = new Guid(11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1),
            Wide = Int128.MinValue,
            Huge = BigInteger.Pow(-7, 321),
            Link = new Uri("https://example.org/ä?b"),
            Release = new Version(1, 2, 3, 4),
            Bytes = [1, 2, 3],
            Ints = [4, 5],
            Strings = ["a", null, ""],
            Jagged = [[1], [], [2, 3]],
            Matrix = new[,] { { 1, 2 }, { 3, 4 } },
            Items = [new Item(1, "one"), new Item(2, null)],
            ByName = new() { ["x"] = new Item(3, "three") },
            Nested = new() { [Grade.Low] = [new Range<int>(1, 2)] },
            Set = [3, 1],
            Queue = new(["q1", "q2"]),
            ImmutableArray = [1, 2],
            ImmutableList = ["i", "j"],
            ImmutableDictionary = ImmutableDictionary<int, string>.Empty.Add(1, "one"),
            ReadOnly = [new Item(9, "nine")],
            Pair = new(1, "one"),
            Tuple = (2, "two"),
            Span = new Range<double>(0.5, 1.5),
            Boxed = new Box<Item> { Content = new Item(4, "four") },
            Shape = new Circle(2.5),
            Complex = new Complex(1, -1),
        };
        EverythingRepository things = store.Everythings();
        Assert.Equal(SetResult.Stored, things.Set(all));
        foreach (Everything read in new[] { things.Get(all.Id), things.GetNoCopy(all.Id) })
        {
            Assert.NotSame(all, read);
            Assert.Equal(System.Text.Json.JsonSerializer.Serialize(Comparable(all)), System.Text.Json.JsonSerializer.Serialize(Comparable(read)));
            Assert.Equal(all.Matrix, read.Matrix);
            Assert.Equal(all.Shape, read.Shape);
            Assert.Equal(all.Huge, read.Huge);
            Assert.Equal((all.Letter, all.Number, all.Local.Kind), (read.Letter, read.Number, read.Local.Kind));
        }
        Assert.Equal(all.Id, Assert.Single(things.FindByMaybeGrade(Grade.High)).Id);
        Assert.Empty(things.FindByMaybeGrade(null));
        Assert.Single(things.FindWhenBetween(all.When.ToUniversalTime(), all.When));

        static object Comparable(Everything e) => new
        {
            e.Id,
            e.Version,
            e.Required,
            e.InitOnly,
            e.Nothing,
            e.MaybeInt,
            e.MaybeGrade,
            e.Flag,
            e.Money,
            e.When,
            e.Local,
            e.Day,
            e.Hour,
            e.Length,
            e.Other,
            Wide = e.Wide.ToString(),
            e.Link,
            e.Release,
            e.Bytes,
            e.Ints,
            e.Strings,
            e.Jagged,
            e.Items,
            e.ByName,
            e.Nested,
            Set = e.Set.Order(),
            e.Queue,
            e.ImmutableArray,
            e.ImmutableList,
            e.ImmutableDictionary,
            e.ReadOnly,
            e.Pair,
            e.Tuple.Left,
            e.Tuple.Right,
            e.Span,
            e.Boxed,
            e.Complex.Real,
            e.Complex.Imaginary,
        };
    }

    [Fact]
    public void A_case_of_a_union_as_an_entity_and_inherited_key_and_version()
    {
        using MemStore store = TestStores.Create();
        store.Squares().SetOrThrow(new Square(3));
        Assert.Equal(new Square(3), store.Squares().Get(3));

        Derived derived = new() { Id = long.MinValue, Text = "t" };
        Assert.Equal(SetResult.Stored, store.Deriveds().Set(derived, out long version));
        Assert.Equal((version, "t"), (store.Deriveds().Get(long.MinValue).Version, store.Deriveds().Get(long.MinValue).Text));
    }

    [Fact]
    public void A_readonly_struct_with_a_composite_key_and_a_nested_class()
    {
        using MemStore store = TestStores.Create();
        Reading2 reading = new(Grade.High, new DateOnly(2026, 7, 8), "text", 0);
        Assert.Equal(SetResult.Stored, store.Reading2s().Set(reading, out long version));
        Reading2 read = store.Reading2s().Get(Grade.High, new DateOnly(2026, 7, 8));
        Assert.Equal((reading.Text, version), (read.Text, read.Version));
        Assert.Equal(new Reading2Key(Grade.High, new DateOnly(2026, 7, 8)), Assert.Single(store.Reading2s().Keys()));

        Outer.InnerRepository inners = new(store);
        inners.SetOrThrow(new Outer.Inner { Letter = '|', Text = "bar" });
        Assert.Equal("bar", inners.Get('|').Text);
    }

    [Fact]
    public void Unicode_and_keyword_names_and_an_internal_entity()
    {
        using MemStore store = TestStores.Create();
        GrößeRepository sizes = new(store);
        sizes.SetOrThrow(new Größe { @class = 1, Straße = "Ring", 数 = 8 });
        Assert.Equal((8, "Ring"), (sizes.Get(1).数, sizes.Get(1).Straße));
        Assert.True(sizes.Get(1).@event > 0);
        Assert.Single(sizes.FindByStraße("Ring"));

        store.Hiddens().SetOrThrow(new Hidden { Id = ulong.MaxValue, Secret = "s" });
        Assert.Equal("s", store.Hiddens().Get(ulong.MaxValue).Secret);
    }

    [Fact]
    public void The_same_type_name_in_two_namespaces_has_two_key_spaces()
    {
        using MemStore store = TestStores.Create();
        North.CityRepository north = new(store);
        South.CityRepository south = new(store);
        north.SetOrThrow(new North.City { Id = 1, Name = "Oslo" });
        south.SetOrThrow(new South.City { Id = "1", People = 2 });
        Assert.Equal("Oslo", north.Get(1).Name);
        Assert.Equal(2, south.Get("1").People);
        Assert.Equal((1, 1), (north.Count, south.Count));
    }

    [Fact]
    public void An_entity_of_another_project()
    {
        using MemStore store = TestStores.Create();
        WarehouseRepository warehouses = store.Warehouses();
        warehouses.SetOrThrow(new Warehouse { Code = "W|1", Town = "Linz", Shelves = [new Shelf(1, 2.5m)] });
        Assert.Equal(new Shelf(1, 2.5m), warehouses.GetNoCopy("W|1").Shelves[0]);
        Assert.Single(warehouses.FindByTown("Linz"));
        IMemStorageRepository<string, Warehouse> general = warehouses;
        Assert.Equal("Linz", general.Get("W|1").Town);
    }

    [Fact]
    public void Objects_that_refer_to_each_other()
    {
        using MemStore store = TestStores.Create();
        Node first = new() { Id = 1 };
        first.Next = new Node { Id = 2, Next = first };
        for (int i = 0; i < 3; i++) // the reference table of one serialization must not reach into the next
        {
            store.Nodes().SetOrThrow(first);
            Node read = store.Nodes().Get(1);
            Assert.Same(read, read.Next!.Next);
        }
    }
}
