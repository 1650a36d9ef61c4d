using System.Collections.Immutable;
using System.Runtime.CompilerServices;
using Basic.Reference.Assemblies;
using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Versions;
using MemStorage.Generators;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace MemStorage.Analyzers.Tests;

/// <summary>
/// The analyzers over code that was not written for them: every project of this repository, with the presets for other caches as well. A project
/// is compiled from its files with the references that this test has; what is missing stays unresolved, as in an editor while a package is restored.
/// </summary>
/// <remarks><c>MEMSTORAGE_SCAN=/folder</c> looks at all C# files under another folder too.</remarks>
public sealed class InTheWildTests(ITestOutputHelper output)
{
    private static readonly string[] s_roots = ["src", "samples", "bench", "tests"];

    /// <summary>What is reported in our own code, and rightly so, by file and rule. Nothing else may be.</summary>
    private static readonly HashSet<string> s_known = new(StringComparer.Ordinal)
    {
        // a cache may drop what it holds: the comments there say why the result does not matter
        "src/MemStorage.Extensions/Caching/MemStoreDistributedCache.cs MST2001",
        "src/MemStorage.AspNetCore/MemStoreOutputCache.cs MST2001",
        // what a load wrote into a store that was cleared meanwhile: gone already, or somebody else's newer entry
        "src/MemStorage.Runtime/Typed/MemStorageRepository.Loading.cs MST2001",
        // deletes with versions that the test gave through a helper, outside of an assertion
        "tests/MemStorage.Runtime.Tests/Contract/BadInputTests.cs MST2003",
        "tests/MemStorage.Runtime.Tests/Contract/DeleteTests.cs MST2003",
        // versions that no read has given, on purpose: each overload is called, and an update must be refused
        "tests/MemStorage.Integration.Tests/Buffers/RuntimeBufferTests.HandWritten.cs MST2003",
        "tests/MemStorage.Integration.Tests/Reads/EnumerationTests.cs MST2003",
        // holds no-copy results, to see what a cleaning does to their segments
        "tests/MemStorage.Runtime.Tests/Model/LayoutScript.cs MST1004",
        // keeps no-copy results for the whole history, to see that they never change
        "tests/MemStorage.Runtime.Tests/Model/HistoryRunner.Reads.cs MST1004",
    };

    /// <summary>Tests and measuring programs write without looking at the result, and give entities versions by hand, on purpose.</summary>
    private static bool IsOnPurpose(string path, string id) => id is "MST2001" or "MST2009" && !path.StartsWith("src/", StringComparison.Ordinal) && !path.StartsWith("samples/", StringComparison.Ordinal);

    [Fact]
    public async Task The_projects_of_this_repository_have_no_false_alarm()
    {
        string root = Path.GetFullPath(Path.Combine(Folder(), "..", ".."));
        var unexpected = new List<string>();
        int files = 0, projects = 0;
        foreach (string project in s_roots.SelectMany(r => Directory.EnumerateFiles(Path.Combine(root, r), "*.csproj", SearchOption.AllDirectories)).Order(StringComparer.Ordinal))
        {
            string folder = Path.GetDirectoryName(project)!;
            string[] sources = [.. Sources(folder)];
            (int found, int all) = await ScanAsync(Path.GetFileNameWithoutExtension(project), sources, root, unexpected);
            output.WriteLine($"{Path.GetRelativePath(root, project)}: {sources.Length} files, {all} diagnostics, {found} not known");
            files += sources.Length;
            projects++;
        }
        if (Environment.GetEnvironmentVariable("MEMSTORAGE_SCAN") is { Length: > 0 } elsewhere)
        {
            string[] sources = [.. Sources(elsewhere)];
            (int found, int all) = await ScanAsync("Elsewhere", sources, elsewhere, unexpected);
            output.WriteLine($"{elsewhere}: {sources.Length} files, {all} diagnostics, {found} not known");
        }
        output.WriteLine($"{projects} projects, {files} files");
        Assert.True(projects > 10 && files > 300, $"{projects} projects, {files} files");
        Assert.True(unexpected.Count == 0, string.Join('\n', unexpected));
    }

    private static IEnumerable<string> Sources(string folder) => Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories)
        .Where(f => !Path.GetRelativePath(folder, f).Split(Path.DirectorySeparatorChar).Any(static part => part is "obj" or "bin" or "Snapshots"))
        .Order(StringComparer.Ordinal);

    private static async Task<(int Unexpected, int All)> ScanAsync(string name, string[] files, string root, List<string> unexpected)
    {
        CSharpCompilation compilation = CSharpCompilation.Create(
            name,
            files.Select(static f => CSharpSyntaxTree.ParseText(SourceText.From(File.ReadAllText(f), System.Text.Encoding.UTF8), s_parse, f)).Append(CSharpSyntaxTree.ParseText(GlobalUsings, s_parse, "GlobalUsings.cs")),
            // a project does not refer to itself
            s_references.Value.Where(r => Path.GetFileNameWithoutExtension(r.Display) != name),
            new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable));
        GeneratorDriver driver = CSharpGeneratorDriver.Create([new MemStorageGenerator().AsSourceGenerator()], parseOptions: s_parse).RunGenerators(compilation, TestContext.Current.CancellationToken);
        Compilation whole = compilation.AddSyntaxTrees(driver.GetRunResult().GeneratedTrees);
        var options = new Dictionary<string, string> { [SourceOptions.Key] = "IMemoryCache, HybridCache, FusionCache, LazyCache" };
        ImmutableArray<Diagnostic> found = [.. await AnalyzerHost.RunAsync(whole, new SharingAnalyzer(), options, concurrent: true), .. await AnalyzerHost.RunAsync(whole, new VersionsAnalyzer(), concurrent: true)];
        int count = 0;
        foreach (Diagnostic diagnostic in found)
        {
            string path = Path.GetRelativePath(root, diagnostic.Location.SourceTree!.FilePath).Replace('\\', '/');
            if (s_known.Contains(path + " " + diagnostic.Id) || IsOnPurpose(path, diagnostic.Id))
                continue;
            count++;
            unexpected.Add($"{path}({diagnostic.Location.GetLineSpan().StartLinePosition.Line + 1}) {diagnostic.Id} {diagnostic.GetMessage()}");
        }
        return (count, found.Length);
    }

    private static readonly CSharpParseOptions s_parse = new(LanguageVersion.Preview, preprocessorSymbols: ["NET", "NET10_0", "NET8_0_OR_GREATER", "NET9_0_OR_GREATER", "NET10_0_OR_GREATER"]);

    private static readonly Lazy<MetadataReference[]> s_references = new(static () =>
    {
        string shared = Path.Combine(Path.GetDirectoryName(typeof(object).Assembly.Location)!, "..", "..", "Microsoft.AspNetCore.App", Path.GetFileName(Path.GetDirectoryName(typeof(object).Assembly.Location)!));
        IEnumerable<string> beside = Directory.EnumerateFiles(AppContext.BaseDirectory, "*.dll").Concat(Directory.Exists(shared) ? Directory.EnumerateFiles(shared, "*.dll") : []);
        return [.. Net100.References.All, .. beside.Where(IsManaged).DistinctBy(static f => Path.GetFileName(f)).Select(static f => MetadataReference.CreateFromFile(f))];

        static bool IsManaged(string file)
        {
            using FileStream stream = File.OpenRead(file);
            using var reader = new System.Reflection.PortableExecutable.PEReader(stream);
            return reader.HasMetadata && !Path.GetFileName(file).StartsWith("Basic.Reference", StringComparison.Ordinal);
        }
    });

    /// <summary>What ImplicitUsings gives the projects, and the packages of the test projects.</summary>
    private const string GlobalUsings = """
        global using System; global using System.Collections.Generic; global using System.IO; global using System.Linq; global using System.Net.Http;
        global using System.Threading; global using System.Threading.Tasks;
        """;

    private static string Folder([CallerFilePath] string file = "") => Path.GetDirectoryName(file)!;
}
