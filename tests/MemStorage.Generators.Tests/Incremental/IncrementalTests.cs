using System.Collections;
using System.Reflection;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Incremental;

/// <summary>What is computed again after an edit, and what is not.</summary>
public sealed class IncrementalTests
{
    private const string Entity =
        """
        namespace Shop;
        [MemStorageEntity, MemoryPackable]
        public partial class Order
        {
            [MemStorageKey] public required int Id { get; init; }
            public List<Line> Lines { get; set; } = [];
            public Kind Kind { get; set; }
        }
        """;

    private const string Second =
        """
        namespace Shop;
        [MemStorageEntity, MemoryPackable] public partial class Customer { [MemStorageKey] public required string Name { get; init; } }
        """;

    private const string Members =
        """
        namespace Shop;
        [MemoryPackable] public partial class Line { public int Quantity { get; set; } }
        public enum Kind { A, B }
        """;

    private const string Unrelated = "namespace Shop; public static class Helper { public static int One() => 1; }";

    private static CSharpCompilation Start() => GeneratorHost.Compile([Entity, Second, Members, Unrelated], dependencyInjection: true);

    [Fact]
    public void An_unrelated_edit_computes_nothing_again()
    {
        GeneratorRunResult result = RunTwice(Start(), static c => Replace(c, Unrelated, "namespace Shop; public static class Helper { public static int Two() => 2; }"), out _);
        AssertUnchanged(result);
    }

    [Fact]
    public void A_file_more_computes_nothing_again()
    {
        GeneratorRunResult result = RunTwice(Start(), static c => c.AddSyntaxTrees(CSharpSyntaxTree.ParseText("namespace Other; class New;", References.ParseOptions)), out _);
        AssertUnchanged(result);
    }

    [Fact]
    public void An_edit_of_a_method_body_in_the_entity_computes_no_output_again()
    {
        GeneratorRunResult result = RunTwice(
            Start(), static c => Replace(c, Entity, Entity.Replace("public Kind Kind", "public int Sum() => 5; public Kind Kind", StringComparison.Ordinal)), out _);
        AssertUnchanged(result);
    }

    [Theory]
    [InlineData("a member's type", "public int Quantity", "public long Quantity")]
    [InlineData("a member more", "public int Quantity { get; set; }", "public int Quantity { get; set; } public string? Note { get; set; }")]
    [InlineData("an enum's integer", "public enum Kind { A, B }", "public enum Kind : byte { A, B }")]
    [InlineData("an enum that becomes a class", "public enum Kind { A, B }", "[MemoryPackable] public partial class Kind { public int Value { get; set; } }")]
    public void An_edit_of_a_member_type_in_another_file_is_generated_as_by_a_fresh_run(string what, string before, string after)
    {
        string edited = Members.Replace(before, after, StringComparison.Ordinal);
        Assert.NotEqual(Members, edited);
        GeneratorRunResult result = RunTwice(Start(), c => Replace(c, Members, edited), out CSharpCompilation second);
        IncrementalStepRunReason[] reasons = [.. Reasons(result, TrackingNames.Repositories)];
        Assert.True(reasons.Length == 2 && reasons.Count(static r => r == IncrementalStepRunReason.Modified) == 1, $"{what}: {string.Join(", ", reasons)}");
        Assert.Equal(
            GeneratorHost.Generate(second).OrderBy(static p => p.Key, StringComparer.Ordinal),
            result.GeneratedSources.ToDictionary(static s => s.HintName, static s => s.SourceText.ToString()).OrderBy(static p => p.Key, StringComparer.Ordinal));
    }

    [Fact]
    public void A_new_entity_leaves_the_others_alone()
    {
        GeneratorRunResult result = RunTwice(
            Start(), static c => c.AddSyntaxTrees(CSharpSyntaxTree.ParseText("namespace Shop; [MemStorageEntity, MemoryPackable] public partial class Shop { [MemStorageKey] public int Id { get; init; } }", References.ParseOptions)), out _);
        Assert.Equal(1, Reasons(result, TrackingNames.Repositories).Count(static r => r == IncrementalStepRunReason.New));
        Assert.Equal(2, Reasons(result, TrackingNames.Repositories).Count(static r => r is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged));
    }

    [Fact]
    public void A_collision_takes_both_repositories_away_and_its_end_brings_them_back()
    {
        CSharpCompilation start = Start();
        CSharpCompilation collided = Replace(start, Unrelated, """namespace Shop.Other; [MemStorageEntity(Name = "Shop.Order"), MemoryPackable] public partial class Basket { [MemStorageKey] public int Id { get; init; } }""");
        GeneratorDriver driver = GeneratorHost.Driver().RunGenerators(start, TestContext.Current.CancellationToken);
        Assert.Contains("Shop.Order.MemStorage.g.cs", GeneratorHost.Sources(driver).Keys);
        driver = driver.RunGenerators(collided, TestContext.Current.CancellationToken);
        Assert.Equal(["Assembly-Embedded.MemStorage.g.cs", "Assembly-Repositories.MemStorage.g.cs", "Shop.Customer.MemStorage.g.cs"], GeneratorHost.Sources(driver).Keys.Order(StringComparer.Ordinal));
        driver = driver.RunGenerators(start, TestContext.Current.CancellationToken);
        Assert.Contains("Shop.Order.MemStorage.g.cs", GeneratorHost.Sources(driver).Keys);
    }

    [Fact]
    public void No_step_holds_a_symbol_a_node_or_a_compilation()
    {
        GeneratorDriver driver = GeneratorHost.Driver().RunGenerators(Start(), TestContext.Current.CancellationToken);
        GeneratorRunResult result = driver.GetRunResult().Results.Single();
        int visited = 0;
        foreach (string name in TrackingNames.All)
        {
            Assert.True(result.TrackedSteps.ContainsKey(name), $"no step is named {name}");
            foreach (object value in result.TrackedSteps[name].SelectMany(static s => s.Outputs).Select(static o => o.Value))
                Walk(value, name, new HashSet<object>(ReferenceEqualityComparer.Instance), ref visited);
        }
        Assert.True(visited > 50, $"only {visited} values were looked at");
    }

    private static void Walk(object? value, string path, HashSet<object> seen, ref int visited)
    {
        if (value is null or string || value.GetType().IsPrimitive || value.GetType().IsEnum || !seen.Add(value))
            return;
        visited++;
        Assert.False(value is ISymbol or SyntaxNode or SyntaxTree or SemanticModel or Compilation or Location or AttributeData, $"{path} holds a {value.GetType().Name}");
        if (value is IEnumerable items)
        {
            foreach (object? item in items)
                Walk(item, path + "[]", seen, ref visited);
        }
        for (Type? type = value.GetType(); type is not null; type = type.BaseType)
        {
            foreach (FieldInfo field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.DeclaredOnly))
                Walk(field.GetValue(value), $"{path}.{field.Name}", seen, ref visited);
        }
    }

    private static GeneratorRunResult RunTwice(CSharpCompilation first, Func<CSharpCompilation, CSharpCompilation> edit, out CSharpCompilation second)
    {
        GeneratorDriver driver = GeneratorHost.Driver().RunGenerators(first, TestContext.Current.CancellationToken);
        second = edit(first);
        return driver.RunGenerators(second, TestContext.Current.CancellationToken).GetRunResult().Results.Single();
    }

    private static CSharpCompilation Replace(CSharpCompilation compilation, string before, string after)
    {
        SyntaxTree tree = compilation.SyntaxTrees.Single(t => t.ToString() == before);
        return compilation.ReplaceSyntaxTree(tree, CSharpSyntaxTree.ParseText(after, References.ParseOptions, tree.FilePath));
    }

    private static IEnumerable<IncrementalStepRunReason> Reasons(GeneratorRunResult result, string step) =>
        result.TrackedSteps[step].SelectMany(static s => s.Outputs).Select(static o => o.Reason);

    private static void AssertUnchanged(GeneratorRunResult result)
    {
        foreach (string name in TrackingNames.All)
            Assert.All(Reasons(result, name), r => Assert.True(r is IncrementalStepRunReason.Cached or IncrementalStepRunReason.Unchanged, $"{name}: {r}"));
        Assert.All(
            result.TrackedOutputSteps.Values.SelectMany(static s => s).SelectMany(static s => s.Outputs),
            static o => Assert.Equal(IncrementalStepRunReason.Cached, o.Reason));
    }
}
