using System.Globalization;
using MemStorage.Bench.Amplification;
using MemStorage.Bench.CommandLine;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Scenarios;

/// <summary>
/// How many bytes the store moves for each byte that is written, by the live share of the bound: a log has to copy what is still live before it can use a segment again. Counters of
/// the store only, no times: one thread, no background work, constant seeds and a constant number of shards give the same figures on every machine.
/// </summary>
internal sealed class AmplificationScenario : Scenario
{
    private const int Shards = 8;
    private const int Looks = 100;
    private const int WarmUp = 3;
    private const int MostStepsPerExpected = 40;
    private const int MeanValue = 500;
    private const double Skew = 0.99;
    private const string Theory = "theory: oldest segment first, uniform";
    private const string ReadThroughLoad = "read-through, Zipf";

    private static readonly (string Name, bool Evicts, Func<MemStore, WriteLoad> Create)[] Loads =
    [
        ("overwrites, uniform", false, store => new UniformOverwrites(store)),
        ("overwrites, Zipf", false, store => new ZipfOverwrites(store, Skew)),
        ("overwrites of one size, uniform", false, store => new OneSizeOverwrites(store)),
        ("deletes and inserts, uniform", false, store => new DeletesAndInserts(store)),
        ("overwrites, uniform, eviction allowed", true, store => new UniformOverwrites(store)),
    ];

    public override string Name => "amplification";

    public override string Summary => "bytes moved per byte written, by the live share of the bound (write amplification)";

    public override IReadOnlyList<Option> Options { get; } =
    [
        new("mb", "16", "4", "the bound, in MiB", ValueRule.Whole(2, 100_000)),
        new("live", "30,40,50,60,70,75,80,85,90,95", "50,80,90", "how much of the room for records is live when overwriting begins, in percent", ValueRule.RealsAbove(0, 99)),
        new("sets", "1.25,2,5,10", "2", "working sets of the read-through load, as multiples of the bound", ValueRule.RealsAbove(1, 1000)),
        new("times", "10", "4", "how many times the bound is written while measuring", ValueRule.Whole(1, 1000)),
    ];

    public override IReadOnlyList<string> Subjects => [.. Loads.Select(l => l.Name), ReadThroughLoad, Theory];

    public override void Run(Arguments arguments, Report report)
    {
        long bound = (long)arguments.Number("mb") << 20;
        int times = arguments.Number("times");
        foreach (double live in arguments.Reals("live"))
        {
            string cell = string.Create(CultureInfo.InvariantCulture, $"{live:0.##} % live");
            foreach ((string name, bool evicts, Func<MemStore, WriteLoad> create) in Loads.Where(l => arguments.Wants(l.Name)))
                Measure(name, evicts, create, cell, live / 100, bound, times, report);
            if (arguments.Wants(Theory))
                report.Add(Theory, 1, bound, $"write amplification, {cell}", "bytes per byte", LogTheory.WriteAmplification(live / 100));
        }
        foreach (double set in arguments.Reals("sets"))
        {
            string cell = string.Create(CultureInfo.InvariantCulture, $"working set of {set:0.##} bounds");
            if (arguments.Wants(ReadThroughLoad))
                Measure(ReadThroughLoad, evicts: true, store => new ReadThrough(store, Skew), cell, set, bound, times, report);
        }
    }

    private static void Measure(string name, bool evicts, Func<MemStore, WriteLoad> create, string cell, double share, long bound, int times, Report report)
    {
        using MemStore store = new(new MemStoreOptions
        {
            MaxMemoryBytes = bound,
            ShardCount = Shards,
            EvictionMode = evicts ? EvictionMode.Evict : EvictionMode.Refuse,
            CompressionEnabled = false, // what is stored is noise
            AsyncEviction = false,
            ExpirySweepInterval = TimeSpan.Zero,
            TombstoneRetention = TimeSpan.FromDays(30), // none is forgotten while this runs
            HashSeed = 1,
        });
        WriteLoad load = create(store);
        load.Fill(share);
        Write(store, load, WarmUp * bound);
        MemStoreStats before = store.Stats();
        double room = 0;
        double segments = 0;
        for (int look = 0; look < Looks; look++)
        {
            Write(store, load, times * bound / Looks);
            MemoryReport memory = store.GetMemoryReport();
            room += memory.LiveBytes / (double)WriteLoad.RoomOf(memory) / Looks;
            segments += memory.LiveBytes / (double)(memory.LiveBytes + memory.DeadBytes + memory.FreeBytes) / Looks;
        }
        store.ValidateInvariants();
        MemStoreStats after = store.Stats();
        double written = after.WrittenBytes - before.WrittenBytes;
        double copied = after.CopiedBytes - before.CopiedBytes;
        double reclaimed = after.ReclaimedBytes - before.ReclaimedBytes;
        double refused = after.MemoryLimitCount - before.MemoryLimitCount;

        void Add(string metric, string unit, double value) => report.Add(name, 1, bound, $"{metric}, {cell}", unit, value);
        if (written > 0)
            Add("write amplification", "bytes per byte", 1 + copied / written);
        Add("live share of the room", "%", 100 * room);
        Add("live share of the segments in memory", "%", 100 * segments);
        if (reclaimed > 0)
            Add("copied of the reclaimed segments", "%", 100 * copied / reclaimed);
        Add("refused writes", "%", 100 * refused / Math.Max(1, after.SetCount - before.SetCount));
        report.Progress(string.Create(CultureInfo.InvariantCulture, $"{name}, {cell}: {load.Keys:N0} keys, amplification {1 + copied / Math.Max(1, written):F2}, live {100 * room:F1} % of the room, {100 * segments:F1} % of the segments"));
    }

    /// <summary>Steps until the user has written so many bytes more; a store that is too full to take them ends it as well.</summary>
    private static void Write(MemStore store, WriteLoad load, long bytes)
    {
        const int Batch = 256;
        long until = store.Stats().WrittenBytes + bytes;
        for (long left = MostStepsPerExpected * (bytes / MeanValue + Batch); left > 0 && store.Stats().WrittenBytes < until; left -= Batch)
        {
            for (int i = 0; i < Batch; i++)
                load.Step();
        }
    }
}
