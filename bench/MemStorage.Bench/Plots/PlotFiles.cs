using System.Globalization;
using MemStorage.Bench.Reporting;
using ScottPlot;

namespace MemStorage.Bench.Plots;

/// <summary>One SVG for each question that a reader has.</summary>
internal static class PlotFiles
{
    private const int Width = 900;
    private const int Height = 480;
    private const string ForcedCollection = "forced blocking collection of generation 2";
    private const string WallTime = ", wall time";
    private const string AmplificationMetric = "write amplification, ";
    private const string LiveEnding = " % live";

    /// <param name="runs">The rows of each run. Where two measured the same, the first counts; what depends on the number of threads is drawn from one run alone.</param>
    /// <param name="folder">Where the plots go.</param>
    public static IEnumerable<string> Draw(IReadOnlyList<IReadOnlyList<Row>> runs, string folder)
    {
        Directory.CreateDirectory(folder);
        Row[] rows = [.. runs.SelectMany(r => r).DistinctBy(r => (r.Scenario, r.Subject, r.Threads, r.Entries, r.Metric, r.Unit))];
        foreach (string metric in (string[])["get copy", "get typed", "get no-copy bytes", "get shared instance", "set"])
        {
            foreach (IGrouping<long, Row> group in rows.Where(r => r.Metric == metric && r.Threads == 1 && !IsRemote(r)).GroupBy(r => r.Entries))
                yield return Bars(group, $"{metric}, {Number(group.Key)} entries, one thread", "ns per operation (thread CPU, median)", folder, $"{metric}-{group.Key}");
        }
        foreach (IReadOnlyList<Row> run in runs)
        {
            foreach (IGrouping<(string, long), Row> group in run.Where(r => Throughput(r) is not null && !IsRemote(r)).GroupBy(r => (OperationOf(r), r.Entries)).Where(g => g.DistinctBy(r => r.Threads).Count() > 1))
                yield return ByThreads(group, folder, $"throughput-{group.Key.Item1}-{group.Key.Item2}");
        }
        foreach (IGrouping<(long, int), Row> group in rows.Where(r => r.Scenario == "mixed" && r.Metric.Contains("latency", StringComparison.Ordinal) && !IsRemote(r)).GroupBy(r => (r.Entries, r.Threads)))
            yield return Latencies(group, folder, $"latency-{group.Key.Item1}-{group.Key.Item2}");
        foreach (IGrouping<long, Row> group in rows.Where(r => r.Metric == "beyond key and value, heap").GroupBy(r => r.Entries))
            yield return Bars(group, $"heap beyond key and value, {Number(group.Key)} entries", "bytes per entry", folder, $"memory-{group.Key}");
        foreach (IGrouping<long, Row> group in rows.Where(r => r.Metric == ForcedCollection).GroupBy(r => r.Entries))
            yield return Bars(group, $"forced collection of generation 2, {Number(group.Key)} entries", "ms (median)", folder, $"gc-{group.Key}");
        foreach (IGrouping<string, Row> group in rows.Where(r => r.Metric == ForcedCollection).GroupBy(r => r.Metric).Where(g => g.DistinctBy(r => r.Entries).Count() > 1))
            yield return ByEntries(group, folder, "gc-by-entries");
        foreach (IGrouping<(string, string), Row> group in rows.Where(r => r.Scenario == "hitratio" && r.Metric.StartsWith("hit ratio", StringComparison.Ordinal)).GroupBy(TraceOf))
            yield return HitRatios(group, folder, $"hitratio-{group.Key.Item1}-{group.Key.Item2}");
        Row[] amplification = [.. rows.Where(r => r.Scenario == "amplification" && r.Metric.StartsWith(AmplificationMetric, StringComparison.Ordinal) && r.Metric.EndsWith(LiveEnding, StringComparison.Ordinal))];
        if (amplification.Length > 0)
            yield return Amplification(amplification, folder, "amplification");
    }

    // a network hop on the same scale hides everything else
    private static bool IsRemote(Row row) => row.Subject.Contains("loopback", StringComparison.Ordinal);

    private static string Bars(IEnumerable<Row> rows, string title, string axis, string folder, string file)
    {
        Row[] sorted = [.. rows.OrderByDescending(r => r.Median)];
        Plot plot = New(title);
        Bar[] bars = [.. sorted.Select((r, i) => new Bar
        {
            Position = i,
            Value = r.Median,
            Orientation = Orientation.Horizontal,
            FillColor = IsOurs(r) ? Colors.SteelBlue : Colors.LightGray,
            Label = " " + r.Median.ToString(r.Median < 10 ? "F1" : "N0", CultureInfo.InvariantCulture),
        })];
        plot.Add.Bars(bars).Horizontal = true;
        plot.Axes.Left.SetTicks([.. bars.Select(b => b.Position)], [.. sorted.Select(r => r.Subject)]);
        plot.Axes.Bottom.Label.Text = axis;
        plot.Axes.Margins(left: 0, right: 0.15);
        return Save(plot, folder, file);
    }

    /// <summary>Million operations per second of all threads together; null where the row says nothing of it.</summary>
    private static double? Throughput(Row row) => row switch
    {
        { Scenario: "mixed" } when row.Metric.EndsWith(", throughput", StringComparison.Ordinal) => row.Median,
        { Scenario: "get" or "set" } when row.Metric.EndsWith(WallTime, StringComparison.Ordinal) => row.Threads * 1000 / row.Median,
        _ => null,
    };

    private static string OperationOf(Row row) => row.Scenario == "mixed" ? "mixed" : row.Metric.Replace(WallTime, "", StringComparison.Ordinal);

    private static string ByThreads(IEnumerable<Row> rows, string folder, string file)
    {
        Row[] all = [.. rows];
        int[] threads = [.. all.Select(r => r.Threads).Distinct().Order()];
        Plot plot = New($"{(all[0].Scenario == "mixed" ? all[0].Metric : OperationOf(all[0]))} by threads, {Number(all[0].Entries)} entries");
        foreach (IGrouping<string, Row> subject in all.GroupBy(r => r.Subject))
            Line(plot, subject, r => Array.IndexOf(threads, r.Threads), r => Throughput(r)!.Value);
        plot.Axes.Bottom.Label.Text = "threads";
        plot.Axes.Bottom.SetTicks([.. threads.Select((_, i) => (double)i)], [.. threads.Select(t => Number(t))]);
        plot.Axes.Left.Label.Text = "million operations per second";
        plot.Axes.SetLimitsY(0, all.Max(r => Throughput(r)!.Value) * 1.1);
        return Save(plot, folder, file, legend: true);
    }

    private static string ByEntries(IEnumerable<Row> rows, string folder, string file)
    {
        Row[] all = [.. rows];
        long[] sizes = [.. all.Select(r => r.Entries).Distinct().Order()];
        Plot plot = New("forced collection of generation 2 by entries");
        foreach (IGrouping<string, Row> subject in all.GroupBy(r => r.Subject))
            Line(plot, subject, r => Math.Log10(r.Entries), r => Math.Log10(r.Median * 1e6));
        plot.Axes.Bottom.Label.Text = "entries";
        plot.Axes.Bottom.SetTicks([.. sizes.Select(s => Math.Log10(s))], [.. sizes.Select(Number)]);
        LogTicks(plot, "ns", from: 5, to: 9);
        return Save(plot, folder, file, legend: true);
    }

    private static string Amplification(Row[] rows, string folder, string file)
    {
        double Share(Row row) => double.Parse(row.Metric[AmplificationMetric.Length..^LiveEnding.Length], CultureInfo.InvariantCulture);
        Plot plot = New("write amplification by live share of the room for records");
        foreach (IGrouping<string, Row> load in rows.GroupBy(r => r.Subject))
        {
            Row[] points = [.. load.OrderBy(Share)];
            var line = plot.Add.Scatter(points.Select(Share).ToArray(), points.Select(r => r.Median).ToArray());
            line.LegendText = load.Key;
            bool theory = load.Key.StartsWith("theory", StringComparison.Ordinal);
            line.LineWidth = theory ? 1.5f : 2.5f;
            line.LinePattern = theory ? LinePattern.Dashed : LinePattern.Solid;
            line.MarkerSize = theory ? 0 : 7;
        }
        plot.Axes.Bottom.Label.Text = "% live when overwriting began";
        plot.Axes.Left.Label.Text = "bytes moved per byte written";
        // theory goes to infinity
        plot.Axes.SetLimitsY(0, rows.Where(r => !r.Subject.StartsWith("theory", StringComparison.Ordinal)).Max(r => r.Median) * 1.2);
        return Save(plot, folder, file, legend: true);
    }

    private static string Latencies(IEnumerable<Row> rows, string folder, string file)
    {
        Row[] all = [.. rows];
        string[] percentiles = [.. all.Select(r => r.Metric.Split(' ')[^1]).Distinct()];
        Plot plot = New($"latency of typed reads with 5 % writes, {Number(all[0].Entries)} entries, {all[0].Threads} thread(s)");
        foreach (IGrouping<string, Row> subject in all.GroupBy(r => r.Subject))
            Line(plot, subject, r => Array.IndexOf(percentiles, r.Metric.Split(' ')[^1]), r => Math.Log10(Math.Max(1, r.Median)));
        plot.Axes.Bottom.SetTicks([.. percentiles.Select((_, i) => (double)i)], percentiles);
        LogTicks(plot, "ns");
        return Save(plot, folder, file, legend: true);
    }

    private static string HitRatios(IEnumerable<Row> rows, string folder, string file)
    {
        Row[] all = [.. rows];
        Plot plot = New($"hit ratio, {TraceOf(all[0]).Trace}, bounded by {TraceOf(all[0]).Bound}");
        foreach (IGrouping<string, Row> subject in all.GroupBy(r => r.Subject.StartsWith("best of", StringComparison.Ordinal) ? "best of reference.csv" : r.Subject))
            Line(plot, subject, r => Math.Log10(r.Entries), r => r.Median);
        long[] sizes = [.. all.Select(r => r.Entries).Distinct()];
        plot.Axes.Bottom.SetTicks([.. sizes.Select(s => Math.Log10(s))], [.. sizes.Select(Number)]);
        plot.Axes.Bottom.Label.Text = TraceOf(all[0]).Bound == "count" ? "records that fit" : "bytes of memory";
        plot.Axes.Left.Label.Text = "%";
        return Save(plot, folder, file, legend: true);
    }

    /// <summary>"hit ratio, web12, 10 % by count" is trace and bound; the name of a trace may be anything.</summary>
    private static (string Trace, string Bound) TraceOf(Row row)
    {
        int from = "hit ratio, ".Length;
        return (row.Metric[from..row.Metric.LastIndexOf(", ", StringComparison.Ordinal)], row.Metric[(row.Metric.LastIndexOf(' ') + 1)..]);
    }

    private static void Line(Plot plot, IGrouping<string, Row> subject, Func<Row, double> x, Func<Row, double> y)
    {
        Row[] points = [.. subject.OrderBy(x)];
        var line = plot.Add.Scatter(points.Select(x).ToArray(), points.Select(y).ToArray());
        line.LegendText = subject.Key;
        line.LineWidth = IsOurs(points[0]) ? 3 : 1.5f;
        line.MarkerSize = 7;
    }

    private static void LogTicks(Plot plot, string unit, int from = 1, int to = 7)
    {
        double[] exponents = [.. Enumerable.Range(from, to - from + 1)];
        plot.Axes.Left.SetTicks(exponents, [.. exponents.Select(e => e switch { < 3 => $"{Math.Pow(10, e):N0} {unit}", < 6 => $"{Math.Pow(10, e - 3):N0} us", _ => $"{Math.Pow(10, e - 6):N0} ms" })]);
    }

    private static bool IsOurs(Row row) => row.Subject.StartsWith("MemStorage", StringComparison.Ordinal);

    private static string Number(long value) => value.ToString("N0", CultureInfo.InvariantCulture);

    private static Plot New(string title)
    {
        Plot plot = new();
        plot.Title(title, 16);
        return plot;
    }

    private static string Save(Plot plot, string folder, string name, bool legend = false)
    {
        if (legend)
            plot.ShowLegend(Edge.Right);
        string path = Path.Combine(folder, name.Replace(' ', '-') + ".svg");
        plot.SaveSvg(path, Width, Height);
        return path;
    }
}
