using System.Collections.Immutable;
using System.Reflection;
using System.Runtime.CompilerServices;
using MemStorage.Generators.Parsing;
using MemStorage.Generators.Shape;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CodeFixes;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Generators.Tests.Diagnostics;

/// <summary>A rule is a descriptor, an analyzer that supports it, a page and a line of release tracking.</summary>
public sealed class DescriptorTests
{
    private static string Root([CallerFilePath] string file = "") => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(file)!, "..", "..", ".."));

    private static DiagnosticDescriptor[] Rules => [.. typeof(ShapeRules).GetFields(BindingFlags.Static | BindingFlags.Public).Select(static f => f.GetValue(null)).OfType<DiagnosticDescriptor>()];

    public static TheoryData<string> Ids => [.. Rules.Select(static r => r.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_has_a_page_with_all_of_its_parts(string id)
    {
        DiagnosticDescriptor rule = Rules.Single(r => r.Id == id);
        Assert.Equal($"https://github.com/memstorage/memstorage/blob/main/docs/rules/{id}.md", rule.HelpLinkUri);
        string page = File.ReadAllText(Path.Combine(Root(), "docs", "rules", id + ".md"));
        Assert.StartsWith($"# {id}: ", page, StringComparison.Ordinal);
        foreach (string part in new[] { "## Cause", "## Wrong", "## Right", "## When to suppress", $"dotnet_diagnostic.{id}.severity" })
            Assert.Contains(part, page, StringComparison.Ordinal);
        Assert.Contains(rule.DefaultSeverity switch { DiagnosticSeverity.Error => "Error", DiagnosticSeverity.Warning => "Warning", _ => "Info" }, page, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_is_tracked_and_supported(string id)
    {
        DiagnosticAnalyzer[] analyzers = [new EntityShapeAnalyzer(), new MutableSharedAnalyzer()];
        Assert.Single(analyzers, a => a.SupportedDiagnostics.Any(d => d.Id == id));
        string tracking = File.ReadAllText(Path.Combine(Root(), "src", "MemStorage.Generators", "AnalyzerReleases.Unshipped.md"))
            + File.ReadAllText(Path.Combine(Root(), "src", "MemStorage.Generators", "AnalyzerReleases.Shipped.md"));
        DiagnosticDescriptor rule = Rules.Single(r => r.Id == id);
        Assert.Contains($"{id} | MemStorage.Shape | {rule.DefaultSeverity} | {rule.Title}", tracking, StringComparison.Ordinal);
    }

    [Fact]
    public void Ids_are_distinct() => Assert.Equal(Rules.Length, Rules.Select(static r => r.Id).Distinct().Count());

    [Fact]
    public void Every_fix_is_for_a_rule_that_exists()
    {
        ImmutableArray<string> known = [.. Rules.Select(static r => r.Id)];
        foreach (Type type in typeof(MemStorage.CodeFixes.EntityShape.ShapeFix).Assembly.GetTypes()
            .Where(static t => t is { IsAbstract: false, Namespace: "MemStorage.CodeFixes.EntityShape" } && t.IsSubclassOf(typeof(CodeFixProvider))))
        {
            CodeFixProvider fix = (CodeFixProvider)Activator.CreateInstance(type)!;
            Assert.All(fix.FixableDiagnosticIds, id => Assert.Contains(id, known));
            Assert.NotNull(type.GetCustomAttribute<ExportCodeFixProviderAttribute>());
        }
    }

    [Fact]
    public void Every_formatter_of_the_table_exists_in_MemoryPack()
    {
        HashSet<string> known = [.. typeof(MemoryPack.Formatters.ListFormatter<>).Assembly.GetTypes().Where(static t => t.Namespace == "MemoryPack.Formatters").Select(static t => t.Name.Split('`')[0])];
        Assert.Subset(known, FormatterTable.AllNames.ToHashSet());
    }
}
