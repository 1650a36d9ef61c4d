using System.Collections.Immutable;
using MemStorage.Analyzers.Sharing;
using MemStorage.Analyzers.Tests.Sharing;
using MemStorage.Tests.References;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MemStorage.Analyzers.Tests.AcrossProjects;

/// <summary>
/// "What an analyzer finds does not depend on how it meets a referenced project": a workspace hands it compilations, a build hands it reference
/// assemblies, a package whole ones. It never throws (AD0001), and the editor says what the build says.
/// </summary>
public sealed class SharingAcrossProjectsTests
{
    /// <summary>Types of another project, in every form that has a body an analyzer might want to look into.</summary>
    private const string Elsewhere = """
        using System; using System.Collections.Generic; using System.Threading.Tasks; using MemStorage;
        namespace Lib
        {
            public class Order
            {
                public Order() { Lines = new(); }
                public Order(Order other) { Lines = other.Lines; other.Total = 1; }
                public decimal Total { get; set; }
                public List<int> Lines { get; set; }
                private int _count;
                public int Count { get => _count; set { _count = value; } }
                public List<int> Forwarded => Lines;
                public int this[int i] { get { return Lines[i]; } set { Lines[i] = value; } }
                public void Change() { Total = 2; }
                public virtual void Virtual() { Total = 3; }
                public Order Self() => this;
                public static Order operator +(Order a, Order b) { a.Total++; return a; }
                public static Order operator ++(Order a) { a.Total++; return a; }
                public static implicit operator List<int>(Order a) => a.Lines;
                public void Deconstruct(out decimal total, out List<int> lines) { total = Total; lines = Lines; }
                public IEnumerable<int> Each() { foreach (int i in Lines) yield return i; }
                public async Task<Order> LaterAsync() { await Task.Yield(); Total = 4; return this; }
                public event EventHandler Changed { add { Total = 5; } remove { } }
            }
            public class Primary(Order order, List<int> numbers) : Base(order) { public Order Order { get; } = order; public List<int> Numbers = Touch(numbers); private static List<int> Touch(List<int> n) { n.Add(1); return n; } public void Use() => order.Total = 1; }
            public class Base { public Base(Order order) { order.Total = 9; } }
            public sealed class Deep { private readonly int _n; private readonly string _s; public Deep(int n, string s) { _n = n; _s = s; } public int N => _n; public override string ToString() => _s; public void Look() { } }
            public record Rec(Order Inner, List<int> Numbers) { public decimal Total { get; set; } }
            public record struct Both(Order Inner, List<int> Numbers);
            public readonly struct View(List<int> list) { public List<int> List { get; } = list; public void Add() => List.Add(1); }
            public struct Mutable { public int N; public List<int> L; public void Bump() { N++; L.Add(1); } }
            public interface IDefault { void Fix(Order o) { o.Total = 1; } }
            public class Default : IDefault { }
            public static class Tools
            {
                public static void Reset(Order o) { o.Total = 0; }
                public static void ResetExtension(this Order o) => o.Total = 0;
                public static T Same<T>(T value) => value;
                public static void Out(Order o, out List<int> lines) { lines = o.Lines; }
                public static void Through(Order o, Action<Order> action) => action(o);
                public static Func<Order> Hold(Order o) => () => o;
                public static Lazy<Order> Kept = new(() => new Order());
                public static partial class Inner { public static void Deep(Order o) { void Local() { o.Total = 1; } Local(); } }
                extension(Order o) { public void Extended() { o.Total = 1; } public decimal Half => o.Total / 2; public static void Static(Order p) { p.Total = 1; } }
            }
        }
        namespace System.OfAUser { public static class LooksLikeThePlatform { public static void Reset(Lib.Order o) { o.Total = 0; } } public class Box { public Lib.Order Order { get; set; } = new(); } }
        namespace Microsoft.Extensions.OfAUser { public class Options { public Lib.Order Order { get; set; } = new(); public void Apply(Lib.Order o) { o.Total = 0; } } }
        """;

    private const string Use = """
        using System; using System.Collections.Generic; using System.Linq; using System.Threading.Tasks; using Lib; using MemStorage; using System.OfAUser; using Microsoft.Extensions.OfAUser;
        class C
        {
            IMemStorageRepository<int, Order> orders = null!; IMemStorageRepository<int, Rec> recs = null!; IMemStorageRepository<int, Deep> deeps = null!; Deep? _kept; Order? _order;
            void Creation() { var o = orders.GetNoCopy(1) ?? new Order(); o.Total = 2; var p = new Order(orders.GetNoCopy(1)); p.Lines.Add(1); var q = new Primary(orders.GetNoCopy(1), orders.GetNoCopy(2).Lines); q.Order.Total = 1; q.Numbers.Add(2); }
            void Calls() { var o = orders.GetNoCopy(1); o.Change(); o.Virtual(); o.Self().Total = 1; o.Count++; o[0] = 1; o.Forwarded.Add(1); foreach (int i in o.Each()) Console.WriteLine(i); o.Changed += (_, _) => { }; }
            void Operators() { var o = orders.GetNoCopy(1); var p = o + new Order(); p.Total = 1; List<int> l = o; l.Add(1); var (t, lines) = o; lines.Add(1); o++; }
            async Task Async() { var o = orders.GetNoCopy(1); var p = await o.LaterAsync(); p.Total = 1; await foreach (var x in Many()) x.Total = 1; }
            async IAsyncEnumerable<Order> Many() { await Task.Yield(); yield return orders.GetNoCopy(1); }
            void Static() { var o = orders.GetNoCopy(1); Tools.Reset(o); o.ResetExtension(); Tools.Same(o).Total = 1; Tools.Out(o, out var l); l.Add(1); Tools.Through(o, x => x.Total = 1); Tools.Hold(o)().Total = 1; Tools.Inner.Deep(o); o.Extended(); Tools.Extended(o); Console.WriteLine(o.Half); Order.Static(o); }
            void Platform() { var o = orders.GetNoCopy(1); LooksLikeThePlatform.Reset(o); new Box { Order = o }.Order.Total = 1; new Options { Order = o }.Order.Total = 2; new Options().Apply(o); }
            void Interfaces(IDefault d) { d.Fix(orders.GetNoCopy(1)); ((IDefault)new Default()).Fix(orders.GetNoCopy(2)); }
            void Structs() { var v = new View(orders.GetNoCopy(1).Lines); v.Add(); v.List.Add(1); var m = new Mutable { L = orders.GetNoCopy(1).Lines }; m.Bump(); m.L.Add(1); }
            void Records() { var r = recs.GetNoCopy(1); r.Total = 1; r.Inner.Total = 1; var s = r with { Total = 2 }; s.Total = 3; s.Inner.Total = 4; var (inner, numbers) = r; inner.Total = 1; numbers.Add(1); }
            void RecordStructs() { var b = new Both(orders.GetNoCopy(1), orders.GetNoCopy(2).Lines); b.Inner.Total = 1; b.Numbers.Add(1); var (inner, numbers) = b; inner.Total = 1; numbers.Add(1); if (b is (var i, _)) i.Total = 2; }
            void Immutable() { _kept = deeps.GetNoCopy(1); deeps.GetNoCopy(1).Look(); _order = orders.GetNoCopy(1); }
            public Deep Returned() => deeps.GetNoCopy(1);
            Order Field = null!; Order Init() => Field = new Order(orders.GetNoCopy(1));
            class Derived : Order { public Derived(Order o) : base(o) { } public override void Virtual() { base.Virtual(); } public void Go(IMemStorageRepository<int, Derived> r) { r.GetNoCopy(1).Virtual(); r.GetNoCopy(1).Change(); } }
            class DerivedPrimary(Order o) : Base(o); void Make() { new DerivedPrimary(orders.GetNoCopy(1)); }
        }
        """;

    /// <summary>The smallest case of a public report: a constructor in a referenced project behind <c>??</c>.</summary>
    [Theory]
    [InlineData(ReferenceKind.Compilation)]
    [InlineData(ReferenceKind.Metadata)]
    [InlineData(ReferenceKind.ReferenceAssembly)]
    public async Task A_cached_object_or_a_new_one_of_another_project(ReferenceKind kind)
    {
        CSharpCompilation domain = AnalyzerHost.Compile(AnalyzerHost.WithCaches, "public class Order { public Order() { Total = 1; } public decimal Total { get; set; } }").WithAssemblyName("Domain");
        CSharpCompilation use = AnalyzerHost.Compile([.. AnalyzerHost.WithCaches, domain.ReferredToAs(kind)],
            "using Microsoft.Extensions.Caching.Memory; class C { void M(IMemoryCache cache) { var o = cache.Get<Order>(\"k\") ?? new Order(); o.Total = 2; } }");
        Assert.Empty(AnalyzerHost.Errors(use));
        var found = await AnalyzerHost.RunAsync(use, new SharingAnalyzer(), new Dictionary<string, string> { [SourceOptions.Key] = "Microsoft.Extensions.Caching.Memory.CacheExtensions.Get" });
        Assert.Equal("MST1001", Assert.Single(found).Id);
    }

    [Fact]
    public async Task Every_form_of_body_in_a_referenced_project_is_met_alike()
    {
        string[] findings = await EachWay(AnalyzerHost.Compile(AnalyzerHost.WithRuntime, Elsewhere).WithAssemblyName("Lib"), [Use], null);
        Assert.True(findings.Length >= 20, string.Join(Environment.NewLine, findings));
    }

    /// <summary>The corpus with the types of its snippets in a project of their own.</summary>
    [Fact]
    public async Task The_corpus_finds_the_same_over_every_kind_of_reference()
    {
        string[] sources = [.. CorpusSnippet.All.Where(static s => s.CanStandBesideOthers).Select(static (s, i) => s.InNamespace(i))];
        string[] findings = await EachWay(AnalyzerHost.Compile(AnalyzerHost.WithRuntime, CorpusSnippet.Preamble).WithAssemblyName("Demo"), sources, null);
        Assert.True(findings.Length > 300, $"{findings.Length} findings");
    }

    private static async Task<string[]> EachWay(CSharpCompilation library, string[] sources, Dictionary<string, string>? options)
    {
        Assert.Empty(AnalyzerHost.Errors(library));
        string[]? first = null;
        foreach (ReferenceKind kind in ProjectReferenceKinds.All)
        {
            CSharpCompilation use = AnalyzerHost.Compile([.. AnalyzerHost.WithRuntime, library.ReferredToAs(kind)], sources);
            Assert.Empty(AnalyzerHost.Errors(use).Take(5));
            ImmutableArray<Diagnostic> found = await AnalyzerHost.RunAsync(use, new SharingAnalyzer(), options, concurrent: true);
            string[] now = [.. found.Select(static d => d.ToString()).Order(StringComparer.Ordinal)];
            first ??= now;
            Assert.True(first.SequenceEqual(now), $"{kind} finds\n{string.Join('\n', now.Except(first))}\nand misses\n{string.Join('\n', first.Except(now))}\nof what {ReferenceKind.Compilation} finds.");
        }
        return first!;
    }
}
