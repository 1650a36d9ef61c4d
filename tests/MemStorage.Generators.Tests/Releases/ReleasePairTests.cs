using System.Reflection;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Tests.Releases;

/// <summary>
/// "A record of another shape is a counted miss, never a wrong object or a crash": each pair of releases is compiled, one writes, the other reads. All first
/// releases are one assembly, all second ones another.
/// </summary>
public sealed class ReleasePairTests
{
    private static readonly Lazy<(Assembly First, Assembly Second)> s_plain = new(static () => Build(tolerant: false));
    private static readonly Lazy<(Assembly First, Assembly Second)> s_tolerant = new(static () => Build(tolerant: true));

    public static TheoryData<string, bool> Pairs
    {
        get
        {
            TheoryData<string, bool> data = [];
            foreach (ReleasePair pair in ReleaseTable.All)
            {
                data.Add(pair.Name, false);
                data.Add(pair.Name, true);
            }
            return data;
        }
    }

    [Fact]
    public void There_are_pairs_enough() => Assert.True(ReleaseTable.All.Select(static p => p.Name).Distinct().Count() >= 60);

    [Theory]
    [MemberData(nameof(Pairs))]
    public void The_value_is_right_or_a_counted_miss(string name, bool tolerant)
    {
        int number = ReleaseTable.All.ToList().FindIndex(p => p.Name == name);
        ReleasePair pair = ReleaseTable.All[number];
        (Assembly first, Assembly second) = (tolerant ? s_tolerant : s_plain).Value;
        using MemStore old = new();
        using MemStore store = new();
        _ = Call(first, "Write", number, old);
        foreach (SyncOperation operation in old.GetSyncBuffer().Operations)
            Assert.Equal(SetResult.Stored, store.Apply(operation));
        string read = (string)Call(second, "Read", number, store)!;
        if (read == "miss 1")
            Assert.False(pair.MustRead, "missed");
        else if (pair.ToldByFile && tolerant)
            Assert.True(Told(pair, number), "told by nobody");
        else
            Assert.Equal(pair.Right, read);
    }

    [Theory]
    [InlineData("int added")]
    [InlineData("string? removed")]
    [InlineData("Inner? renamed")]
    [InlineData("tolerant nested member added")]
    [InlineData("enum constant added")]
    [InlineData("key renamed")]
    [InlineData("version member added")]
    public void A_version_tolerant_entity_reads_what_it_promises(string name)
    {
        int number = ReleaseTable.All.ToList().FindIndex(p => p.Name == name);
        (Assembly first, Assembly second) = s_tolerant.Value;
        using MemStore old = new();
        using MemStore store = new();
        _ = Call(first, "Write", number, old);
        foreach (SyncOperation operation in old.GetSyncBuffer().Operations)
            Assert.Equal(SetResult.Stored, store.Apply(operation));
        Assert.Equal(ReleaseTable.All[number].Right, (string)Call(second, "Read", number, store)!);
    }

    private static bool Told(ReleasePair pair, int number)
    {
        Diagnostic[] first = Analyze(pair.Expand(second: false, number, tolerant: true), "");
        string line = first.Single(static d => d.Id == "MST0013").Properties[ShapeRules.ShapeLineProperty]!;
        return Analyze(pair.Expand(second: true, number, tolerant: true), line).Any(static d => d.Id == "MST0013");
    }

    private static Diagnostic[] Analyze(string source, string file) =>
        [.. GeneratorHost.Analyze(GeneratorHost.Compile(source), new EntityShapeAnalyzer(), new InMemoryFile("/project/MemStorage.Shapes.txt", file))];

    private static object? Call(Assembly assembly, string method, int number, MemStore store)
    {
        try
        {
            return assembly.GetType($"Pair{number}.Program", throwOnError: true)!.GetMethod(method)!.Invoke(null, [store]);
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }
    }

    private static (Assembly First, Assembly Second) Build(bool tolerant) => (Build(second: false, tolerant), Build(second: true, tolerant));

    private static Assembly Build(bool second, bool tolerant)
    {
        string source = string.Join("\n", ReleaseTable.All.Select((p, i) => p.Expand(second, i, tolerant)));
        return CompiledProgram.Load(GeneratorHost.Build(GeneratorHost.Compile([source], assemblyName: second ? "Second" : "First")));
    }
}
