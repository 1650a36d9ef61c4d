using MemStorage.Analyzers.Sharing;
using MemStorage.Tests.References;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MemStorage.Analyzers.Tests.Sharing;

/// <summary>Annotations in a referenced project are believed by the project that references it; without them nothing is said.</summary>
public sealed class AcrossAssembliesTests
{
    private const string Library = """
        using System; using System.Collections.Generic; using System.Threading.Tasks; using MemStorage;
        namespace Lib
        {
            public class Item { public int N { get; set; } public List<int> Values { get; } = new(); [Mutates] public void Bump() { N++; } [Pure] public int Sum() => N; public void Silent() { N++; } }
            public interface ICatalog { [return: NoCopy] Item Find(int id); bool TryFind(int id, [NoCopy] out Item item); [NoCopy] Item Latest { get; } [return: NoCopy] Task<Item> FindAsync(int id); Item Copy(int id); }
            public abstract class Catalog : ICatalog
            {
                public abstract Item Find(int id);
                public abstract bool TryFind(int id, out Item item);
                public abstract Item Latest { get; }
                public abstract Task<Item> FindAsync(int id);
                public abstract Item Copy(int id);
            }
            public static class Tools
            {
                public static void Fill([Mutates] int[] data, int[] other) { }
                public static void Reset([Mutates] this Item item) { }
                public static void Send(byte[] data) { }
                public static void Look([Pure] List<int> values) { }
                public static void Take(List<int> values) { }
            }
            public delegate void Viewer([NoCopy] Item item);
            public class Store { public void Read(int id, Viewer viewer) { } }
        }
        """;

    private const string Use = """
        using System.Collections.Generic; using System.Threading.Tasks; using Lib;
        class C
        {
            private Item? _kept;
            async Task M(ICatalog c, Catalog b, Store s)
            {
                c.Find(1).N = 1; // MST1001
                b.Find(1).Values.Add(1); // MST1001
                if (c.TryFind(1, out var i)) i.N++; // MST1001
                if (b.TryFind(1, out var j)) j.N++; // MST1001
                c.Latest.N = 2; // MST1001
                b.Latest.N = 2; // MST1001
                (await c.FindAsync(1)).N = 3; // MST1001
                c.Copy(1).N = 4;
                c.Find(1).Bump(); // MST1002
                c.Find(1).Sum();
                c.Find(1).Silent();
                c.Find(1).Reset(); // MST1002
                Tools.Reset(c.Find(1)); // MST1002
                int[] own = [1], shared = c.Find(1).Values.ToArray();
                Tools.Fill(own, shared);
                Tools.Look(c.Find(1).Values);
                Tools.Take(c.Find(1).Values); // MST1003
                Tools.Take([.. c.Find(1).Values]);
                _kept = c.Find(1); // MST1004
                s.Read(1, item => item.N = 1); // MST1001
                s.Read(1, item => _kept = item); // MST1006
                s.Read(1, item => System.Console.WriteLine(item.N));
            }
        }
        """;

    [Theory]
    [InlineData(ReferenceKind.Compilation)]
    [InlineData(ReferenceKind.Metadata)]
    [InlineData(ReferenceKind.ReferenceAssembly)]
    public async Task Annotations_of_a_referenced_project_hold(ReferenceKind kind)
    {
        CSharpCompilation library = AnalyzerHost.Compile(AnalyzerHost.WithRuntime, Library).WithAssemblyName("Library");
        CSharpCompilation use = AnalyzerHost.Compile([.. AnalyzerHost.WithRuntime, library.ReferredToAs(kind)], Use);
        Assert.Empty(AnalyzerHost.Errors(use));

        string[] lines = Use.ReplaceLineEndings("\n").Split('\n');
        string[] expected = [.. lines.Select(static (l, i) => (l, i)).Where(static x => x.l.Contains("// MST", StringComparison.Ordinal)).Select(static x => $"{x.i + 1} {x.l[^7..]}")];
        string[] found = [.. (await AnalyzerHost.RunAsync(use, new SharingAnalyzer())).OrderBy(static d => d.Location.SourceSpan.Start).Select(static d => $"{d.Location.GetLineSpan().StartLinePosition.Line + 1} {d.Id}")];
        Assert.Equal(expected, found);
    }
}
