using System.Collections.Immutable;
using System.Diagnostics;
using MemStorage.Bench.Build;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Reporting;
using MemStorage.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Bench.Scenarios;

/// <summary>What the generator and the analyzers add to a compilation, in this process: no disk, no MSBuild.</summary>
internal sealed class BuildScenario : Scenario
{
    // MemoryPack's generator asks the symbols which interfaces may have static members
    private static readonly CSharpParseOptions Parse = new CSharpParseOptions(LanguageVersion.Latest)
        .WithPreprocessorSymbols("NET", "NET7_0_OR_GREATER", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER");

    public override string Name => "build";

    public override string Summary => "compile time with and without generator and analyzers, and after an edit";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entities", "100", "5", "how many entities the compilation has", ValueRule.Whole(1, 10_000)),
        new("methods", "2000", "100", "how many methods the project has on which the analyzers alone are measured; every fifth uses the store", ValueRule.Whole(5, 1_000_000)),
        new("rounds", "7", "1", "how often everything is measured, in turn, after one round to warm up", ValueRule.Whole(1, 1000)),
    ];

    public override void Run(Arguments arguments, Report report)
    {
        int entities = arguments.Number("entities");
        Dictionary<string, List<double>> found = [];
        for (int round = -1; round < arguments.Number("rounds"); round++)
        {
            report.Progress(round < 0 ? "warm-up" : $"round {round + 1}");
            foreach ((string metric, double milliseconds) in Measure(entities).Concat(MeasureAnalyzers(arguments.Number("methods"))))
            {
                if (round >= 0)
                    (found.TryGetValue(metric, out List<double>? all) ? all : found[metric] = []).Add(milliseconds);
            }
        }
        foreach ((string metric, List<double> values) in found)
            report.Add("MemStorage", 1, entities, metric, metric.EndsWith('%') ? "%" : "ms", values);
    }

    private static IEnumerable<(string Metric, double Milliseconds)> Measure(int entities)
    {
        CSharpCompilation plain = WithMemoryPack(Compilation(entities));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new MemStorageGenerator().AsSourceGenerator()], parseOptions: Parse);

        double first = Time(() => driver = driver.RunGenerators(plain));
        Compilation generated = plain.AddSyntaxTrees(driver.GetRunResult().GeneratedTrees);
        double emit = Time(() => Emit(generated));
        yield return ("generator, first run", first);
        yield return ("generator, first run, per entity", first / entities);
        yield return ("compile and emit, generated code included", emit);

        Compilation edited = Replace(plain, "Unrelated.cs", EntitySource.Unrelated(1));
        yield return ("generator after an unrelated edit", Time(() => driver = driver.RunGenerators(edited)));
        Compilation changed = Replace(plain, "Entity0.cs", EntitySource.Entity(0, edition: 1));
        yield return ("generator after an edit of one entity", Time(() => driver = driver.RunGenerators(changed)));

        // the analyzers get a compilation of their own: what the emit has bound is not bound again
        Compilation fresh = WithMemoryPack(Compilation(entities)).AddSyntaxTrees(driver.GetRunResult().GeneratedTrees);
        ImmutableArray<DiagnosticAnalyzer> analyzers = Analyzers();
        double spent = 0;
        double all = Time(() =>
        {
            CompilationWithAnalyzers analysis = fresh.WithAnalyzers(analyzers, new CompilationWithAnalyzersOptions(
                new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: true, logAnalyzerExecutionTime: true));
            AnalysisResult result = analysis.GetAnalysisResultAsync(CancellationToken.None).GetAwaiter().GetResult();
            spent = result.AnalyzerTelemetryInfo.Values.Sum(t => t.ExecutionTime.TotalMilliseconds);
        });
        yield return ("analyzers, time in their own code", spent);
        yield return ("analyzers, with the binding they ask for", all);
        yield return ("analyzers, own code against compile and emit, %", 100 * spent / emit);
    }

    /// <summary>
    /// The sharing and version analyzers over a project of many methods. One thread, so that what is spent is not spread over two; processor time, so
    /// that a busy machine does not count. The compiler lets its analyzers look at the compilation that it compiles, so the analysis is one of the compilation
    /// that was emitted: with a fresh one, whichever analyzer comes first would pay for reading the metadata of all references. Method bodies are bound again.
    /// </summary>
    private static IEnumerable<(string Metric, double Milliseconds)> MeasureAnalyzers(int methods)
    {
        foreach ((string what, int storeEvery) in new[] { ($"{methods} methods, {methods / 5} with the store", 5), ($"{methods} methods, none with the store", 0) })
        {
            CSharpCompilation compilation = Create(MethodSource.Files(methods, storeEvery)).WithOptions(Library.WithConcurrentBuild(false));
            double emit = ProcessorTime(() => Emit(compilation));
            ImmutableArray<DiagnosticAnalyzer> analyzers = [new MemStorage.Analyzers.Sharing.SharingAnalyzer(), new MemStorage.Analyzers.Versions.VersionsAnalyzer()];
            CompilationWithAnalyzers analysis = compilation.WithAnalyzers(analyzers, new CompilationWithAnalyzersOptions(
                new AnalyzerOptions([]), onAnalyzerException: null, concurrentAnalysis: false, logAnalyzerExecutionTime: true));
            AnalysisResult result = analysis.GetAnalysisResultAsync(CancellationToken.None).GetAwaiter().GetResult();
            yield return ($"{what}: compile and emit, one thread", emit);
            foreach (DiagnosticAnalyzer analyzer in analyzers)
                yield return ($"{what}: {analyzer.GetType().Name}", result.AnalyzerTelemetryInfo[analyzer].ExecutionTime.TotalMilliseconds);
            yield return ($"{what}: analyzers against compile and emit, %", 100 * analyzers.Sum(a => result.AnalyzerTelemetryInfo[a].ExecutionTime.TotalMilliseconds) / emit);
        }
    }

    private static double ProcessorTime(Action action)
    {
        using Process process = Process.GetCurrentProcess();
        TimeSpan before = process.TotalProcessorTime;
        action();
        process.Refresh();
        return (process.TotalProcessorTime - before).TotalMilliseconds;
    }

    private static ImmutableArray<DiagnosticAnalyzer> Analyzers() =>
    [
        .. typeof(MemStorage.Analyzers.Sharing.SharingAnalyzer).Assembly.GetTypes()
            .Concat(typeof(MemStorageGenerator).Assembly.GetTypes())
            .Where(t => !t.IsAbstract && t.IsSubclassOf(typeof(DiagnosticAnalyzer)))
            .Select(t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!),
    ];

    // what the user's project has anyway: MemoryPack's own generator, not measured
    private static CSharpCompilation WithMemoryPack(CSharpCompilation compilation)
    {
        string path = Path.Combine(AppContext.BaseDirectory, "generators", "MemoryPack.Generator.dll");
        object generator = System.Reflection.Assembly.LoadFrom(path).GetTypes().Where(t => !t.IsAbstract && t.IsAssignableTo(typeof(IIncrementalGenerator))).Select(Activator.CreateInstance).First()!;
        GeneratorDriver driver = CSharpGeneratorDriver.Create([((IIncrementalGenerator)generator).AsSourceGenerator()], parseOptions: Parse);
        return compilation.AddSyntaxTrees(driver.RunGenerators(compilation).GetRunResult().GeneratedTrees);
    }

    private static readonly CSharpCompilationOptions Library = new(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable);

    private static CSharpCompilation Compilation(int entities) => Create(EntitySource.Files(entities));

    private static CSharpCompilation Create(IEnumerable<(string Path, string Text)> files)
    {
        string[] platform = ((string)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES")!).Split(Path.PathSeparator);
        return CSharpCompilation.Create(
            "Shop",
            files.Select(f => CSharpSyntaxTree.ParseText(f.Text, Parse, f.Path)),
            platform.Where(Wanted).Select(p => MetadataReference.CreateFromFile(p)),
            Library);
    }

    // the framework, the runtime library and MemoryPack: what a project that uses MemStorage refers to
    private static bool Wanted(string path) => Path.GetFileName(path) is { } name &&
        (name.StartsWith("System.", StringComparison.Ordinal) || name is "mscorlib.dll" or "netstandard.dll" or "MemoryPack.Core.dll" or "MemStorage.Runtime.dll");

    private static CSharpCompilation Replace(CSharpCompilation compilation, string path, string text)
    {
        SyntaxTree old = compilation.SyntaxTrees.First(t => t.FilePath == path);
        return compilation.ReplaceSyntaxTree(old, CSharpSyntaxTree.ParseText(text, Parse, path));
    }

    private static void Emit(Compilation compilation)
    {
        using MemoryStream assembly = new();
        var result = compilation.Emit(assembly);
        if (!result.Success)
            throw new InvalidOperationException("The generated code does not compile: " + string.Join("; ", result.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).Take(3)));
    }

    private static double Time(Action action)
    {
        long began = Stopwatch.GetTimestamp();
        action();
        return Stopwatch.GetElapsedTime(began).TotalMilliseconds;
    }
}
