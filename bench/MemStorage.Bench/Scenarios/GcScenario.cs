using System.Diagnostics;
using System.Globalization;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// What a full store costs the rest of the process: a forced blocking collection of generation 2, then the pauses under a load that reads, writes and
/// allocates short-lived and medium-lived objects as a web application does. Each subject has a process of its own; "no store" is the same without entries.
/// </summary>
internal sealed class GcScenario : Scenario
{
    private const string NoStore = "no store";
    private const int WarmUpEntries = 1000;
    private const int ForcedCollections = 7;
    private const int RequestBytes = 8192;
    private const int Survivors = 4096;

    public override string Name => "gc";

    public override string Summary => "pauses of the garbage collector with many entries";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entries", "1000000,10000000", "50000", "how many orders the stores hold", ValueRule.Wholes(100, 100_000_000)),
        new("seconds", "20", "0.3", "how long the web-like load runs", ValueRule.RealAbove(0, 3600)),
        new("mb", "200", null, "what that load allocates, in MB per second", ValueRule.Whole(1, 100_000)),
        new("worker", "", null, "used by the program itself: measure this subject in this process"),
    ];

    public override IReadOnlyList<string> Subjects => [.. Catalog.InProcess, NoStore];

    public override void Run(Arguments arguments, Report report)
    {
        double seconds = arguments.Real("seconds");
        int megabytes = arguments.Number("mb");
        if (arguments.Text("worker") is { Length: > 0 } worker)
        {
            Measure(worker, arguments.Numbers("entries")[0], seconds, megabytes);
            return;
        }
        foreach (int entries in arguments.Numbers("entries"))
        {
            foreach (string name in Subjects.Where(n => n == NoStore || arguments.Wants(n)))
            {
                report.Progress($"{name}: {entries:N0} orders in a process of its own");
                ChildProcess.Run(report, Name, "--worker", name, "--entries", $"{entries}", "--seconds", seconds.ToString(CultureInfo.InvariantCulture), "--mb", $"{megabytes}");
            }
        }
    }

    private void Measure(string name, int entries, double seconds, int megabytes)
    {
        using PauseRecorder recorder = new();
        using Subject? subject = name == NoStore ? null : Catalog.Create(name, entries);
        subject?.Load(entries);
        for (int i = 0; i < 3; i++)
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: false);

        double[] forced = new double[ForcedCollections];
        for (int i = 0; i < forced.Length; i++)
        {
            TimeSpan before = GC.GetTotalPauseDuration();
            GC.Collect(2, GCCollectionMode.Forced, blocking: true, compacting: false);
            forced[i] = (GC.GetTotalPauseDuration() - before).TotalMilliseconds;
        }
        Send(subject, entries, "forced blocking collection of generation 2", forced);

        Serve(subject, Math.Min(entries, WarmUpEntries), Math.Min(1, seconds), megabytes);
        recorder.Take();
        int collections = GC.CollectionCount(2);
        TimeSpan pausesBefore = GC.GetTotalPauseDuration();
        Serve(subject, entries, seconds, megabytes);
        IReadOnlyList<double> pauses = recorder.Take();
        Send(subject, entries, "web-like load, longest pause", pauses.DefaultIfEmpty().Max());
        Send(subject, entries, "web-like load, pause per second", (GC.GetTotalPauseDuration() - pausesBefore).TotalMilliseconds / seconds);
        ChildProcess.Send(new Row(Name, subject?.Name ?? NoStore, 1, entries, "web-like load, collections of generation 2", "count", GC.CollectionCount(2) - collections, 0, 0, 1));
    }

    // 19 reads and a write per request; a request's buffers die with it, a few objects live for some thousand requests
    private static void Serve(Subject? subject, int entries, double seconds, int megabytes)
    {
        Random random = new(5);
        Order template = Order.Create(1, salt: 1);
        object?[] survivors = new object?[Survivors];
        long requestsPerSecond = megabytes * 1_000_000L / RequestBytes;
        Stopwatch clock = Stopwatch.StartNew();
        for (long request = 0; clock.Elapsed.TotalSeconds < seconds; request++)
        {
            survivors[random.Next(Survivors)] = new byte[RequestBytes - 512];
            if (subject is not null)
            {
                for (int i = 0; i < 19; i++)
                {
                    int id = random.Next(entries);
                    subject.Typed(id, Order.KeyOf(id));
                }
                int written = random.Next(entries);
                subject.SetFrom(template, written, Order.KeyOf(written));
            }
            // keep to the rate: the same garbage for all
            while (request > clock.Elapsed.TotalSeconds * requestsPerSecond && clock.Elapsed.TotalSeconds < seconds)
                Thread.Yield();
        }
        GC.KeepAlive(survivors);
    }

    private void Send(Subject? subject, int entries, string metric, params double[] milliseconds)
    {
        double[] sorted = [.. milliseconds.Order()];
        ChildProcess.Send(new Row(Name, subject?.Name ?? NoStore, 1, entries, metric, "ms", sorted[sorted.Length / 2], sorted[0], sorted[^1], sorted.Length));
    }
}
