using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Load;
using MemStorage.Bench.Measuring;
using MemStorage.Bench.Reporting;
using MemStorage.Bench.Subjects;

namespace MemStorage.Bench.Scenarios;

/// <summary>One operation at a time on stores in which everything fits, entries drawn uniformly: what an operation costs.</summary>
internal abstract class OperationScenario : Scenario
{
    public override IReadOnlyList<Option> Options { get; } =
    [
        new("entries", "2000,100000,1000000", "2000", "how many orders the stores hold", ValueRule.Wholes(100, 100_000_000)),
        new("threads", "1,2,4,8", "1", "how many threads ask at once; more than the machine has processors: they take turns", ValueRule.Wholes(1, 256)),
        new("rounds", "7", "3", "how often each subject is measured, in turn", ValueRule.Whole(1, 1000)),
        new("ms", "700", "60", "how long a round takes for one subject, in milliseconds", ValueRule.Whole(1, 600_000)),
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
                    Check(subject, entries);
                }
                string[] keys = Order.Keys(entries);
                foreach (IReadOnlyList<Contestant> contestants in Contests(subjects, keys, RandomOrder.Uniform(entries)))
                    Measure(contestants, entries, arguments, report);
            }
            finally
            {
                subjects.ForEach(s => s.Dispose());
                GC.Collect();
            }
        }
    }

    /// <summary>The contests, each of one operation.</summary>
    protected abstract IEnumerable<IReadOnlyList<Contestant>> Contests(IReadOnlyList<Subject> subjects, string[] keys, RandomOrder order);

    private static void Measure(IReadOnlyList<Contestant> contestants, int entries, Arguments arguments, Report report)
    {
        if (contestants.Count == 0)
            return;
        foreach (int threads in arguments.Numbers("threads"))
        {
            Dictionary<Contestant, Cost> costs = Interleaved.Run(contestants, threads, arguments.Number("ms"), arguments.Number("rounds"), report.Progress);
            foreach ((Contestant contestant, Cost cost) in costs)
                report.Add(contestant.Subject, threads, entries, contestant.Metric, "ns thread CPU", cost.CpuNanoseconds);
            foreach ((Contestant contestant, Cost cost) in costs)
                report.Add(contestant.Subject, threads, entries, contestant.Metric + ", wall time", "ns", cost.WallNanoseconds);
            foreach ((Contestant contestant, Cost cost) in costs)
                report.Add(contestant.Subject, threads, entries, contestant.Metric + ", allocated", "bytes", cost.AllocatedBytes);
        }
    }

    // what is fast because it lost half of the entries must not win
    private static void Check(Subject subject, int entries)
    {
        for (int id = 0; id < entries; id += entries / 1000 + 1)
        {
            if (subject.Typed(id, Order.KeyOf(id)) is not { } order || order.Id != id)
                throw new InvalidOperationException($"{subject.Name} does not have order {id}.");
        }
    }
}
