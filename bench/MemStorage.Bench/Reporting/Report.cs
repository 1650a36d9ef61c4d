using System.Globalization;
using System.Text.Json;

namespace MemStorage.Bench.Reporting;

/// <summary>Collects the rows of a run, shows progress on the error stream, prints the tables and writes the file.</summary>
internal sealed class Report(string scenario)
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = false };
    private readonly List<Row> _rows = [];
    private readonly System.Diagnostics.Stopwatch _clock = System.Diagnostics.Stopwatch.StartNew();

    public IReadOnlyList<Row> Rows => _rows;

    /// <summary>Whether something was not as it must be: the process ends with 1.</summary>
    public bool Failed { get; private set; }

    public void Progress(string text) => Console.Error.WriteLine(string.Create(CultureInfo.InvariantCulture, $"[{_clock.Elapsed.TotalSeconds,6:F1} s] {text}"));

    public void Fail(string text)
    {
        Failed = true;
        Progress("FAILED: " + text);
    }

    public void Add(Row row) => _rows.Add(row);

    public void Add(string subject, int threads, long entries, string metric, string unit, params IReadOnlyCollection<double> values)
    {
        double[] sorted = [.. values.Order()];
        if (sorted.Length > 0)
            _rows.Add(new Row(scenario, subject, threads, entries, metric, unit, sorted[sorted.Length / 2], sorted[0], sorted[^1], sorted.Length));
    }

    /// <summary>Prints one table for each metric and count of entries, then writes the rows as JSON, one a line.</summary>
    public void Finish(string jsonFile)
    {
        foreach (IGrouping<(string Metric, string Unit, long Entries, int Threads), Row> table in _rows.GroupBy(r => (r.Metric, r.Unit, r.Entries, r.Threads)))
        {
            Console.WriteLine();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Key.Metric} [{table.Key.Unit}], {table.Key.Entries:N0} entries, {table.Key.Threads} thread(s)"));
            foreach (Row row in table)
            {
                string spread = row.Runs > 1 ? $"({Text(row.Min)} to {Text(row.Max)}, {row.Runs} runs)" : "";
                Console.WriteLine($"  {row.Subject,-34} {Text(row.Median),12}  {spread}");
            }
        }
        if (jsonFile.Length == 0)
            return;
        if (Path.GetDirectoryName(Path.GetFullPath(jsonFile)) is { } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(jsonFile, "[\n" + string.Join(",\n", _rows.Select(r => JsonSerializer.Serialize(r, Json))) + "\n]\n");
        Progress($"wrote {jsonFile}");
    }

    public static IReadOnlyList<Row> Read(string jsonFile) => JsonSerializer.Deserialize<List<Row>>(File.ReadAllText(jsonFile), Json) ?? [];

    private static string Text(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
