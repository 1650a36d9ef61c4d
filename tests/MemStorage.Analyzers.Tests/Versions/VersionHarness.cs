using System.Collections.Concurrent;
using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Basic.Reference.Assemblies;
using MemStorage.Analyzers.Versions;
using MemStorage.Tests.References;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions;

/// <summary>Compiles sources against the real runtime and runs the version analyzer over them.</summary>
internal static class VersionHarness
{
    /// <summary>The entities and repositories that the snippets use; global usings for the snippets are its usings.</summary>
    public static string Prelude { get; } = File.ReadAllText(Path.Combine(Folder(), "Prelude.cs.txt"));

    public const string Usings = """
        using System;
        using System.Collections.Concurrent;
        using System.Collections.Generic;
        using System.Diagnostics;
        using System.Linq;
        using System.Text;
        using System.Threading;
        using System.Threading.Tasks;
        using MemStorage;
        using MemStorage.Versions;
        using Shop;

        """;

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Preview);
    private static readonly ConcurrentDictionary<ReferenceKind, MetadataReference> s_prelude = new();

    /// <summary>The prelude, compiled.</summary>
    public static MetadataReference Shop => ShopAs(ReferenceKind.Metadata);

    /// <summary>The prelude as a reference of the kind.</summary>
    public static MetadataReference ShopAs(ReferenceKind kind) => s_prelude.GetOrAdd(kind, static k => CompilePrelude().ReferredToAs(k));

    public static ImmutableArray<MetadataReference> References { get; } =
    [
        .. Net100.References.All,
        MetadataReference.CreateFromFile(typeof(MemStore).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(MemoryPack.MemoryPackSerializer).Assembly.Location),
    ];

    public static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;

    /// <summary>The sources, named <c>S0.cs</c>, <c>S1.cs</c> and so on, with the prelude as a reference.</summary>
    public static CSharpCompilation Compile(params IEnumerable<string> sources) => Compile(ReferenceKind.Metadata, sources);

    /// <summary>The same, with the prelude as a reference of the kind.</summary>
    public static CSharpCompilation Compile(ReferenceKind kind, params IEnumerable<string> sources) => CSharpCompilation.Create(
        "Snippets",
        sources.Select((s, i) => CSharpSyntaxTree.ParseText(s, s_parse, $"S{i}.cs")),
        [.. References, ShopAs(kind)],
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    private static CSharpCompilation CompilePrelude() => CSharpCompilation.Create(
        "Shop", [CSharpSyntaxTree.ParseText(Prelude, s_parse, "Prelude.cs")], References,
        new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable));

    public static async Task<ImmutableArray<Diagnostic>> AnalyzeAsync(Compilation compilation, bool concurrent = true, VersionsAnalyzer? analyzer = null)
    {
        var failures = new List<string>();
        var options = new CompilationWithAnalyzersOptions(
            new AnalyzerOptions([]), (e, _, d) => { lock (failures) failures.Add($"{d.Location}: {e}"); }, concurrent, logAnalyzerExecutionTime: false);
        var run = compilation.WithAnalyzers([analyzer ?? new VersionsAnalyzer()], options);
        ImmutableArray<Diagnostic> found = await run.GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        Assert.True(failures.Count == 0, failures.FirstOrDefault());
        return [.. found.OrderBy(d => d.Location.SourceTree?.FilePath, StringComparer.Ordinal).ThenBy(d => d.Location.SourceSpan.Start).ThenBy(d => d.Id, StringComparer.Ordinal)];
    }

    public static void AssertCompiles(Compilation compilation)
    {
        var errors = compilation.GetDiagnostics(TestContext.Current.CancellationToken).Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        Assert.True(errors.Count == 0, string.Join(Environment.NewLine, errors.Take(20)));
    }
}
