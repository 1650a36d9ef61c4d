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

    private static string Ordinary(int file)
    {
        var text = new StringBuilder("using System; using System.Collections.Generic; using System.Linq;\n").Append(CultureInfo.InvariantCulture, $"internal sealed class Service{file}\n{{\n    private readonly Dictionary<string, int> _counts = new();\n");
        for (int i = 0; i < 20; i++)
            text.Append(CultureInfo.InvariantCulture, $"    internal int M{i}(List<string> all) {{ foreach (string s in all.Where(a => a.Length > {i})) _counts[s] = _counts.GetValueOrDefault(s) + 1; all.Add(\"x\"); all.Sort(); return _counts.Count; }}\n    internal int P{i} {{ get; set; }} = {i};\n");
        return text.Append("}\n").ToString();
    }
}
