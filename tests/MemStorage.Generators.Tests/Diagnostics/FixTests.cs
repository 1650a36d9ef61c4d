using MemStorage.CodeFixes.EntityShape;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp.Testing;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Testing;

namespace MemStorage.Generators.Tests.Diagnostics;

/// <summary>What each fix makes of the code; afterwards the rule has nothing left to say.</summary>
public sealed class FixTests
{
    private const string Usings = "using System;\nusing MemoryPack;\nusing MemStorage;\n";

    private static Task Fix<TAnalyzer, TFix>(string before, string after, Action<CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier>>? change = null)
        where TAnalyzer : DiagnosticAnalyzer, new()
        where TFix : CodeFixProvider, new()
    {
        CSharpCodeFixTest<TAnalyzer, TFix, DefaultVerifier> test = new()
        {
            TestCode = Usings + before,
            FixedCode = Usings + after,
            ReferenceAssemblies = new ReferenceAssemblies("net10.0"),
            CompilerDiagnostics = CompilerDiagnostics.Errors,
        };
        test.TestState.AdditionalReferences.AddRange(References.Runtime);
        test.SolutionTransforms.Add(static (solution, project) => solution.WithProjectParseOptions(project, References.ParseOptions.WithDocumentationMode(DocumentationMode.Parse)));
        change?.Invoke(test);
        return test.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task MST0001_adds_the_attribute_and_partial() => Fix<EntityShapeAnalyzer, MakeMemoryPackableFix>(
        """
        [MemStorageEntity]
        public sealed class {|MST0001:Order|}
        {
            [MemStorageKey]
            public int Id { get; init; }
        }
        """,
        """
        [MemStorageEntity]
        [MemoryPackable]
        public sealed partial class Order
        {
            [MemStorageKey]
            public int Id { get; init; }
        }
        """);

    [Fact]
    public Task MST0001_imports_the_namespace() => Fix<EntityShapeAnalyzer, MakeMemoryPackableFix>(
        "", "", static test =>
        {
            test.TestCode = "using MemStorage;\n\n[MemStorageEntity]\npublic partial record {|MST0001:Order|}([property: MemStorageKey] int Id);\n";
            test.FixedCode = "using MemoryPack;\nusing MemStorage;\n\n[MemStorageEntity]\n[MemoryPackable]\npublic partial record Order([property: MemStorageKey] int Id);\n";
        });

    [Theory]
    [InlineData("public int Id { get; init; }")]
    [InlineData("public int OrderId { get; init; }")]
    public Task MST0002_marks_the_obvious_key(string member) => Fix<EntityShapeAnalyzer, MarkKeyFix>(
        $$"""
        [MemStorageEntity, MemoryPackable]
        public partial class {|MST0002:Order|}
        {
            public int Other { get; init; }

            {{member}}
        }
        """,
        $$"""
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            public int Other { get; init; }

            [MemStorageKey]
            {{member}}
        }
        """);

    [Theory]
    [InlineData("24:00:00", 0, "1.00:00:00")]
    [InlineData("24:00:00", 1, "24.00:00:00")]
    [InlineData("36:20:00", 0, "1.12:20:00")]
    [InlineData("10", 0, "00:00:10")]
    public Task MST0019_says_hours_or_days(string before, int action, string after) => Fix<EntityShapeAnalyzer, AmbiguousTimeFix>(
        $$"""
        [{|MST0019:MemStorageEntity(TimeToLive = "{{before}}")|}, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public int Id { get; init; }
        }
        """,
        $$"""
        [MemStorageEntity(TimeToLive = "{{after}}"), MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public int Id { get; init; }
        }
        """,
        test => test.CodeActionIndex = action);

    [Fact]
    public Task MST0003_numbers_the_members() => Fix<EntityShapeAnalyzer, NumberKeysFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [{|MST0003:MemStorageKey|}] public int A { get; init; }
            [{|MST0003:MemStorageKey|}] public int B { get; init; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey(0)] public int A { get; init; }
            [MemStorageKey(1)] public int B { get; init; }
        }
        """,
        static test => test.NumberOfFixAllIterations = 1);

    [Fact]
    public Task MST0003_takes_a_mark_away() => Fix<EntityShapeAnalyzer, NumberKeysFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey(0)] public int A { get; init; }
            [{|MST0003:MemStorageKey|}] public int B { get; init; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey(0)] public int A { get; init; }
            public int B { get; init; }
        }
        """,
        static test => test.CodeActionIndex = 1);

    [Fact]
    public Task MST0005_makes_the_setter_init() => Fix<EntityShapeAnalyzer, InitOnlyFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int {|MST0005:Id|} { get; set; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
        }
        """);

    [Fact]
    public Task MST0006_changes_the_type() => Fix<EntityShapeAnalyzer, VersionTypeFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            [MemStorageVersion] public int {|MST0006:Version|} { get; set; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            [MemStorageVersion] public long Version { get; set; }
        }
        """);

    [Fact]
    public Task MST0007_takes_the_second_mark_away() => Fix<EntityShapeAnalyzer, RemoveMarkFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            [MemStorageVersion] public long Version { get; set; }
            [MemStorageVersion] public long {|MST0007:Other|} { get; set; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            [MemStorageVersion] public long Version { get; set; }
            public long Other { get; set; }
        }
        """);

    [Fact]
    public Task MST0009_takes_the_ignore_away() => Fix<EntityShapeAnalyzer, RemoveMarkFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey, MemoryPackIgnore] public int {|MST0009:Id|} { get; init; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
        }
        """);

    [Fact]
    public Task MST0010_ignores_the_member() => Fix<EntityShapeAnalyzer, IgnoreMemberFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            public System.IO.Stream {|MST0010:Data|} { get; set; }
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            [MemoryPackIgnore]
            public System.IO.Stream Data { get; set; }
        }
        """);

    [Fact]
    public Task MST0012_makes_every_setter_init_wherever_it_is() => Fix<MutableSharedAnalyzer, InitOnlyFix>(
        """
        public class Order
        {
            public int Id { get; init; }
            [MemStorageVersion] public long Version { get; set; }
            public int Total { get; set; }
            public string Text { get; private set; }
            public string Note { get; set; }
        }

        public static class Reader
        {
            public static int Read(IMemStorageRepository<int, Order> orders) => {|MST0012:orders.GetNoCopy(1)|}.Total;
        }
        """,
        """
        public class Order
        {
            public int Id { get; init; }
            [MemStorageVersion] public long Version { get; set; }
            public int Total { get; init; }
            public string Text { get; private set; }
            public string Note { get; init; }
        }

        public static class Reader
        {
            public static int Read(IMemStorageRepository<int, Order> orders) => orders.GetNoCopy(1).Total;
        }
        """);

    [Theory]
    [InlineData("orders.Get(1).Total", "int Total { get; set; }")]
    [InlineData("orders.GetNoCopy(1).Total", "int Total { get; init; }")]
    public async Task MST0012_is_silent_about_fresh_objects_and_immutable_entities(string read, string member)
    {
        CSharpAnalyzerTest<MutableSharedAnalyzer, DefaultVerifier> test = new()
        {
            TestCode = $"{Usings}public class Order {{ public {member} }} public static class Reader {{ public static int Read(IMemStorageRepository<int, Order> orders) => {read}; }}",
            ReferenceAssemblies = new ReferenceAssemblies("net10.0"),
        };
        test.TestState.AdditionalReferences.AddRange(References.Runtime);
        await test.RunAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public Task MST0013_writes_the_line() => Fix<EntityShapeAnalyzer, ShapesFileFix>(
        "[MemStorageEntity, MemoryPackable] public partial class {|MST0013:Order|} { [MemStorageKey] public int Id { get; init; } }",
        "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } }",
        static test =>
        {
            test.TestState.AdditionalFiles.Add(("MemStorage.Shapes.txt", "# shapes\nAlpha\t00000001\tId:int\nOrder\t00000002\tId:long\nZulu\t00000003\tId:int\n"));
            test.FixedState.AdditionalFiles.Add(("MemStorage.Shapes.txt", "# shapes\nAlpha\t00000001\tId:int\nOrder\t@\tId:int\nZulu\t00000003\tId:int\n".Replace("@", ShapesFingerprint, StringComparison.Ordinal)));
        });

    private const string ShapesFingerprint = "88a90729";

    private static void WithShapes(CSharpCodeFixTest<EntityShapeAnalyzer, VersionTolerantFix, DefaultVerifier> test)
    {
        test.TestState.AdditionalFiles.Add(("MemStorage.Shapes.txt", "# shapes\n"));
        test.FixedState.AdditionalFiles.Add(("MemStorage.Shapes.txt", "# shapes\n"));
        // the new shape is not in the file either
        test.FixedState.MarkupHandling = MarkupMode.Allow;
    }

    [Fact]
    public Task MST0013_makes_the_entity_version_tolerant() => Fix<EntityShapeAnalyzer, VersionTolerantFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class {|MST0013:Order|}
        {
            public static int None;

            [MemStorageKey] public int Id { get; init; }

            // who buys
            [MemoryPackIgnore]
            public int Ignored { get; init; }

            public string? Text { get; set; }

            [MemoryPackInclude]
            private int _count;

            public int Sum() => _count;
        }
        """,
        """
        [MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)]
        public partial class {|MST0013:Order|}
        {
            public static int None;

            [MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; }

            // who buys
            [MemoryPackIgnore]
            public int Ignored { get; init; }

            [MemoryPackOrder(1)]
            public string? Text { get; set; }

            [MemoryPackInclude, MemoryPackOrder(2)]
            private int _count;

            public int Sum() => _count;
        }
        """,
        WithShapes);

    [Fact]
    public Task MST0013_makes_a_record_version_tolerant_and_imports_what_it_names() => Fix<EntityShapeAnalyzer, VersionTolerantFix>(
        "", "", static test =>
        {
            test.TestCode = "using MemStorage;\n\n[MemStorageEntity, MemoryPack.MemoryPackable(MemoryPack.GenerateType.Object)]\npublic partial record {|MST0013:Order|}([property: MemStorageKey] int Id, string Text)\n{\n    public int More { get; set; }\n}\n";
            test.FixedCode = "using MemoryPack;\nusing MemStorage;\n\n[MemStorageEntity, MemoryPack.MemoryPackable(GenerateType.VersionTolerant)]\npublic partial record {|MST0013:Order|}([property: MemStorageKey, MemoryPackOrder(0)] int Id, [property: MemoryPackOrder(1)] string Text)\n{\n    [MemoryPackOrder(2)]\n    public int More { get; set; }\n}\n";
            WithShapes(test);
        });

    [Theory]
    [InlineData("an inherited member", "public abstract class Root { [MemStorageKey] public int Id { get; init; } } [MemStorageEntity, MemoryPackable] public partial class {|MST0013:Order|} : Root { public string Text { get; set; } = \"\"; }")]
    [InlineData("a member in another part", "[MemStorageEntity, MemoryPackable] public partial class {|MST0013:Order|} { [MemStorageKey] public int Id { get; init; } } partial class Order { public string Text { get; set; } = \"\"; }")]
    [InlineData("a member numbered already", "[MemStorageEntity, MemoryPackable] public partial class {|MST0013:Order|} { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; } public string Text { get; set; } = \"\"; }")]
    [InlineData("another mode", "[MemStorageEntity, MemoryPackable(GenerateType.CircularReference)] public partial class {|MST0013:Order|} { [MemStorageKey, MemoryPackOrder(0)] public int {|MST0005:Id|} { get; set; } }")]
    [InlineData("a struct without references", "[MemStorageEntity, MemoryPackable] public partial struct {|MST0013:Order|} { [MemStorageKey] public int Id { get; set; } }")]
    public Task MST0013_leaves_the_entity_to_its_author_where_numbers_need_a_decision(string what, string source)
    {
        Assert.NotEmpty(what);
        return Fix<EntityShapeAnalyzer, VersionTolerantFix>(source, source, WithShapes);
    }

    [Fact]
    public void MST0013_makes_what_MemoryPack_accepts() => Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(
        """
        [MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)]
        public partial record Order([property: MemStorageKey, MemoryPackOrder(0)] int Id, [property: MemoryPackOrder(1)] string Text)
        {
            [MemoryPackOrder(2)]
            public int More { get; set; }
        }
        """)));

    [Fact]
    public Task MST0015_adds_init() => Fix<EntityShapeAnalyzer, AddInitFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public Guid {|MST0015:Id|} { get; } = Guid.NewGuid();
            public System.Collections.Generic.List<int> {|MST0015:Lines|} { get; } = [];
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public Guid Id { get; init; } = Guid.NewGuid();
            public System.Collections.Generic.List<int> Lines { get; init; } = [];
        }
        """);

    [Fact]
    public Task MST0015_ignores_a_member() => Fix<EntityShapeAnalyzer, IgnoreMemberFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public int Id { get; init; }
            public System.Collections.Generic.List<int> {|MST0015:Lines|} { get; } = [];
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public int Id { get; init; }
            [MemoryPackIgnore]
            public System.Collections.Generic.List<int> Lines { get; } = [];
        }
        """);

    [Fact]
    public Task MST0015_ignores_no_key() => Fix<EntityShapeAnalyzer, IgnoreMemberFix>(
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public Guid {|MST0015:Id|} { get; } = Guid.NewGuid();
        }
        """,
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey]
            public Guid {|MST0015:Id|} { get; } = Guid.NewGuid();
        }
        """);

    [Fact]
    public Task MST0020_keeps_the_initializer() => Fix<EntityShapeAnalyzer, SuppressDefaultFix>(
        """
        [MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)]
        public partial class Order
        {
            [MemStorageKey, MemoryPackOrder(0)]
            public int Id { get; init; }

            [MemoryPackOrder(1)]
            public string {|MST0020:Text|} { get; set; } = "";
        }
        """,
        """
        [MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)]
        public partial class Order
        {
            [MemStorageKey, MemoryPackOrder(0)]
            public int Id { get; init; }

            [MemoryPackOrder(1)]
            [SuppressDefaultInitialization]
            public string Text { get; set; } = "";
        }
        """);
}
