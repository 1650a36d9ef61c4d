using System.Globalization;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Plots;

/// <summary>The rows as Markdown: one table for each scenario, count of entries and threads, a line per subject, a column per metric.</summary>
internal static class MarkdownTables
{
    public static void Print(IReadOnlyList<Row> rows, TextWriter to)
    {
        foreach (var group in rows.GroupBy(r => (r.Scenario, Entries: r.Scenario == "hitratio" ? 0 : r.Entries, r.Threads)))
        {
            string[] metrics = [.. group.Select(Column).Distinct()];
            to.WriteLine();
            to.WriteLine(string.Create(CultureInfo.InvariantCulture, $"### {group.Key.Scenario}, {group.Key.Entries:N0} entries, {group.Key.Threads} thread(s)"));
            to.WriteLine();
            to.WriteLine($"| | {string.Join(" | ", metrics)} |");
            to.WriteLine($"|---|{string.Concat(metrics.Select(_ => "---|"))}");
            foreach (IGrouping<string, Row> subject in group.GroupBy(r => r.Subject))
            {
                Dictionary<string, Row> cells = subject.GroupBy(Column).ToDictionary(g => g.Key, g => g.Last());
                to.WriteLine($"| {subject.Key} | {string.Join(" | ", metrics.Select(m => cells.TryGetValue(m, out Row? row) ? Text(row.Median) : "-"))} |");
            }
        }
    }

    private static string Column(Row row) => $"{row.Metric} [{row.Unit}]";

    private static string Text(double value) => value.ToString(Math.Abs(value) switch { >= 100 => "N0", >= 10 => "N1", _ => "N2" }, CultureInfo.InvariantCulture);
}
