using System.Collections.Immutable;
using System.Globalization;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>
/// "An entity gets a repository that compiles or a diagnostic, always": generated combinations of kinds of types, members, accessibility, options of MemoryPack,
/// layouts and constructors, each compiled with the code of both generators.
/// </summary>
public sealed class AllShapesTests
{
    private static readonly string[] s_kinds = ["partial class", "sealed partial class", "partial record", "partial struct", "readonly partial struct", "partial record struct", "readonly partial record struct", "class", "abstract partial class"];

    private static readonly string[] s_options =
    [
        "MemoryPackable", "MemoryPackable(GenerateType.VersionTolerant)", "MemoryPackable(GenerateType.VersionTolerant, SerializeLayout.Sequential)",
        "MemoryPackable(GenerateType.VersionTolerant, SerializeLayout.Explicit)", "MemoryPackable(GenerateType.CircularReference)",
        "MemoryPackable(GenerateType.CircularReference, SerializeLayout.Sequential)", "MemoryPackable(SerializeLayout.Explicit)", "MemoryPackable(SerializeLayout.Sequential)",
        "MemoryPackable(GenerateType.Collection)", "MemoryPackable(GenerateType.NoGenerate)", "",
    ];

    // # is the name of the type, ! its number for MemoryPack
    private static readonly string[] s_members =
    [
        "", "public string Text { get; set; } = \"\";", "public int Number { get; init; }", "public int Number { get; }", "public int Number { get; private set; }", "public int Number { private get; set; }",
        "public required int Number { get; init; }", "public required string Text { get; set; }", "public int Number;", "public readonly int Number;", "internal string? Text { get; set; }",
        "[MemoryPackInclude] private int _number;", "[MemoryPackInclude] internal string? Text { get; private set; }", "[MemoryPackIgnore] public object? Other { get; set; }", "public object? Other { get; set; }",
        "[MemoryPackOrder(!)] public string Text { get; set; } = \"\";", "[MemoryPackOrder(0)] public string Text { get; set; } = \"\";", "[MemoryPackOrder(-1)] public string Text { get; set; } = \"\";", "[MemoryPackOrder(300)] public string Text { get; set; } = \"\";",
        "[SuppressDefaultInitialization] public string Text { get; set; } = \"\";", "[SuppressDefaultInitialization] public string Text { get; init; } = \"\";", "[SuppressDefaultInitialization] public required string Text { get; set; }",
        "public List<string> Lines { get; set; } = [];", "public Dictionary<string, int> Map { get; } = [];", "public int this[int i] => i;", "public int Computed => 5;", "public static int Shared { get; set; }", "public event Action? Changed;",
        "public Action? Callback { get; set; }", "public IDisposable? Handle { get; set; }", "public (int, string) Pair { get; set; }", "public #? Self { get; set; }", "public int[,] Grid { get; set; } = new int[0, 0];", "public int[,,,,]? Deep { get; set; }",
        "[Obsolete(\"no\", true)] public int Old { get; set; }", "[Obsolete(\"no\")] public int Old { get; set; }", "public virtual int Number { get; set; }", "public unsafe int* Pointer;", "public nint Native { get; set; }",
        "[MemoryPackOnSerializing] void Before() { }", "[MemoryPackOnDeserialized] void After(int i) { }", "static #() { }", "[MemoryPackIgnore] public required int Unstored { get; set; }", "[MemoryPackUtf16StringFormatter] public string Text { get; set; } = \"\";",
    ];

    private static readonly string[] s_constructors =
    [
        "", "public #() { }", "private #() { }", "[MemoryPackConstructor] public #() { }", "public #(int id) { Id = id; }", "[MemoryPackConstructor] public #(int id) { Id = id; }", "public #(int other) { Id = other; }",
        "public #(string id) { Id = 1; }", "public #() { } public #(int id) { Id = id; }", "public #() { } [MemoryPackConstructor] public #(int id) { Id = id; }", "public #(ref int id) { Id = id; }", "[Obsolete(\"no\", true)] public #() { }",
    ];

    private static readonly string[] s_keys =
    [
        "[MemStorageKey] public int Id { get; init; }", "[MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; }", "[MemStorageKey] public int Id { get; set; }", "[MemStorageKey] public int Id { get; private set; }",
        "[MemStorageKey] public int Id;", "[MemStorageKey] public int Id { get; }",
    ];

    private static readonly string[] s_bases =
    [
        "", "public abstract class Parent { public int Inherited { get; private set; } }", "public abstract class Parent { public int Inherited { get; protected set; } }", "public abstract class Parent { public int Inherited { get; private init; } }",
        "public abstract class Parent { public int Inherited { private get; set; } }", "public abstract class Parent { [MemoryPackInclude] private int _inherited; public int Read => _inherited; }", "public abstract class Parent { [MemoryPackInclude] protected int Inherited; }",
        "public abstract class Parent { public virtual int Number { get; set; } }", "public abstract class Parent { public required int Inherited { get; init; } }", "public class Parent { public int Inherited { get; } = 5; }", "public abstract class Parent { public readonly int Inherited; }",
    ];

    public static TheoryData<int> Parts => [0, 1, 2, 3];

    [Theory]
    [MemberData(nameof(Parts))]
    public void A_repository_that_compiles_or_a_diagnostic(int part)
    {
        string[] sources = [.. Sources().Distinct(StringComparer.Ordinal)];
        Assert.True(sources.Length > 700, $"{sources.Length} shapes");
        List<string> wrong = [];
        int withRepository = 0, told = 0;
        foreach (string source in sources.Where((_, i) => i % Parts.Count == part))
        {
            switch (Outcome(source))
            {
                case "repository":
                    withRepository++;
                    break;
                case "diagnostic":
                    told++;
                    break;
                case "no program":
                    break;
                case { } problem:
                    wrong.Add($"{source}\n    {problem}");
                    break;
            }
        }
        Assert.True(wrong.Count == 0, $"{wrong.Count} wrong, {withRepository} with a repository, {told} told:\n{string.Join("\n", wrong.Take(40))}");
        Assert.True(withRepository > 30 && told > 30, $"{withRepository} with a repository, {told} told");
    }

    // pairs of choices, the others at their first
    private static IEnumerable<string> Sources()
    {
        foreach (string kind in s_kinds)
        {
            foreach (string option in s_options)
            {
                foreach (string key in s_keys.Take(3))
                    yield return Source(kind, option, key, "", "", "");
            }
            foreach (string member in kind == s_kinds[0] || kind.Contains("struct", StringComparison.Ordinal) ? s_members : s_members.Take(12))
            {
                foreach (string option in (string[])[s_options[0], kind == s_kinds[0] ? s_options[1] : s_options[2]])
                    yield return Source(kind, option, option == s_options[1] || option == s_options[6] ? s_keys[1] : s_keys[0], member, "", "");
            }
            foreach (string constructor in s_constructors)
            {
                foreach (string key in (string[])[s_keys[0], s_keys[5]])
                    yield return Source(kind, s_options[0], key, "", constructor, "");
            }
        }
        foreach (string parent in s_bases)
        {
            foreach (string option in s_options)
            {
                foreach (string constructor in (string[])["", "public #(int id, int inherited) { Id = id; }"])
                    yield return Source("partial class", option, s_keys[0], "", constructor, parent);
            }
        }
        foreach (string member in s_members)
        {
            foreach (string constructor in s_constructors.Skip(3).Take(3))
                yield return Source("partial class", s_options[0], s_keys[0], member, constructor, "");
        }
    }

    private static string Source(string kind, string option, string key, string member, string constructor, string parent) =>
        $"{parent} [MemStorageEntity{(option.Length > 0 ? ", " + option : "")}] public {kind} Thing{(parent.Length > 0 ? " : Parent" : "")} {{ {key} {member.Replace("#", "Thing").Replace("!", "1")} {constructor.Replace("#", "Thing")} }}";

    /// <summary>What comes of a source: <c>repository</c>, <c>diagnostic</c>, <c>no program</c>, or what is wrong.</summary>
    private static string Outcome(string source)
    {
        CSharpCompilation compilation = GeneratorHost.Compile(source);
        compilation = compilation.WithOptions(compilation.Options.WithAllowUnsafe(true).WithGeneralDiagnosticOption(ReportDiagnostic.Default));
        if (compilation.GetDiagnostics(TestContext.Current.CancellationToken).Any(static d => d.Severity == DiagnosticSeverity.Error))
            return "no program";
        string[] told = [.. GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Where(static d => d.Severity == DiagnosticSeverity.Error || d.Id == "MST0010").Select(static d => d.Id)];
        Compilation built = GeneratorHost.BuildUnchecked(compilation, out ImmutableArray<Diagnostic> reported);
        Diagnostic[] errors = [.. reported.Concat(built.GetDiagnostics(TestContext.Current.CancellationToken)).Where(static d => d.Severity == DiagnosticSeverity.Error)];
        bool hasRepository = built.GetTypeByMetadataName("ThingRepository") is not null;
        string all = string.Join("; ", errors.Take(3).Select(static e => e.Id + " " + e.GetMessage(CultureInfo.InvariantCulture)));
        if (told.Any(static id => id is "MST0022" or "AD0001"))
            return $"failed: {string.Join(",", told)}";
        if (told.Length > 0 && !(hasRepository && told.All(static id => id == "MST0010")))
            return hasRepository ? $"told {string.Join(",", told)} and a repository all the same" : "diagnostic";
        if (!hasRepository)
            return $"neither a repository nor a diagnostic; {all}";
        return errors.Length > 0 ? $"a repository that does not compile: {all}" : "repository";
    }
}
