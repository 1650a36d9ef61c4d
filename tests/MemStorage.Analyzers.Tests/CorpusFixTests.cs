using System.Collections.Immutable;
using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Tests.Sharing;
using MemStorage.Analyzers.Tests.Versions;
using MemStorage.Analyzers.Versions;
using MemStorage.CodeFixes.Sharing;
using MemStorage.CodeFixes.Versions;
using MemStorage.Tests.References;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Diagnostics;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace MemStorage.Analyzers.Tests;

/// <summary>
/// Every fix that is offered anywhere in the two corpora: its result compiles, keeps the comments, repairs what it was offered for and brings
/// nothing new; one by one, and with Fix All over the project. The suite takes every fifth snippet; with MEMSTORAGE_ALL_FIXES=1 all of them (docs/testing.md).
/// </summary>
public sealed class CorpusFixTests(ITestOutputHelper output)
{
    private static readonly CodeFixProvider[] s_sharing = [new ReadCopyCodeFix(), new WithExpressionCodeFix(), new UpdateCodeFix(), new CopyArgumentCodeFix(), new ReadOnlyViewCodeFix(), new MarkNoCopyCodeFix()];
    private static readonly CodeFixProvider[] s_versions = [new DroppedResultCodeFix(), new VersionCodeFix(), new LostUpdateCodeFix()];

    private static readonly int s_each = Environment.GetEnvironmentVariable("MEMSTORAGE_ALL_FIXES") == "1" ? 1 : 5;

    /// <summary>Removing a statement takes the comment at its end along.</summary>
    private const string Removes = VersionRules.VersionAssignedId;

    [Fact]
    public Task Fixes_of_the_sharing_rules() => CheckAll(new SharingAnalyzer(), s_sharing, AnalyzerHost.WithRuntime, CorpusSnippet.Preamble, null, Sharing(s_each), atLeast: 300 / s_each);

    [Fact]
    public Task Fixes_of_the_version_rules() => CheckAll(new VersionsAnalyzer(), s_versions, [.. VersionHarness.References, VersionHarness.Shop], "", null, Versions(s_each), atLeast: 150 / s_each);

    /// <summary>The types of the snippets stand in another project, which the fix meets in each way that there is.</summary>
    [Theory]
    [InlineData(ReferenceKind.Compilation)]
    [InlineData(ReferenceKind.Metadata)]
    [InlineData(ReferenceKind.ReferenceAssembly)]
    public async Task Fixes_where_the_types_stand_in_another_project(ReferenceKind kind)
    {
        int each = s_each * 3;
        await CheckAll(new SharingAnalyzer(), s_sharing, AnalyzerHost.WithRuntime, CorpusSnippet.Preamble, kind, Sharing(each), atLeast: 250 / each);
        await CheckAll(new VersionsAnalyzer(), s_versions, VersionHarness.References, VersionHarness.Prelude, kind, Versions(each), atLeast: 150 / each);
    }

    private static (string Name, string Code)[] Sharing(int each) =>
        [.. CorpusSnippet.All.Where(static s => s is { IsPositive: true, CanStandBesideOthers: true }).Where((_, i) => i % each == 0).Select(static (s, i) => (s.ToString(), s.InNamespace(i)))];

    private static (string Name, string Code)[] Versions(int each) =>
        [.. Snippet.All().Where(static s => s.Expected.Count > 0).Where((_, i) => i % each == 0).Select(static (s, i) => (s.ToString(), s.Source.Replace("Snippet_SNIPPET", $"N{i}", StringComparison.Ordinal)))];

    private async Task CheckAll(
        DiagnosticAnalyzer analyzer, CodeFixProvider[] providers, ImmutableArray<MetadataReference> references, string preamble, ReferenceKind? preambleAs, (string Name, string Code)[] snippets, int atLeast)
    {
        using var workspace = new AdhocWorkspace();
        Solution solution = workspace.CurrentSolution;
        ProjectId id = Add("Tested");
        ProjectId preambleIn = preambleAs is null ? id : Add("Preamble");
        foreach ((string name, string code) in snippets)
            solution = solution.AddDocument(DocumentId.CreateNewId(id, name), name, SourceText.From(code));
        solution = solution.AddDocument(DocumentId.CreateNewId(preambleIn, "Preamble"), "Preamble", SourceText.From(preamble));
        if (preambleAs == ReferenceKind.Compilation)
            solution = solution.AddProjectReference(id, new ProjectReference(preambleIn));
        else if (preambleAs is { } kind)
            solution = solution.AddMetadataReference(id, ((CSharpCompilation)(await solution.GetProject(preambleIn)!.GetCompilationAsync(TestContext.Current.CancellationToken))!).ReferredToAs(kind));

        ProjectId Add(string name)
        {
            ProjectId added = ProjectId.CreateNewId(name);
            solution = solution.AddProject(ProjectInfo.Create(added, VersionStamp.Default, name, name, LanguageNames.CSharp,
                compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable),
                parseOptions: CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview), metadataReferences: references));
            return added;
        }

        Project project = solution.GetProject(id)!;
        var compilation = (CSharpCompilation)(await project.GetCompilationAsync(TestContext.Current.CancellationToken))!;
        ILookup<SyntaxTree?, Diagnostic> before = await Diagnose(compilation, analyzer);

        // One change per snippet and kind of fix, and all changes of one kind in one compilation: the snippets do not touch each other.
        var changes = new Dictionary<string, List<(Document Document, Diagnostic Diagnostic, CodeAction Action, CodeFixProvider Provider)>>();
        foreach (Document document in project.Documents)
        {
            SyntaxTree tree = (await document.GetSyntaxTreeAsync(TestContext.Current.CancellationToken))!;
            var seen = new HashSet<string>();
            foreach (Diagnostic diagnostic in before[tree])
            {
                foreach (CodeFixProvider provider in providers.Where(p => p.FixableDiagnosticIds.Contains(diagnostic.Id)))
                {
                    await provider.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (action, _) =>
                    {
                        string key = provider.GetType().Name + "|" + action.EquivalenceKey;
                        if (!seen.Add(key + diagnostic.Id))
                            return;
                        key += seen.Contains(key) ? "|" + diagnostic.Id : "";
                        seen.Add(key);
                        if (!changes.TryGetValue(key, out var list))
                            changes.Add(key, list = []);
                        list.Add((document, diagnostic, action, provider));
                    }, TestContext.Current.CancellationToken));
                }
            }
        }

        var mistakes = new List<string>();
        int applied = 0;
        foreach ((string key, var list) in changes.OrderBy(static c => c.Key, StringComparer.Ordinal))
        {
            CSharpCompilation changed = compilation;
            var pairs = new List<(string Name, SyntaxTree Old, SyntaxTree New, string Id)>();
            foreach ((Document document, Diagnostic diagnostic, CodeAction action, _) in list)
            {
                Solution after = await Apply(action);
                SyntaxTree old = (await document.GetSyntaxTreeAsync(TestContext.Current.CancellationToken))!, fresh = (await after.GetDocument(document.Id)!.GetSyntaxTreeAsync(TestContext.Current.CancellationToken))!;
                changed = changed.ReplaceSyntaxTree(old, fresh);
                pairs.Add((document.Name, old, fresh, diagnostic.Id));
            }
            await Compare(key, changed, pairs);
            applied += list.Count;
            output.WriteLine($"{key}: {list.Count} applied");
        }
        foreach (var group in changes.Values.SelectMany(static l => l).GroupBy(static c => (c.Provider, c.Action.EquivalenceKey)))
        {
            if (group.Key.Provider.GetFixAllProvider() is not { } all)
                continue;
            var given = group.Select(static c => c.Document.Id).Distinct().ToHashSet();
            var context = new FixAllContext(group.First().Document, group.Key.Provider, FixAllScope.Project, group.Key.EquivalenceKey!, group.Key.Provider.FixableDiagnosticIds, new Provided(before), TestContext.Current.CancellationToken);
            Solution after = await Apply((await all.GetFixAsync(context))!);
            CSharpCompilation changed = compilation;
            var pairs = new List<(string, SyntaxTree, SyntaxTree, string)>();
            foreach (Document document in project.Documents.Where(d => given.Contains(d.Id)))
            {
                SyntaxTree old = (await document.GetSyntaxTreeAsync(TestContext.Current.CancellationToken))!, fresh = (await after.GetDocument(document.Id)!.GetSyntaxTreeAsync(TestContext.Current.CancellationToken))!;
                changed = changed.ReplaceSyntaxTree(old, fresh);
                pairs.Add((document.Name, old, fresh, group.First(c => c.Document.Id == document.Id).Diagnostic.Id));
            }
            await Compare("Fix All " + group.Key.Provider.GetType().Name + "|" + group.Key.EquivalenceKey, changed, pairs);
        }
        output.WriteLine($"{applied} fixes applied one by one, {mistakes.Count} mistakes");
        foreach (string mistake in mistakes)
            output.WriteLine(mistake);
        Assert.Empty(mistakes);
        Assert.True(applied >= atLeast, $"{applied} fixes applied");

        async Task Compare(string key, CSharpCompilation changed, List<(string Name, SyntaxTree Old, SyntaxTree New, string Id)> pairs)
        {
            ILookup<SyntaxTree?, Diagnostic> found = await Diagnose(changed, analyzer);
            foreach ((string name, SyntaxTree old, SyntaxTree fresh, string id) in pairs)
            {
                if (changed.GetSemanticModel(fresh).GetDiagnostics(cancellationToken: TestContext.Current.CancellationToken).FirstOrDefault(static d => d.Severity == DiagnosticSeverity.Error) is { } error)
                    mistakes.Add($"{key}: {name}: does not compile: {error}: {Line(fresh, error)}");
                if (id != Removes && Comments(fresh) < Comments(old))
                    mistakes.Add($"{key}: {name}: lost a comment");
                var was = before[old].CountBy(static d => d.Id).ToDictionary();
                var now = found[fresh].CountBy(static d => d.Id).ToDictionary();
                if (now.GetValueOrDefault(id) >= was[id])
                    mistakes.Add($"{key}: {name}: {id} is still there");
                foreach ((string other, int count) in now.Where(n => n.Value > was.GetValueOrDefault(n.Key)))
                    mistakes.Add($"{key}: {name}: brings {other} ({count}): {Line(fresh, found[fresh].First(d => d.Id == other))}");
            }
        }

        static string Line(SyntaxTree tree, Diagnostic diagnostic) => tree.GetText().Lines[diagnostic.Location.GetLineSpan().StartLinePosition.Line].ToString().Trim();

        static int Comments(SyntaxTree tree) => tree.GetRoot().DescendantTrivia().Count(static t => t.IsKind(SyntaxKind.SingleLineCommentTrivia) || t.IsKind(SyntaxKind.MultiLineCommentTrivia));
    }

    private static async Task<ILookup<SyntaxTree?, Diagnostic>> Diagnose(CSharpCompilation compilation, DiagnosticAnalyzer analyzer) =>
        (await AnalyzerHost.RunAsync(compilation, analyzer, concurrent: true)).OrderBy(static d => d.Location.SourceSpan.Start).ToLookup(static d => d.Location.SourceTree);

    private static async Task<Solution> Apply(CodeAction action) =>
        Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(TestContext.Current.CancellationToken))).ChangedSolution;

    private sealed class Provided(ILookup<SyntaxTree?, Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult(diagnostics.SelectMany(static d => d));

        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken) => diagnostics[await document.GetSyntaxTreeAsync(cancellationToken)];

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
