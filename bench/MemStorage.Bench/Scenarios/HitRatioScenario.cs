using System.Globalization;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.HitRatio;
using MemStorage.Bench.Reporting;
using MemStorage.Traces;
using MemStorage.Traces.Policies;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// Hit ratios on recorded and made-up traces, beside the caches of .NET and the best of nine policies: of the reference.csv beside the trace, or simulated where there is none.
/// </summary>
internal sealed class HitRatioScenario : Scenario
{
    // smaller cells have rows, but do not count in the means: the best of many policies there is mostly luck
    private const int FewestObjects = 50;
    private const long FewestBytes = 256 << 10;

    // fewer than this the peers do not take
    private const int LeastObjects = 3;
    private const int BytesPerEntry = 48;
    private const string Ours = "MemStorage";
    private const string MadeUp = "made-up";

    private static readonly (string Name, Func<int, TraceCache> Create)[] Peers =
    [
        ("BitFaster ConcurrentLfu", n => new LfuTraceCache(n)),
        ("BitFaster ConcurrentLru", n => new LruTraceCache(n)),
        ("MemoryCache", n => new MemoryCacheTraceCache(n)),
    ];

    public override string Name => "hitratio";

    public override string Summary => "hit ratios on traces (.mtrace, .mtrace.gz), bounded by count or by memory";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("trace", "", null, "files, folders, or made-up (all kinds) or made-up:NAME, comma-separated; without it, the traces that ship with the tests"),
        new("fraction", "0.01,0.05,0.10,0.25", "0.10", "how much of the trace's keys (count) or bytes (memory) fits", ValueRule.RealsAbove(0, 1)),
        new("bound", "count,memory", "count", "count: as many records; memory: as many bytes of real memory", ValueRule.Words("count", "memory")),
        new("seeds", "3", "1", "how many hash seeds of MemStorage are tried; the median counts", ValueRule.Whole(1, 1000)),
    ];

    public override IReadOnlyList<string> Subjects => [Ours, .. Peers.Select(p => p.Name)];

    public override void Run(Arguments arguments, Report report)
    {
        List<double> shortfalls = [];
        List<double> advantages = [];
        // all are looked for before the first is replayed
        foreach ((string source, Func<Trace> make) in Sources(arguments).ToList())
        {
            report.Progress($"read {source}");
            Trace trace = make();
            report.Progress($"{trace.Name}: {trace.Accesses.Length:N0} accesses to {trace.Unique:N0} keys, {trace.Sizes.Sum(s => (long)s):N0} bytes");
            if (trace.OtherSizes > 0)
                report.Progress($"{trace.Name}: {trace.OtherSizes:N0} accesses have another size than the first of their key; the first counts");
            string folder = Path.GetDirectoryName(source) ?? "";
            ReferenceTable? reference = File.Exists(Path.Combine(folder, "reference.csv")) ? ReferenceTable.Read(folder) : null;
            string[] keys = TraceKeys.Of(trace);
            foreach (double fraction in arguments.Reals("fraction"))
            {
                if (arguments.Words("bound").Contains("count"))
                    Count(trace, keys, fraction, reference, arguments, report, shortfalls);
                if (arguments.Words("bound").Contains("memory"))
                    Memory(trace, keys, fraction, arguments, report, advantages);
            }
        }
        if (shortfalls.Count > 0)
        {
            report.Add(Ours, 1, shortfalls.Count, "count bound, mean shortfall to the best of nine policies", "points", shortfalls.Average());
            report.Add(Ours, 1, shortfalls.Count, "count bound, worst shortfall to the best of nine policies", "points", shortfalls.Max());
        }
        if (advantages.Count > 0)
            report.Add(Ours, 1, advantages.Count, "memory bound, mean advantage over ConcurrentLfu", "points", advantages.Average());
    }

    private static void Count(Trace trace, string[] keys, double fraction, ReferenceTable? reference, Arguments arguments, Report report, List<double> shortfalls)
    {
        string metric = Metric(trace, fraction, "count");
        int capacity = Math.Max(LeastObjects, (int)(trace.Unique * fraction));
        if (capacity < FewestObjects)
            report.Progress($"{metric}: {capacity} records are fewer than {FewestObjects}; the rows do not count in the means");
        double ours = double.NaN;
        if (arguments.Wants(Ours))
        {
            (double HitRatio, long Peak)[] runs = [.. Enumerable.Range(1, arguments.Number("seeds")).Select(seed => CountBound.Run(trace, keys, capacity, (ulong)seed))];
            report.Add(Ours, 1, capacity, metric, "%", [.. runs.Select(r => r.HitRatio)]);
            ours = runs.Select(r => r.HitRatio).Order().ElementAt(runs.Length / 2);
            long peak = runs.Max(r => r.Peak);
            report.Progress($"{metric}: {ours:F2} %, at most {peak:N0} of {capacity:N0} records{(peak > capacity ? ": the smallest store there is holds more" : "")}");
        }
        foreach ((string name, Func<int, TraceCache> create) in Peers.Where(p => arguments.Wants(p.Name)))
        {
            using TraceCache cache = create(capacity);
            report.Add(name, 1, capacity, metric, "%", Replay.HitRatio(cache, trace, keys, static _ => 16));
        }
        (string policy, double percent, string source) = Best(trace, keys, capacity, reference);
        report.Add($"best of {source} ({policy})", 1, capacity, metric, "%", percent);
        if (!double.IsNaN(ours) && capacity >= FewestObjects)
            shortfalls.Add(Math.Max(0, percent - ours));
    }

    private static (string Policy, double Percent, string Source) Best(Trace trace, string[] keys, int capacity, ReferenceTable? reference)
    {
        if (reference?.Best(trace.Name, capacity) is { } best)
            return (best.Policy, best.HitRatio * 100, "reference.csv");
        List<(string Name, double Percent)> all = [.. ReferencePolicy.All.Select(p => (p.Name, p.Create(capacity, trace.Unique).HitRatio(trace)))];
        foreach ((string name, Func<int, TraceCache> create) in Peers.Take(2))
        {
            using TraceCache cache = create(capacity);
            all.Add((name, Replay.HitRatio(cache, trace, keys, static _ => 16)));
        }
        (string policy, double percent) = all.MaxBy(p => p.Percent);
        return (policy, percent, "nine policies");
    }

    private static void Memory(Trace trace, string[] keys, double fraction, Arguments arguments, Report report, List<double> advantages)
    {
        string metric = Metric(trace, fraction, "memory");
        long bytes = (long)(fraction * trace.Sizes.Sum(s => (long)s + TraceKeys.Length + BytesPerEntry));
        if (bytes < MemStorageTraceCache.LeastBound)
        {
            report.Progress($"{metric}: left out, {bytes:N0} bytes are less than the smallest store, {MemStorageTraceCache.LeastBound:N0}");
            return;
        }
        if (bytes < FewestBytes)
            report.Progress($"{metric}: {bytes:N0} bytes are fewer than {FewestBytes:N0}; the rows do not count in the mean");
        double ours = double.NaN;
        if (arguments.Wants(Ours))
        {
            double[] runs = [.. Enumerable.Range(1, arguments.Number("seeds")).Select(seed =>
            {
                using MemStorageTraceCache cache = new(bytes, (ulong)seed);
                return Replay.HitRatio(cache, trace, keys, key => Math.Max(1, trace.Sizes[key]));
            })];
            report.Add(Ours, 1, bytes, metric, "%", runs);
            ours = runs.Order().ElementAt(runs.Length / 2);
            report.Progress($"{metric}: {ours:F2} %");
        }
        foreach ((string name, Func<int, TraceCache> create) in Peers.Where(p => arguments.Wants(p.Name)))
        {
            if (MemoryBound.Run(create, trace, keys, bytes, MemoryBound.OverheadOf(create)) is not { } ratio)
            {
                report.Progress($"{metric}: {name} left out, fewer than {LeastObjects} entries fit");
                continue;
            }
            report.Add(name, 1, bytes, metric, "%", ratio);
            if (name == Peers[0].Name && !double.IsNaN(ours) && bytes >= FewestBytes)
                advantages.Add(ours - ratio);
        }
    }

    private static string Metric(Trace trace, double fraction, string bound) =>
        string.Create(CultureInfo.InvariantCulture, $"hit ratio, {trace.Name}, {fraction * 100:0.##} % by {bound}");

    private static IEnumerable<(string Source, Func<Trace> Make)> Sources(Arguments arguments)
    {
        string text = arguments.Text("trace");
        // a comma may be part of a name
        string[] given = File.Exists(text) || Directory.Exists(text) ? [text] : arguments.Words("trace");
        foreach (string path in given.Length > 0 ? given : [Shipped()])
        {
            if (path == MadeUp || path.StartsWith(MadeUp + ":", StringComparison.Ordinal))
            {
                foreach (string name in path == MadeUp ? SyntheticTraces.Names : [path[(MadeUp.Length + 1)..]])
                {
                    if (!SyntheticTraces.Names.Contains(name))
                        throw new UsageException($"--trace: there is no made-up trace '{name}'; there are {string.Join(", ", SyntheticTraces.Names)}.");
                    yield return (name, () => SyntheticTraces.Make(name));
                }
                continue;
            }
            if (File.Exists(path))
            {
                yield return (path, () => Trace.Read(path));
                continue;
            }
            if (!Directory.Exists(path))
                throw new UsageException($"--trace: there is no file or folder '{path}'.");
            string[] files = [.. Directory.GetFiles(path).Where(f => f.EndsWith(".mtrace", StringComparison.OrdinalIgnoreCase) || f.EndsWith(".mtrace.gz", StringComparison.OrdinalIgnoreCase)).Order(StringComparer.Ordinal)];
            if (files.Length == 0)
                throw new UsageException($"--trace: the folder '{path}' has no .mtrace and no .mtrace.gz file.");
            foreach (string file in files)
                yield return (file, () => Trace.Read(file));
        }
    }

    private static string Shipped()
    {
        foreach (string start in (string[])[AppContext.BaseDirectory, Directory.GetCurrentDirectory()])
        {
            for (DirectoryInfo? folder = new(start); folder is not null; folder = folder.Parent)
            {
                string traces = Path.Combine(folder.FullName, "tests", "data", "traces");
                if (Directory.Exists(traces))
                    return traces;
            }
        }
        throw new UsageException("--trace: the traces that ship with the tests are neither above this program nor above the working directory; name a file or a folder.");
    }
}
