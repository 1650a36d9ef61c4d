using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MemStorage.Analyzers.Tests;

/// <summary>"A file without our types costs nothing measurable": counted, since a clock would measure the machine.</summary>
public sealed class CostTests
{
    private const string User = """
        using MemStorage;
        internal sealed class User(MemStore store)
        {
            public void Uses(string key) { System.ReadOnlyMemory<byte> value = store.GetNoCopy(key).Value; if (store.Delete(key) is DeleteResult.Deleted) System.Console.WriteLine(value.Length); }
            public int Idle(int n) { int sum = 0; for (int i = 0; i < n; i++) sum += i; return sum; }
        }
        """;

    [Fact]
    public async Task No_operation_of_a_file_without_the_store_is_looked_at()
    {
        var looked = new ConcurrentBag<string>();
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, [.. Enumerable.Range(0, 20).Select(Ordinary)]);
        Assert.Empty(AnalyzerHost.Errors(compilation));
        await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer { OnWork = (s, _) => looked.Add(s.Name) });
        await AnalyzerHost.RunAsync(compilation, new VersionsAnalyzer { OnWork = (s, _) => looked.Add(s.Name) });
        Assert.Empty(looked);
    }

    [Fact]
    public async Task Where_one_member_uses_the_store_only_that_one_is_looked_at()
    {
        var looked = new ConcurrentBag<string>();
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, [User, .. Enumerable.Range(0, 20).Select(Ordinary)]);
        Assert.Empty(AnalyzerHost.Errors(compilation));
        await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer { OnWork = (s, _) => looked.Add("sharing: " + s.Name) });
        await AnalyzerHost.RunAsync(compilation, new VersionsAnalyzer { OnWork = (s, _) => looked.Add("versions: " + s.Name) });
        Assert.Equal(["sharing: Uses", "versions: Uses"], looked.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Without_a_reference_to_the_runtime_nothing_is_registered()
    {
        var looked = new ConcurrentBag<string>();
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.Platform, Ordinary(0), "class Fake { public object GetNoCopy(int id) => new(); void M() { GetNoCopy(1).ToString(); } }");
        await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer { OnWork = (s, _) => looked.Add(s.Name) });
        await AnalyzerHost.RunAsync(compilation, new VersionsAnalyzer { OnWork = (s, _) => looked.Add(s.Name) });
        Assert.Empty(looked);
    }

    [Theory]
    [InlineData("Product p = products.Get(id); p.Price = 1; return products.TryUpdate(p) is UpdateResult.Updated;", false)]
    [InlineData("return products.Delete(id) == DeleteResult.Deleted;", false)]
    [InlineData("return products.Set(new Product { Id = id }) == SetResult.Stored;", false)]
    [InlineData("Product p = products.Get(id); return products.TryUpdate(p) is UpdateResult.Updated || products.TryUpdate(p) is UpdateResult.Updated;", true)]
    [InlineData("Product p = products.Get(id); while (products.TryUpdate(p) is not UpdateResult.Updated) p = products.Get(id); return true;", true)]
    [InlineData("Product p = products.Get(id); again: if (products.TryUpdate(p) is not UpdateResult.Updated) goto again; return true;", true)]
    [InlineData("Product p = products.Get(id); return p.Price > 1 && products.Delete(id, p.Version) == DeleteResult.Deleted;", true)]
    [InlineData("Product p = products.Get(id); return p.Price > 1 && products.Delete(id) == DeleteResult.Deleted;", true)]
    [InlineData("Product p = products.Get(id); p.Price = 1; return products.Set(p) == SetResult.Stored;", true)]
    public async Task A_body_is_followed_only_where_its_calls_can_come_together_to_a_finding(string body, bool followed)
    {
        var work = new ConcurrentBag<int>();
        CSharpCompilation compilation = Shop($"internal bool M(int id) {{ {body} }}");
        await AnalyzerHost.RunAsync(compilation, new VersionsAnalyzer { OnWork = (_, n) => work.Add(n) });
        Assert.Equal(followed, Assert.Single(work) > 0);
    }

    [Fact]
    public async Task The_members_of_a_class_whose_primary_constructor_calls_its_base_are_looked_at_once()
    {
        var looked = new ConcurrentBag<string>();
        CSharpCompilation compilation = Shop("internal void M(int id) { products.Delete(id); }", "(products)");
        System.Collections.Immutable.ImmutableArray<Diagnostic> found = await AnalyzerHost.RunAsync(compilation, new VersionsAnalyzer { OnWork = (s, _) => looked.Add(s.Name) });
        Assert.Equal("MST2001", Assert.Single(found).Id);
        Assert.Single(looked, "M");
        await AnalyzerHost.RunAsync(Shop("internal void M(int id) { products.GetNoCopy(id); }", "(products)"), new SharingAnalyzer { OnWork = (s, _) => looked.Add("sharing: " + s.Name) });
        Assert.Single(looked, "sharing: M");
    }

    [Fact]
    public async Task Lambdas_inside_each_other_are_evaluated_in_proportion_to_their_number()
    {
        int three = await WorkAsync(3), six = await WorkAsync(6);
        // Settled first and reported then at every level, it would be eight times as much.
        Assert.InRange(six, three, three * 5 / 2);

        static async Task<int> WorkAsync(int depth)
        {
            var body = new StringBuilder("System.Console.WriteLine(p.Price);");
            for (int i = 0; i < depth; i++)
                body.Insert(0, $"p.Tags.ForEach(t{i} => {{ System.Console.WriteLine(t{i}); ").Append(" });");
            var work = new ConcurrentBag<int>();
            await AnalyzerHost.RunAsync(Shop($"internal void M(int id) {{ Product p = products.GetNoCopy(id); {body} }}"), new SharingAnalyzer { OnWork = (_, n) => work.Add(n) });
            return Assert.Single(work);
        }
    }

    private static CSharpCompilation Shop(string member, string baseArguments = "")
    {
        CSharpCompilation compilation = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, $$"""
            using MemStorage;
            using System.Collections.Generic;
            public class Product { public int Id { get; set; } [MemStorageVersion] public long Version { get; set; } public decimal Price { get; set; } public List<string> Tags { get; set; } = new(); }
            internal class Base { protected Base() { } protected Base(object kept) => Kept = kept; protected object? Kept { get; } }
            internal sealed class Service(IMemStorageRepository<int, Product> products) : Base{{baseArguments}} { {{member}} }
            """);
        Assert.Empty(AnalyzerHost.Errors(compilation));
        return compilation;
    }

    private static string Ordinary(int file)
    {
        var text = new StringBuilder("using System; using System.Collections.Generic; using System.Linq;\n").Append(CultureInfo.InvariantCulture, $"internal sealed class Service{file}\n{{\n    private readonly Dictionary<string, int> _counts = new();\n");
        for (int i = 0; i < 20; i++)
            text.Append(CultureInfo.InvariantCulture, $"    internal int M{i}(List<string> all) {{ foreach (string s in all.Where(a => a.Length > {i})) _counts[s] = _counts.GetValueOrDefault(s) + 1; all.Add(\"x\"); all.Sort(); return _counts.Count; }}\n    internal int P{i} {{ get; set; }} = {i};\n");
        return text.Append("}\n").ToString();
    }
}
