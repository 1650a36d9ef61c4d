using System.Reflection;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>MST0015 is told of a member if and only if what was stored does not come back, by MemoryPack 1.21.4 itself. Each case is a namespace of one assembly.</summary>
public sealed class RestoreTests
{
    private const string Entity = "[MemStorageEntity(Name = \"@\"), MemoryPackable] public partial ";
    private const string Thing = Entity + "class Thing";
    private const string Id = " { [MemStorageKey] public int Id { get; init; } ";
    private const string With = "public Thing With() { _x.Add(1); return this; } }";

    // what it is, the declarations, the entity that is stored, what is shown of it
    private static readonly (string What, string Source, string Make, string Show)[] s_cases =
    [
        ("set", Thing + Id + "public string? X { get; set; } }", "new Thing { Id = 1, X = \"a\" }", "x.X"),
        ("init", Thing + Id + "public string? X { get; init; } }", "new Thing { Id = 1, X = \"a\" }", "x.X"),
        ("required init", Thing + Id + "public required string X { get; init; } }", "new Thing { Id = 1, X = \"a\" }", "x.X"),
        ("private set", Thing + Id + "public string? X { get; private set; } public Thing With(string v) { X = v; return this; } }", "new Thing { Id = 1 }.With(\"a\")", "x.X"),
        ("getter only, a list", Thing + Id + "public List<int> X { get; } = []; }", "Fill(new Thing { Id = 1 })", "x.X.Count"),
        ("getter only, a constant", Thing + Id + "public string X { get; } = \"a\"; }", "new Thing { Id = 1 }", "x.X"),
        ("getter only, never set", Thing + Id + "public int X { get; } }", "new Thing { Id = 1 }", "x.X"),
        ("set by another constructor", Thing + Id + "public string X { get; } = \"\"; [MemoryPackConstructor] public Thing() { } public Thing(string x, int y) { X = x + y; } }", "new Thing(\"a\", 1) { Id = 1 }", "x.X"),
        ("a parameter", Thing + Id + "public string X { get; } public Thing(string x) { X = x; } }", "new Thing(\"a\") { Id = 1 }", "x.X"),
        ("a parameter of a primary constructor", Entity + "class Thing(string x)" + Id + "public string X { get; } = x; }", "new Thing(\"a\") { Id = 1 }", "x.X"),
        ("a readonly field, a parameter", Thing + Id + "public readonly string X; public Thing(string x) { X = x; } }", "new Thing(\"a\") { Id = 1 }", "x.X"),
        ("calculated", Thing + Id + "public int A { get; set; } public int X => A + 1; }", "new Thing { Id = 1, A = 4 }", "x.X"),
        ("taken from a stored one", Thing + Id + "public string? A { get; set; } public string? X => A?.Trim(); }", "new Thing { Id = 1, A = \"a\" }", "x.X"),
        ("a view of a private list", Thing + Id + "private readonly List<int> _x = []; public IReadOnlyList<int> X => _x; " + With, "new Thing { Id = 1 }.With()", "x.X.Count"),
        ("a wrapper of a private list", Thing + Id + "private readonly List<int> _x = []; public IReadOnlyList<int> X => _x.AsReadOnly(); " + With, "new Thing { Id = 1 }.With()", "x.X.Count"),
        ("a new wrapper of a private list", Thing + Id + "private readonly List<int> _x = []; public IReadOnlyList<int> X { get { return new List<int>(_x); } } " + With, "new Thing { Id = 1 }.With()", "x.X.Count"),
        ("a view of an included list", Thing + Id + "[MemoryPackInclude] private List<int> _x = []; public IReadOnlyList<int> X => _x; " + With, "new Thing { Id = 1 }.With()", "x.X.Count"),
        ("of a base class", "public abstract class Base { public List<int> X { get; } = []; } " + Thing + " : Base" + Id + "}", "Fill(new Thing { Id = 1 })", "x.X.Count"),
        ("init of a base class", "public abstract class Base { public List<int> X { get; init; } = []; } " + Thing + " : Base" + Id + "}", "Fill(new Thing { Id = 1 })", "x.X.Count"),
        ("of a nested type", "[MemoryPackable] public partial class N { public List<int> X { get; } = []; } " + Thing + Id + "public N Y { get; set; } = new(); }", "Fill(new Thing { Id = 1 })", "x.Y.X.Count"),
        ("of an element", "[MemoryPackable] public partial class N { public List<int> X { get; } = []; } " + Thing + Id + "public List<N> Y { get; set; } = [new N()]; }", "Fill(new Thing { Id = 1 })", "x.Y[0].X.Count"),
        ("a positional record", Entity + "record Thing([property: MemStorageKey] int Id, string X);", "new Thing(1, \"a\")", "x.X"),
        ("a record's own member", Entity + "record Thing([property: MemStorageKey] int Id) { public List<int> X { get; } = []; }", "Fill(new Thing(1))", "x.X.Count"),
        ("a struct without references", Entity + "struct Thing { public Thing(int id, int x) { Id = id; X = x; } [MemStorageKey] public int Id { get; } public int X { get; } }", "new Thing(1, 2)", "x.X"),
        ("a struct with references", Entity + "struct Thing { [MemoryPackConstructor] public Thing(int id) { Id = id; X = \"\"; } public Thing(int id, string x) { Id = id; X = x; } [MemStorageKey] public int Id { get; } public string X { get; } }", "new Thing(1, \"a\")", "x.X"),
        ("init of a circular type", "[MemStorageEntity(Name = \"@\"), MemoryPackable(GenerateType.CircularReference)] public partial class Thing { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; private set; } = 1; [MemoryPackOrder(1)] public string? X { get; init; } }", "new Thing { X = \"a\" }", "x.X"),
        ("what the field keyword keeps", Thing + Id + "public List<int> X { get { return field ??= []; } } }", "Fill(new Thing { Id = 1 })", "x.X.Count"),
    ];

    private const string Fill =
        """
        public static class Filler
        {
            public static void Fill(object? x)
            {
                if (x is List<int> list)
                    list.Add(1);
                else if (x is System.Collections.IEnumerable many and not string)
                    foreach (object? one in many) Fill(one);
                else if (x?.GetType().Namespace?.StartsWith("Case") == true)
                    foreach (var p in x.GetType().GetProperties()) if (p.GetIndexParameters().Length == 0) Fill(p.GetValue(x));
            }
        }
        """;

    private static readonly Lazy<(Assembly Assembly, HashSet<string> Told)> s_built = new(Build);

    public static TheoryData<int, string> Cases
    {
        get
        {
            TheoryData<int, string> data = [];
            for (int i = 0; i < s_cases.Length; i++)
                data.Add(i, s_cases[i].What);
            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void A_member_that_does_not_come_back_is_told_and_no_other(int number, string what)
    {
        using MemStore store = new();
        MethodInfo run = s_built.Value.Assembly.GetType("Case" + number + ".Program", throwOnError: true)!.GetMethod("Run")!;
        string[] values = (string[])run.Invoke(null, [store])!;
        bool told = s_built.Value.Told.Contains("Case" + number);
        Assert.True((values[0] != values[1]) == told, $"{what}: '{values[0]}' became '{values[1]}', told: {told}");
    }

    [Theory]
    [InlineData("a key", "[MemStorageKey] public Guid Id { get; } = Guid.NewGuid();")]
    [InlineData("a version", "[MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long Version { get; } = DateTime.Now.Ticks;")]
    [InlineData("an index", "[MemStorageKey] public int Id { get; init; } [MemStorageIndex] public Guid Customer { get; } = Guid.NewGuid();")]
    public void A_marked_member_that_does_not_come_back_is_an_error_and_there_is_no_repository(string what, string members)
    {
        CSharpCompilation compilation = GeneratorHost.Compile("[MemStorageEntity, MemoryPackable] public partial class Thing { " + members + " }");
        compilation = compilation.WithOptions(compilation.Options.WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        Assert.True(GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Any(static d => d.Severity == DiagnosticSeverity.Error), what);
        Assert.Empty(GeneratorHost.Generate(compilation));
    }

    [Fact]
    public void What_a_base_class_of_another_project_keeps_private_is_told_at_the_type()
    {
        CSharpCompilation project = GeneratorHost.Compile(["namespace Lib { public class Base { public string? X { get; private set; } } }"], assemblyName: "Lib");
        const string entity = "[MemStorageEntity, MemoryPackable] public partial class Thing : Lib.Base { [MemStorageKey] public int Id { get; init; } }";
        foreach (MetadataReference reference in Views.Of(project))
            Assert.Equal("MST0015", Assert.Single(GeneratorHost.Analyze(GeneratorHost.Compile([entity], references: [reference]), new EntityShapeAnalyzer())).Id);
    }

    private static string Expand(int number) =>
        $$"""
        namespace Case{{number}}
        {
        {{s_cases[number].Source.Replace("@", "Case" + number, StringComparison.Ordinal)}}
        public static class Program
        {
            public static Thing Fill(Thing x) { Filler.Fill(x); return x; }
            public static string[] Run(MemStore store)
            {
                var repository = new ThingRepository(store);
                Thing x = {{s_cases[number].Make}};
                string before = $"{{{s_cases[number].Show}}}";
                repository.SetOrThrow(x);
                x = repository.Get(x.Id);
                return [before, $"{{{s_cases[number].Show}}}"];
            }
        }
        }
        """;

    // one file for each case, so that a diagnostic says by its file which one it is about
    private static (Assembly, HashSet<string>) Build()
    {
        CSharpCompilation compilation = GeneratorHost.Compile([.. Enumerable.Range(0, s_cases.Length).Select(Expand), Fill]);
        HashSet<string> told =
        [
            .. GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Where(static d => d.Id == "MST0015")
                .Select(static d => d.Location.SourceTree!.FilePath.Replace("File", "Case", StringComparison.Ordinal).Replace(".cs", "", StringComparison.Ordinal)),
        ];
        return (CompiledProgram.Load(GeneratorHost.Build(compilation)), told);
    }
}
