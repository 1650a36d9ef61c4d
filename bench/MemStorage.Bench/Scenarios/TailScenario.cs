using System.Diagnostics;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// Latency of a write: with room, while evicting all the time, and while the index grows. One thread writes; each write is measured in processor time of its thread (what the
/// store did) and in wall time (what the caller saw, the neighbours of a shared machine and the pauses of the collector included). The longest writes in processor time are told apart by whether a
/// collection ran in them, which works on the writer's thread as well, and, while growing, by whether they allocated: only those grew anything.
/// </summary>
internal sealed class TailScenario : Scenario
{
    private const int HeldFraction = 4;
    private const long StallNanoseconds = 300_000;
    private const string Growing = "insert while growing";

    // the control is to see what the machine does rarely: more writes than the store gets, for four times as long
    private const int ControlPasses = 8;

    // what grows a store takes an array of its own
    private const long GrownBytes = 1024;
    private static readonly (string Name, double Part)[] Percentiles = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999), ("max", 1)];

    public override string Name => "tail";

    public override string Summary => "latency of writes with room, under continuous eviction, and while the index grows";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entries", "1000000", "50000", "how many different orders are written; a quarter of them fits where evicting", ValueRule.Whole(100, 100_000_000)),
        new("writes", "2000000", "60000", "how many writes are measured", ValueRule.Whole(100, 1_000_000_000)),
        new("growth", "10000000", "100000", "how many orders are inserted while the index grows; 0: leave this out", ValueRule.Whole(0, 100_000_000)),
        new("rounds", "3", "1", "how often each subject is measured, in turn", ValueRule.Whole(1, 1000)),
    ];

    public override IReadOnlyList<string> Subjects => [.. Catalog.InProcess, FreshMemory.Title];

    public override void Run(Arguments arguments, Report report)
    {
        int entries = arguments.Number("entries");
        int writes = arguments.Number("writes");
        int growth = arguments.Number("growth");
        string[] keys = Order.Keys(Math.Max(entries, growth));
        RandomOrder order = RandomOrder.Uniform(entries);
        List<(string Subject, string Metric, int Entries, double Cpu, double Wall)> found = [];
        List<(string Subject, string Metric, int Entries, double Value)> stalls = [];
        for (int round = 0; round < arguments.Number("rounds"); round++)
        {
            foreach ((string name, Func<int, Subject> create) in Catalog.Wanted(arguments).Where(s => Subjects.Contains(s.Key)))
                WithSubject(create, entries, "set with room", round, s => Overwrite(s, keys, order, writes));
            foreach ((string name, Func<int, Subject> create) in Evicting().Where(s => arguments.Wants(s.Name)))
                WithSubject(create, entries, "set while evicting", round, s => Overwrite(s, keys, order, writes));
            if (growth == 0)
                continue;
            foreach ((string name, Func<int, Subject> create) in Catalog.Wanted(arguments).Where(s => s.Key.StartsWith("MemStorage", StringComparison.Ordinal) || s.Key is "ConcurrentDictionary<byte[]>" or "FASTER"))
                WithSubject(create, growth, Growing, round, s => Insert(s, keys, growth), load: false);
            if (arguments.Wants(FreshMemory.Title))
                WithSubject(_ => new FreshMemory(), growth, Growing, round, s => Measure(s, ControlPasses * growth, i => i % growth, keys), load: false);
        }
        foreach (var cell in found.GroupBy(f => (f.Subject, f.Metric, f.Entries)))
        {
            report.Add(cell.Key.Subject, 1, cell.Key.Entries, cell.Key.Metric + ", thread CPU", "us", [.. cell.Select(c => c.Cpu)]);
            report.Add(cell.Key.Subject, 1, cell.Key.Entries, cell.Key.Metric + ", wall time", "us", [.. cell.Select(c => c.Wall)]);
        }

        foreach (var cell in stalls.GroupBy(f => (f.Subject, f.Metric, f.Entries)))
            report.Add(cell.Key.Subject, 1, cell.Key.Entries, cell.Key.Metric, "us", [.. cell.Select(c => c.Value)]);

        void WithSubject(Func<int, Subject> create, int size, string metric, int round, Func<Subject, Latencies> measure, bool load = true)
        {
            using Subject subject = create(size);
            report.Progress($"round {round + 1}: {metric}, {subject.Name}");
            if (load)
                subject.Load(size);
            GC.Collect();
            Latencies measured = measure(subject);
            foreach ((string name, double part) in Percentiles)
                found.Add((subject.Name, $"{metric}, {name}", size, measured.Cpu.Percentile(part) / 1000.0, measured.Wall.Percentile(part) / 1000.0));
            stalls.Add((subject.Name, $"{metric}, longest without a collection, thread CPU", size, measured.LongestOwn / 1000.0));
            if (metric == Growing)
            {
                stalls.Add((subject.Name, $"{metric}, longest without a collection that allocated, thread CPU", size, measured.LongestThatGrew / 1000.0));
                stalls.Add((subject.Name, $"{metric}, longest without a collection that allocated nothing, thread CPU", size, measured.LongestThatDidNot / 1000.0));
            }
            stalls.Add((subject.Name, $"{metric}, longest without a collection in which the thread waited, wall time", size, measured.LongestWait / 1000.0));
            report.Progress($"  longest in processor time {measured.Cpu.Max / 1000.0:F0} us, without a collection {measured.LongestOwn / 1000.0:F0} us (write {measured.LongestOwnAt:N0}), that allocated {measured.LongestThatGrew / 1000.0:F0} us; wall {measured.Wall.Max / 1000.0:F0} us, without a collection and waiting {measured.LongestWait / 1000.0:F0} us");
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

    private static Latencies Overwrite(Subject subject, string[] keys, RandomOrder order, int writes)
    {
        for (int i = 0; i < writes / 4; i++)
            subject.SetFrom(Template, order[i + writes], keys[order[i + writes]]);
        return Measure(subject, writes, i => order[i], keys);
    }

    private static Latencies Insert(Subject subject, string[] keys, int count) => Measure(subject, count, i => i, keys);

    private static Order Template { get; } = Order.Create(1, salt: 1);

    /// <summary>
    /// Reading the thread's clock is a system call that costs about as much as a write. It is read once between two writes; what it costs itself is measured before and taken off.
    /// </summary>
    private static Latencies Measure(Subject subject, int writes, Func<int, int> entry, string[] keys)
    {
        Latencies result = new();
        double nanosecondsPerTick = 1e9 / Stopwatch.Frequency;
        long overhead = ClockOverhead();
        int collections = GC.CollectionCount(0);
        long allocated = GC.GetAllocatedBytesForCurrentThread();
        long waited = ThreadClock.Waits;
        long before = ThreadClock.Nanoseconds;
        for (int i = 0; i < writes; i++)
        {
            int id = entry(i);
            string key = keys[id];
            long began = Stopwatch.GetTimestamp();
            subject.SetFrom(Template, id, key);
            long wall = (long)((Stopwatch.GetTimestamp() - began) * nanosecondsPerTick);
            int now = GC.CollectionCount(0);
            long after = ThreadClock.Nanoseconds;
            bool own = now == collections;
            long allocatedNow = GC.GetAllocatedBytesForCurrentThread();
            bool grew = allocatedNow - allocated >= GrownBytes;
            allocated = allocatedNow;
            // what a write took of the processor is no more than what it took of the clock: the rest is the kernel's, between two writes
            result.Add(i, Math.Min(after - before - overhead, wall), wall, own, grew);
            if (wall > StallNanoseconds)
            {
                // a thread that was only put aside has not given up the processor by itself; one that waited for a lock has
                long waits = ThreadClock.Waits;
                if (own && waits != waited)
                    result.AddWait(wall);
                waited = waits;
                after = ThreadClock.Nanoseconds;
            }
            collections = now;
            before = after; // the histograms count with the next write: some nanoseconds, and reading the clock again would cost more
        }
        return result;
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

    private sealed class Latencies
    {
        public Histogram Cpu { get; } = new();

        public Histogram Wall { get; } = new();

        /// <summary>The most processor time of a write in which no collection ran.</summary>
        public long LongestOwn { get; private set; }

        public int LongestOwnAt { get; private set; }

        /// <summary>The same of the writes that took memory: the index, the change log or a segment grew in them.</summary>
        public long LongestThatGrew { get; private set; }

        /// <summary>The same of the others.</summary>
        public long LongestThatDidNot { get; private set; }

        /// <summary>The longest write, by the clock, in which no collection ran and the thread gave up the processor by itself: at most what a lock cost.</summary>
        public long LongestWait { get; private set; }

        public void AddWait(long wall) => LongestWait = Math.Max(LongestWait, wall);

        public void Add(int write, long cpu, long wall, bool own, bool grew)
        {
            Cpu.Add(cpu);
            Wall.Add(wall);
            if (!own)
                return;
            if (grew)
                LongestThatGrew = Math.Max(LongestThatGrew, cpu);
            else
                LongestThatDidNot = Math.Max(LongestThatDidNot, cpu);
            if (cpu <= LongestOwn)
                return;
            LongestOwn = cpu;
            LongestOwnAt = write;
        }
    }
}
