using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Tests.Support;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MemStorage.Analyzers.Tests.Sharing;

/// <summary>The sharing analyzer on large, broken and repeated input: it neither throws, nor blows up, nor changes its mind.</summary>
public sealed class RobustnessTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Fifty_parallel_runs_find_the_same()
    {
        // All in one compilation, so that the runs race for the summaries of the same methods.
        string[] sources = [.. CorpusSnippet.All.Where(static s => !s.UsesCaches && s.File is "Calls" or "Contracts").Select(static (s, i) => InNamespace(s.Code, i))];
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, [.. sources, CorpusSnippet.Preamble]);
        string[] runs = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(async () =>
        {
            // A compilation of its own trees and symbols for every run; what is shared inside a run is shared by its threads.
            CSharpCompilation own = compilation.Clone();
            var found = await AnalyzerHost.RunAsync(own, new SharingAnalyzer(), concurrent: i % 5 != 0);
            return string.Join('\n', found.Select(static d => d.ToString()).Order(StringComparer.Ordinal));
        })));
        output.WriteLine($"{runs[0].Split('\n').Length} diagnostics in {sources.Length} snippets, 50 runs");
        Assert.True(runs[0].Split('\n').Length > 100);
        Assert.Single(runs.Distinct());
    }

    [Fact]
    public async Task The_work_in_a_method_of_5000_statements_is_proportional_to_its_length()
    {
        (long small, _) = await WorkAsync(Statements(2500));
        (long large, int found) = await WorkAsync(Statements(5000));
        output.WriteLine($"2,500 statements: {small} operations evaluated; 5,000: {large}");
        Assert.Equal(5000 / 5, found);
        Assert.InRange(large, small, small * 2.2);
    }

    [Fact]
    public async Task The_work_in_a_long_try_is_proportional_to_its_length()
    {
        (long small, _) = await WorkAsync("try {" + Statements(1000) + "} catch (Exception) { } finally { Console.WriteLine(); }");
        (long large, int found) = await WorkAsync("try {" + Statements(2000) + "} catch (Exception) { } finally { Console.WriteLine(); }");
        output.WriteLine($"1,000 statements in a try: {small} operations evaluated; 2,000: {large}");
        Assert.Equal(2000 / 5, found);
        Assert.InRange(large, small, small * 2.2);
    }

    [Fact]
    public async Task The_work_in_a_loop_of_300_chained_aliases_is_proportional_to_their_number()
    {
        (long small, _) = await WorkAsync(Chain(150, forward: true));
        (long large, int found) = await WorkAsync(Chain(300, forward: true));
        output.WriteLine($"150 aliases: {small} operations evaluated; 300: {large}");
        Assert.Equal(1, found);
        Assert.InRange(large, small, small * 2.2);
    }

    /// <summary>The worst order: every round of the loop carries the object one variable further.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task The_work_in_a_loop_of_aliases_chained_against_the_order_is_proportional_to_their_number(bool conditional)
    {
        (long small, _) = await WorkAsync(Chain(150, forward: false, conditional));
        (long large, int found) = await WorkAsync(Chain(300, forward: false, conditional));
        output.WriteLine($"150 aliases against the order: {small} operations evaluated; 300: {large}");
        Assert.Equal(1, found);
        Assert.InRange(large, small, small * 2.2);
    }

    [Fact]
    public async Task Deep_nesting_and_long_expressions_end()
    {
        string sum = string.Join(" + ", Enumerable.Repeat("o.Count", 3000));
        string chain = "o" + string.Concat(Enumerable.Repeat(".Parent!", 400)) + ".Total = 1;";
        string lambdas = string.Concat(Enumerable.Repeat("Run(() => {", 60)) + "o.Total = 1;" + string.Concat(Enumerable.Repeat("});", 60));
        string ternaries = "(" + string.Concat(Enumerable.Repeat("flag ? o : ", 300)) + "o).Total = 2;";
        (long work, int found) = await WorkAsync($"var o = orders.GetNoCopy(id); void Run(Action a) => a(); Console.WriteLine({sum});\n{chain}\n{lambdas}\n{ternaries}");
        output.WriteLine($"{work} operations evaluated, {found} found");
        Assert.True(found >= 2, $"{found}");
    }

    [Fact]
    public async Task Methods_that_call_each_other_are_summarized_once()
    {
        // 200 methods, each of which calls two others: without a table of summaries the number of paths doubles with every level.
        var members = new StringBuilder("void Run(int id) { M0(orders.GetNoCopy(id)); }\n");
        for (int i = 0; i < 200; i++)
            members.Append(CultureInfo.InvariantCulture, $"static void M{i}(Order o) {{ if (o.Count > {i}) M{(i + 1) % 200}(o); else M{(i * 7 + 3) % 200}(o); {(i == 150 ? "o.Total = 1;" : "")} }}\n");
        var work = new ConcurrentBag<int>();
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, Class(members.ToString()), CorpusSnippet.Preamble);
        await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer { OnWork = (_, n) => work.Add(n) });
        Assert.InRange(work.Sum(), 1, 10_000);
    }

    /// <summary>Generated programs and corpus snippets, half of them broken. <c>MEMSTORAGE_TEST_EFFORT=100</c> makes it 40,000 of them.</summary>
    [Fact]
    public async Task Generated_and_broken_programs_never_make_it_throw()
    {
        int seed = Effort.Seed(20_261_101), programs = Effort.Programs(400);
        output.WriteLine($"MEMSTORAGE_TEST_SEED={seed}, {programs} programs");
        var random = new Random(seed);
        CorpusSnippet[] snippets = [.. CorpusSnippet.All.Where(static s => !s.UsesCaches)];
        int found = 0;
        for (int done = 0; done < programs; done += 200)
        {
            var sources = new List<string>();
            for (int i = 0; i < Math.Min(200, programs - done); i++)
            {
                string source = random.Next(2) == 0 ? Class("async Task<Order> Run(int id, int other, bool flag, string text, Order mine)\n{\n" + BrokenCode.Generate(random, s_expressions, s_statements, 3) + "\nreturn mine; }") : snippets[random.Next(snippets.Length)].Code;
                sources.Add(InNamespace(random.Next(2) == 0 ? source : BrokenCode.Break(source, random), i));
            }
            CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, [.. sources, CorpusSnippet.Preamble]);
            try
            {
                found += (await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer(), concurrent: true)).Length;
            }
            catch (InvalidOperationException e)
            {
                Assert.Fail($"MEMSTORAGE_TEST_SEED={seed}, programs {done} to {done + 200}: {e.Message}");
            }
        }
        output.WriteLine($"{found} diagnostics");
        Assert.True(found > 0);
    }

    [Fact]
    public async Task Generated_code_is_skipped()
    {
        string code = Class("void Run(int id) { orders.GetNoCopy(id).Total = 1; }");
        Assert.Empty(await AnalyzerHost.RunAsync(AnalyzerHost.Compile(AnalyzerHost.WithRuntime, "// <auto-generated/>\n" + code, CorpusSnippet.Preamble), new SharingAnalyzer()));
        Assert.Single(await AnalyzerHost.RunAsync(AnalyzerHost.Compile(AnalyzerHost.WithRuntime, code, CorpusSnippet.Preamble), new SharingAnalyzer()));
    }

    private static readonly string[] s_expressions =
    [
        "orders.GetNoCopy(id)", "orders.Get(id)", "mine", "x", "x.Lines", "x.Parent", "x.Address", "x.Array", "x.Lines[0]", "x.Numbers.AsSpan()", "new Order { Lines = x.Lines }", "(x, mine)", "x with { }", "default!", "null",
        "customers.GetNoCopy(other)", "x?.Customer", "x.Lines.Where(l => l.Quantity > 1)", "x.Lines.Select(l => new { l, id })", "flag ? x : mine", "x ?? mine", "await Task.FromResult(x)", "(Order)(object)x", "x switch { Special s => s, _ => mine }",
        "() => x", "x.Map[text]", "new List<Order> { x }", "[x, mine]", "x.Numbers[^1]", "x.Numbers[1..]", "this", "store.GetNoCopy(text)", "orders.TryGetNoCopy(id, out var q)", "x!.Position", "x.Log",
    ];

    private static readonly string[] s_statements =
    [
        "var x = $a;", "$a;", "_ = $a;", "$a.Total = 1;", "$a.Total += $b;", "$a.Lines.Add($b);", "$a ??= $b;", "$a++;", "$a?.Name = text;", "if ($a is { Lines: [var p, ..] } r) { $s } else { $s }", "while (flag) { $s }", "foreach (var x in $a) { $s }",
        "foreach (ref var x in $a) { $s }", "try { $s } catch (Exception e) when ($a is null) { $s } finally { $s }", "switch ($a) { case Order { Total: > 1 } x when flag: $s break; default: $s break; }", "(x, var w) = ($a, $b);",
        "Action f = () => { $s };", "void L(Order x) { $s }", "L($a);", "ref var x = ref $a;", "Change(ref $a, out var z);", "Array.Sort($a);", "using (var x = $a) { $s }", "yield return $a;", "return $a;", "goto again;", "again: $s", "lock ($a) { $s }",
        "$a.Changed += (s, e) => { $s };", "orders.Set($a);", "for (var x = $a; flag; x = $b) { $s }", "$a[0] = $b;", "Func<Order, Order> g = x => $a;", "x = $a; $s", "dynamic d = $a; d.Total = 1;", "Interlocked.Exchange(ref $a, $b);", "await foreach (var x in $a) { $s }",
    ];

    private static string InNamespace(string code, int index) => $"namespace N{index} {{\n{code}\n}}";

    private static string Statements(int count)
    {
        var body = new StringBuilder();
        for (int i = 0; i < count / 5; i++)
            body.Append(CultureInfo.InvariantCulture, $"var o{i} = orders.GetNoCopy({i}); o{i}.Total += 1; if (flag) Console.WriteLine(o{i}.Name); var l{i} = o{i}.Lines.Where(l => l.Quantity > {i}).ToList(); l{i}.Add(new OrderLine());\n");
        return body.ToString();
    }

    private static string Chain(int aliases, bool forward, bool conditional = false)
    {
        var body = new StringBuilder("Order a0 = orders.GetNoCopy(id);\n");
        for (int i = 1; i <= aliases; i++)
            body.Append(CultureInfo.InvariantCulture, $"Order a{i} = new();\n");
        body.Append("while (flag)\n{\n");
        for (int n = 1; n <= aliases; n++)
        {
            int i = forward ? n : aliases + 1 - n;
            body.Append(CultureInfo.InvariantCulture, $"{(conditional ? "if (flag) " : "")}a{i} = a{i - 1};\n");
        }
        return body.Append(CultureInfo.InvariantCulture, $"}}\na{aliases}.Total = 1;\n").ToString();
    }

    private static string Class(string members) => $$"""
        using System; using System.Collections.Generic; using System.Linq; using System.Threading; using System.Threading.Tasks; using MemStorage; using Demo;
        class Snippet
        {
            private readonly IMemStorageRepository<int, Order> orders = null!; private readonly IMemStorageRepository<int, Customer> customers = null!; private readonly MemStore store = null!;
            {{members}}
        }
        """;

    /// <summary>The operations evaluated in the method, and the diagnostics found.</summary>
    private static async Task<(long Work, int Found)> WorkAsync(string body)
    {
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, Class("void Run(int id, bool flag)\n{\n" + body + "\n}"), CorpusSnippet.Preamble);
        Assert.Empty(AnalyzerHost.Errors(compilation).Take(3));
        long work = 0;
        int found = (await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer { OnWork = (_, n) => Interlocked.Add(ref work, n) })).Length;
        return (work, found);
    }
}
