using System.Reflection;
using Basic.Reference.Assemblies;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Generators.Tests.Infrastructure;

/// <summary>What the compilations of tests refer to and run.</summary>
internal static class References
{
    /// <summary>The options of a .NET 10 project: MemoryPack's generator looks at the symbols.</summary>
    public static CSharpParseOptions ParseOptions { get; } = CSharpParseOptions.Default
        .WithLanguageVersion(LanguageVersion.CSharp14)
        .WithDocumentationMode(DocumentationMode.Diagnose)
        .WithPreprocessorSymbols("NET", "NET7_0_OR_GREATER", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER");

    /// <summary>The platform, MemoryPack and the runtime.</summary>
    public static IReadOnlyList<MetadataReference> Runtime { get; } =
    [
        .. Net100.References.All,
        MetadataReference.CreateFromFile(typeof(MemStore).Assembly.Location),
        MetadataReference.CreateFromFile(typeof(MemoryPack.MemoryPackableAttribute).Assembly.Location),
    ];

    /// <summary>The abstractions of dependency injection.</summary>
    public static MetadataReference DependencyInjection { get; } =
        MetadataReference.CreateFromFile(typeof(Microsoft.Extensions.DependencyInjection.IServiceCollection).Assembly.Location);

    /// <summary>A fresh instance of MemoryPack's generator.</summary>
    public static ISourceGenerator MemoryPackGenerator() =>
        ((IIncrementalGenerator)Activator.CreateInstance(s_memoryPack.Value)!).AsSourceGenerator();

    /// <summary>The platform's code analyzers.</summary>
    public static IEnumerable<DiagnosticAnalyzer> PlatformAnalyzers() => s_analyzers.Value.Select(static t => (DiagnosticAnalyzer)Activator.CreateInstance(t)!);

    private static readonly Lazy<Type> s_memoryPack = new(static () => Load("MemoryPack.Generator.dll").GetType("MemoryPack.Generator.MemoryPackGenerator", throwOnError: true)!);

    private static readonly Lazy<Type[]> s_analyzers = new(static () =>
    [
        .. new[] { "Microsoft.CodeAnalysis.NetAnalyzers.dll", "Microsoft.CodeAnalysis.CSharp.NetAnalyzers.dll" }.SelectMany(static name => Load(name).GetTypes())
            .Where(static t => !t.IsAbstract && t.IsSubclassOf(typeof(DiagnosticAnalyzer)) && t.GetCustomAttribute<DiagnosticAnalyzerAttribute>()?.Languages.Contains(LanguageNames.CSharp) == true),
    ]);

    private static Assembly Load(string name) => Assembly.LoadFrom(Path.Combine(AppContext.BaseDirectory, "compiler-extensions", name));
}
