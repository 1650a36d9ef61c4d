using System.Globalization;

namespace MemStorage.Bench.Reporting;

/// <summary>Collects the rows of a run, shows progress on the error stream, prints the tables and writes the file.</summary>
internal sealed class Report(string scenario)
{
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

    /// <summary>Before hours of measuring: whether the rows can be written in the end.</summary>
    /// <exception cref="CommandLine.UsageException">They cannot.</exception>
    public static void CheckWritable(string jsonFile)
    {
        if (jsonFile.Length == 0)
            return;
        try
        {
            bool exists = File.Exists(jsonFile);
            Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(jsonFile))!);
            File.Open(jsonFile, FileMode.OpenOrCreate, FileAccess.Write).Dispose();
            if (!exists)
                File.Delete(jsonFile);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandLine.UsageException($"--json: '{jsonFile}' cannot be written: {e.Message}");
        }
    }

    /// <summary>Prints one table for each metric and count of entries, then writes the rows as JSON, one a line.</summary>
    public void Finish(string jsonFile)
    {
        foreach (IGrouping<(string Metric, string Unit, long Entries, int Threads), Row> table in _rows.GroupBy(r => (r.Metric, r.Unit, r.Entries, r.Threads)))
        {
            Console.WriteLine();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{table.Key.Metric} [{table.Key.Unit}], {table.Key.Entries:N0} {(IsBytes(table.First()) ? "bytes" : "entries")}, {table.Key.Threads} thread(s)"));
            foreach (Row row in table)
            {
                string spread = row.Runs > 1 ? $"({Text(row.Min)} to {Text(row.Max)}, {row.Runs} runs)" : "";
                Console.WriteLine($"  {row.Subject,-34} {Text(row.Median),12}  {spread}");
            }
        }
        if (jsonFile.Length == 0)
            return;
        RowFile.Write(jsonFile, _rows);
        Progress($"wrote {jsonFile}");
    }

    private static bool IsBytes(Row row) => row.Scenario == "amplification" || row.Metric.EndsWith("by memory", StringComparison.Ordinal);

    private static string Text(double value) => Math.Abs(value) switch
    {
        >= 1000 => value.ToString("N0", CultureInfo.InvariantCulture),
        >= 100 => value.ToString("F0", CultureInfo.InvariantCulture),
        >= 10 => value.ToString("F1", CultureInfo.InvariantCulture),
        _ => value.ToString("F2", CultureInfo.InvariantCulture),
    };
}
