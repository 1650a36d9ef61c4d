using System.Collections.Immutable;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>
/// "An entity gets a repository that compiles or a diagnostic", whatever it is called: no name ends the generator (CS8785), and none gives code that does not
/// compile.
/// </summary>
public sealed class NameFuzzTests
{
    // what the generator writes, what its code names, what the language means something by, and letters that are no letters to everybody
    private static readonly string[] s_names =
    [
        "Repositories", "Repository", "Assembly", "MemStore", "MemStorage", "MemoryPack", "KeySpace", "EntityInfo", "Traits", "Key", "Index", "Order", "IOrder", "OrderRepository",
        "IOrderRepository", "OrderKey", "OrderMemStoreExtensions", "MemStorageRepository", "IMemStorageRepository", "Microsoft", "Extensions", "DependencyInjection", "Embedded",
        "EmbeddedAttribute", "Object", "String", "Int32", "Type", "Exception", "ArgumentNullException", "TimeSpan", "Func", "Action", "Task", "ValueTask", "IEnumerable", "List",
        "IServiceCollection", "Program", "Run", "Global", "global", "System", "Collections", "Generic", "record", "file", "var", "dynamic", "nint", "notnull", "unmanaged", "scoped",
        "required", "field", "value", "partial", "async", "await", "yield", "nameof", "when", "where", "select", "from", "init", "get", "set", "add", "remove", "with", "and", "or", "not",
        "managed", "args", "allows", "extension", "class", "struct", "event", "int", "object", "string", "null", "true", "this", "base", "namespace", "_", "__", "_1", "a", "é", "Ⅷ", "हिन्दी",
        "ภาษา", "Größe", "Ångström", "İstanbul", "ı", "注文", "주문", "Заказ", "طلب", "a‿b", "a\u0301", "Item", "ITEM", "Data", "Sheep", "Person", "People", "Writer", "writer", "reader",
        "key", "entity", "index", "store", "services", "version", "part0", "GeneratedCode", "CodeDom", "Serialize", "Deserialize", "Formatter", "Serializers", "NoCopy", "MustCheck", "UnindexedSearch",
    ];

    public static TheoryData<string, string> Places => new()
    {
        { "the global namespace", "{0}" },
        { "a namespace", "namespace Shop {{ {0} }}" },
        { "the namespace of the library", "namespace MemStorage {{ {0} }}" },
        { "the namespace of the registration", "namespace Microsoft.Extensions.DependencyInjection {{ {0} }}" },
        { "a type", "public partial class Outer {{ {0} }}" },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public void Every_name_gives_a_repository_or_a_diagnostic(string what, string place)
    {
        Assert.NotEmpty(what);
        List<string> wrong = [];
        foreach (string name in s_names.Distinct(StringComparer.Ordinal))
            Check(name, place, wrong);
        Assert.True(wrong.Count == 0, string.Join("\n", wrong));
    }

    private static void Check(string name, string place, List<string> wrong)
    {
        string type = SyntaxFacts.GetKeywordKind(name) != SyntaxKind.None || SyntaxFacts.GetContextualKeywordKind(name) != SyntaxKind.None ? "@" + name : name;
        string entity = $"[global::MemStorage.MemStorageEntity, global::MemoryPack.MemoryPackable] public partial class {type} {{ [global::MemStorage.MemStorageKey(0)] public int Id {{ get; init; }} "
            + $"[global::MemStorage.MemStorageKey(1)] public int @{(name.All(static c => c < 128) ? "part_" : "")}{name} {{ get; init; }} [global::MemStorage.MemStorageIndex] public string Text {{ get; set; }} = \"\"; }}";
        CSharpCompilation compilation = GeneratorHost.Compile([string.Format(System.Globalization.CultureInfo.InvariantCulture, place, entity)], dependencyInjection: true);
        // a name that is not one in the language is no name
        if (compilation.GetDiagnostics(TestContext.Current.CancellationToken).Any(static d => d.Severity == DiagnosticSeverity.Error && !d.IsWarningAsError))
            return;
        string[] told = [.. GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Where(static d => d.Severity == DiagnosticSeverity.Error && d.Id.StartsWith("MST", StringComparison.Ordinal)).Select(static d => d.Id)];
        Compilation built = GeneratorHost.BuildUnchecked(compilation, out ImmutableArray<Diagnostic> reported);
        Diagnostic[] errors =
        [
            .. reported.Concat(built.GetDiagnostics(TestContext.Current.CancellationToken)).Where(static d => d.Severity == DiagnosticSeverity.Error && !d.IsWarningAsError),
        ];
        bool isOurs = errors.Any(static d => d.Location.SourceTree?.FilePath.EndsWith(".MemStorage.g.cs", StringComparison.Ordinal) == true)
            || reported.Any(static d => d.Id == "CS8785" && d.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains("'MemStorageGenerator'", StringComparison.Ordinal));
        bool hasRepository = built.SyntaxTrees.Any(static t => t.FilePath.EndsWith(".MemStorage.g.cs", StringComparison.Ordinal) && !t.FilePath.Contains("Assembly-", StringComparison.Ordinal));
        if (isOurs || (told.Length == 0 && (errors.Length > 0 || !hasRepository)) || (told.Length > 0 && hasRepository) || told.Contains("MST0022"))
            wrong.Add($"{name}: told [{string.Join(",", told)}], repository {hasRepository}: {string.Join("; ", errors.Take(2))}");
    }

    /// <summary>Members of a user's part of a repository that are generated too.</summary>
    [Theory]
    [InlineData("public struct Traits;")]
    [InlineData("public int Traits;")]
    [InlineData("static OrderRepository() { }")]
    [InlineData("public OrderRepository(MemStore store) : base(store) { }")]
    [InlineData("public IEnumerable<Order> FindByText(string text) => [];")]
    [InlineData("public IEnumerable<Order> FindTextBetween(string from, string to) => [];")]
    [InlineData("public Order Get(int a, int b) => null!;")]
    [InlineData("public bool TryGet(int a, int b, out Order o) { o = null!; return false; }")]
    public void Members_of_the_same_name_are_told(string member)
    {
        CSharpCompilation compilation = GeneratorHost.Compile(
            "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey(0)] public int A { get; init; } [MemStorageKey(1)] public int B { get; init; } [MemStorageIndex] public string Text { get; set; } = \"\"; } "
            + $"public partial class OrderRepository {{ {member} }}");
        Assert.Equal(["MST0011"], GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Select(static d => d.Id));
        Assert.Empty(GeneratorHost.Generate(compilation));
    }

    [Theory]
    [InlineData("public Order First() => Get(1, 1);")]
    [InlineData("public Order Get(string key) => Get(int.Parse(key), 1);")]
    [InlineData("public IEnumerable<Order> FindByText(string text, bool exact) => FindByText(text);")]
    [InlineData("public int Number;")]
    public void Other_members_are_not(string member) => Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(
        "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey(0)] public int A { get; init; } [MemStorageKey(1)] public int B { get; init; } [MemStorageIndex] public string Text { get; set; } = \"\"; } "
        + $"public partial class OrderRepository {{ {member} }}")));

    /// <summary>An interface of that name stays what it is, and one that is partial is extended.</summary>
    [Theory]
    [InlineData("public interface IOrderRepository { Order Get(int id); } public partial class OrderRepository : IOrderRepository;", false)]
    [InlineData("public sealed class IOrderRepository;", false)]
    [InlineData("internal partial interface IOrderRepository;", false)]
    [InlineData("public partial interface IOrderRepository { string Name => \"mine\"; }", true)]
    [InlineData("partial interface IOrderRepository { string Name => \"mine\"; }", true)]
    public void Interfaces_of_people_are_left_alone(string other, bool joined)
    {
        Compilation built = GeneratorHost.Build(GeneratorHost.Compile("[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } } " + other));
        INamedTypeSymbol repository = built.GetTypeByMetadataName("OrderRepository")!;
        Assert.Equal(joined, repository.AllInterfaces.Any(static i => i.Name == "IOrderRepository" && i.AllInterfaces.Length > 0));
    }

    /// <summary>"A generator never throws": what goes wrong is told with the name of the entity, and the others get their repositories.</summary>
    [Fact]
    public void A_fault_of_the_generator_is_told_and_harms_no_other_entity()
    {
        const string body = " { [MemStorageKey] public int Id { get; init; } } ";
        CSharpCompilation compilation = GeneratorHost.Compile("[MemStorageEntity, MemoryPackable] public partial class Bad" + body + "[MemStorageEntity, MemoryPackable] public partial class Good" + body);
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new MemStorageGenerator(static e => { if (e.Name == "Bad") throw new InvalidCastException("of the test"); }).AsSourceGenerator()], parseOptions: References.ParseOptions)
            .RunGenerators(compilation, TestContext.Current.CancellationToken);
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        Diagnostic told = Assert.Single(result.Diagnostics);
        Assert.Equal("MST0022", told.Id);
        Assert.Contains("'Bad'", told.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Contains("InvalidCastException: of the test", told.GetMessage(System.Globalization.CultureInfo.InvariantCulture), StringComparison.Ordinal);
        Assert.Equal("File0.cs", told.Location.GetLineSpan().Path);
        Assert.Equal(["Good.MemStorage.g.cs"], result.GeneratedSources.Select(static s => s.HintName));
    }
}
