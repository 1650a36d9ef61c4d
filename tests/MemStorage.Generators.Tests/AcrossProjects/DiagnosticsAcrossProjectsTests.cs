using System.Collections.Immutable;
using MemStorage.CodeFixes.EntityShape;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using MemStorage.Tests.References;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;

namespace MemStorage.Generators.Tests.AcrossProjects;

/// <summary>
/// "What the rules about an entity say does not depend on how its project meets another": members that an entity inherits from a referenced project, or reaches there, are
/// told at the entity. A diagnostic in the source of another project would be an exception of the analyzer (AD0001).
/// </summary>
public sealed class DiagnosticsAcrossProjectsTests
{
    private const string Library = """
        namespace Lib
        {
            public class Keyed { [MemStorageKey] public int Id { get; set; } public string Name { get; set; } = ""; }
            public class BadKey { [MemStorageKey] public float Id { get; init; } }
            public class IgnoredKey { [MemStorageKey, MemoryPackIgnore] public int Id { get; init; } [MemStorageKey] public static int Other { get; set; } }
            public class TwoKeys { [MemStorageKey] public int A { get; init; } [MemStorageKey] public int B { get; init; } }
            public class SameOrder { [MemStorageKey(1)] public int A { get; init; } [MemStorageKey(1)] public int B { get; init; } }
            public class BadVersion { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public int Version { get; set; } }
            public class TwoVersions { [MemStorageKey] public int Id { get; init; } [MemStorageVersion] public long V { get; set; } [MemStorageVersion] public long W { get; set; } }
            public class BadIndex { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public System.IO.Stream? Stream { get; init; } }
            public class Unstorable { [MemStorageKey] public int Id { get; init; } public System.IO.Stream? Stream { get; set; } public System.Action? Action { get; set; } public System.IntPtr Handle { get; set; } }
            public class WriteOnly { [MemStorageKey] public int Id { get; init; } [MemStorageIndex] public int Index { set { } } }
            public class Obsolete { [MemStorageKey, System.Obsolete("no", true)] public int Id { get; init; } }
            public class Setters { [MemStorageKey] public int Id { get; init; } public int Total { get; private set; } public string Text { get; protected set; } = ""; }
        }
        """;

    private static readonly string[] s_bases = ["Keyed", "BadKey", "IgnoredKey", "TwoKeys", "SameOrder", "BadVersion", "TwoVersions", "BadIndex", "Unstorable", "WriteOnly", "Obsolete", "Setters"];

    private static string Entities => "using Lib;\n" + string.Join('\n', s_bases.Select(static b => $"[MemStorageEntity, MemoryPackable] public partial class Of{b} : {b} {{ public int Own {{ get; set; }} }}"))
        + "\npublic static class Reader { public static int Read(IMemStorageRepository<int, Keyed> keyed, IMemStorageRepository<int, Setters> setters) => keyed.GetNoCopy(1)!.Id + setters.GetNoCopy(1)!.Total; }";

    [Fact]
    public async Task Every_diagnostic_is_the_same_over_every_kind_of_reference()
    {
        CSharpCompilation library = GeneratorHost.Compile([Library], assemblyName: "Lib").WithOptions(new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary));
        string[]? first = null;
        foreach (ReferenceKind kind in ProjectReferenceKinds.All)
        {
            CSharpCompilation use = GeneratorHost.Compile([Entities], references: [library.ReferredToAs(kind)]);
            string[] found = [.. (await Analyze(use, new EntityShapeAnalyzer(), new MutableSharedAnalyzer())).Select(static d => $"{d.Id} {d.Location.GetLineSpan()} {d.GetMessage()}").Order(StringComparer.Ordinal)];
            first ??= found;
            Assert.True(first.SequenceEqual(found), $"{kind} finds\n{string.Join('\n', found.Except(first))}\nand misses\n{string.Join('\n', first.Except(found))}");
        }
        foreach (string id in (string[])["MST0003", "MST0004", "MST0005", "MST0006", "MST0007", "MST0009", "MST0010", "MST0012"])
            Assert.Contains(first!, d => d.StartsWith(id, StringComparison.Ordinal));
        Assert.DoesNotContain(first!, static d => !d.Contains("File0.cs", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_fix_of_MST0012_changes_the_entity_in_its_own_project()
    {
        using var workspace = new AdhocWorkspace();
        Solution solution = workspace.CurrentSolution;
        ProjectId domain = Add("Domain"), use = Add("Use");
        DocumentId entity = DocumentId.CreateNewId(domain), reader = DocumentId.CreateNewId(use);
        solution = solution.AddDocument(entity, "Order.cs", SourceText.From("namespace Lib; public class Base { public string Note { get; set; } = \"\"; } public class Order : Base { public int Total { get; set; } }"))
            .AddDocument(reader, "Reader.cs", SourceText.From("using MemStorage; public static class Reader { public static int Read(IMemStorageRepository<int, Lib.Order> orders) => orders.GetNoCopy(1)!.Total; }"))
            .AddProjectReference(use, new ProjectReference(domain));
        var compilation = (CSharpCompilation)(await solution.GetProject(use)!.GetCompilationAsync(TestContext.Current.CancellationToken))!;
        Diagnostic diagnostic = Assert.Single(await Analyze(compilation, new MutableSharedAnalyzer()));
        CodeAction? fix = null;
        await new InitOnlyFix().RegisterCodeFixesAsync(new CodeFixContext(solution.GetDocument(reader)!, diagnostic, (action, _) => fix = action, TestContext.Current.CancellationToken));
        Assert.NotNull(fix);
        var changed = Assert.IsType<ApplyChangesOperation>(Assert.Single(await fix.GetOperationsAsync(TestContext.Current.CancellationToken))).ChangedSolution;
        Assert.Equal(
            "namespace Lib; public class Base { public string Note { get; init; } = \"\"; } public class Order : Base { public int Total { get; init; } }",
            (await changed.GetDocument(entity)!.GetTextAsync(TestContext.Current.CancellationToken)).ToString());

        ProjectId Add(string name)
        {
            ProjectId id = ProjectId.CreateNewId(name);
            solution = solution.AddProject(ProjectInfo.Create(id, VersionStamp.Default, name, name, LanguageNames.CSharp,
                compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, nullableContextOptions: NullableContextOptions.Enable),
                parseOptions: References.ParseOptions, metadataReferences: References.Runtime));
            return id;
        }
    }

    private static async Task<ImmutableArray<Diagnostic>> Analyze(Compilation compilation, params DiagnosticAnalyzer[] analyzers)
    {
        Exception? failure = null;
        var options = new CompilationWithAnalyzersOptions(new AnalyzerOptions([]), (e, _, _) => failure = e, concurrentAnalysis: true, logAnalyzerExecutionTime: false);
        ImmutableArray<Diagnostic> found = await compilation.WithAnalyzers([.. analyzers], options).GetAnalyzerDiagnosticsAsync(TestContext.Current.CancellationToken);
        return failure is null ? found : throw new InvalidOperationException("The analyzer threw: " + failure, failure);
    }
}
