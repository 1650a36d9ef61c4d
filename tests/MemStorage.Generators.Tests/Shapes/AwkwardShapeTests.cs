using MemStorage.Generators.Infrastructure;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>Entities that are declared in less usual ways, and projects with less usual settings.</summary>
public sealed class AwkwardShapeTests
{
    [Fact]
    public void Parts_in_several_declarations_with_the_key_in_a_generic_base_constructors_and_callbacks() => ShapeProgram.Run(
        """
        public abstract class Root<TKey> { [MemStorageKey] public TKey Id { get; init; } = default!; [MemStorageVersion] public long Version { get; set; } }
        public abstract class Middle<T> : Root<Guid> { [MemStorageIndex] public T? Name { get; set; } }

        [MemStorageEntity] public partial class Leaf : Middle<string>;
        [MemoryPackable] public sealed partial class Leaf { public required int X { get; init; } }
        partial class Leaf { public int Y { get; set; } [MemoryPackOnDeserialized] private void Done() => Y++; [MemoryPackOnSerializing] private static void Begin() { } }

        [MemStorageEntity, MemoryPackable]
        public partial class Person
        {
            public Person(int id, string name) { Id = id; Name = name; }
            [MemStorageKey] public int Id { get; }
            public string Name { get; }
            [MemStorageVersion] public long Version { get; private set; }
        }

        [MemStorageEntity, MemoryPackable]
        public partial class Primary(int id, string name) { [MemStorageKey] public int Id { get; } = id; public string Name { get; } = name; [MemStorageVersion] public long Version { get; init; } }

        public abstract class Named { [MemStorageKey] public required int Id { get; init; } public required string Name { get; set; } }

        [MemStorageEntity, MemoryPackable]
        public sealed partial class Marked : Named
        {
            [System.Diagnostics.CodeAnalysis.SetsRequiredMembers, MemoryPackConstructor] public Marked(int id, string name) { Id = id; Name = name; }
            public Marked() { }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Leaf leaf = new() { Id = new Guid(1, 2, 3, new byte[8]), X = 3, Y = 4, Name = "n" };
                Check.Equal(SetResult.Stored, store.Leaves().Set(leaf));
                Check.Equal(5, store.Leaves().Get(leaf.Id).Y);
                Check.Equal(leaf.Id, store.Leaves().FindByName("n").Single().Id);
                Check.Equal(SetResult.Stored, store.People().Set(new Person(4, "n")));
                Check.Equal("n", store.People().Get(4).Name);
                Check.Equal(true, store.People().Get(4).Version > 0);
                Check.Equal(SetResult.Stored, store.Primaries().Set(new Primary(5, "p")));
                Check.Equal("p", store.Primaries().Get(5).Name);
                Check.Equal(true, store.Primaries().Get(5).Version > 0);
                Check.Equal(SetResult.Stored, store.Markeds().Set(new Marked(6, "m")));
                Check.Equal("m", store.Markeds().Get(6).Name);
            }
        }
        """);

    [Fact]
    public void Records_that_derive_and_members_that_override() => ShapeProgram.Run(
        """
        public abstract record Root([property: MemStorageKey(0)] int Id) { [MemStorageVersion] public long Version { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial record City(int Id, [property: MemStorageKey(1)] string Name, [property: MemStorageIndex] int? Number = 4) : Root(Id);

        public abstract class Virtual { [MemStorageKey] public virtual int Id { get; init; } public virtual string? Name { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class Overriding : Virtual { public override int Id { get; init; } [MemStorageIndex] public override string? Name { get; set; } }

        public abstract class Abstract { [MemStorageKey] public abstract int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial class Implementing : Abstract { public override int Id { get; init; } }

        public abstract class Hidden { public int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial class Hiding : Hidden { [MemStorageKey] public new string Id { get; init; } = ""; }

        public interface IHasId { int Id { get; } string? Name { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class Explicit : IHasId { int IHasId.Id => Key; string? IHasId.Name { get; set; } [MemStorageKey] public int Key { get; init; } }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Cities().Set(new City(1, "n")));
                Check.Equal(true, store.Cities().Get(1, "n").Version > 0);
                Check.Equal(1, store.Cities().FindByNumber(4).Single().Id);
                Check.Equal(SetResult.Stored, store.Overridings().Set(new Overriding { Id = 1, Name = "x" }));
                Check.Equal("x", store.Overridings().Get(1).Name);
                Check.Equal(1, store.Overridings().FindByName("x").Single().Id);
                Check.Equal(SetResult.Stored, store.Implementings().Set(new Implementing { Id = 1 }));
                Check.Equal(1, store.Implementings().Get(1).Id);
                Check.Equal(SetResult.Stored, store.Hidings().Set(new Hiding { Id = "h" }));
                Check.Equal("h", store.Hidings().Get("h").Id);
                Check.Equal(SetResult.Stored, store.Explicits().Set(new Explicit { Key = 1 }));
                Check.Equal(1, store.Explicits().Get(1).Key);
            }
        }
        """);

    [Fact]
    public void Members_of_the_newest_language() => ShapeProgram.Run(
        """
        [MemStorageEntity, MemoryPackable] public partial class Trimmed { [MemStorageKey] public string Id { get => field; init => field = value.Trim(); } = ""; }
        [MemStorageEntity, MemoryPackable] public partial class Parted { [MemStorageKey] public partial int Id { get; init; } }
        partial class Parted { private int _id; public partial int Id { get => _id; init => _id = value; } }
        [MemStorageEntity, MemoryPackable] public partial struct Init { [MemStorageKey] public int Id { get; init; } public string? Text { get; init; } [MemStorageVersion] public long Version { get; init; } }
        public static class Extensions { extension(TrimmedRepository repository) { public long Twice => repository.Count * 2; } extension(MemStore store) { public TrimmedRepository Texts => store.Trimmeds(); } }

        [System.Runtime.CompilerServices.InlineArray(4)] public struct Four { private int _element; }
        [MemStorageEntity, MemoryPackable] public partial struct Grid { [MemStorageKey] public int Id; public Four Cells; [MemStorageVersion] public long Version; }
        [MemStorageEntity, MemoryPackable, System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)]
        public partial struct Overlaid
        {
            [MemStorageKey, System.Runtime.InteropServices.FieldOffset(0)] public int Id;
            [System.Runtime.InteropServices.FieldOffset(8)] public double Number;
            [System.Runtime.InteropServices.FieldOffset(8)] public long Bits;
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Texts.Set(new Trimmed { Id = " a " }));
                Check.Equal("a", store.Trimmeds().Get("a").Id);
                Check.Equal(2L, store.Trimmeds().Twice);
                Check.Equal(SetResult.Stored, store.Parteds().Set(new Parted { Id = 1 }));
                Check.Equal(1, store.Parteds().Get(1).Id);
                Init init = new() { Id = 1, Text = "t" };
                Check.Equal(SetResult.Stored, store.Inits().Set(ref init));
                Check.Equal(true, init.Version > 0);
                Check.Equal(init, store.Inits().Get(1));
                Grid grid = new() { Id = 1 };
                grid.Cells[2] = 7;
                Check.Equal(SetResult.Stored, store.Grids().Set(ref grid));
                Check.Equal(7, store.Grids().Read(1, (in Grid g) => g.Cells[2]));
                Check.Equal(grid.Version, store.Grids().Get(1).Version);
                Check.Equal(SetResult.Stored, store.Overlaids().Set(new Overlaid { Id = 1, Number = 2.5 }));
                Check.Equal(BitConverter.DoubleToInt64Bits(2.5), store.Overlaids().Get(1).Bits);
            }
        }
        """);

    [Fact]
    public void Keys_of_enums_of_every_integer_and_of_generic_records() => ShapeProgram.Run(
        """
        public enum B : byte { A = 255 } public enum SB : sbyte { A = -128 } public enum S : short { A = -5 } public enum US : ushort { A = 65535 }
        public enum I { A = int.MinValue } public enum UI : uint { A = uint.MaxValue } public enum L : long { A = long.MinValue } public enum UL : ulong { A = ulong.MaxValue }

        [MemStorageEntity, MemoryPackable]
        public partial class Place
        {
            [MemStorageKey(0)] public B A { get; init; } [MemStorageKey(1)] public SB B { get; init; } [MemStorageKey(2)] public S C { get; init; } [MemStorageKey(3)] public US D { get; init; }
            [MemStorageKey(4)] public I E { get; init; } [MemStorageKey(5)] public UI F { get; init; } [MemStorageKey(6)] public L G { get; init; } [MemStorageKey(7)] public UL H { get; init; }
            [MemStorageIndex] public B First { get; set; } [MemStorageIndex] public L? Second { get; set; } [MemStorageIndex] public UL Third { get; set; }
        }

        public readonly record struct Id<T>(T Value);
        public readonly record struct Pair<TFirst, TSecond>(TFirst First, TSecond Second);
        [MemStorageEntity, MemoryPackable] public partial class Deep { [MemStorageKey] public Id<Pair<int, Guid>> Id { get; init; } [MemStorageIndex] public Id<int>? Other { get; set; } }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Place p = new() { A = B.A, B = SB.A, C = S.A, D = US.A, E = I.A, F = UI.A, G = L.A, H = UL.A, First = B.A, Second = L.A, Third = UL.A };
                Check.Equal(SetResult.Stored, store.Places().Set(p));
                Check.Equal(new PlaceKey(B.A, SB.A, S.A, US.A, I.A, UI.A, L.A, UL.A), store.Places().Keys().Single());
                Check.Equal(1, store.Places().FindByFirst(B.A).Count());
                Check.Equal(1, store.Places().FindBySecond(L.A).Count());
                Check.Equal(1, store.Places().FindByThird(UL.A).Count());
                Id<Pair<int, Guid>> id = new(new(-1, new Guid(1, 2, 3, new byte[8])));
                Check.Equal(SetResult.Stored, store.Deeps().Set(new Deep { Id = id }));
                Check.Equal(id, store.Deeps().Keys().Single());
                Check.Equal(id, store.Deeps().FindByOther(null).Single().Id);
            }
        }
        """);

    [Fact]
    public void Tuples_arrays_of_arrays_and_interfaces_of_collections_as_members() => ShapeProgram.Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Mixed
        {
            [MemStorageKey] public int Id { get; init; }
            public (int Left, (string? Text, int? Number)[] Right)? Pair { get; set; }
            public int?[][] Jagged { get; set; } = [];
            public Dictionary<(int, string), List<DateTime?>>? Map { get; set; }
            public (int, int, int, int, int, int, int, string) Eight { get; set; }
            public Tuple<int, string, (int, string)>? Classic { get; set; }
            public IReadOnlyDictionary<string, IReadOnlyList<int?>>? Lists { get; set; }
            public ILookup<int, string>? Lookup { get; set; }
            public int[,,] Cube { get; set; } = new int[1, 1, 1];
            public string?[,] Texts { get; set; } = new string?[1, 1];
            public string[,][] Rows { get; set; } = new string[0, 0][];
            public System.Collections.Frozen.FrozenSet<string>? Frozen { get; set; }
            public HashSet<Range> Ranges { get; set; } = [];
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Mixed m = new()
                {
                    Id = 1, Pair = (1, [("b", null)]), Jagged = [[1, null]], Map = new() { [(1, "x")] = [null, DateTime.UnixEpoch] }, Eight = (1, 2, 3, 4, 5, 6, 7, "8"), Classic = Tuple.Create(1, "a", (2, "b")),
                    Lists = new Dictionary<string, IReadOnlyList<int?>> { ["k"] = [1, null] }, Lookup = new[] { 1, 2 }.ToLookup(x => x, x => x.ToString()), Rows = new string[,][] { { ["r"] } },
                    Frozen = System.Collections.Frozen.FrozenSet.ToFrozenSet(["f"]), Ranges = [1..^2],
                };
                Check.Equal(SetResult.Stored, store.Mixeds().Set(m));
                Mixed r = store.Mixeds().Get(1);
                Check.Equal("b", r.Pair!.Value.Right[0].Text);
                Check.Equal(null, r.Jagged[0][1]);
                Check.Same([null, DateTime.UnixEpoch], r.Map![(1, "x")]);
                Check.Equal(m.Eight, r.Eight);
                Check.Equal(m.Classic, r.Classic);
                Check.Same([1, null], r.Lists!["k"]);
                Check.Same(["2"], r.Lookup![2]);
                Check.Equal("r", r.Rows[0, 0][0]);
                Check.Same(["f"], r.Frozen!);
                Check.Same([1..^2], r.Ranges);
            }
        }
        """);

    [Fact]
    public void Hidden_in_private_types_with_keys_of_hidden_types() => ShapeProgram.Run(
        """
        public partial class Outer
        {
            private partial class Hidden
            {
                [MemStorageEntity, MemoryPackable]
                public partial class Entry { [MemStorageKey(0)] public int Id { get; init; } [MemStorageKey(1)] public Part Part { get; init; } [MemStorageVersion] public long Version { get; private set; } }
                public enum Part { One }
            }

            [MemStorageEntity, MemoryPackable] public partial class Open { public enum Kind { One } [MemStorageKey] public Kind Id { get; init; } [MemStorageIndex] public Kind? Other { get; set; } }

            public static void Use(MemStore store)
            {
                Hidden.EntryRepository entries = new(store);
                Check.Equal(SetResult.Stored, entries.Set(new Hidden.Entry { Id = 1 }));
                Check.Equal(true, entries.Get(1, Hidden.Part.One).Version > 0);
                Check.Equal(SetResult.Stored, store.OuterOpens().Set(new Open { Id = Open.Kind.One }));
            }
        }

        public static class Program { public static void Run(MemStore store) => Outer.Use(store); }
        """);

    [Fact]
    public void An_older_language_without_nullable_references() => ShapeProgram.RunOld(
        """
        namespace Old
        {
            [MemStorageEntity(TimeToLive = "01:00:00"), MemoryPackable]
            public partial class Customer
            {
                [MemStorageKey(0)] public string Id { get; init; }
                [MemStorageKey(1)] public int Region { get; init; }
                [MemStorageVersion] public long Version { get; set; }
                [MemStorageIndex] public string Name { get; set; }
                [MemStorageIndex] public int? Age { get; set; }
                public List<string> Lines { get; set; }
            }

            [MemStorageEntity, MemoryPackable] public partial class Single { [MemStorageKey] public string Id { get; init; } }
            [MemStorageEntity, MemoryPackable] public partial struct Tick { [MemStorageKey] public int Id; public double Value; }

            public static class Program
            {
                public static void Run(MemStore store)
                {
                    Check.Equal(SetResult.Stored, store.Customers().Set(new Customer { Id = "a", Name = "n", Age = 5 }));
                    Check.Equal("a", store.Customers().FindByName("n").Single().Id);
                    Check.Equal("a", store.Customers().FindAgeBetween(4, 6).Single().Id);
                    Check.Equal(0, store.Customers().FindByName(null).Count());
                    Check.Equal("n", store.Customers().Get("a", 0).Name);
                    Check.Equal(SetResult.Stored, store.Singles().Set(new Single { Id = "1" }));
                    Check.Equal("1", store.Singles().Get("1").Id);
                    Check.Equal(SetResult.Stored, store.Ticks().Set(new Tick { Id = 1, Value = 2 }));
                    Check.Equal(2.0, store.Ticks().Read(1, (in Tick t) => t.Value));
                }
            }
        }
        """);

    [Fact]
    public void In_an_assembly_that_is_CLS_compliant_the_generated_types_say_that_they_are_not() => Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(
        """
        [assembly: CLSCompliant(true)]

        namespace Shop;
        [MemStorageEntity, MemoryPackable] public partial class Open { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public string? Name { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class Two { [MemStorageKey(0), CLSCompliant(false)] public uint Id { get; init; } [MemStorageKey(1)] public string Name { get; init; } = ""; }
        [MemStorageEntity, MemoryPackable, CLSCompliant(false)] public partial class Told { [MemStorageKey] public uint Id { get; init; } }
        [MemStorageEntity, MemoryPackable] internal partial class Inside { [MemStorageKey] public uint Id { get; init; } }
        public partial class Outer { [MemStorageEntity, MemoryPackable] protected partial class Guarded { [MemStorageKey] public int Id { get; init; } } }
        internal partial class Closed { [MemStorageEntity, MemoryPackable] public partial class Nested { [MemStorageKey(0)] public uint Id { get; init; } [MemStorageKey(1)] public uint Other { get; init; } } }
        """, dependencyInjection: true)));

    [Fact]
    public void Obsolete_and_experimental_entities_bring_no_warning_in_generated_code() => Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(
        """
        namespace Shop;
        [Obsolete("old")] [MemStorageEntity, MemoryPackable] public partial class Old { [MemStorageKey] public int Id { get; init; } }
        [Obsolete] [MemStorageEntity, MemoryPackable] public partial class Older { [MemStorageKey] public int Id { get; init; } }
        [Obsolete("own id", DiagnosticId = "SHOP1")] [MemStorageEntity, MemoryPackable] public partial class Oldest { [MemStorageKey(0)] public int Id { get; init; } [MemStorageKey(1)] public int Other { get; init; } }
        [System.Diagnostics.CodeAnalysis.Experimental("SHOP2")] [MemStorageEntity, MemoryPackable] public partial class New { [MemStorageKey] public int Id { get; init; } }
        [Obsolete("old")] public enum Kind { One }
        [Obsolete("old")] public static partial class Outer { [MemStorageEntity, MemoryPackable] public partial class Inner { [MemStorageKey] public Kind Id { get; init; } } }
        """, dependencyInjection: true)));

    [Theory]
    [InlineData("MST0008", """[Obsolete("no", error: true)] [MemStorageEntity, MemoryPackable] public partial class Old { [MemStorageKey] public int Id { get; init; } }""")]
    [InlineData("MST0014", """[MemStorageEntity, MemoryPackable] public partial class Old { [MemStorageKey] public int Id { get; init; } [MemStorageIndex, Obsolete("no", error: true)] public int Number { get; set; } }""")]
    public void What_may_not_be_used_at_all_is_a_diagnostic(string id, string source) =>
        Assert.Equal([id], GeneratorHost.Analyze(GeneratorHost.Compile(source), new EntityShapeAnalyzer()).Select(static d => d.Id));

    [Fact]
    public void Types_are_named_as_the_compiler_names_them()
    {
        CSharpCompilation compilation = GeneratorHost.Compile(
            """
            namespace A.B
            {
                public class Plain { public enum Kind { One } public class In<T> { public struct Deep<U>; } }
                public class lower; public class @event; public class Größe; public class 数据;
                namespace @class { public class Under; }
                public class Names
                {
                    public int A; public string? B; public object? C; public int? D; public int[]? E; public int[][]? F; public int[,]? G; public int?[]? H; public string?[,][]? I;
                    public Plain? J; public Plain.Kind K; public Plain.In<int>? L; public Plain.In<string>.Deep<int?> M; public List<Dictionary<string, Plain.Kind[]>>? N; public (int, string) O;
                    public List<(int A, int B)>? P; public dynamic? Q; public nint R; public nuint S; public Half T; public Int128 U; public DateTimeOffset? V; public lower? W; public @event? X; public Größe? Y; public 数据? Z;
                    public @class.Under? AA; public KeyValuePair<nint, decimal> AB; public List<dynamic>? AC; public IReadOnlyList<List<int>[]>? AD; public ValueTuple<int>? AE; public Nullable<Guid> AF; public unsafe int* AG;
                    public global::Outermost? AH; public Action<int>? AI; public char AJ; public sbyte AK; public ulong AL; public float AM; public _under? AN;
                }
            }
            public class Outermost; public class _under;
            """);
        INamedTypeSymbol names = compilation.GetTypeByMetadataName("A.B.Names")!;
        int fast = 0;
        foreach (IFieldSymbol field in names.GetMembers().OfType<IFieldSymbol>())
        {
            Assert.Equal(field.Type.ToSourceByCompiler(), field.Type.ToSource());
            fast += TypeNames.Write(field.Type) is null ? 0 : 1;
        }
        Assert.True(fast > 20, $"only {fast} names were written without the compiler");
    }
}
