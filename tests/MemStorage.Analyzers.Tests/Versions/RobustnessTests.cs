using System.Text;
using MemStorage.Analyzers.Tests.Support;
using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions;

/// <summary>The version analyzer on large, broken and repeated input: it neither throws, nor blows up, nor changes its mind.</summary>
public sealed class RobustnessTests(ITestOutputHelper output)
{
    private static string Method(string body) => VersionHarness.Usings + $$"""
        class C
        {
            void M(MemStore store, OrderRepository orders, InvoiceRepository invoices, int id, int other, string key, Order order, bool flag)
            {
                {{body}}
            }
        }
        """;

    [Fact]
    public async Task Fifty_parallel_runs_find_the_same()
    {
        Compilation compilation = VersionHarness.Compile(Snippet.All().Where(s => s.File is "MST2002" or "MST2005")
            .Select((s, i) => s.Source.Replace("Snippet_SNIPPET", $"Snippet{i}", StringComparison.Ordinal)));
        string[] runs = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(async () =>
            string.Join('\n', (await VersionHarness.AnalyzeAsync(compilation)).Select(d => d.ToString())))));
        Assert.NotEmpty(runs[0]);
        Assert.Single(runs.Distinct());
    }

    [Fact]
    public async Task The_work_in_a_method_of_5000_statements_is_proportional_to_its_length()
    {
        (int small, _) = await WorkAsync(Statements(2500));
        (int large, int found) = await WorkAsync(Statements(5000));
        output.WriteLine($"2,500 statements: work {small}; 5,000: {large}, {found} diagnostics");
        Assert.Equal(2 * 1250, found);
        Assert.InRange(large, small, small * 2.2);

        static string Statements(int count)
        {
            var body = new StringBuilder();
            for (int i = 0; i < count / 4; i++)
                body.Append(System.Globalization.CultureInfo.InvariantCulture, $"var o{i} = orders.Get({i}); o{i}.Total += 1; orders.SetOrThrow(o{i}); if (flag) orders.Set(order);\n");
            return body.ToString();
        }
    }

    [Theory]
    [InlineData(false, false)]
    [InlineData(true, false)]
    [InlineData(true, true)]
    public async Task The_work_in_a_loop_of_chained_aliases_is_proportional_to_their_number(bool backwards, bool conditional)
    {
        (int small, _) = await WorkAsync(Chain(300));
        (int large, int found) = await WorkAsync(Chain(600));
        output.WriteLine($"300 aliases: work {small}; 600: {large}");
        Assert.Equal(1, found);
        Assert.InRange(large, small, small * 2.2);

        string Chain(int aliases)
        {
            var body = new StringBuilder("var a0 = orders.Get(id);\n");
            for (int i = 1; i <= aliases; i++)
                body.Append(System.Globalization.CultureInfo.InvariantCulture, $"var a{i} = order;\n");
            body.Append("while (flag)\n{\n");
            for (int n = 1; n <= aliases; n++)
            {
                int i = backwards ? aliases + 1 - n : n;
                body.Append(System.Globalization.CultureInfo.InvariantCulture, $"{(conditional ? "if (flag) " : "")}a{i} = a{i - 1};\n");
            }
            return body.Append(System.Globalization.CultureInfo.InvariantCulture, $"}}\na{aliases}.Total += 1; orders.SetOrThrow(a{aliases});\n").ToString();
        }
    }

    [Fact]
    public async Task Results_in_many_locals_stay_within_the_bound()
    {
        // the read: writes alone are not followed
        var body = new StringBuilder("Console.WriteLine(orders.Get(other).Total);\n");
        for (int i = 0; i < 1000; i++)
            body.Append(System.Globalization.CultureInfo.InvariantCulture, $"var r{i} = orders.Set(order); if (flag) Console.WriteLine(r{i});\n");
        (int work, int found) = await WorkAsync(body.ToString());
        output.WriteLine($"1,000 locals: work {work}");
        Assert.Equal(0, found);
        Assert.InRange(work, 1, Bound);
    }

    /// <summary>The work after which the analyzer falls silent for a member, and the last step over it.</summary>
    private const int Bound = 700_000;

    /// <summary>Generated programs out of the rules' vocabulary, half of them broken. <c>MEMSTORAGE_TEST_EFFORT=100</c> makes it 60,000 of them.</summary>
    [Fact]
    public async Task Generated_and_broken_programs_never_make_it_throw()
    {
        int seed = Effort.Seed(20_260_101), programs = Effort.Programs(600);
        output.WriteLine($"MEMSTORAGE_TEST_SEED={seed}, {programs} programs");
        var random = new Random(seed);
        string[] snippets = [.. Snippet.All().Select(s => s.Source)];
        for (int batch = 0; batch < programs / 200; batch++)
        {
            var sources = new List<string>();
            for (int i = 0; i < 200; i++)
            {
                string source = random.Next(2) == 0 ? Method(Generate(random, 3)) : snippets[random.Next(snippets.Length)];
                source = source.Replace("Snippet_SNIPPET", "N" + i, StringComparison.Ordinal);
                sources.Add(random.Next(2) == 0 ? source : BrokenCode.Break(source, random));
            }
            await VersionHarness.AnalyzeAsync(VersionHarness.Compile(sources)); // fails on an exception of the analyzer
        }
    }

    private static async Task<(int Work, int Found)> WorkAsync(string body)
    {
        Compilation compilation = VersionHarness.Compile(Method(body));
        VersionHarness.AssertCompiles(compilation);
        int work = 0;
        int found = (await VersionHarness.AnalyzeAsync(compilation, analyzer: new VersionsAnalyzer { OnWork = (_, n) => Interlocked.Add(ref work, n) })).Length;
        return (work, found);
    }

    private static string Generate(Random random, int depth)
    {
        string[] expressions =
        [
            "orders.Get(id)", "orders.Set(order)", "orders.TryUpdate(order)", "orders.Delete(id)", "orders.Delete(id, order.Version)", "store.Get(key)", "o", "o with { }", "order.Version",
            "orders.TryGet(id, out var x)", "DateTime.UtcNow.Ticks", "new Order { Id = id }", "invoices.Get(other) with { Amount = 1 }", "store?.Set(key, null!)", "default", "order!.Lines[0]",
        ];
        var text = new StringBuilder();
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            string a = expressions[random.Next(expressions.Length)], b = expressions[random.Next(expressions.Length)];
            string inner = depth > 0 ? Generate(random, depth - 1) : ";";
            text.Append(random.Next(16) switch
            {
                0 => $"var o = {a};",
                1 => $"{a};",
                2 => $"_ = {a};",
                3 => $"if ({a} is SetResult.Stored) {{ {inner} }} else {{ {inner} }}",
                4 => $"while ({a} != {b}) {{ {inner} }}",
                5 => $"foreach (var o in orders.All()) {{ {inner} }}",
                6 => $"try {{ {inner} }} catch (MemStorageException e) when ({a} is null) {{ }} finally {{ {inner} }}",
                7 => $"switch ({a}) {{ case SetResult.Superseded: break; case {b}: {inner} break; default: break; }}",
                8 => $"order.Version = {a};",
                9 => $"o.Total += {a};",
                10 => $"Action f = () => {{ {inner} }};",
                11 => $"void L() => {a};",
                12 => $"orders.Set({a}, {b});",
                13 => $"var r = flag ? {a} : {b};",
                14 => $"(o, var q) = ({a}, {b});",
                _ => $"{a}.Total = {b};",
            });
            text.Append('\n');
        }
        return text.ToString();
    }
}
