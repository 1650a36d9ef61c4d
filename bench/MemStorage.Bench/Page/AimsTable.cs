using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Page;

/// <summary>Every figure that the project has set itself a limit for, and whether it holds: what is missed is listed like the rest.</summary>
internal sealed class AimsTable(Figures figures)
{
    private const string Repository = "MemStorage repository";
    private const string Bytes = "MemStorage bytes";
    private const string Dictionary = "ConcurrentDictionary<byte[]>";
    private const string Million = "get-1000000";
    private const string Thousands = "get-2000";
    private const string MixedThroughput = "mixed 95/5, throughput";

    public override string ToString()
    {
        MarkdownTable table = new("what", ["measured", "aim", "holds"]);
        void AtMost(string what, double? figure, double limit) => Add(what, figure, "at most", limit, figure <= limit);
        void AtLeast(string what, double? figure, double limit) => Add(what, figure, "at least", limit, figure >= limit);
        void Add(string what, double? figure, string bound, double limit, bool? holds) =>
            table.Add(what, Figures.Text(figure), figure is null ? "-" : $"{bound} {Figures.Text(limit)}", figure is null ? "-" : holds == true ? "yes" : "**no**");

        AtMost("typed read of the repository, 1,000,000 entries, against a dictionary of byte arrays", Time(Million, "get typed", Repository, Dictionary), 0.85);
        AtMost("the same against MemoryCache", Time(Million, "get typed", Repository, "MemoryCache"), 0.85);
        AtMost("the same against FASTER", Time(Million, "get typed", Repository, "FASTER"), 1);
        AtMost("typed read of the repository, 2,000 entries, against a dictionary of byte arrays", Time(Thousands, "get typed", Repository, Dictionary), 1.1);
        AtMost("the same against HybridCache", Time(Thousands, "get typed", Repository, "HybridCache"), 0.7);
        AtMost("copy of the bytes, 2,000 entries, against a dictionary of byte arrays", Time(Thousands, "get copy", Bytes, Dictionary), 1.3);
        AtMost("shared instance, 2,000 entries, against MemoryCache", Time(Thousands, "get shared instance", Repository, "MemoryCache"), 1);
        AtMost("64 keys of 1,000,000 in one call, per key, against one call for each", Together(Bytes), 0.6);
        AtMost("the same with entities of the repository", Together(Repository), 0.6);
        AtMost("set of the repository, 1,000,000 entries, against a dictionary of byte arrays", Time("set-1000000", "set", Repository, Dictionary), 0.65);
        AtMost("the same against FASTER", Time("set-1000000", "set", Repository, "FASTER"), 1);
        AtMost("the same against MemoryCache", Time("set-1000000", "set", Repository, "MemoryCache"), 0.35);
        AtMost("get of the repository, 2,048 entries, against code written by hand for one entity", figures.Micro("TypedBenchmarks").Ratio("RepositoryGet", "HandWrittenGet"), 1.1);
        AtMost("set of the repository, the same", figures.Micro("TypedBenchmarks").Ratio("RepositorySet", "HandWrittenSet"), 1.1);
        AtMost("bytes allocated by a set", figures.Median("set-2000", Repository, "set, allocated"), 0);
        AtLeast("mixed load, throughput of the repository against FASTER", Mixed("FASTER"), 1.15);
        AtLeast("the same against MemoryCache", Mixed("MemoryCache"), 1.15);
        AtMost("heap beyond key and value, bytes per entry, 10,000,000 entries", figures.Median("memory-10000000", Repository, "beyond key and value, heap"), 40);
        AtMost("forced collection, 10,000,000 entries, ms", figures.Median("gc-10000000", Bytes, "forced blocking collection of generation 2"), 1);
        AtMost("longest pause in the load, 10,000,000 entries, against an empty process", Ratio(figures.Median("gc-10000000", Bytes, "web-like load, longest pause"), figures.Median("gc-10000000", "no store", "web-like load, longest pause")), 1.5);
        AtMost("hit ratio by count, mean shortfall to the best of nine policies, points", figures.Median("hitratio", "MemStorage", "count bound, mean shortfall to the best of nine policies"), 0.5);
        AtMost("the same, worst", figures.Median("hitratio", "MemStorage", "count bound, worst shortfall to the best of nine policies"), 3);
        AtLeast("hit ratio by memory, mean advantage over ConcurrentLfu, points", figures.Median("hitratio-memory", "MemStorage", "memory bound, mean advantage over ConcurrentLfu"), 4);
        AtMost("p99.99 of a set while evicting against one with room, processor time", Ratio(Worst("set while evicting, p99.99, thread CPU"), Worst("set with room, p99.99, thread CPU")), 3);
        AtMost("longest write in which the index, the log or the change log grew, without a collection, processor time, ms", Worst("insert while growing, longest without a collection that allocated, thread CPU") / 1000, 2);
        AtMost("longest of all writes meanwhile (the same in a loop that only fills arrays is below)", Worst("insert while growing, longest without a collection, thread CPU") / 1000, 2);
        AtMost("counted bytes, % of the bound, highest", figures.Median("bound", "MemStorage", "counted bytes of the bound, highest"), 100);
        AtMost("both flow analyzers, % of compile and emit, a fifth of the methods with the store", AnalyzerShare(), 5);
        return table.ToString();
    }

    private double? Time(string file, string metric, string ours, string theirs) => Ratio(figures.Median(file, ours, metric, "ns thread CPU"), figures.Median(file, theirs, metric, "ns thread CPU"));

    private double? Together(string subject) => Ratio(figures.Median(Million, subject, "get 64 keys together", "ns thread CPU"), figures.Median(Million, subject, "get 64 keys one by one", "ns thread CPU"));

    private double? Mixed(string theirs) => Ratio(MixedMedian(Repository), MixedMedian(theirs));

    private double? MixedMedian(string subject) => figures.Of("mixed").FirstOrDefault(r => r.Subject == subject && r.Metric == MixedThroughput && r.Threads == 2)?.Median;

    private double? Worst(string metric) => figures.Of("tail").FirstOrDefault(r => r.Subject == Bytes && r.Metric == metric)?.Max;

    private double? AnalyzerShare() =>
        figures.Of("build").FirstOrDefault(r => r.Metric.EndsWith("with the store: analyzers against compile and emit, %", StringComparison.Ordinal) && !r.Metric.Contains("none", StringComparison.Ordinal))?.Max;

    private static double? Ratio(double? one, double? other) => one / other;
}
