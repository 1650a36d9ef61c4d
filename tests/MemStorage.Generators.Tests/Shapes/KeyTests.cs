namespace MemStorage.Generators.Tests.Shapes;

/// <summary>Every supported type of key is written, found and read back.</summary>
public sealed class KeyTests
{
    private static readonly (string Type, string[] Values)[] s_singleKeys =
    [
        ("byte", ["0", "255"]),
        ("sbyte", ["-128", "127"]),
        ("short", ["short.MinValue", "1"]),
        ("ushort", ["0", "ushort.MaxValue"]),
        ("int", ["int.MinValue", "0", "42"]),
        ("uint", ["0", "uint.MaxValue"]),
        ("long", ["long.MinValue", "long.MaxValue"]),
        ("ulong", ["0", "ulong.MaxValue"]),
        ("Int128", ["Int128.MinValue", "5"]),
        ("UInt128", ["UInt128.MaxValue", "5"]),
        ("bool", ["true", "false"]),
        ("char", ["'a'", "'|'", "'\\\\'", "'\\ud800'"]),
        ("string", ["\"a\"", "\"a|b\"", "\"a\\\\/b\"", "\"数据\""]),
        ("Guid", ["Guid.Empty", "new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11)"]),
        ("DateOnly", ["DateOnly.MinValue", "new DateOnly(2026, 1, 2)"]),
        ("TimeOnly", ["TimeOnly.MinValue", "new TimeOnly(23, 59, 59, 999)"]),
        ("TimeSpan", ["TimeSpan.MinValue", "TimeSpan.FromTicks(1)"]),
        ("DateTime", ["DateTime.MinValue", "new DateTime(2026, 1, 2, 3, 4, 5).AddTicks(7)"]),
        ("DateTimeOffset", ["DateTimeOffset.MinValue", "new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(1))"]),
        ("DayOfWeek", ["DayOfWeek.Friday", "(DayOfWeek)(-3)"]),
        ("Small", ["Small.A", "(Small)200"]),
        ("OrderId", ["new OrderId(1)", "new OrderId(-1)"]),
        ("Line", ["new Line(new OrderId(1), \"a|b\", Small.A)", "new Line(new OrderId(1), \"a\", Small.A)"]),
    ];

    [Fact]
    public void A_key_of_every_supported_type()
    {
        string entities = string.Join("\n", s_singleKeys.Select(static (k, i) =>
            $"[MemStorageEntity, MemoryPackable] public partial class Item{i} {{ [MemStorageKey] public {k.Type} Key {{ get; init; }}{(k.Type == "string" ? " = \"\";" : "")} public int Number {{ get; set; }} }}"));
        string checks = string.Join("\n", s_singleKeys.Select(static (k, i) =>
            $$"""
            {
                {{k.Type}}[] keys = [{{string.Join(", ", k.Values)}}];
                foreach ({{k.Type}} key in keys)
                    Check.Equal(SetResult.Stored, store.Item{{i}}s().Set(new Item{{i}} { Key = key, Number = Array.IndexOf(keys, key) }));
                foreach ({{k.Type}} key in keys)
                {
                    Check.Equal(Array.IndexOf(keys, key), store.Item{{i}}s().Get(key).Number);
                    Check.Equal(true, store.Item{{i}}s().Keys().Contains(key));
                }
                Check.Equal((long)keys.Length, store.Item{{i}}s().Count);
            }
            """));
        ShapeProgram.Run(
            $$"""
            public enum Small : byte { A }
            public readonly record struct OrderId(int Value);
            [MemoryPackable] public readonly partial record struct Line(OrderId Order, string Text, Small Kind);
            {{entities}}
            public static class Program
            {
                public static void Run(MemStore store)
                {
                    {{checks}}
                }
            }
            """);
    }

    [Fact]
    public void A_composite_key_has_a_struct_and_overloads_with_its_parts() => ShapeProgram.Run(
        """
        [MemoryPackable] public readonly partial record struct Region(string Country, int Code);

        [MemStorageEntity, MemoryPackable]
        public partial class Price
        {
            [MemStorageKey(1)] public required string Product { get; init; }
            [MemStorageKey(0)] public Region Region { get; init; }
            [MemStorageKey(2)] public DateOnly Day { get; init; }
            public decimal Value { get; set; }
            [MemStorageVersion] public long Version { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                PriceRepository prices = store.Prices();
                Region at = new("at", 43);
                DateOnly day = new(2026, 1, 2);
                Price price = new() { Product = "tea|x", Region = at, Day = day, Value = 1 };
                Check.Equal(SetResult.Stored, prices.Set(price));
                PriceKey key = new(at, "tea|x", day);
                Check.Same([key], prices.Keys());
                Check.Equal(1m, prices.Get(key).Value);
                Check.Equal(1m, prices.Get(at, "tea|x", day).Value);
                Check.Equal(1m, prices.GetNoCopy(at, "tea|x", day).Value);
                Check.Equal(true, prices.TryGet(at, "tea|x", day, out Price? got) && got.Value == 1);
                Check.Equal(true, prices.TryGetNoCopy(at, "tea|x", day, out Price? shared) && shared.Value == 1);
                Check.Equal(true, prices.Contains(at, "tea|x", day));
                Check.Equal(false, prices.Contains(at, "tea", day));
                Check.Equal(UpdateResult.Updated, prices.Update(at, "tea|x", day, p => p.Value++));
                Check.Equal(UpdateResult.Updated, prices.Update(at, "tea|x", day, p => { p.Value++; return p; }));
                Check.Equal(3m, prices.Get(at, "tea|x", day).Value);
                Check.Equal(DeleteResult.VersionMismatch, prices.Delete(at, "tea|x", day, price.Version));
                Check.Equal(DeleteResult.Deleted, prices.Delete(at, "tea|x", day));
            }
        }
        """);

    [Fact]
    public void Parts_with_awkward_names() => ShapeProgram.Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Odd
        {
            [MemStorageKey(0)] public int OddKey { get; init; }
            [MemStorageKey(1)] public int @class { get; init; }
            [MemStorageKey(2), MemoryPackInclude] internal int _class;
            [MemStorageKey(3)] public int entity { get; init; }
            [MemStorageKey(4)] public int version { get; init; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Odds().Set(new Odd { OddKey = 1, @class = 2, _class = 3, entity = 4, version = 5 }));
                Check.Equal(new OddKey(1, 2, 3, 4, 5), store.Odds().Keys().Single());
                Check.Equal(true, store.Odds().TryGet(1, 2, 3, 4, 5, out _));
                Check.Equal(DeleteResult.Deleted, store.Odds().Delete(1, 2, 3, 4, 5, store.Clock.Next()));
            }
        }
        """);

    [Fact]
    public void Indexes_of_every_kind() => ShapeProgram.Run(
        """
        public enum Colour { Red, Green }
        [MemoryPackable] public readonly partial record struct OwnerId(int Value, string Text);
        [MemoryPackable] public readonly partial record struct Money(decimal Amount, double Rate, string Currency);

        [MemStorageEntity, MemoryPackable]
        public partial class Car
        {
            [MemStorageKey] public int Id { get; init; }
            [MemStorageIndex] public string? Plate { get; set; }
            [MemStorageIndex] public Colour Colour { get; set; }
            [MemStorageIndex] public Colour? Inner { get; set; }
            [MemStorageIndex] public OwnerId Owner { get; set; }
            [MemStorageIndex] public OwnerId? Driver { get; set; }
            [MemStorageIndex] public double Speed { get; set; }
            [MemStorageIndex] public decimal? Price { get; set; }
            [MemStorageIndex] public DateTimeOffset Built { get; set; }
            [MemStorageIndex] public Guid Number { get; set; }
            [MemStorageIndex] public Money? Paid { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                CarRepository cars = store.Cars();
                for (int i = 0; i < 10; i++)
                {
                    Check.Equal(SetResult.Stored, cars.Set(new Car
                    {
                        Id = i, Plate = i == 0 ? null : "P" + i, Colour = (Colour)(i % 2), Inner = i < 5 ? null : Colour.Red, Owner = new(i / 5, "o"),
                        Driver = i == 3 ? new(1, "d") : null, Speed = i * 10.5, Price = i == 9 ? null : i, Built = DateTimeOffset.UnixEpoch.AddDays(i), Number = new Guid(i, 0, 0, new byte[8]),
                        Paid = i == 2 ? new(1.50m, double.NaN, "EUR") : null,
                    }));
                }
                Check.Same([4], Ids(cars.FindByPlate("P4")));
                Check.Same([0], Ids(cars.FindByPlate(null)));
                Check.Same([2, 3, 4], Ids(cars.FindPlateBetween("P2", "P4")));
                Check.Same([1, 3, 5, 7, 9], Ids(cars.FindByColour(Colour.Green)));
                Check.Same([5, 6, 7, 8, 9], Ids(cars.FindByInner(Colour.Red)));
                Check.Same([0, 1, 2, 3, 4], Ids(cars.FindByInner(null)));
                Check.Same([5, 6, 7, 8, 9], Ids(cars.FindByOwner(new(1, "o"))));
                Check.Same([3], Ids(cars.FindByDriver(new OwnerId(1, "d"))));
                Check.Same([2, 3], Ids(cars.FindSpeedBetween(20, 35)));
                Check.Same([9], Ids(cars.FindByPrice(null)));
                Check.Same([0, 1, 2], Ids(cars.FindPriceBetween(0, 2)));
                Check.Same([1, 2], Ids(cars.FindBuiltBetween(DateTimeOffset.UnixEpoch.AddDays(1), DateTimeOffset.UnixEpoch.AddDays(2))));
                Check.Same([2], Ids(cars.FindByPaid(new Money(1.5m, double.NaN, "EUR"))));
                Check.Equal(9, cars.FindByPaid(null).Count());
                Check.Same([7], Ids(cars.FindByNumber(new Guid(7, 0, 0, new byte[8]))));

                static IEnumerable<int> Ids(IEnumerable<Car> found) => found.Select(c => c.Id).Order();
            }
        }
        """);
}
