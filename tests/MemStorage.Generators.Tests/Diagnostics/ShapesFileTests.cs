using System.Collections.Immutable;
using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Tests.Diagnostics;

/// <summary>The shape of an entity: what changes the fingerprint, and what the checked-in file has to do with it (MST0013).</summary>
public sealed class ShapesFileTests
{
    private const string Order =
        """
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public int Id { get; init; }
            public string? Text { get; set; }
            public Line? Line { get; set; }
            public Kind Kind { get; set; }
            public Point Point { get; set; }
        }
        [MemoryPackable] public partial class Line { public int Quantity { get; set; } }
        public enum Kind { A, B }
        public struct Point { public int X; public int Y; }
        """;

    private static ShapeModel Shape(string source)
    {
        Compilation compilation = GeneratorHost.Compile(source);
        INamedTypeSymbol entity = compilation.GetTypeByMetadataName("Order")!;
        return EntityParser.Parse(entity, entity.GetAttributes()[0], compilation, ShapeReporter.Silent(), TestContext.Current.CancellationToken)!.Shape;
    }

    [Theory]
    [InlineData("a name", "Text", "Note")]
    [InlineData("a type", "string? Text", "int? Text")]
    [InlineData("a member more", "public string? Text", "public int More { get; set; } public string? Text")]
    [InlineData("the order", "public int Quantity { get; set; }", "public int B { get; set; } public int Quantity { get; set; }")]
    [InlineData("a type within", "int Quantity", "long Quantity")]
    [InlineData("an enum's integer", "enum Kind", "enum Kind : long")]
    [InlineData("the names in an enum", "A, B", "B, A")]
    [InlineData("the layout of a struct", "public struct Point", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)] public struct Point")]
    [InlineData("a struct's field", "public int Y", "public long Y")]
    [InlineData("the order of a struct's fields", "public int X; public int Y;", "public int Y; public int X;")]
    [InlineData("a collection", "Line? Line", "List<Line>? Line")]
    [InlineData("the format of a type within", "[MemoryPackable] public partial class Line { public", "[MemoryPackable(GenerateType.VersionTolerant)] public partial class Line { [MemoryPackOrder(0)] public")]
    public void This_changes_the_fingerprint(string what, string before, string after)
    {
        string changed = Order.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(Order, changed);
        Assert.True(Shape(Order).Fingerprint != Shape(changed).Fingerprint, what);
    }

    [Theory]
    [InlineData("the name of a type within", "Line? Line", "Row? Line")]
    [InlineData("nullability of a reference", "string? Text { get; set; }", "string Text { get; set; } = \"\";")]
    [InlineData("methods", "public string? Text", "public int Sum() => 1; public string? Text")]
    [InlineData("ignored members", "public string? Text", "[MemoryPackIgnore] public int No { get; set; } public string? Text")]
    [InlineData("private members", "public string? Text", "private int _no = 1; public int No() => _no; public string? Text")]
    [InlineData("an accessor", "{ get; init; }", "{ get; private set; }")]
    public void This_does_not(string what, string before, string after)
    {
        string changed = Order.Replace(before, after, StringComparison.Ordinal);
        if (what.StartsWith("the name", StringComparison.Ordinal))
            changed = changed.Replace("class Line", "class Row", StringComparison.Ordinal);
        Assert.NotEqual(Order, changed);
        Assert.Equal(Shape(Order).Fingerprint, Shape(changed).Fingerprint);
    }

    [Fact]
    public void The_fingerprint_is_the_same_in_every_process() => Assert.Equal(0xEBF412E2u, Shape("[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } public string? Text { get; set; } }").Fingerprint);

    [Fact]
    public void The_text_of_a_shape_names_the_members() => Assert.Equal("Id:int Text:string Line:Line Kind:Kind Point:Point", Shape(Order).Text);

    [Fact]
    public void A_recursive_type_ends() => Assert.NotEqual(
        0u, Shape("[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } public List<Order>? Children { get; set; } }").Fingerprint);

    [Fact]
    public void Without_the_file_nothing_is_checked() => Assert.Empty(GeneratorHost.Analyze(GeneratorHost.Compile(Order), new EntityShapeAnalyzer()));

    [Fact]
    public void An_entity_that_is_not_in_the_file_is_reported() => Assert.Equal(["MST0013"], Check("# shapes\n"));

    [Fact]
    public void Another_fingerprint_is_reported() => Assert.Equal(["MST0013"], Check("Order\t00000001\tId:int\n"));

    [Fact]
    public void The_same_fingerprint_is_fine() => Assert.Empty(Check($"# shapes\nOrder\t{Shape(Order).Fingerprint:x8}\twhatever\r\n"));

    private const string Tolerant =
        "[MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)] public partial class Order { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; } [MemoryPackOrder(1)] public int Total { get; set; } }";

    private static string LineOf(string source) => Analyze(source, "").Single().Properties[ShapeRules.ShapeLineProperty]!;

    private static ImmutableArray<Diagnostic> Analyze(string source, string file) =>
        GeneratorHost.Analyze(GeneratorHost.Compile(source), new EntityShapeAnalyzer(), new InMemoryFile("MemStorage.Shapes.txt", file));

    [Fact]
    public void Of_a_version_tolerant_entity_the_file_keeps_the_orders_with_their_types()
    {
        string line = LineOf(Tolerant);
        Assert.Empty(Analyze(Tolerant, line));
        Assert.Contains("order 1", Assert.Single(Analyze(Tolerant.Replace("int Total", "float Total", StringComparison.Ordinal), line)).GetMessage(), StringComparison.Ordinal);
        Assert.Contains("'Total'", Assert.Single(Analyze(Tolerant.Replace("int Total", "int Sum", StringComparison.Ordinal)
            .Replace("} }", "} [MemoryPackOrder(2)] public int Total { get; set; } }", StringComparison.Ordinal), line)).GetMessage(), StringComparison.Ordinal);
        Assert.Contains("order 2, not recorded", Assert.Single(Analyze(Tolerant.Replace("} }", "} [MemoryPackOrder(2)] public int More { get; set; } }", StringComparison.Ordinal), line)).GetMessage(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_order_that_is_gone_stays_in_the_line()
    {
        const string without = "[MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)] public partial class Order { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; } [MemoryPackOrder(2)] public int More { get; set; } }";
        string line = Assert.Single(Analyze(without, LineOf(Tolerant))).Properties[ShapeRules.ShapeLineProperty]!;
        Assert.Contains(":Total", line, StringComparison.Ordinal);
        Assert.Empty(Analyze(without, line));
        Assert.NotEmpty(Analyze(without.Replace("MemoryPackOrder(2)", "MemoryPackOrder(1)", StringComparison.Ordinal).Replace("int More", "string? More", StringComparison.Ordinal), line));
    }

    private static IEnumerable<string> Check(string file) =>
        GeneratorHost.Analyze(GeneratorHost.Compile(Order), new EntityShapeAnalyzer(), new InMemoryFile("/project/MemStorage.Shapes.txt", file)).Select(static d => d.Id);
}
