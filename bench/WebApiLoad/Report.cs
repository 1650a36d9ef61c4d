using System.Globalization;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace WebApiLoad;

/// <summary>The figures of a run: as rows of the form that the other benchmarks write, and as a page.</summary>
internal sealed class Report(Arguments arguments, IReadOnlyDictionary<string, List<Round>> rounds)
{
    private static readonly JsonSerializerOptions s_json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly (string Metric, string Unit, string Format, Func<Round, double> Value)[] s_metrics =
    [
        ("requests per second", "1/s", "N0", r => r.RequestsPerSecond),
        ("processor time of the service per request", "us", "F1", r => r.ProcessorMicroseconds),
        ("allocated by the service per request", "bytes", "N0", r => r.AllocatedBytes),
        ("latency p50", "ms", "F2", r => r.P50),
        ("latency p99", "ms", "F2", r => r.P99),
        ("latency p99.9", "ms", "F2", r => r.P999),
        ("GC pause per second", "ms", "F2", r => r.PauseMillisecondsPerSecond),
        ("longest GC pause", "ms", "F1", r => r.LongestPause),
        ("collections of generation 0", "count", "N0", r => r.Gen0),
        ("collections of generation 1", "count", "N0", r => r.Gen1),
        ("collections of generation 2", "count", "N0", r => r.Gen2),
        ("heap", "MiB", "N0", r => r.HeapMiB),
        ("working set", "MiB", "N0", r => r.WorkingSetMiB),
    ];

    private IEnumerable<KeyValuePair<string, List<Round>>> InOrder => Servers.Kinds.Select(k => KeyValuePair.Create(k, rounds[k]));

    private sealed record Row(string Scenario, string Subject, int Threads, long Entries, string Metric, string Unit, double Median, double Min, double Max, int Runs);

    public string Json()
    {
        IEnumerable<string> rows =
            from service in InOrder
            from metric in s_metrics
            let values = service.Value.Select(metric.Value).Order().ToArray()
            select JsonSerializer.Serialize(
                new Row("webapi", Servers.Title(service.Key), arguments.Connections, arguments.Products, metric.Metric, metric.Unit, Math.Round(Median(values), 4), Math.Round(values[0], 4), Math.Round(values[^1], 4), values.Length),
                s_json);
        return $"[\n{string.Join(",\n", rows)}\n]\n";
    }

    public string Markdown()
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture,
            $"""
            # The sample service under load

            Written by `dotnet run -c Release --project bench/WebApiLoad -- run --seconds {arguments.Seconds} --warmup {arguments.WarmUpSeconds} --products {arguments.Products} --connections {arguments.Connections} --rounds {arguments.Rounds} --out docs/performance`
            on a machine with {Environment.ProcessorCount} processors. Median of {arguments.Rounds} rounds, in brackets the lowest and the highest.

            | | {string.Join(" | ", Servers.Kinds.Select(Servers.Title))} |
            |---|{string.Concat(Servers.Kinds.Select(_ => "---|"))}

            """);
        foreach ((string metric, string unit, string format, Func<Round, double> value) in s_metrics)
            text.Append(CultureInfo.InvariantCulture, $"| {metric}{(unit is "1/s" or "count" ? "" : ", " + unit)} | {string.Join(" | ", InOrder.Select(s => Cell(s.Value.Select(value), format)))} |\n");
        return text.ToString();
    }

    private static string Cell(IEnumerable<double> values, string format)
    {
        double[] sorted = [.. values.Order()];
        string Text(double value) => value.ToString(format, CultureInfo.InvariantCulture);
        return sorted.Length == 1 ? Text(sorted[0]) : $"{Text(Median(sorted))} ({Text(sorted[0])} to {Text(sorted[^1])})";
    }

    private static double Median(double[] sorted) => (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
}
