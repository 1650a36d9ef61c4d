using System.Diagnostics;
using System.Reflection;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Incremental;

/// <summary>
/// "Under 1 ms per entity after the first", in processor time of the thread: on a busy machine the clock on the wall measures the others. Alone in its
/// process while it runs, for the same reason. The compiler binds the declarations before, as it does for every compilation with or without a generator.
/// </summary>
[CollectionDefinition(nameof(SpeedTests), DisableParallelization = true)]
[Collection(nameof(SpeedTests))]
public sealed class SpeedTests
{
    private const int Entities = 100;

    [Fact]
    public void A_hundred_entities_take_little_time_and_memory_each()
    {
        // a build that is not optimised says nothing about the one that ships
        bool optimised = typeof(MemStorageGenerator).Assembly.GetCustomAttribute<DebuggableAttribute>() is not { IsJITOptimizerDisabled: true };
        // on a quiet machine it is 0.3 ms; what shares a core or a cache slows processor time down too. MEMSTORAGE_STRICT_SPEED=1 holds it to the promise itself.
        bool strict = Environment.GetEnvironmentVariable("MEMSTORAGE_STRICT_SPEED") == "1";
        double limit = !optimised ? 20 : strict ? 1 : 2;

        double best = double.MaxValue;
        long bytes = long.MaxValue;
        // the best of several runs: collecting garbage and compiling methods only ever add time; the first runs are not optimised yet
        for (int run = 0; run < 30 && best >= limit; run++)
        {
            Compilation compilation = GeneratorHost.Compile(Enumerable.Range(0, Entities).Select(static i => Entity(i, "Lines")));
            _ = compilation.GetDeclarationDiagnostics(TestContext.Current.CancellationToken);
            GeneratorDriver driver = Driver().RunGenerators(GeneratorHost.Compile([Entity(0, "Lines")]), TestContext.Current.CancellationToken);
            long allocated = GC.GetAllocatedBytesForCurrentThread();
            TimeSpan before = ThreadClock.Now;
            driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
            double took = (ThreadClock.Now - before).TotalMilliseconds / Entities;
            allocated = (GC.GetAllocatedBytesForCurrentThread() - allocated) / Entities;
            Assert.Equal(Entities, driver.GetRunResult().GeneratedTrees.Length);
            best = Math.Min(best, took);
            bytes = Math.Min(bytes, allocated);
        }
        TestContext.Current.SendDiagnosticMessage($"{best:0.000} ms and {bytes:N0} bytes for each entity");
        Assert.True(best < limit, $"{best:0.000} ms for each entity, {limit} allowed");
        // counted, so the same on every machine: what a change makes more expensive shows here first. The text itself is 27,000 bytes, the interface of the repository included.
        Assert.True(bytes < 340_000, $"{bytes:N0} bytes for each entity");
    }

    private static CSharpGeneratorDriver Driver() =>
        CSharpGeneratorDriver.Create([new MemStorageGenerator().AsSourceGenerator()], parseOptions: References.ParseOptions);

    private static string Entity(int number, string member) =>
        $$"""
        namespace Shop;
        [MemStorageEntity(TimeToLive = "00:10:00"), MemoryPackable]
        public partial class Order{{number}}
        {
            [MemStorageKey(0)] public required int Id { get; init; }
            [MemStorageKey(1)] public required string Region { get; init; }
            [MemStorageVersion] public long Version { get; set; }
            [MemStorageIndex] public required string Customer { get; init; }
            [MemStorageIndex] public DateTimeOffset? Shipped { get; set; }
            public List<Line{{number}}> {{member}} { get; set; } = [];
            public Dictionary<string, decimal> Prices { get; set; } = [];
        }
        [MemoryPackable] public partial record Line{{number}}(string Product, int Quantity, Guid[] Tags);
        """;
}
