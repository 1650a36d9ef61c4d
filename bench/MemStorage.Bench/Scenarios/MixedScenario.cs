using System.Diagnostics;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

/// <summary>Typed reads and writes mixed, popular entries asked for more often: throughput and latencies.</summary>
internal sealed class MixedScenario : Scenario
{
    private const int BatchSize = 256;
    private const int SampleEvery = 8;
    private const int WarmUpRounds = 2;
    private static readonly (string Name, double Part)[] Percentiles = [("p50", 0.5), ("p99", 0.99), ("p99.9", 0.999), ("p99.99", 0.9999)];

    private static long _sink;

    public override string Name => "mixed";

    public override string Summary => "typed reads with some writes, Zipf-distributed: throughput and latency percentiles";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entries", "1000000", "20000", "how many orders the stores hold", ValueRule.Wholes(100, 100_000_000)),
        new("threads", "1,2,4,8", "1,4", "how many threads ask at once; more than the machine has processors: they take turns", ValueRule.Wholes(1, 256)),
        new("writes", "5", null, "the percentage of writes", ValueRule.Whole(0, 100)),
        new("zipf", "0.99", null, "the skew of the popularity; 0: uniform", ValueRule.RealBelow(0, 1)),
        new("rounds", "7", "3", "how often each subject is measured, in turn", ValueRule.Whole(1, 1000)),
        new("ms", "1500", "100", "how long a round takes for one subject, in milliseconds", ValueRule.Whole(1, 600_000)),
        new("redis", "", null, "host:port of a Redis server; without it, Garnet runs inside this process"),
    ];

    public override IReadOnlyList<string> Subjects => Catalog.Names;

    public override void Run(Arguments arguments, Report report)
    {
        foreach (int entries in arguments.Numbers("entries"))
        {
            List<Subject> subjects = [];
            try
            {
                foreach ((string name, Func<int, Subject> create) in Catalog.Wanted(arguments, arguments.Text("redis")))
                {
                    report.Progress($"{name}: load {entries:N0} orders");
                    Subject subject = create(entries);
                    subjects.Add(subject);
                    subject.Load(entries);
                }
                string[] keys = Order.Keys(entries);
                RandomOrder order = RandomOrder.Zipf(entries, arguments.Real("zipf"));
                foreach (int threads in arguments.Numbers("threads"))
                    Measure(subjects, keys, order, threads, arguments, report);
            }
            finally
            {
                subjects.ForEach(s => s.Dispose());
                GC.Collect();
            }
        }
    }

    private static void Measure(List<Subject> subjects, string[] keys, RandomOrder order, int threads, Arguments arguments, Report report)
    {
        int rounds = arguments.Number("rounds");
        int writes = arguments.Number("writes");
        int milliseconds = arguments.Number("ms");
        Dictionary<Subject, List<Result>> results = subjects.ToDictionary(s => s, _ => new List<Result>());
        for (int round = -WarmUpRounds; round < rounds; round++)
        {
            report.Progress($"mixed, {threads} thread(s): {(round < 0 ? "warm-up" : $"round {round + 1} of {rounds}")}");
            foreach (Subject subject in subjects)
            {
                GC.Collect(1);
                Result result = RunOnce(subject, keys, order, threads, writes, milliseconds);
                if (round >= 0)
                    results[subject].Add(result);
            }
        }
        string mix = $"mixed {100 - writes}/{writes}";
        void Add(string metric, string unit, Func<Result, double> value)
        {
            foreach ((Subject subject, List<Result> all) in results)
                report.Add(subject.Name, threads, keys.Length, $"{mix}, {metric}", unit, [.. all.Select(value)]);
        }
        Add("throughput", "Mops/s", r => r.Throughput);
        Add("throughput per processor second", "Mops/s", r => r.ThroughputPerCpu);
        foreach ((string name, double part) in Percentiles)
            Add($"latency {name}", "ns", r => r.Latencies.Percentile(part));
    }

    private static Result RunOnce(Subject subject, string[] keys, RandomOrder order, int threads, int writes, int milliseconds)
    {
        using Barrier start = new(threads);
        Histogram[] latencies = [.. Enumerable.Range(0, threads).Select(_ => new Histogram())];
        double[] perSecond = new double[threads];
        long[] operations = new long[threads];
        long[] cpu = new long[threads];
        double nanosecondsPerTick = 1e9 / Stopwatch.Frequency;
        Interleaved.RunThreads(threads, thread =>
        {
            Order template = Order.Create(thread, salt: 1);
            uint random = (uint)thread * 77 + 12345;
            int position = thread * 2_000_003;
            long done = 0;
            long sum = 0;
            start.SignalAndWait();
            long cpuStart = ThreadClock.Nanoseconds;
            long wallStart = Stopwatch.GetTimestamp();
            TimeSpan elapsed;
            do
            {
                for (int i = 0; i < BatchSize; i++)
                {
                    int id = order[position++];
                    random = random * 1664525 + 1013904223;
                    bool sample = i % SampleEvery == 0;
                    long began = sample ? Stopwatch.GetTimestamp() : 0;
                    if ((random >> 8) % 100 < writes)
                        subject.SetFrom(template, id, keys[id]);
                    else
                        sum += subject.Typed(id, keys[id])!.Quantity;
                    if (sample)
                        latencies[thread].Add((long)((Stopwatch.GetTimestamp() - began) * nanosecondsPerTick));
                }
                done += BatchSize;
                elapsed = Stopwatch.GetElapsedTime(wallStart);
            }
            while (elapsed.TotalMilliseconds < milliseconds);
            cpu[thread] = ThreadClock.Nanoseconds - cpuStart;
            operations[thread] = done;
            perSecond[thread] = done / elapsed.TotalSeconds / 1e6;
            Interlocked.Add(ref _sink, sum);
        });
        foreach (Histogram other in latencies.Skip(1))
            latencies[0].Add(other);
        return new Result(perSecond.Sum(), operations.Sum() * 1e3 / cpu.Sum(), latencies[0]);
    }

    private sealed record Result(double Throughput, double ThroughputPerCpu, Histogram Latencies);
}
