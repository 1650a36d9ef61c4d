using System.Globalization;
using System.Text.RegularExpressions;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Diagnostics;

/// <summary>What is said about which entity, and where: <c>[|…|]</c> marks the place. An error takes the repository away, a warning does not.</summary>
public sealed partial class EntityDiagnosticTests
{
    private const string Entity = "[MemStorageEntity, MemoryPackable] public partial class ";

    public static TheoryData<string, string, string> Wrong => new()
    {
        { "MST0001", "not MemoryPackable", "[MemStorageEntity] public partial class [|E|] { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0002", "no key", Entity + "[|E|] { public int Id { get; init; } }" },
        { "MST0002", "a key only in an interface", "public interface IHasId { [MemStorageKey] int Id { get; } } " + Entity + "[|E|] : IHasId { public int Id { get; init; } }" },
        { "MST0003", "a second key without a number", Entity + "E { [MemStorageKey(0)] public int A { get; init; } [[|MemStorageKey|]] public int B { get; init; } }" },
        { "MST0003", "the same number twice", Entity + "E { [MemStorageKey(1)] public int A { get; init; } [[|MemStorageKey(1)|]] public int B { get; init; } }" },
        { "MST0004", "double", Entity + "E { [MemStorageKey] public double [|Id|] { get; init; } }" },
        { "MST0004", "float", Entity + "E { [MemStorageKey] public float [|Id|] { get; init; } }" },
        { "MST0004", "decimal", Entity + "E { [MemStorageKey] public decimal [|Id|] { get; init; } }" },
        { "MST0004", "an array", Entity + "E { [MemStorageKey] public byte[] [|Id|] { get; init; } = []; }" },
        { "MST0004", "a nullable number", Entity + "E { [MemStorageKey] public int? [|Id|] { get; init; } }" },
        { "MST0004", "a nullable string", Entity + "E { [MemStorageKey] public string? [|Id|] { get; init; } }" },
        { "MST0004", "a class", "[MemoryPackable] public partial class K { public int Value { get; set; } }" + Entity + "E { [MemStorageKey] public K [|Id|] { get; init; } = new(); }" },
        { "MST0004", "a record struct that can change", "public record struct K(int Value);" + Entity + "E { [MemStorageKey] public K [|Id|] { get; init; } }" },
        { "MST0004", "a record struct with more state than its constructor has", "public readonly record struct K(int Value) { private readonly int _other = Value; public int Sum() => _other + Value; }" + Entity + "E { [MemStorageKey] public K [|Id|] { get; init; } }" },
        { "MST0004", "a record struct of a fraction", "public readonly record struct K(double Value);" + Entity + "E { [MemStorageKey] public K [|Id|] { get; init; } }" },
        { "MST0004", "a tuple", Entity + "E { [MemStorageKey] public (int, int) [|Id|] { get; init; } }" },
        { "MST0005", "a key with a setter", Entity + "E { [MemStorageKey] public int [|Id|] { get; set; } }" },
        { "MST0005", "a key field", Entity + "E { [MemStorageKey] public int [|Id|]; }" },
        { "MST0006", "an int version", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public int [|Version|] { get; set; } }" },
        { "MST0006", "a nullable version", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long? [|Version|] { get; set; } }" },
        { "MST0007", "two versions", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long A { get; set; } [MemStorageVersion] public long [|B|] { get; set; } }" },
        { "MST0008", "abstract", "[MemStorageEntity, MemoryPackable] public abstract partial class [|E|] { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0008", "generic", Entity + "[|E|]<T> { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0008", "nested in a generic type", "public partial class Outer<T> { " + Entity + "[|E|] { [MemStorageKey] public int Id { get; init; } } }" },
        { "MST0008", "nested in a type that is not partial", "public class Outer { " + Entity + "[|E|] { [MemStorageKey] public int Id { get; init; } } }" },
        { "MST0008", "local to its file", "[MemStorageEntity, MemoryPackable] file partial class [|E|] { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0008", "a collection", "[MemStorageEntity, MemoryPackable(GenerateType.Collection)] public partial class [|E|] : List<int> { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0008", "derived from a collection", Entity + "[|E|] : List<int> { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0008", "derived from a type that derives from a collection", "public class Lines : Dictionary<string, int> { } " + Entity + "[|E|] : Lines { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0008", "no generated serializer", "[MemStorageEntity, MemoryPackable(GenerateType.NoGenerate)] public partial class [|E|] { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0009", "an ignored key", Entity + "E { [MemStorageKey, MemoryPackIgnore] public int [|Id|] { get; init; } }" },
        { "MST0009", "an ignored version", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion, MemoryPackIgnore] public long [|Version|] { get; set; } }" },
        { "MST0009", "an internal key that is not included", Entity + "E { [MemStorageKey] internal int [|Id|] { get; init; } }" },
        { "MST0009", "an ignored index", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageIndex, MemoryPackIgnore] public int [|Other|] { get; init; } }" },
        { "MST0009", "a static key", Entity + "E { [MemStorageKey] public static int [|Id|] { get; set; } public int Other { get; set; } }" },
        { "MST0009", "a constant key", Entity + "E { [MemStorageKey] public const int [|Id|] = 1; public int Other { get; set; } }" },
        { "MST0009", "an indexer as the key", Entity + "E { [MemStorageKey] public int [|this|][int i] => i; public int Other { get; set; } }" },
        { "MST0009", "an explicit implementation as the key", "public interface IHasId { int Id { get; } } " + Entity + "E : IHasId { [MemStorageKey] int IHasId.[|Id|] => 1; public int Other { get; set; } }" },
        { "MST0009", "a static version", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public static long [|Version|] { get; set; } }" },
        { "MST0009", "a static index", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public static int [|Other|] { get; set; } }" },
        { "MST0010", "a pointer-sized integer", Entity + "E { [MemStorageKey] public int Id { get; init; } public IntPtr [|Handle|] { get; set; } }" },
        { "MST0010", "a stream", Entity + "E { [MemStorageKey] public int Id { get; init; } public System.IO.Stream? [|Data|] { get; set; } }" },
        { "MST0010", "tasks in a list", Entity + "E { [MemStorageKey] public int Id { get; init; } public List<Task<int>>? [|Data|] { get; set; } }" },
        { "MST0010", "a delegate", Entity + "E { [MemStorageKey] public int Id { get; init; } public Action? [|Data|] { get; set; } }" },
        { "MST0010", "a token", Entity + "E { [MemStorageKey] public int Id { get; init; } public CancellationToken [|Data|] { get; set; } }" },
        { "MST0014", "a private key", Entity + "E { [MemStorageKey, MemoryPackInclude] private int [|Id|] { get; init; } }" },
        { "MST0014", "a version without a setter", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long [|Version|] => 1; }" },
        { "MST0014", "a readonly version", Entity + "E(int id, long version) { [MemStorageKey] public int Id { get; } = id; [MemStorageVersion] public readonly long [|Version|] = version; }" },
        { "MST0016", "a keyword", Entity + "[|@event|] { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0017", "a time that is none", "[[|MemStorageEntity(TimeToLive = \"soon\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0017", "a negative time", "[[|MemStorageEntity(TimeToLive = \"-00:01:00\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0017", "an empty name", "[[|MemStorageEntity(Name = \"\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0017", "jitter above 100", "[[|MemStorageEntity(TimeToLive = \"1:00:00\", JitterPercent = 101)|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0017", "too many instances", "[[|MemStorageEntity(SharedInstances = 1048577)|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0017", "sliding without a time", "[[|MemStorageEntity(Sliding = true)|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0019", "24 hours that are 24 days", "[[|MemStorageEntity(TimeToLive = \"24:00:00\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0019", "36 hours and a half", "[[|MemStorageEntity(TimeToLive = \"36:20:00\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0019", "a number without a unit", "[[|MemStorageEntity(TimeToLive = \"10\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0019", "hours behind a blank", "[[|MemStorageEntity(TimeToLive = \" 48:00:00\")|], MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }" },
        { "MST0018", "an indexed list", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public List<int> [|Tags|] { get; set; } = []; }" },
    };

    [Theory]
    [MemberData(nameof(Wrong))]
    public void A_wrong_entity_is_reported_where_it_is_wrong(string id, string what, string marked)
    {
        string source = Mark().Replace(marked, "$1");
        int place = marked.IndexOf("[|", StringComparison.Ordinal);
        Compilation compilation = GeneratorHost.Compile(source);
        Diagnostic diagnostic = Assert.Single(GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()));
        Assert.True(id == diagnostic.Id, $"{what}: {diagnostic}");
        Assert.Equal(Mark().Match(marked).Groups[1].Value, source.Substring(diagnostic.Location.SourceSpan.Start, diagnostic.Location.SourceSpan.Length));
        Assert.Equal(place, diagnostic.Location.SourceSpan.Start);
        Assert.EndsWith($"/docs/rules/{id}.md", diagnostic.Descriptor.HelpLinkUri, StringComparison.Ordinal);
        // MemoryPack refuses some of what is only a warning of ours
        bool refusedByMemoryPack = id == "MST0010" && what is not ("a pointer-sized integer" or "tasks in a list");
        Assert.Equal(diagnostic.Descriptor.DefaultSeverity != DiagnosticSeverity.Error && !refusedByMemoryPack, GeneratorHost.Generate(compilation).Count > 0);
    }

    [Theory]
    [InlineData("a private setter", Entity + "E { [MemStorageKey] public int Id { get; private set; } }")]
    [InlineData("a key of a struct", "[MemStorageEntity, MemoryPackable] public partial record struct E([property: MemStorageKey] int Id);")]
    [InlineData("an ignored stream", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemoryPackIgnore] public System.IO.Stream? Data { get; set; } }")]
    [InlineData("a private stream", Entity + "E { [MemStorageKey] public int Id { get; init; } private System.IO.Stream? _data; public bool Any => _data is null; }")]
    [InlineData("an included key", Entity + "E { [MemStorageKey, MemoryPackInclude] internal int Id { get; init; } }")]
    [InlineData("a version that is set through an accessor", Entity + "E { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long Version { get; private set; } }")]
    [InlineData("an inherited key", "public abstract class B { [MemStorageKey] public int Id { get; init; } } " + Entity + "E : B { public string? Text { get; set; } }")]
    [InlineData("a key without nullable annotations", "#nullable disable\n" + Entity + "E { [MemStorageKey] public string Id { get; init; } }")]
    [InlineData("days with a point", "[MemStorageEntity(TimeToLive = \"1.00:00:00\"), MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("23 hours", "[MemStorageEntity(TimeToLive = \"23:59:59\"), MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("days as the first of four numbers", "[MemStorageEntity(TimeToLive = \"1:02:03:04\"), MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("one key with a number", Entity + "E { [MemStorageKey(7)] public int Id { get; init; } }")]
    [InlineData("not an entity at all", "public abstract class E<T> { public double Id { get; set; } }")]
    [InlineData("an attribute of the same name elsewhere", "namespace Other { public sealed class MemStorageEntityAttribute : Attribute; [MemStorageEntity] public class E { } }")]
    public void What_is_right_is_left_alone(string what, string source)
    {
        Assert.NotEmpty(what);
        Assert.Empty(GeneratorHost.Analyze(GeneratorHost.Compile(source), new EntityShapeAnalyzer()));
    }

    [Fact]
    public void The_message_names_the_cause_where_the_key_is_marked_in_vain()
    {
        Assert.Equal(
            "The key member 'Id' is not stored by MemoryPack: it is the explicit implementation of 'IHasId.Id'; mark a public member",
            MessageFor("public interface IHasId { int Id { get; } } " + Entity + "E : IHasId { [MemStorageKey] int IHasId.Id => 1; public int Other { get; set; } }"));
        Assert.Equal(
            "'E' has no member marked [MemStorageKey], so it gets no repository; the attribute on 'IHasId.Id' is not inherited: mark the member of 'E'",
            MessageFor("public interface IHasId { [MemStorageKey] int Id { get; } } " + Entity + "E : IHasId { public int Id { get; init; } }"));
        Assert.Equal("'E' has no member marked [MemStorageKey], so it gets no repository", MessageFor(Entity + "E { public int Id { get; init; } }"));
    }

    [Theory]
    [InlineData(LanguageVersion.CSharp9, true)]
    [InlineData(LanguageVersion.CSharp11, true)]
    [InlineData(LanguageVersion.CSharp12, false)]
    [InlineData(LanguageVersion.CSharp13, false)]
    public void A_language_that_generated_code_cannot_be_written_in_is_MST0008(LanguageVersion language, bool refused)
    {
        CSharpParseOptions options = References.ParseOptions.WithLanguageVersion(language);
        SyntaxTree source = CSharpSyntaxTree.ParseText(
            "using MemoryPack; using MemStorage; [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } }", options, cancellationToken: TestContext.Current.CancellationToken);
        CSharpCompilation compilation = CSharpCompilation.Create("Old", [source], References.Runtime, new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        string[] messages = [.. GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Select(static d => $"{d.Id} {d.GetMessage(CultureInfo.InvariantCulture)}")];
        Assert.Equal(refused ? [$"MST0008 'E' cannot be an entity: its project is written in C# {language.ToDisplayString()}, and generated code needs C# 12 (LangVersion)"] : [], messages);
        Assert.Equal(refused, GeneratorHost.Generate(compilation).Count == 0);
    }

    private static string MessageFor(string source) =>
        Assert.Single(GeneratorHost.Analyze(GeneratorHost.Compile(source), new EntityShapeAnalyzer())).GetMessage(CultureInfo.InvariantCulture);

    [Fact]
    public void Everything_wrong_with_an_entity_is_said_at_once() => Assert.Equal(
        ["MST0001", "MST0004", "MST0006", "MST0010", "MST0017"],
        GeneratorHost.Analyze(
            GeneratorHost.Compile("[MemStorageEntity(SharedInstances = -1)] public partial class E { [MemStorageKey] public double Id { get; init; } [MemStorageVersion] public int Version { get; set; } public Action? Done { get; set; } }"),
            new EntityShapeAnalyzer()).Select(static d => d.Id).Order(StringComparer.Ordinal));

    [GeneratedRegex(@"\[\|(.*?)\|\]")]
    private static partial Regex Mark();
}
