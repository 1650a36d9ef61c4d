using System.Collections.Immutable;
using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Xunit;

namespace MemStorage.Analyzers.Tests.Sharing;

/// <summary>"Nothing missed that the rules name, no false alarm": the score over the labelled corpus.</summary>
public sealed class CorpusTests(ITestOutputHelper output)
{
    [Fact]
    public async Task Every_form_is_found_and_nothing_else()
    {
        int truePositives = 0, missed = 0, falseAlarms = 0, positives = 0, negatives = 0;
        var failures = new List<string>();
        foreach (CorpusSnippet snippet in CorpusSnippet.All)
        {
            CSharpCompilation compilation = Compile(snippet);
            // The other tree, the preamble, is the same for all.
            Diagnostic[] errors = [.. compilation.GetSemanticModel(compilation.SyntaxTrees[0]).GetDiagnostics(cancellationToken: TestContext.Current.CancellationToken).Where(static d => d.Severity == DiagnosticSeverity.Error)];
            if (errors.Length > 0)
            {
                failures.Add($"{snippet}: does not compile: {string.Join("; ", errors.Take(3).Select(static e => e.ToString()))}");
                continue;
            }
            if (snippet.IsPositive)
                positives++;
            else
                negatives++;
            var options = snippet.Sources is null ? null : new Dictionary<string, string> { [SourceOptions.Key] = snippet.Sources };
            ImmutableArray<Diagnostic> found = await AnalyzerHost.RunAsync(compilation, new SharingAnalyzer(), options);
            var actual = found.GroupBy(static d => d.Location.GetLineSpan().StartLinePosition.Line)
                .ToDictionary(static g => g.Key, static g => g.Select(static d => d.Id).Distinct().Order(StringComparer.Ordinal).ToImmutableArray());
            foreach (int line in actual.Keys.Union(snippet.Expected.Keys).Order())
            {
                ImmutableArray<string> want = snippet.Expected.GetValueOrDefault(line, []);
                ImmutableArray<string> have = actual.GetValueOrDefault(line, []);
                truePositives += want.Intersect(have).Count();
                string text = snippet.Code.Split('\n')[line].Trim();
                foreach (string id in want.Except(have))
                {
                    missed++;
                    failures.Add($"{snippet}: missed {id} at: {text}");
                }
                foreach (string id in have.Except(want))
                {
                    falseAlarms++;
                    failures.Add($"{snippet}: false {id} at: {text}");
                }
            }
        }
        double recall = (double)truePositives / Math.Max(1, truePositives + missed);
        double precision = (double)truePositives / Math.Max(1, truePositives + falseAlarms);
        output.WriteLine($"sharing corpus: {positives + negatives} snippets ({positives} positive, {negatives} negative), {truePositives} found, {missed} missed, {falseAlarms} false: recall {recall:P1}, precision {precision:P1}");
        foreach (string failure in failures)
            output.WriteLine(failure);
        Assert.Empty(failures);
        Assert.True(positives + negatives >= 250, $"The corpus has {positives + negatives} snippets.");
    }

    internal static CSharpCompilation Compile(CorpusSnippet snippet) => AnalyzerHost.Compile(
        snippet.UsesCaches ? AnalyzerHost.WithCaches : AnalyzerHost.WithRuntime,
        snippet.Code,
        snippet.UsesCaches ? CorpusSnippet.Preamble.Replace("using MemStorage;", "") + "\nnamespace MemStorage { internal static class Marker { } }" : CorpusSnippet.Preamble);
}
