using System.Diagnostics;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// Latency of a write: with room, while evicting all the time, and while the index grows. One thread writes; each write is measured in processor time (what the store
/// did) and in wall time (what the caller saw, the neighbours of a shared machine included).
/// </summary>
internal sealed class TailScenario : Scenario
{
    private const int HeldFraction = 4;
    private static readonly (string Name, double Part)[] Percentiles = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999), ("max", 1)];

    public override string Name => "tail";

    public override string Summary => "latency of writes with room, under continuous eviction, and while the index grows";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entries", "1000000", "50000", "how many different orders are written; a quarter of them fits where evicting"),
        new("writes", "2000000", "60000", "how many writes are measured"),
        new("growth", "10000000", "100000", "how many orders are inserted while the index grows; 0: leave this out"),
        new("rounds", "3", "1", "how often each subject is measured, in turn"),
    ];

    public override void Run(Arguments arguments, Report report)
    {
        int entries = arguments.Number("entries");
        int writes = arguments.Number("writes");
        int growth = arguments.Number("growth");
        string[] keys = Order.Keys(Math.Max(entries, growth));
        RandomOrder order = RandomOrder.Uniform(entries);
        List<(string Subject, string Metric, int Entries, double Cpu, double Wall)> found = [];
        for (int round = 0; round < arguments.Number("rounds"); round++)
        {
            foreach ((string name, Func<int, Subject> create) in Catalog.Wanted(arguments).Where(s => !s.Key.StartsWith("Redis", StringComparison.Ordinal)))
                WithSubject(create, entries, "set with room", round, s => Overwrite(s, keys, order, writes));
            foreach ((string name, Func<int, Subject> create) in Evicting().Where(s => arguments.Wants(s.Name)))
                WithSubject(create, entries, "set while evicting", round, s => Overwrite(s, keys, order, writes));
            if (growth == 0)
                continue;
            foreach ((string name, Func<int, Subject> create) in Catalog.Wanted(arguments).Where(s => s.Key.StartsWith("MemStorage", StringComparison.Ordinal) || s.Key is "ConcurrentDictionary<byte[]>" or "FASTER"))
                WithSubject(create, growth, "insert while growing", round, s => Insert(s, keys, growth), load: false);
        }
        foreach (var cell in found.GroupBy(f => (f.Subject, f.Metric, f.Entries)))
        {
            report.Add(cell.Key.Subject, 1, cell.Key.Entries, cell.Key.Metric + ", thread CPU", "us", [.. cell.Select(c => c.Cpu)]);
            report.Add(cell.Key.Subject, 1, cell.Key.Entries, cell.Key.Metric + ", wall time", "us", [.. cell.Select(c => c.Wall)]);
        }

        void WithSubject(Func<int, Subject> create, int size, string metric, int round, Func<Subject, (Histogram Cpu, Histogram Wall)> measure, bool load = true)
        {
            using Subject subject = create(size);
            report.Progress($"round {round + 1}: {metric}, {subject.Name}");
            if (load)
                subject.Load(size);
            GC.Collect();
            (Histogram cpu, Histogram wall) = measure(subject);
            foreach ((string name, double part) in Percentiles)
                found.Add((subject.Name, $"{metric}, {name}", size, cpu.Percentile(part) / 1000.0, wall.Percentile(part) / 1000.0));
        }
    }

    /// <summary>The subjects that can forget, with room for a quarter of the entries.</summary>
    private static IEnumerable<(string Name, Func<int, Subject> Create)> Evicting() =>
    [
        ("MemStorage repository", n => new MemStorageRepositorySubject(Tight(n))),
        ("MemStorage bytes", n => new MemStorageBytes(Tight(n))),
        ("MemoryCache", n => new MemoryCacheSubject(n / HeldFraction)),
        ("BitFaster ConcurrentLru", n => new BitFasterLru(n / HeldFraction)),
        ("BitFaster ConcurrentLfu", n => new BitFasterLfu(n / HeldFraction)),
        ("FASTER", n => new FasterSubject(memoryBytes: Math.Max(1L << 25, n / HeldFraction * 184L), n)),
    ];

    private static MemStoreOptions Tight(int entries) => new() { MaxMemoryBytes = Math.Max(4 << 20, entries / HeldFraction * 200L), CompressionEnabled = false };

    private static (Histogram Cpu, Histogram Wall) Overwrite(Subject subject, string[] keys, RandomOrder order, int writes)
    {
        for (int i = 0; i < writes / 4; i++)
            subject.SetFrom(Template, order[i + writes], keys[order[i + writes]]);
        return Measure(subject, writes, i => order[i], keys);
    }

    private static (Histogram Cpu, Histogram Wall) Insert(Subject subject, string[] keys, int count) => Measure(subject, count, i => i, keys);

    private static Order Template { get; } = Order.Create(1, salt: 1);

    // The two clocks cannot be read for the same write: reading the thread's clock is a system call that costs more than the write itself.
    private static (Histogram Cpu, Histogram Wall) Measure(Subject subject, int writes, Func<int, int> entry, string[] keys)
    {
        Histogram cpu = new();
        Histogram wall = new();
        double nanosecondsPerTick = 1e9 / Stopwatch.Frequency;
        long overhead = ClockOverhead();
        for (int i = 0; i < writes; i++)
        {
            int id = entry(i);
            string key = keys[id];
            if ((i & 1) == 0)
            {
                long began = ThreadClock.Nanoseconds;
                subject.SetFrom(Template, id, key);
                cpu.Add(ThreadClock.Nanoseconds - began - overhead);
            }
            else
            {
                long began = Stopwatch.GetTimestamp();
                subject.SetFrom(Template, id, key);
                wall.Add((long)((Stopwatch.GetTimestamp() - began) * nanosecondsPerTick));
            }
        }
        return (cpu, wall);
    }

    private static long ClockOverhead()
    {
        long least = long.MaxValue;
        for (int i = 0; i < 10_000; i++)
        {
            long began = ThreadClock.Nanoseconds;
            least = Math.Min(least, ThreadClock.Nanoseconds - began);
        }
        return least;
    }
}
