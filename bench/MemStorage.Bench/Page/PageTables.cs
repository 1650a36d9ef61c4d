using System.Globalization;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Page;

/// <summary>The tables of <c>docs/performance.md</c>, from the files beside it. Each knows which run it shows.</summary>
internal sealed class PageTables(Figures figures)
{
    private const string NanosecondsOfThread = "ns thread CPU";

    private static readonly string[] ByBytesFirst =
    [
        "MemStorage bytes", "ConcurrentDictionary<byte[]>", "FASTER", "Garnet (loopback)", "Redis (loopback)", "MemStorage repository", "ConcurrentDictionary<Order>", "MemoryCache", "HybridCache",
        "BitFaster ConcurrentLru", "BitFaster ConcurrentLfu", "no store",
    ];

    private static readonly string[] RepositoryFirst =
    [
        "MemStorage repository", "MemStorage bytes", "ConcurrentDictionary<byte[]>", "ConcurrentDictionary<Order>", "MemoryCache", "HybridCache", "BitFaster ConcurrentLru", "BitFaster ConcurrentLfu", "FASTER",
    ];

    private static readonly (string Column, string Metric)[] Operations =
        [("copy", "get copy"), ("typed", "get typed"), ("view of the bytes", "get no-copy bytes"), ("shared instance", "get shared instance"), ("set", "set")];

    /// <summary>The table of this name.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public string Make(string name) => name switch
    {
        "one operation, 2000" => OneOperation("get-2000", "set-2000"),
        "one operation, 1000000" => OneOperation("get-1000000", "set-1000000"),
        "allocated" => Allocated(),
        "mixed" => Columns(figures.Of("mixed").Where(r => r.Threads == 2), RepositoryFirst,
            ("Mops/s", "mixed 95/5, throughput"), ("Mops per processor second", "mixed 95/5, throughput per processor second"), ("p50 ns", "mixed 95/5, latency p50"),
            ("p99 ns", "mixed 95/5, latency p99"), ("p99.9 ns", "mixed 95/5, latency p99.9"), ("p99.99 ns", "mixed 95/5, latency p99.99")),
        "threads, mixed" => Threads("threads-mixed", "mixed 95/5, throughput", r => r.Median),
        "threads, typed" => Threads("threads-get", "get typed, wall time", r => r.Threads * 1000 / r.Median),
        "threads, set" => Threads("threads-set", "set, wall time", r => r.Threads * 1000 / r.Median),
        "memory" => Columns(figures.Of("memory"), RepositoryFirst, ("heap", "beyond key and value, heap"), ("resident set", "beyond key and value, resident set")),
        "gc" => Columns(figures.Of("gc"), ByBytesFirst,
            ("forced gen 2, ms", "forced blocking collection of generation 2"), ("longest pause in the load, ms", "web-like load, longest pause"), ("pauses per second, ms", "web-like load, pause per second")),
        "hit ratio, count" => HitRatios("hitratio", "count", "MemStorage", "BitFaster ConcurrentLfu", "BitFaster ConcurrentLru", "MemoryCache", "best of"),
        "hit ratio, memory" => HitRatios("hitratio-memory", "memory", "MemStorage", "BitFaster ConcurrentLfu", "BitFaster ConcurrentLru"),
        "bound" => Bound(),
        "tail" => Tail(),
        "amplification" => Amplification(" live", "write amplification"),
        "amplification, segments" => Amplification(" live", "live share of the segments in memory"),
        "amplification, read-through" => ReadThrough(),
        "aims" => new AimsTable(figures).ToString(),
        "README" => Overview(),
        "typed layer" => figures.Micro("TypedBenchmarks").Table(
            [("get, written by hand", "HandWrittenGet"), ("get of the repository", "RepositoryGet")],
            [("set, written by hand", "HandWrittenSet"), ("set of the repository", "RepositorySet")]),
        "indexes" => figures.Micro("IndexBenchmarks").Table(
            [
                ("set without index", "SetWithoutIndex"), ("set, one index, the value stays", "SetOneIndexValueStays"), ("set, two indexes, the values stay", "SetTwoIndexesValuesStay"),
                ("set, one index, the value changes", "SetOneIndexValueChanges"), ("set, two indexes, the values change", "SetTwoIndexesValuesChange"),
            ],
            [("get by key", "ByKey"), ("search with 1 hit", "Alone"), ("search with 10 hits", "TenHits"), ("search with 100 hits", "HundredHits")]),
        _ => throw new InvalidDataException($"There is no table '{name}'."),
    };

    /// <summary>What the README shows: one line for each kind of store.</summary>
    private string Overview()
    {
        MarkdownTable table = new("typed read, ns", "write, ns", "95/5 mixed, 2 threads, Mops/s", "bytes per entry beyond key and value", "forced full collection, ms");
        string WithTenMillion(double? figure, double? more) => more is null ? Figures.Text(figure) : $"{Figures.Text(figure)} ({Figures.Text(more)} at ten million)";
        void Add(string name, string subject, string collected)
        {
            table.Add(
                name,
                Figures.Text(figures.Median("get-1000000", subject, "get typed", NanosecondsOfThread)),
                Figures.Text(figures.Median("set-1000000", subject, "set", NanosecondsOfThread)),
                Figures.Text(figures.Of("mixed").FirstOrDefault(r => r.Subject == subject && r.Threads == 2 && r.Metric == "mixed 95/5, throughput")?.Median),
                WithTenMillion(figures.Median("memory", subject, "beyond key and value, heap"), figures.Median("memory-10000000", subject, "beyond key and value, heap")),
                WithTenMillion(figures.Median("gc", collected, "forced blocking collection of generation 2"), figures.Median("gc-10000000", collected, "forced blocking collection of generation 2")));
        }
        Add("MemStorage repository", "MemStorage repository", "MemStorage bytes");
        Add("`ConcurrentDictionary<byte[]>` + MemoryPack", "ConcurrentDictionary<byte[]>", "ConcurrentDictionary<byte[]>");
        Add("MemoryCache (shares its objects)", "MemoryCache", "MemoryCache");
        Add("BitFaster ConcurrentLru (shares its objects)", "BitFaster ConcurrentLru", "BitFaster ConcurrentLru");
        Add("FASTER + MemoryPack", "FASTER", "FASTER");
        return table.ToString();
    }

    private static string NameOf(string subject) => subject.StartsWith("Concurrent", StringComparison.Ordinal) ? $"`{subject}`" : subject;

    private string OneOperation(params string[] files) => Operation(figures.Of(files).Where(r => r.Unit == NanosecondsOfThread && r.Threads == 1), Operations, "");

    private string Allocated() =>
        Operation(figures.Of("get-2000", "set-2000").Where(r => r.Unit == "bytes" && r.Threads == 1 && !r.Subject.Contains("loopback", StringComparison.Ordinal)), Operations.Where(o => o.Column != "shared instance"), ", allocated");

    private static string Operation(IEnumerable<Row> rows, IEnumerable<(string Column, string Metric)> operations, string suffix) =>
        Columns(rows, ByBytesFirst, [.. operations.Select(o => (o.Column, o.Metric + suffix))]);

    private static string Columns(IEnumerable<Row> rows, IEnumerable<string> subjects, params (string Column, string Metric)[] columns)
    {
        Row[] all = [.. rows];
        MarkdownTable table = new(columns.Select(c => c.Column));
        foreach (string subject in subjects)
            table.Add(NameOf(subject), columns.Select(c => Figures.Text(all.FirstOrDefault(r => r.Subject == subject && r.Metric == c.Metric)?.Median)));
        return table.ToString();
    }

    private string Threads(string file, string metric, Func<Row, double> value)
    {
        Row[] rows = [.. figures.Of(file).Where(r => r.Metric == metric)];
        int[] threads = [.. rows.Select(r => r.Threads).Distinct().Order()];
        MarkdownTable table = new(threads.Select(t => t == 1 ? "1 thread" : $"{t} threads"));
        foreach (string subject in RepositoryFirst)
            table.Add(NameOf(subject), threads.Select(t => Figures.Text(rows.FirstOrDefault(r => r.Subject == subject && r.Threads == t) is { } row ? value(row) : null)));
        return table.ToString();
    }

    // "hit ratio, TRACE, 10 % by count"
    private string HitRatios(string file, string bound, params string[] subjects)
    {
        MarkdownTable table = new("trace", ["fits", .. subjects.Select(s => s == "best of" ? "best of nine policies" : s)]);
        string ending = $" by {bound}";
        foreach (IGrouping<string, Row> cell in figures.Of(file).Where(r => r.Metric.EndsWith(ending, StringComparison.Ordinal)).GroupBy(r => r.Metric))
        {
            int comma = cell.Key.LastIndexOf(", ", StringComparison.Ordinal);
            string trace = cell.Key["hit ratio, ".Length..comma];
            table.Add(trace, [cell.Key[(comma + 2)..^ending.Length], .. subjects.Select(s => Figures.Tenths(cell.FirstOrDefault(r => r.Subject == s || (s == "best of" && r.Subject.StartsWith(s, StringComparison.Ordinal)))?.Median))]);
        }
        return table.ToString();
    }

    private string Bound()
    {
        const string Counted = "counted bytes of the bound, ";
        string Whole(string metric) => figures.Median("bound", "MemStorage", metric) is { } v ? v.ToString("F0", CultureInfo.InvariantCulture) : "-";
        MarkdownTable table = new("phase", ["counted bytes, highest", "process, highest, with garbage", "process after a full collection", "beyond 105 % of the bound, MiB"]);
        foreach (Row row in figures.Of("bound").Where(r => r.Metric.StartsWith(Counted, StringComparison.Ordinal) && !r.Metric.EndsWith(", highest", StringComparison.Ordinal)))
        {
            string phase = row.Metric[Counted.Length..];
            double? beyond = figures.Median("bound", "MemStorage", $"process growth beyond 105 % of the bound, {phase}");
            table.Add(phase, Figures.Tenths(row.Median), Whole($"process growth with garbage, {phase}"), Whole($"process growth after a collection, {phase}"), Math.Max(0, beyond ?? 0).ToString("F0", CultureInfo.InvariantCulture));
        }
        return table.ToString();
    }

    private string Tail()
    {
        const string grows = "insert while growing";
        string[] percentiles = ["p50", "p99", "p99.9", "p99.99"];
        MarkdownTable table = new([.. percentiles, "p99.99, wall time", "longest without a collection"]);
        Add("set with room", "MemStorage bytes", "set with room");
        Add("set while evicting", "MemStorage bytes", "set while evicting");
        Add("insert while the index grows to 10,000,000", "MemStorage bytes", grows);
        Add("no store: orders into arrays, 80,000,000", "no store (arrays filled in turn)", grows);
        return table.ToString();

        void Add(string title, string subject, string metric)
        {
            string Worst(string figure) => Figures.Text(figures.Of("tail").FirstOrDefault(r => r.Subject == subject && r.Metric == $"{metric}, {figure}")?.Max);
            table.Add(title, [.. percentiles.Select(p => Worst($"{p}, thread CPU")), Worst("p99.99, wall time"), Worst("longest without a collection, thread CPU")]);
        }
    }

    // "write amplification, 80 % live"
    private string Amplification(string ending, string metric)
    {
        Row[] rows = [.. figures.Of("amplification").Where(r => r.Metric.StartsWith(metric + ", ", StringComparison.Ordinal) && r.Metric.EndsWith(ending, StringComparison.Ordinal))];
        string[] shares = [.. rows.Select(r => r.Metric[(metric.Length + 2)..]).Distinct()];
        MarkdownTable table = new("live", shares.Select(s => s[..^ending.Length]));
        foreach (IGrouping<string, Row> load in rows.GroupBy(r => r.Subject))
            table.Add(load.Key, shares.Select(s => Figures.Text(load.FirstOrDefault(r => r.Metric == $"{metric}, {s}")?.Median)));
        return table.ToString();
    }

    // "write amplification, working set of 2 bounds"
    private string ReadThrough()
    {
        (string Column, string Metric)[] columns =
        [
            ("bytes moved per byte written", "write amplification"), ("live share of the room, %", "live share of the room"), ("live share of the segments, %", "live share of the segments in memory"),
            ("of the reclaimed segments copied, %", "copied of the reclaimed segments"),
        ];
        Row[] rows = [.. figures.Of("amplification").Where(r => r.Metric.Contains(", working set of ", StringComparison.Ordinal))];
        MarkdownTable table = new("", columns.Select(c => c.Column));
        foreach (IGrouping<string, Row> set in rows.GroupBy(r => r.Metric[(r.Metric.IndexOf(", ", StringComparison.Ordinal) + 2)..]))
            table.Add(set.Key, columns.Select(c => Figures.Text(set.FirstOrDefault(r => r.Metric == $"{c.Metric}, {set.Key}")?.Median)));
        return table.ToString();
    }
}
