using System.Diagnostics;
using System.Globalization;
using System.Reflection;
using Xunit;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// "A process in a container": a real process with a heap of 160 MiB fills a store with far more. No <see cref="OutOfMemoryException"/> reaches the caller, entries are evicted (or writes refused, in the
/// mode that never evicts), what is read is right, and the report tells where the store stands.
/// </summary>
public sealed class SmallHeapTests
{
    private const long Heap = 160L << 20;

    [Theory]
    [InlineData("Evict", 512, 1_000, 240_000)] // a bound above all memory: the ceiling stands from the beginning
    [InlineData("Evict", 150, 1_000, 240_000)] // one just below it: allocations fail
    [InlineData("Evict", 150, 60_000, 4_000)] // large values have arrays of their own
    [InlineData("Evict", 0, 1_000, 80_000)] // the default follows the memory
    [InlineData("Refuse", 512, 1_000, 200_000)]
    public async Task A_store_of_more_than_the_process_has_evicts_or_refuses(string mode, int bound, int valueBytes, int writes)
    {
        (Dictionary<string, string> line, string all) = await Run(mode, bound, valueBytes, writes);
        long Value(string name) => long.Parse(line[name], CultureInfo.InvariantCulture);
        Assert.True(line["thrown"] == "0", all);
        Assert.True(Value("wrong") == 0 && Value("found") > 0, all);
        Assert.Equal(Heap, Value("available"));
        Assert.True(Value("used") < Heap && Value("used") > 16 << 20, all);
        Assert.Equal(bound == 0 ? Heap / 4 : (long)bound << 20, Value("limit"));
        Assert.True(Value("ceiling") <= Math.Min(Value("limit"), Heap), all);
        Assert.Equal(Value("refused"), Value("counted"));
        Assert.True(mode == "Evict" ? Value("evicted") > 0 && Value("refused") == 0 : Value("evicted") == 0 && Value("refused") > 0, all);
    }

    private static async Task<(Dictionary<string, string> Line, string All)> Run(string mode, int bound, int valueBytes, int writes)
    {
        string program = typeof(SmallHeapTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(a => a.Key == "SmallHeapProgram").Value!;
        ProcessStartInfo start = new(Environment.ProcessPath is { } path && Path.GetFileNameWithoutExtension(path) == "dotnet" ? path : "dotnet")
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (string argument in (string[])[program, mode, bound.ToString(CultureInfo.InvariantCulture), valueBytes.ToString(CultureInfo.InvariantCulture), writes.ToString(CultureInfo.InvariantCulture)])
            start.ArgumentList.Add(argument);
        start.Environment["DOTNET_GCHeapHardLimit"] = Heap.ToString("x", CultureInfo.InvariantCulture);
        using Process process = Process.Start(start)!;
        Task<string> output = process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        string errors = await process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string all = $"{await output}\n{errors}";
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(process.ExitCode == 0, all);
        return ((await output).Trim().Split(' ').Where(w => w.Contains('=', StringComparison.Ordinal)).Select(w => w.Split('=', 2)).DistinctBy(w => w[0]).ToDictionary(w => w[0], w => w[1]), all);
    }
}
