using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>Runs our generator, and MemoryPack's where the result is to be compiled.</summary>
internal static class GeneratorHost
{
    /// <summary>The usings of a usual project.</summary>
    public const string Usings =
        """
        global using System;
        global using System.Collections.Generic;
        global using System.Linq;
        global using System.Threading;
        global using System.Threading.Tasks;
        global using MemoryPack;
        global using MemStorage;
        """;

    /// <summary>A compilation of sources, with the usings of a usual project. Warnings are errors, the documentation is checked.</summary>
    public static CSharpCompilation Compile(
        IEnumerable<string> sources, bool dependencyInjection = false, string assemblyName = "Sample", IEnumerable<MetadataReference>? references = null, LanguageVersion language = LanguageVersion.CSharp14)
    {
        CSharpParseOptions parseOptions = References.ParseOptions.WithLanguageVersion(language);
        IEnumerable<SyntaxTree> trees = sources.Select((s, i) => CSharpSyntaxTree.ParseText(s, parseOptions, $"File{i}.cs"));
        CSharpCompilationOptions options = new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary)
            .WithNullableContextOptions(NullableContextOptions.Enable)
            .WithGeneralDiagnosticOption(ReportDiagnostic.Error)
            .WithSpecificDiagnosticOptions(ImmutableDictionary.CreateRange<string, ReportDiagnostic>(
            [
                // as the SDK does: the platform is newer than the one a library was built for
                new("CS1701", ReportDiagnostic.Suppress),
                new("CS1702", ReportDiagnostic.Suppress),
                // undocumented members of the tests' entities; generated code is held to it in its own test
                new("CS1591", ReportDiagnostic.Suppress),
                // MemoryPack's generated code
                new("CS1573", ReportDiagnostic.Suppress),
            ]));
        return CSharpCompilation.Create(
            assemblyName,
            [CSharpSyntaxTree.ParseText(Usings, parseOptions, "GlobalUsings.cs"), .. trees],
            [.. References.Runtime, .. dependencyInjection ? [References.DependencyInjection] : Array.Empty<MetadataReference>(), .. references ?? []],
            options);
    }

    /// <summary>A compilation of one source.</summary>
    public static CSharpCompilation Compile(string source, bool dependencyInjection = false) => Compile([source], dependencyInjection);

    /// <summary>A driver that tracks the steps of our generator only.</summary>
    public static CSharpGeneratorDriver Driver() => CSharpGeneratorDriver.Create(
        [new MemStorageGenerator().AsSourceGenerator()],
        parseOptions: References.ParseOptions,
        driverOptions: new GeneratorDriverOptions(IncrementalGeneratorOutputKind.None, trackIncrementalGeneratorSteps: true));

    /// <summary>What our generator writes, by file name.</summary>
    public static IReadOnlyDictionary<string, string> Generate(Compilation compilation) =>
        Sources(Driver().RunGenerators(compilation, TestContext.Current.CancellationToken));

    /// <summary>What our generator wrote, by file name.</summary>
    public static IReadOnlyDictionary<string, string> Sources(GeneratorDriver driver)
    {
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        Assert.Null(result.Exception);
        Assert.Empty(result.Diagnostics);
        return result.GeneratedSources.ToDictionary(static s => s.HintName, static s => s.SourceText.ToString());
    }

    /// <summary>The compilation together with what both generators write. A diagnostic of a generator, an error or a warning fails the test.</summary>
    public static CSharpCompilation Build(Compilation compilation)
    {
        Compilation output = BuildUnchecked(compilation, out ImmutableArray<Diagnostic> reported);
        string[] problems =
        [
            .. reported.Concat(output.GetDiagnostics(TestContext.Current.CancellationToken)).Where(static d => d.Severity >= DiagnosticSeverity.Warning && !d.IsSuppressed)
                .Select(static d => d.ToString()),
        ];
        problems = [.. problems.OrderBy(static p => p.Contains(".MemStorage.g.cs") ? 0 : 1)];
        if (problems.Length > 0)
            Assert.Fail($"{string.Join("\n", problems)}\n\n{string.Join("\n", output.SyntaxTrees.Where(static t => t.FilePath.EndsWith(".MemStorage.g.cs", StringComparison.Ordinal)))}");
        return (CSharpCompilation)output;
    }

    /// <summary>The compilation together with what both generators write, right or wrong.</summary>
    public static Compilation BuildUnchecked(Compilation compilation, out ImmutableArray<Diagnostic> reported)
    {
        CSharpGeneratorDriver driver = CSharpGeneratorDriver.Create(
            [new MemStorageGenerator().AsSourceGenerator(), References.MemoryPackGenerator()], parseOptions: (CSharpParseOptions)compilation.SyntaxTrees.First().Options);
        driver.RunGeneratorsAndUpdateCompilation(compilation, out Compilation output, out reported, TestContext.Current.CancellationToken);
        return output;
    }

    /// <summary>The diagnostics of an analyzer on the sources as they are written, before any generator.</summary>
    public static ImmutableArray<Diagnostic> Analyze(Compilation compilation, DiagnosticAnalyzer analyzer, params AdditionalText[] files) =>
        compilation.WithAnalyzers([analyzer], new AnalyzerOptions([.. files])).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult();
}
