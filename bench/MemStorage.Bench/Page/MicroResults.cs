using System.Text.Json;

namespace MemStorage.Bench.Page;

/// <summary>What BenchmarkDotNet's exporter <c>briefjson</c> has written for one class of <c>bench/MemStorage.MicroBenchmarks</c>.</summary>
internal sealed class MicroResults
{
    private readonly Dictionary<string, (double Nanoseconds, double Bytes)> _methods = [];

    /// <param name="folder">The folder of the published files; these are in its folder <c>micro</c>.</param>
    /// <param name="type">The class.</param>
    /// <exception cref="InvalidDataException">The file is not one of that exporter.</exception>
    public MicroResults(string folder, string type)
    {
        string path = Path.Combine(folder, "micro", $"MemStorage.MicroBenchmarks.{type}-report-brief.json");
        if (!File.Exists(path))
            return;
        try
        {
            using JsonDocument document = JsonDocument.Parse(File.ReadAllText(path));
            foreach (JsonElement benchmark in document.RootElement.GetProperty("Benchmarks").EnumerateArray())
            {
                _methods[benchmark.GetProperty("Method").GetString()!] =
                    (benchmark.GetProperty("Statistics").GetProperty("Mean").GetDouble(), benchmark.GetProperty("Memory").GetProperty("BytesAllocatedPerOperation").GetDouble());
            }
        }
        catch (Exception e) when (e is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            throw new InvalidDataException($"{path} is not what the exporter briefjson writes: {e.Message}", e);
        }
    }

    /// <summary>The time of one method against that of another; null where one was not measured.</summary>
    public double? Ratio(string one, string other) =>
        _methods.TryGetValue(one, out var first) && _methods.TryGetValue(other, out var second) ? first.Nanoseconds / second.Nanoseconds : null;

    /// <summary>One line for each method: time, time against the first of the group, allocated bytes.</summary>
    public string Table(params IEnumerable<(string Title, string Method)[]> groups)
    {
        MarkdownTable table = new("ns", "against the first of its kind", "bytes allocated");
        foreach ((string Title, string Method)[] group in groups)
        {
            foreach ((string title, string method) in group)
            {
                if (_methods.TryGetValue(method, out var figures) && _methods.TryGetValue(group[0].Method, out var first))
                    table.Add(title, Figures.Text(figures.Nanoseconds), Figures.Text(figures.Nanoseconds / first.Nanoseconds), Figures.Text(figures.Bytes));
            }
        }
        return table.ToString();
    }
}
