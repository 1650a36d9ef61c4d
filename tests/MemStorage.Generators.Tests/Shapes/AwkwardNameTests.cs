using MemStorage.Generators.Naming;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>Names that generated code, MemoryPack or the language have a meaning of their own for.</summary>
public sealed class AwkwardNameTests
{
    // every word that the language reserves somewhere
    private static readonly string[] s_words =
    [
        .. Enum.GetValues<SyntaxKind>().Where(SyntaxFacts.IsReservedKeyword).Concat(SyntaxFacts.GetContextualKeywordKinds()).Select(SyntaxFacts.GetText).Where(static w => w.Length > 0 && char.IsLetter(w[0])).Distinct(),
        "var", "dynamic", "nint", "nuint", "notnull", "_",
    ];

    [Fact]
    public void Indexes_named_like_what_the_repository_has() => ShapeProgram.Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Item
        {
            [MemStorageKey] public int Id { get; init; }
            [MemStorageIndex] public int Key { get; set; }
            [MemStorageIndex] public string? IndexKey { get; set; }
            [MemStorageIndex] public string? Index { get; set; }
            [MemStorageIndex] public long Separator { get; set; }
            [MemStorageIndex] public int Count { get; set; }
            [MemStorageIndex] public int All { get; set; }
            [MemStorageIndex] public int ByIndex { get; set; }
            [MemStorageIndex] public int IndexBetween { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Items().Set(new Item { Id = 1, Key = 5, IndexKey = "x", Index = "i", Separator = 7, Count = 8, All = 9, ByIndex = 10, IndexBetween = 11 }));
                Check.Equal(1, store.Items().FindByKey(5).Single().Id);
                Check.Equal(1, store.Items().FindKeyBetween(5, 6).Single().Id);
                Check.Equal(1, store.Items().FindByIndexKey("x").Single().Id);
                Check.Equal(1, store.Items().FindByIndex("i").Single().Id);
                Check.Equal(1, store.Items().FindBySeparator(7).Single().Id);
                Check.Equal(1, store.Items().FindByCount(8).Single().Id);
                Check.Equal(1, store.Items().FindByAll(9).Single().Id);
                Check.Equal(1, store.Items().FindByByIndex(10).Single().Id);
                Check.Equal(1, store.Items().FindByIndexBetween(11).Single().Id);
                Check.Equal(1, store.Items().FindByIndexBetween(10, 10).Single().Id);
            }
        }
        """);

    [Fact]
    public void Entities_named_like_what_generated_code_uses() => ShapeProgram.Run(
        """
        namespace X;
        [MemStorageEntity, MemoryPackable] public partial class Task { [MemStorageKey] public int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial class String { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public string? Name { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class MemStore { [MemStorageKey] public int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial class Span { [MemStorageKey(0)] public int Id { get; init; } [MemStorageKey(1)] public string Text { get; init; } = ""; }
        [MemStorageEntity, MemoryPackable] public partial class Traits { [MemStorageKey] public int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial class Int32 { [MemStorageKey] public int Id { get; init; } }
        [MemStorageEntity, MemoryPackable] public partial class Unsafe { [MemStorageKey] public int Id { get; init; } public List<string>? List { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class MemoryPackWriter { [MemStorageKey] public int Id { get; init; } public List<string>? List { get; set; } }
        [MemStorageEntity, MemoryPackable] public partial class MemoryPack { [MemStorageKey] public int Id { get; init; } }

        public static class Program
        {
            public static void Run(global::MemStorage.MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Tasks().Set(new Task { Id = 1 }));
                Check.Equal(SetResult.Stored, store.Strings().Set(new String { Id = 1, Name = "n" }));
                Check.Equal(1, store.Strings().FindByName("n").Single().Id);
                Check.Equal(SetResult.Stored, store.MemStores().Set(new MemStore { Id = 1 }));
                Check.Equal(SetResult.Stored, store.Spans().Set(new Span { Id = 1, Text = "x" }));
                Check.Equal(new SpanKey(1, "x"), store.Spans().Keys().Single());
                Check.Equal(SetResult.Stored, store.Traits().Set(new Traits { Id = 1 }));
                Check.Equal(SetResult.Stored, store.Int32s().Set(new Int32 { Id = 1 }));
                Check.Equal(SetResult.Stored, store.Unsaves().Set(new Unsafe { Id = 1, List = ["a"] }));
                Check.Same(["a"], store.Unsaves().Get(1).List!);
                Check.Equal(SetResult.Stored, store.MemoryPackWriters().Set(new MemoryPackWriter { Id = 1 }));
                Check.Equal(SetResult.Stored, store.MemoryPacks().Set(new MemoryPack { Id = 1 }));
            }
        }
        """.Replace("Unsaves", Pluralizer.Pluralize("Unsafe"), StringComparison.Ordinal));

    [Fact]
    public void Namespaces_named_like_those_of_the_platform_and_ours() => ShapeProgram.Run(
        """
        namespace MemoryPack.Foo { [MemStorageEntity, MemoryPackable] public partial class A { [MemStorageKey] public int Id { get; init; } public List<int?> List { get; set; } = []; } }
        namespace MemStorage { [MemStorageEntity, MemoryPackable] public partial class B { [MemStorageKey(0)] public int Id { get; init; } [MemStorageKey(1)] public int Other { get; init; } } }
        namespace MemStorage.Typed.Deep { [MemStorageEntity, MemoryPackable] public partial class C { [MemStorageKey] public int Id { get; init; } } }
        namespace System.Foo
        {
            public readonly record struct Vector(int X, int Y);
            [MemStorageEntity, MemoryPackable] public partial class D { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public Vector Where { get; set; } public Vector[] Array { get; set; } = []; public List<Vector> List { get; set; } = []; }
        }
        namespace Us.MemoryPack { public class X; }
        namespace Us.MemStorage { public class X; }
        namespace Us { [global::MemStorage.MemStorageEntity, global::MemoryPack.MemoryPackable] public partial class E { [global::MemStorage.MemStorageKey] public int Id { get; init; } [global::MemStorage.MemStorageIndex] public int? Number { get; set; } } }

        namespace Use
        {
            using MemoryPack.Foo;
            using MemStorage.Typed.Deep;
            using System.Foo;
            using Us;

            public static class Program
            {
                public static void Run(MemStore store)
                {
                    Check.Equal(SetResult.Stored, store.As().Set(new A { Id = 1, List = [1, null] }));
                    Check.Same([1, null], store.As().Get(1).List);
                    Check.Equal(SetResult.Stored, store.Bs().Set(new B { Id = 1 }));
                    Check.Equal(SetResult.Stored, store.Cs().Set(new C { Id = 1 }));
                    Check.Equal(SetResult.Stored, store.Ds().Set(new D { Id = 1, Where = new(1, 2), Array = [new(1, 1)], List = [new(3, 4)] }));
                    Check.Equal(1, store.Ds().FindByWhere(new Vector(1, 2)).Single().Id);
                    Check.Same([new Vector(3, 4)], store.Ds().Get(1).List);
                    Check.Equal(SetResult.Stored, store.Es().Set(new E { Id = 1 }));
                }
            }
        }
        """);

    [Fact]
    public void Members_named_like_those_of_the_repository_and_of_its_parts() => ShapeProgram.Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Thing
        {
            [MemStorageKey] public int Get { get; init; }
            [MemStorageVersion] public long Set { get; set; }
            public int Store { get; set; }
            public int Traits { get; set; }
            public int ThingRepository { get; set; }
            public string? GetKey { get; set; }
            public int WriteKey { get; set; }
            public int System { get; set; }
            public int MemoryPack { get; set; }
            public int MemStorage { get; set; }
            public int Serialize { get; set; }
            public int Version { get; set; }
            public int Key { get; set; }
            public int reader { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Things().Set(new Thing { Get = 1, System = 4, Key = 5, reader = 6 }));
                Thing read = store.Things().Get(1);
                Check.Equal((4, 5, 6), (read.System, read.Key, read.reader));
                Check.Equal(true, read.Set > 0);
            }
        }
        """);

    [Fact]
    public void Keys_and_indexes_named_like_variables_of_generated_code() => ShapeProgram.Run(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Odd
        {
            [MemStorageKey(0)] public int key { get; init; }
            [MemStorageKey(1)] public int @this { get; init; }
            [MemStorageKey(2)] public int change { get; init; }
            [MemStorageKey(3)] public int version { get; init; }
            [MemStorageKey(4)] public int store { get; init; }
            [MemStorageKey(5)] public int reader { get; init; }
            [MemStorageKey(6)] public int part0 { get; init; }
            [MemStorageIndex] public int @value { get; set; }
            [MemStorageIndex] public int from { get; set; }
            [MemStorageIndex] public int @default { get; set; }
            [MemStorageIndex] public int? present { get; set; }
            [MemStorageKey(7)] public int _1 { get; init; }
            [MemStorageIndex] public int _2 { get; set; }
            [MemStorageIndex] public int __ { get; set; }
        }

        public static class Program
        {
            public static void Run(MemStore store)
            {
                Check.Equal(SetResult.Stored, store.Odds().Set(new Odd { key = 1, @this = 2, value = 3, from = 4, @default = 5, _2 = 7, __ = 8 }));
                Check.Equal(1, store.Odds().FindByValue(3).Single().key);
                Check.Equal(1, store.Odds().FindByFrom(4).Single().key);
                Check.Equal(1, store.Odds().FindFromBetween(4, 4).Single().key);
                Check.Equal(1, store.Odds().FindByDefault(5).Single().key);
                Check.Equal(1, store.Odds().FindByPresent(null).Single().key);
                Check.Equal(1, store.Odds().FindBy_2(7).Single().key);
                Check.Equal(1, store.Odds().FindBy__(8).Single().key);
                Check.Equal(2, store.Odds().Keys().Single().This);
                Check.Equal(true, store.Odds().Contains(1, 2, 0, 0, 0, 0, 0, 0));
                Check.Equal(UpdateResult.Updated, store.Odds().Update(1, 2, 0, 0, 0, 0, 0, 0, static o => o.@default = 6));
            }
        }
        """);

    [Fact]
    public void Members_named_with_every_word_of_the_language()
    {
        IEnumerable<string> entities = s_words.Select(static (word, i) =>
            $$"""
            namespace N{{i}}
            {
                [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey(0)] public int @{{word}} { get; init; } [MemStorageKey(1)] public string Text { get; init; } = ""; }
                [MemStorageEntity, MemoryPackable] public partial class F { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public string? @{{word}} { get; set; } }
            }
            """);
        Assert.True(s_words.Length > 100, $"only {s_words.Length} words");
        Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(entities)));
    }

    [Fact]
    public void Types_and_namespaces_named_with_any_word_of_the_language_compile_or_are_MST0016()
    {
        // one compilation for each place: what one of them breaks must not hide the others
        foreach ((string where, Func<string, int, string> write) in new (string, Func<string, int, string>)[]
        {
            ("type", static (word, i) => $"namespace N{i} {{ [MemStorageEntity, MemoryPackable] public partial class @{word} {{ [MemStorageKey] public int Id {{ get; init; }} }} }}"),
            ("namespace", static (word, i) => $"namespace N{i}.@{word}.Inner {{ [MemStorageEntity, MemoryPackable] public partial class E {{ [MemStorageKey] public int Id {{ get; init; }} }} }}"),
            ("container", static (word, i) => $"namespace N{i} {{ public static partial class @{word} {{ [MemStorageEntity, MemoryPackable] public partial class E {{ [MemStorageKey] public int Id {{ get; init; }} }} }} }}"),
        })
        {
            HashSet<string> told =
            [
                .. GeneratorHost.Analyze(GeneratorHost.Compile(s_words.Select(write)), new EntityShapeAnalyzer()).Select(static d => d.Id == "MST0016" ? d.Location.SourceTree!.FilePath : d.ToString()),
            ];
            string[] sources = [.. s_words.Select(write).Where((_, i) => !told.Contains($"File{i}.cs"))];
            Assert.True(sources.Length > 20, $"{where}: only {sources.Length} words work");
            Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(sources)));
        }
    }
}
