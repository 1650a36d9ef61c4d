using System.Collections.Immutable;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;
using Xunit;

namespace MemStorage.Analyzers.Tests.Sharing;

/// <summary>"Nothing missed that the rules name, no false alarm": the score over the labelled corpus.</summary>
public sealed class CorpusTests(ITestOutputHelper output)
{
    private int _truePositives, _missed, _falseAlarms;
    private readonly List<string> _failures = [];

    [Fact]
    public async Task Every_form_is_found_and_nothing_else()
    {
        // One compilation for all that can stand side by side, each in a namespace of its own: binding the platform once takes seconds off.
        CorpusSnippet[] together = [.. CorpusSnippet.All.Where(static s => s.CanStandBesideOthers)];
        await Score(together, AnalyzerHost.Compile(AnalyzerHost.WithRuntime, [.. together.Select(static (s, i) => s.InNamespace(i)), CorpusSnippet.Preamble]), null);
        foreach (CorpusSnippet snippet in CorpusSnippet.All.Where(static s => !s.CanStandBesideOthers))
            await Score([snippet], Compile(snippet), snippet.Sources is null ? null : new Dictionary<string, string> { [SourceOptions.Key] = snippet.Sources });
        int positives = CorpusSnippet.All.Count(static s => s.IsPositive), negatives = CorpusSnippet.All.Length - positives;
        double recall = (double)_truePositives / Math.Max(1, _truePositives + _missed);
        double precision = (double)_truePositives / Math.Max(1, _truePositives + _falseAlarms);
        output.WriteLine($"sharing corpus: {positives + negatives} snippets ({positives} positive, {negatives} negative), {_truePositives} found, {_missed} missed, {_falseAlarms} false: recall {recall:P1}, precision {precision:P1}");
        foreach (string failure in _failures)
            output.WriteLine(failure);
        Assert.Empty(_failures);
        Assert.True(positives + negatives >= 250, $"The corpus has {positives + negatives} snippets.");
    }

    /// <summary>Beside others a snippet could be looked at for a name that only they mention; alone, the text before any binding must be enough.</summary>
    [Fact]
    public void What_must_be_found_is_looked_at_when_the_snippet_stands_alone()
    {
        var overlooked = new List<string>();
        foreach (CorpusSnippet snippet in CorpusSnippet.All.Where(static s => s is { IsPositive: true, CanStandBesideOthers: true }))
        {
            CSharpCompilation compilation = Compile(snippet);
            var gate = new SharingGate(compilation, KnownSymbols.Create(compilation), []);
            SyntaxNode root = compilation.SyntaxTrees[0].GetRoot(TestContext.Current.CancellationToken);
            foreach (int line in snippet.Expected.Keys)
            {
                int at = root.SyntaxTree.GetText(TestContext.Current.CancellationToken).Lines[line].Start;
                while (char.IsWhiteSpace(snippet.Code[at]))
                    at++;
                if (root.FindToken(at).Parent!.FirstAncestorOrSelf<MemberDeclarationSyntax>() is { } member && !gate.MayMatter(member, TestContext.Current.CancellationToken))
                    overlooked.Add($"{snippet}: {snippet.Code.Split('\n')[line].Trim()}");
            }
        }
        Assert.Empty(overlooked);
    }

    private async Task Score(CorpusSnippet[] snippets, CSharpCompilation compilation, Dictionary<string, string>? options)
    {
        var errors = compilation.SyntaxTrees.Take(snippets.Length).SelectMany(t => compilation.GetSemanticModel(t).GetDiagnostics(cancellationToken: TestContext.Current.CancellationToken))
            .Where(static d => d.Severity == DiagnosticSeverity.Error).ToLookup(static d => d.Location.SourceTree);
        var found = (await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer(), options, concurrent: true)).ToLookup(static d => d.Location.SourceTree);
        for (int i = 0; i < snippets.Length; i++)
        {
            SyntaxTree tree = compilation.SyntaxTrees[i];
            if (errors.Contains(tree))
                _failures.Add($"{snippets[i]}: does not compile: {string.Join("; ", errors[tree].Take(3).Select(static e => e.ToString()))}");
            else
                Score(snippets[i], found[tree]);
        }
    }

    private void Score(CorpusSnippet snippet, IEnumerable<Diagnostic> found)
    {
        var actual = found.GroupBy(static d => d.Location.GetLineSpan().StartLinePosition.Line)
            .ToDictionary(static g => g.Key, static g => g.Select(static d => d.Id).Distinct().Order(StringComparer.Ordinal).ToImmutableArray());
        foreach (int line in actual.Keys.Union(snippet.Expected.Keys).Order())
        {
            ImmutableArray<string> want = snippet.Expected.GetValueOrDefault(line, []);
            ImmutableArray<string> have = actual.GetValueOrDefault(line, []);
            _truePositives += want.Intersect(have).Count();
            string text = snippet.Code.Split('\n')[line].Trim();
            foreach (string id in want.Except(have))
            {
                _missed++;
                _failures.Add($"{snippet}: missed {id} at: {text}");
            }
            foreach (string id in have.Except(want))
            {
                _falseAlarms++;
                _failures.Add($"{snippet}: false {id} at: {text}");
            }
        }
    }

    internal static CSharpCompilation Compile(CorpusSnippet snippet) => AnalyzerHost.Compile(
        snippet.UsesCaches ? AnalyzerHost.WithCaches : AnalyzerHost.WithRuntime,
        snippet.Code,
        snippet.UsesCaches ? CorpusSnippet.Preamble.Replace("using MemStorage;", "") + "\nnamespace MemStorage { internal static class Marker { } }" : CorpusSnippet.Preamble);
}
