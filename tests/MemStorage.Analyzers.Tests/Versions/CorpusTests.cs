using MemStorage.Tests.References;
using Microsoft.CodeAnalysis;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions;

/// <summary>The labelled corpus of MST2xxx: nothing missed that the rules name, no false alarm.</summary>
public sealed class CorpusTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(ReferenceKind.Compilation)]
    [InlineData(ReferenceKind.Metadata)]
    [InlineData(ReferenceKind.ReferenceAssembly)]
    public async Task Precision_and_recall_on_the_corpus_are_one(ReferenceKind kind)
    {
        var score = new SortedDictionary<string, (int Hit, int Missed, int False)>(StringComparer.Ordinal);
        var mistakes = new List<string>();
        int positive = 0, negative = 0;
        // one compilation for each file, so that the whole corpus runs in seconds; the snippets stand in namespaces of their own
        foreach (IGrouping<string, Snippet> file in Snippet.All().GroupBy(s => s.File))
        {
            Snippet[] snippets = [.. file];
            Compilation compilation = VersionHarness.Compile(kind, snippets.Select((s, i) => s.Source.Replace("Snippet_SNIPPET", $"Snippet{i}", StringComparison.Ordinal)));
            VersionHarness.AssertCompiles(compilation);
            ILookup<string, Diagnostic> found = (await VersionHarness.AnalyzeAsync(compilation)).ToLookup(d => d.Location.SourceTree!.FilePath);
            for (int i = 0; i < snippets.Length; i++)
                Compare(snippets[i], found[$"S{i}.cs"]);
        }

        output.WriteLine($"{positive + negative} snippets: {positive} positive, {negative} negative");
        foreach ((string id, (int hit, int missed, int wrong)) in score)
            output.WriteLine($"{id}: {hit} found, {missed} missed, {wrong} false; precision {(double)hit / Math.Max(1, hit + wrong):0.000}, recall {(double)hit / Math.Max(1, hit + missed):0.000}");
        foreach (string mistake in mistakes)
            output.WriteLine(mistake);
        Assert.True(mistakes.Count == 0, $"{mistakes.Count} mistakes:\n" + string.Join('\n', mistakes));
        Assert.True(positive + negative >= 120, $"The corpus has only {positive + negative} snippets.");

        void Compare(Snippet snippet, IEnumerable<Diagnostic> diagnostics)
        {
            _ = snippet.Expected.Count > 0 ? positive++ : negative++;
            var expected = new List<(string Id, int Line)>(snippet.Expected);
            foreach (Diagnostic diagnostic in diagnostics)
            {
                (string Id, int Line) found = (diagnostic.Id, diagnostic.Location.GetLineSpan().StartLinePosition.Line);
                bool hit = expected.Remove(found);
                Count(found.Id, hit ? (1, 0, 0) : (0, 0, 1));
                if (!hit)
                    mistakes.Add($"FALSE  {snippet}: {diagnostic.Id} line '{Line(snippet, found.Line)}': {diagnostic.GetMessage()}");
            }
            foreach ((string id, int line) in expected)
            {
                Count(id, (0, 1, 0));
                mistakes.Add($"MISSED {snippet}: {id} line '{Line(snippet, line)}'");
            }
        }

        void Count(string id, (int Hit, int Missed, int False) add)
        {
            score.TryGetValue(id, out (int Hit, int Missed, int False) old);
            score[id] = (old.Hit + add.Hit, old.Missed + add.Missed, old.False + add.False);
        }

        static string Line(Snippet snippet, int line) => snippet.Source.Split('\n').ElementAtOrDefault(line)?.Trim() ?? "";
    }
}
