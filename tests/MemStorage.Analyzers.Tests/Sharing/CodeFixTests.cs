using System.Collections.Immutable;
using MemStorage.Analyzers.Sharing;
using MemStorage.CodeFixes.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeActions;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.Text;
using Xunit;

namespace MemStorage.Analyzers.Tests.Sharing;

/// <summary>"Fixes compile, keep trivia, work with Fix All, and are not offered where they would not compile."</summary>
public sealed class CodeFixTests
{
    private const string Head = "using System;\nusing System.Collections.Generic;\nusing System.Linq;\nusing Demo;\nusing MemStorage;\npublic sealed class Snippet\n{\n    IMemStorageRepository<int, Order> orders = null!; IMemStorageRepository<int, Customer> customers = null!; Action<int[]> sink = null!; Action<List<OrderLine>> lines = null!; Action<Span<int>> unused = null!;\n";

    [Theory]
    [InlineData("void M() { var o = orders.GetNoCopy(1); /* why */ o.Total = 1; // end\n }", "void M() { var o = orders.Get(1); /* why */ o.Total = 1; // end\n }")]
    [InlineData("void M() { if (orders.TryGetNoCopy(1, out var o)) o.Total = 1; }", "void M() { if (orders.TryGet(1, out var o)) o.Total = 1; }")]
    [InlineData("void M() { orders\n    .GetNoCopy /* a */ (1) // b\n    .Lines.Clear(); }", "void M() { orders\n    .Get /* a */ (1) // b\n    .Lines.Clear(); }")]
    [InlineData("void M() { _ = orders.Set(orders.GetNoCopy(1)); }", "void M() { _ = orders.Set(orders.Get(1)); }")]
    public Task The_read_becomes_a_copy(string before, string after) => Check(new ReadCopyCodeFix(), before, after);

    [Theory]
    [InlineData("void M() { var c = customers.GetNoCopy(1); /* a */ c.Credit = 5; // b\n }", "void M() { var c = customers.GetNoCopy(1); /* a */ c = c with { Credit = 5 }; // b\n }")]
    [InlineData("void M() { var c = customers.GetNoCopy(1); c.Name = \"a  b\"; }", "void M() { var c = customers.GetNoCopy(1); c = c with { Name = \"a  b\" }; }")]
    public Task A_record_is_changed_as_a_copy(string before, string after) => Check(new WithExpressionCodeFix(), before, after);

    [Theory]
    [InlineData("void M() { orders.GetNoCopy(42).Total = 1; }", "void M() {\n        if (orders.Update(42, entity => entity.Total = 1) is not UpdateResult.Updated)\n        {\n            throw new InvalidOperationException(\"The entry is gone, or too large.\");\n        }\n    }")]
    [InlineData("void M(int entity) { /* a */ orders.GetNoCopy(entity).Lines.Clear(); // b\n }", "void M(int entity) { /* a */\n        if (orders.Update(entity, entity2 => entity2.Lines.Clear()) is not UpdateResult.Updated)\n        {\n            throw new InvalidOperationException(\"The entry is gone, or too large.\");\n        } // b\n    }")]
    public Task The_stored_entity_is_updated(string before, string after) => Check(new UpdateCodeFix(), before, after);

    [Theory]
    [InlineData("void M() { sink(orders.GetNoCopy(1).Numbers); }", "void M() { sink(orders.GetNoCopy(1).Numbers.ToArray()); }")]
    [InlineData("delegate void S(Span<byte> s); S span = null!; void M() { span(/* a */ orders.GetNoCopy(1).Bytes.AsSpan(1)); }", "delegate void S(Span<byte> s); S span = null!; void M() { span(/* a */ orders.GetNoCopy(1).Bytes.AsSpan(1).ToArray()); }")]
    [InlineData("void M() { lines(/* a */ orders.GetNoCopy(1).Lines); }", "void M() { lines(/* a */ new List<OrderLine>(orders.GetNoCopy(1).Lines)); }")]
    [InlineData("void M() { _ = customers.Set(customers.GetNoCopy(1)); }", "void M() { _ = customers.Set(customers.GetNoCopy(1) with { }); }")]
    [InlineData("Customer? _c; void M() { _c = customers.GetNoCopy(1); }", "Customer? _c; void M() { _c = customers.GetNoCopy(1) with { }; }")]
    public Task A_copy_is_passed(string before, string after) => Check(new CopyArgumentCodeFix(), before, after);

    [Theory]
    [InlineData("/// <summary>x</summary>\n    public Order M() => orders.GetNoCopy(1);", "/// <summary>x</summary>\n    [return: NoCopy]\n    public Order M() => orders.GetNoCopy(1);")]
    [InlineData("public Order M => orders.GetNoCopy(1);", "[NoCopy]\n    public Order M => orders.GetNoCopy(1);")]
    [InlineData("public bool M(out Order o) { o = orders.GetNoCopy(1); return true; }", "public bool M([NoCopy] out Order o) { o = orders.GetNoCopy(1); return true; }")]
    public Task The_member_is_marked(string before, string after) => Check(new MarkNoCopyCodeFix(), before, after);

    [Fact]
    public Task No_copy_is_offered_for_a_wrapper_without_a_counterpart() =>
        CheckNone(new ReadCopyCodeFix(), "[return: NoCopy] static Order FindNoCopy(int id) => null!; static string Find(int id) => \"\"; void M() { FindNoCopy(1).Total = 1; }");

    [Fact]
    public Task With_is_not_offered_for_a_class() => CheckNone(new WithExpressionCodeFix(), "void M() { var o = orders.GetNoCopy(1); o.Total = 1; }");

    [Fact]
    public Task With_is_not_offered_for_an_iteration_variable() => CheckNone(new WithExpressionCodeFix(), "void M() { foreach (var c in new[] { customers.GetNoCopy(1) }) c.Credit = 1; }");

    [Fact]
    public Task With_is_not_offered_for_a_nested_member() => CheckNone(new WithExpressionCodeFix(), "void M() { var c = customers.GetNoCopy(1); c.Address.City = \"x\"; c.Credit += 1; }");

    [Fact]
    public Task Update_is_not_offered_where_the_read_is_elsewhere() => CheckNone(new UpdateCodeFix(), "void M() { var o = orders.GetNoCopy(1); o.Total = 1; }");

    [Fact]
    public Task A_copy_is_not_offered_for_a_plain_class() => CheckNone(new CopyArgumentCodeFix(), "static void Reset(Order o) => o.Total = 0; void M() { Reset(orders.GetNoCopy(1)); }");

    [Theory]
    [InlineData(FixAllScope.Document)]
    [InlineData(FixAllScope.Project)]
    [InlineData(FixAllScope.Solution)]
    public async Task Fix_all_replaces_every_read_once(FixAllScope scope)
    {
        string before = "void M() { var o = orders.GetNoCopy(1); o.Total = 1; o.Name = \"a\"; orders.GetNoCopy(2).Lines.Clear(); }\n    void N() { if (orders.TryGetNoCopy(3, out var p)) { p.Total++; p.Count--; } }";
        string after = before.Replace("NoCopy", "", StringComparison.Ordinal);
        Document document = Create(before);
        ImmutableArray<Diagnostic> diagnostics = await Diagnose(document);
        Assert.Equal(5, diagnostics.Length);
        Assert.Equal(Normal(Head + "    " + after + "\n}\n"), Normal(await FixAll(document, new ReadCopyCodeFix(), diagnostics, scope)));
    }

    [Theory]
    [InlineData(FixAllScope.Document)]
    [InlineData(FixAllScope.Project)]
    [InlineData(FixAllScope.Solution)]
    public async Task Fix_all_marks_a_member_once(FixAllScope scope)
    {
        string before = "public Order M(bool b) { if (b) return orders.GetNoCopy(1); return orders.GetNoCopy(2); }";
        Document document = Create(before);
        ImmutableArray<Diagnostic> diagnostics = await Diagnose(document);
        Assert.Equal(2, diagnostics.Length);
        Assert.Equal(1, (await FixAll(document, new MarkNoCopyCodeFix(), diagnostics, scope)).Split("NoCopy]").Length - 1);
    }

    [Fact]
    public Task The_stored_entity_is_updated_with_an_entity_inside() => Check(new UpdateCodeFix(), "void M(Order x) { orders.GetNoCopy(42).Parent = x; }",
        "void M(Order x) {\n        if (orders.Update(42, entity => { entity.Parent = x; }) is not UpdateResult.Updated)\n        {\n            throw new InvalidOperationException(\"The entry is gone, or too large.\");\n        }\n    }");

    [Theory]
    [InlineData("interface IS { void Put(byte[] b); void Put(ReadOnlySpan<byte> b); } IS s = null!; void M() { s.Put(/* a */ orders.GetNoCopy(1).Bytes); }", "interface IS { void Put(byte[] b); void Put(ReadOnlySpan<byte> b); } IS s = null!; void M() { s.Put(/* a */ (ReadOnlySpan<byte>)orders.GetNoCopy(1).Bytes); }")]
    [InlineData("interface IS { void Put(int n, Memory<byte> b); void Put(int n, ReadOnlyMemory<byte> b); } IS s = null!; void M() { s.Put(1, orders.GetNoCopy(1).Bytes.AsMemory(2)); }", "interface IS { void Put(int n, Memory<byte> b); void Put(int n, ReadOnlyMemory<byte> b); } IS s = null!; void M() { s.Put(1, (ReadOnlyMemory<byte>)orders.GetNoCopy(1).Bytes.AsMemory(2)); }")]
    [InlineData("interface IS { void Put(List<OrderLine> b); void Put(IReadOnlyList<OrderLine> b); } IS s = null!; void M() { s.Put(orders.GetNoCopy(1).Lines); }", "interface IS { void Put(List<OrderLine> b); void Put(IReadOnlyList<OrderLine> b); } IS s = null!; void M() { s.Put((IReadOnlyList<OrderLine>)orders.GetNoCopy(1).Lines); }")]
    public Task A_read_only_view_is_passed_where_the_callee_takes_one(string before, string after) => Check(new ReadOnlyViewCodeFix(), before, after);

    [Fact]
    public Task A_read_only_view_is_not_offered_without_an_overload_for_it() => CheckNone(new ReadOnlyViewCodeFix(), "void M() { sink(orders.GetNoCopy(1).Numbers); lines(orders.GetNoCopy(1).Lines); }");

    private static async Task Check(CodeFixProvider provider, string before, string after)
    {
        Document document = Create(before);
        ImmutableArray<Diagnostic> diagnostics = [.. (await Diagnose(document)).Where(d => provider.FixableDiagnosticIds.Contains(d.Id))];
        Diagnostic diagnostic = Assert.Single(diagnostics);
        CodeAction action = Assert.Single(await Actions(document, provider, diagnostic));
        Document changed = await Apply(document, action);
        Assert.Equal(Normal(Head + "    " + after + "\n}\n"), Normal((await changed.GetTextAsync(TestContext.Current.CancellationToken)).ToString()));
        Assert.Empty((await changed.Project.GetCompilationAsync(TestContext.Current.CancellationToken))!.GetDiagnostics(TestContext.Current.CancellationToken).Where(static d => d.Severity == DiagnosticSeverity.Error));
    }

    private static async Task CheckNone(CodeFixProvider provider, string code)
    {
        Document document = Create(code);
        ImmutableArray<Diagnostic> diagnostics = await Diagnose(document);
        Assert.NotEmpty(diagnostics);
        foreach (Diagnostic diagnostic in diagnostics.Where(d => provider.FixableDiagnosticIds.Contains(d.Id)))
            Assert.Empty(await Actions(document, provider, diagnostic));
    }

    private static async Task<List<CodeAction>> Actions(Document document, CodeFixProvider provider, Diagnostic diagnostic)
    {
        var actions = new List<CodeAction>();
        await provider.RegisterCodeFixesAsync(new CodeFixContext(document, diagnostic, (a, _) => actions.Add(a), CancellationToken.None));
        return actions;
    }

    private static async Task<Document> Apply(Document document, CodeAction action)
    {
        var operation = Assert.IsType<ApplyChangesOperation>(Assert.Single(await action.GetOperationsAsync(CancellationToken.None)));
        return operation.ChangedSolution.GetDocument(document.Id)!;
    }

    private static async Task<string> FixAll(Document document, CodeFixProvider provider, ImmutableArray<Diagnostic> diagnostics, FixAllScope scope)
    {
        List<CodeAction> actions = await Actions(document, provider, diagnostics[0]);
        var context = new FixAllContext(document, provider, scope, actions[0].EquivalenceKey, diagnostics.Select(static d => d.Id).Distinct(), new Provided(diagnostics), CancellationToken.None);
        CodeAction? all = await provider.GetFixAllProvider()!.GetFixAsync(context);
        return (await (await Apply(document, all!)).GetTextAsync()).ToString();
    }

    private static string Normal(string text) => text.ReplaceLineEndings("\n");

    private static Task<ImmutableArray<Diagnostic>> Diagnose(Document document) => AnalyzerHost.RunAsync(document.Project.GetCompilationAsync().Result!, new SharingAnalyzer())
        .ContinueWith(static t => t.Result.OrderBy(static d => d.Location.SourceSpan.Start).ToImmutableArray(), TaskScheduler.Default);

    private static Document Create(string members)
    {
        string code = Head + "    " + members + "\n}\n";
        var workspace = new AdhocWorkspace();
        Project project = workspace.AddProject(ProjectInfo.Create(ProjectId.CreateNewId(), VersionStamp.Default, "Tested", "Tested", LanguageNames.CSharp,
            compilationOptions: new CSharpCompilationOptions(OutputKind.DynamicallyLinkedLibrary, allowUnsafe: true, nullableContextOptions: NullableContextOptions.Enable),
            parseOptions: CSharpParseOptions.Default.WithLanguageVersion(LanguageVersion.Preview), metadataReferences: AnalyzerHost.WithRuntime));
        project = project.AddDocument("Preamble.cs", SourceText.From(CorpusSnippet.Preamble)).Project;
        return project.AddDocument("Snippet.cs", SourceText.From(code));
    }

    private sealed class Provided(ImmutableArray<Diagnostic> diagnostics) : FixAllContext.DiagnosticProvider
    {
        public override Task<IEnumerable<Diagnostic>> GetAllDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>(diagnostics);

        public override async Task<IEnumerable<Diagnostic>> GetDocumentDiagnosticsAsync(Document document, CancellationToken cancellationToken)
        {
            SyntaxTree? tree = await document.GetSyntaxTreeAsync(cancellationToken);
            return diagnostics.Where(d => d.Location.SourceTree == tree);
        }

        public override Task<IEnumerable<Diagnostic>> GetProjectDiagnosticsAsync(Project project, CancellationToken cancellationToken) => Task.FromResult<IEnumerable<Diagnostic>>([]);
    }
}
