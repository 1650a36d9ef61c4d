using System.Collections.Immutable;
using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Analyzers.Tests;

/// <summary>Runs analyzers over source text, without a workspace: fast enough for hundreds of snippets.</summary>
internal static class AnalyzerHost
{
    private static readonly CSharpParseOptions Preview = CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview);

    public static ImmutableArray<MetadataReference> Platform { get; } = [.. Net100.References.All];

    public static ImmutableArray<MetadataReference> WithRuntime { get; } = [.. Platform, Reference(typeof(MemStore)), Reference(typeof(MemoryPack.MemoryPackSerializer))];

    public static ImmutableArray<MetadataReference> WithCaches { get; } =
    [
        .. Platform,
        Reference(typeof(Microsoft.Extensions.Caching.Memory.IMemoryCache)),
        Reference(typeof(Microsoft.Extensions.Caching.Memory.MemoryCache)),
        Reference(typeof(Microsoft.Extensions.Caching.Hybrid.HybridCache)),
        Reference(typeof(Microsoft.Extensions.Primitives.IChangeToken)),
        Reference(typeof(Microsoft.Extensions.Options.IOptions<>)),
    ];

    public static MetadataReference Reference(Type type) => MetadataReference.CreateFromFile(type.Assembly.Location);

    private static readonly System.Collections.Concurrent.ConcurrentDictionary<ImmutableArray<MetadataReference>, CSharpCompilation> Empty = new();

    public static CSharpCompilation Compile(ImmutableArray<MetadataReference> references, params string[] sources) =>
        // Compilations that differ only in their trees share the symbols of the references.
        Empty.GetOrAdd(references, static r => CSharpCompilation.Create("Tested", null, r,
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable)))
            .AddSyntaxTrees(sources.Select((s, i) => CSharpSyntaxTree.ParseText(SourceText.From(s, System.Text.Encoding.UTF8), Preview, $"File{i}.cs")));

    /// <summary>The analyzer's own diagnostics. An exception of the analyzer (AD0001) is thrown.</summary>
    public static async Task<ImmutableArray<Diagnostic>> RunAsync(Compilation compilation, DiagnosticAnalyzer analyzer, IReadOnlyDictionary<string, string>? options = null, bool concurrent = false)
    {
        var analyzerOptions = new AnalyzerOptions([], new Options(options ?? ImmutableDictionary<string, string>.Empty));
        Exception? failure = null;
        var with = compilation.WithAnalyzers([analyzer], new CompilationWithAnalyzersOptions(analyzerOptions, (e, _, _) => failure = e, concurrent, logAnalyzerExecutionTime: false));
        ImmutableArray<Diagnostic> diagnostics = await with.GetAnalyzerDiagnosticsAsync(CancellationToken.None);
        return failure is null ? diagnostics : throw new InvalidOperationException("The analyzer threw: " + failure, failure);
    }

    /// <summary>The time spent in the analyzer's own actions, what it binds included; and what it found.</summary>
    public static async Task<(TimeSpan Time, int Found)> TimeAsync(Compilation compilation, DiagnosticAnalyzer analyzer)
    {
        var with = compilation.WithAnalyzers([analyzer], new CompilationWithAnalyzersOptions(new AnalyzerOptions([], new Options(ImmutableDictionary<string, string>.Empty)), null, concurrentAnalysis: false, logAnalyzerExecutionTime: true));
        int found = (await with.GetAnalyzerDiagnosticsAsync(CancellationToken.None)).Length;
        return ((await with.GetAnalyzerTelemetryInfoAsync(analyzer, CancellationToken.None)).ExecutionTime, found);
    }

    public static IEnumerable<Diagnostic> Errors(Compilation compilation) => compilation.GetDiagnostics().Where(static d => d.Severity == DiagnosticSeverity.Error);

    private sealed class Options(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptionsProvider
    {
        private readonly Lookup _lookup = new(values);

        public override AnalyzerConfigOptions GlobalOptions => _lookup;

        public override AnalyzerConfigOptions GetOptions(SyntaxTree tree) => _lookup;

        public override AnalyzerConfigOptions GetOptions(AdditionalText textFile) => _lookup;

        private sealed class Lookup(IReadOnlyDictionary<string, string> values) : AnalyzerConfigOptions
        {
            public override bool TryGetValue(string key, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out string? value) => values.TryGetValue(key, out value);
        }
    }
}
