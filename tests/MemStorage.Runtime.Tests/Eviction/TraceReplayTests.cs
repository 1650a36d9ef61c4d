using MemStorage.Tests.Eviction.Simulation;
using MemStorage.Traces;
using Xunit;

namespace MemStorage.Tests.Eviction;

/// <summary>
/// The policy's hit ratio on recorded traces, one shard of 64 segments, bounded by count. What ships is replayed in every run, with exact hit counts: any
/// change of the policy shows. A folder of more traces (with a <c>reference.csv</c>) is replayed on demand:
/// <code>MEMSTORAGE_TRACES=/folder dotnet test tests/MemStorage.Runtime.Tests --filter "FullyQualifiedName~TraceReplayTests"</code>
/// </summary>
public sealed class TraceReplayTests(ITestOutputHelper output)
{
    private const int Segments = 64;
    private const ulong Seed = 1;
    private const int FewestObjects = 50;
    private static readonly double[] Fractions = [0.01, 0.05, 0.10, 0.25];

    private static string Shipped => Path.Combine(AppContext.BaseDirectory, "traces");

    [Theory]
    [InlineData("loop", 50, 21_515)]
    [InlineData("loop", 101, 45_984)]
    [InlineData("loop", 252, 115_261)]
    [InlineData("sprite", 70, 29_529)]
    [InlineData("sprite", 353, 88_543)]
    [InlineData("sprite", 707, 114_227)]
    [InlineData("sprite", 1768, 123_851)]
    [InlineData("web12", 137, 39_907)]
    [InlineData("web12", 687, 61_500)]
    [InlineData("web12", 1375, 68_735)]
    [InlineData("web12", 3439, 75_753)]
    public void Hits_on_shipped_traces_are_exactly_these(string name, int capacity, long expectedHits)
    {
        Trace trace = Trace.Read(Path.Combine(Shipped, name + ".mtrace.gz"));
        SegmentLogSimulator simulator = new(capacity, Segments, trace.Unique, Seed);

        long hits = simulator.Replay(trace.Accesses);

        output.WriteLine($"{name} {capacity}: {hits}, {simulator.Copies / (double)simulator.Inserts:F2} copies per insert, small share {simulator.Policy.SmallShare:F2}");
        Assert.Equal(expectedHits, hits);
        Assert.InRange(simulator.PeakLive, 1, capacity);
        // the worst insert: eight rounds of main, and eight more for each of its three hits if there is no small log to take from
        Assert.InRange(simulator.MostMainReclaims, 0, 8 * 4 + 1);
    }

    [Fact]
    public void Shortfall_on_shipped_traces_stays_within_bounds() => Replay(Shipped, meanLimit: 0.8, worstLimit: 1.8);

    /// <summary>"Mean shortfall to the best row of reference.csv at most 0.5 points, worst 3 (cells of at least 50 objects)."</summary>
    [Fact]
    public void Shortfall_on_a_folder_of_traces_stays_within_bounds()
    {
        string? folder = Environment.GetEnvironmentVariable("MEMSTORAGE_TRACES");
        Assert.SkipWhen(folder is null, "MEMSTORAGE_TRACES names no folder.");
        Replay(folder!, meanLimit: 0.5, worstLimit: 3);
    }

    private void Replay(string folder, double meanLimit, double worstLimit)
    {
        ReferenceTable reference = ReferenceTable.Read(folder);
        List<double> shortfalls = [];
        output.WriteLine($"{"trace",-12} {"objects",8} {"hit %",7} {"best %",7}  {"best policy",-14} {"shortfall",9} {"copies/insert",14}");
        foreach (string file in Directory.GetFiles(folder, "*.mtrace*").Order(StringComparer.Ordinal))
        {
            Trace trace = Trace.Read(file);
            foreach (double fraction in Fractions)
            {
                int capacity = (int)(trace.Unique * fraction);
                if (capacity < FewestObjects || reference.Best(trace.Name, capacity) is not { } best)
                    continue;
                SegmentLogSimulator simulator = new(capacity, Segments, trace.Unique, Seed);
                double ratio = simulator.Replay(trace.Accesses) / (double)trace.Accesses.Length;
                double shortfall = Math.Max(0, best.HitRatio - ratio) * 100;
                shortfalls.Add(shortfall);
                output.WriteLine($"{trace.Name,-12} {capacity,8} {ratio * 100,7:F2} {best.HitRatio * 100,7:F2}  {best.Policy,-14} {shortfall,9:F2} {simulator.Copies / (double)simulator.Inserts,14:F2}");
            }
        }
        Assert.NotEmpty(shortfalls);
        output.WriteLine($"mean {shortfalls.Average():F3}, worst {shortfalls.Max():F2}, cells {shortfalls.Count}");
        Assert.InRange(shortfalls.Average(), 0, meanLimit);
        Assert.InRange(shortfalls.Max(), 0, worstLimit);
    }
}
