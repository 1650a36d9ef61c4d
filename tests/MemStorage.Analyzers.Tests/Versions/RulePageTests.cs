using System.Text.RegularExpressions;
using MemStorage.Analyzers.Versions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;
using Xunit;

namespace MemStorage.Analyzers.Tests.Versions;

/// <summary>A rule is a descriptor, a help link and a page that shows code which is reported, and code which is not.</summary>
public sealed partial class RulePageTests
{
    private static string Docs { get; } = Path.GetFullPath(Path.Combine(VersionHarness.Folder(), "..", "..", "..", "docs"));

    public static TheoryData<string> Ids() => [.. VersionRules.All.Select(d => d.Id)];

    /// <summary>All analyzers of the assembly, not only those of versions.</summary>
    [Fact]
    public void Every_descriptor_has_its_page_and_a_help_link_to_it()
    {
        DiagnosticDescriptor[] descriptors = [.. typeof(VersionsAnalyzer).Assembly.GetTypes()
            .Where(t => !t.IsAbstract && typeof(DiagnosticAnalyzer).IsAssignableFrom(t))
            .SelectMany(t => ((DiagnosticAnalyzer)Activator.CreateInstance(t)!).SupportedDiagnostics)
            .DistinctBy(d => d.Id)];
        Assert.True(descriptors.Length >= 17);
        Assert.All(descriptors, d =>
        {
            Assert.EndsWith($"/docs/rules/{d.Id}.md", d.HelpLinkUri, StringComparison.Ordinal);
            string page = Path.Combine(Docs, "rules", d.Id + ".md");
            Assert.True(File.Exists(page), $"{page} is missing");
            Assert.StartsWith($"# {d.Id}: ", File.ReadAllText(page), StringComparison.Ordinal);
            Assert.NotEmpty(d.Description.ToString(System.Globalization.CultureInfo.InvariantCulture));
        });
    }

    [Theory]
    [MemberData(nameof(Ids))]
    public async Task The_wrong_code_of_the_page_is_reported_and_the_right_code_is_not(string id)
    {
        string page = await File.ReadAllTextAsync(Path.Combine(Docs, "rules", id + ".md"), TestContext.Current.CancellationToken);
        Assert.Contains(await FindAsync(Block(page, "Wrong")), d => d.Id == id);
        Assert.Empty(await FindAsync(Block(page, "Right")));
    }

    private static string Block(string page, string heading) => Regex.Match(page, $"## {heading}\n\n```cs\n(.*?)```", RegexOptions.Singleline).Groups[1].Value;

    private static async Task<IEnumerable<Diagnostic>> FindAsync(string block)
    {
        string[] pieces = block.Split("\n\n"); // each piece stands for itself
        var found = new List<Diagnostic>();
        foreach (string piece in pieces)
        {
            string order = DeclaresOrder().IsMatch(piece) ? "" : "Order order, ";
            Compilation compilation = VersionHarness.Compile(VersionHarness.Usings + $$"""
                class C
                {
                    static object Conflict() => new();
                    static object NotFound() => new();
                    static void Refresh(Order order) { }
                    async Task<object?> M({{order}}long version, MemStore store, OrderRepository orders, List<Order> orderList, string key, (long Version, int Id) request)
                    {
                        await Task.Yield();
                        int count = 0;
                        {{piece}}
                        return count;
                    }
                }
                """);
            VersionHarness.AssertCompiles(compilation);
            found.AddRange(await VersionHarness.AnalyzeAsync(compilation));
        }
        return found;
    }

    [GeneratedRegex(@"\b(var|Order) order\b")]
    private static partial Regex DeclaresOrder();
}
