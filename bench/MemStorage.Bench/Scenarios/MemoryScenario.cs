using System.Text;
using MemoryPack;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// What an entry costs beyond its key and its value: the growth of heap and resident set per entry, less the bytes of the UTF-8 key and of the serialized order.
/// Each subject has a process of its own.
/// </summary>
internal sealed class MemoryScenario : Scenario
{
    private const int WarmUpEntries = 1000;
    private const int SampleSize = 10_000;

    public override string Name => "memory";

    public override string Summary => "bytes per entry beyond key and value, heap and resident set";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entries", "1000000,10000000", "50000", "how many orders the stores hold", ValueRule.Wholes(100, 100_000_000)),
        new("worker", "", null, "used by the program itself: measure this subject in this process"),
    ];

    public override IReadOnlyList<string> Subjects => [.. Catalog.InProcess];

    public override void Run(Arguments arguments, Report report)
    {
        if (arguments.Text("worker") is { Length: > 0 } worker)
        {
            Measure(worker, arguments.Numbers("entries")[0]);
            return;
        }
        foreach (int entries in arguments.Numbers("entries"))
        {
            // a server over loopback would add its client's memory to its own
            foreach (string name in Subjects.Where(arguments.Wants))
            {
                report.Progress($"{name}: {entries:N0} orders in a process of its own");
                ChildProcess.Run(report, Name, "--worker", name, "--entries", $"{entries}");
            }
        }
    }

    private void Measure(string name, int entries)
    {
        using (Subject warmUp = Catalog.Create(name, WarmUpEntries))
            warmUp.Load(WarmUpEntries);
        long heapBefore = ProcessMemory.Heap;
        long residentBefore = ProcessMemory.Resident;

        using Subject subject = Catalog.Create(name, entries);
        subject.Load(entries);
        double heap = (ProcessMemory.Heap - heapBefore) / (double)entries;
        double resident = (ProcessMemory.Resident - residentBefore) / (double)entries;

        double content = Content(entries);
        Send(subject.Name, entries, "beyond key and value, heap", heap - content);
        Send(subject.Name, entries, "beyond key and value, resident set", resident - content);
        Send(subject.Name, entries, "key and value", content);
    }

    private void Send(string subject, int entries, string metric, double value) =>
        ChildProcess.Send(new Row(Name, subject, 1, entries, metric, "bytes per entry", value, value, value, 1));

    private static double Content(int entries)
    {
        int step = Math.Max(1, entries / SampleSize);
        long bytes = 0;
        int count = 0;
        for (int id = 0; id < entries; id += step, count++)
            bytes += Encoding.UTF8.GetByteCount(Order.KeyOf(id)) + MemoryPackSerializer.Serialize(Order.Create(id)).Length;
        return bytes / (double)count;
    }
}
