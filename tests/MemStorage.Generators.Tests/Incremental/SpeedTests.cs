using System.Diagnostics;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Incremental;

/// <summary>Under 1 ms for each entity after the first.</summary>
public sealed class SpeedTests
{
    private const int Entities = 100;

    [Fact]
    public void A_hundred_entities_take_less_than_a_millisecond_each()
    {
        TimeSpan best = TimeSpan.MaxValue;
        // the best of several runs: what others do on the machine only ever adds time
        for (int run = 0; run < 5; run++)
        {
            Compilation compilation = GeneratorHost.Compile(Enumerable.Range(0, Entities).Select(static i => Entity(i, "Lines")));
            // the compiler has bound the members by the time generators matter in an editor; what is measured is the generator
            Assert.NotNull(compilation.GetTypeByMetadataName("Shop.Order0"));
            GeneratorDriver driver = Driver().RunGenerators(GeneratorHost.Compile([Entity(0, "Lines")]), TestContext.Current.CancellationToken);
            driver = driver.RunGenerators(compilation, TestContext.Current.CancellationToken);
            TimeSpan took = driver.GetTimingInfo().GeneratorTimes.Single().ElapsedTime;
            Assert.Equal(Entities, driver.GetRunResult().GeneratedTrees.Length);
            best = took < best ? took : best;
        }
        TestContext.Current.SendDiagnosticMessage($"{best.TotalMilliseconds / Entities:0.000} ms for each entity");
        Assert.True(best.TotalMilliseconds / Entities < 1, $"{best.TotalMilliseconds / Entities:0.000} ms for each entity");
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
