using MemStorage.Analyzers.Sharing;
using Microsoft.CodeAnalysis;
using Xunit;

namespace MemStorage.Analyzers.Tests.Sharing;

public sealed class RulePageTests
{
    public static TheoryData<string> Ids => [.. SharingRules.All.Select(static r => r.Id)];

    [Theory]
    [MemberData(nameof(Ids))]
    public void Every_rule_has_its_page_and_its_help_link(string id)
    {
        DiagnosticDescriptor rule = SharingRules.All.Single(r => r.Id == id);
        Assert.Equal($"https://github.com/memstorage/memstorage/blob/main/docs/rules/{id}.md", rule.HelpLinkUri);
        string page = File.ReadAllText(Path.Combine(Root, "docs", "rules", id + ".md"));
        Assert.StartsWith($"# {id}: {rule.Title}", page, StringComparison.Ordinal);
        foreach (string section in new[] { "## Cause", "## Wrong", "## Right", "## When to suppress", $"dotnet_diagnostic.{id}.severity" })
            Assert.Contains(section, page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_documented_presets_are_the_presets()
    {
        string page = File.ReadAllText(Path.Combine(Root, "docs", "analyzers-other-caches.md"));
        foreach ((string name, var members) in SourceOptions.Presets)
        {
            string row = page.Split('\n').Single(l => l.StartsWith($"| `{name}` |", StringComparison.Ordinal));
            foreach (string member in members)
                Assert.Contains("." + member[(member.LastIndexOf('.') + 1)..], row, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("A.B.C", "A.B.C")]
    [InlineData(" A.B`1.C , D.E.*;F.G.H(System.Int32) ", "A.B.C,D.E.*,F.G.H")]
    [InlineData("M:A.B.C``1(System.String)", "A.B.C")]
    [InlineData("preset unknown", "")]
    [InlineData("hybridcache", "Microsoft.Extensions.Caching.Hybrid.HybridCache.GetOrCreateAsync")]
    public void The_option_is_read(string text, string expected) => Assert.Equal(expected, string.Join(",", SourceOptions.Parse(text)));

    private static string Root
    {
        get
        {
            for (DirectoryInfo? d = new(AppContext.BaseDirectory); d is not null; d = d.Parent)
            {
                if (File.Exists(Path.Combine(d.FullName, "MemStorage.sln")))
                    return d.FullName;
            }
            throw new DirectoryNotFoundException("MemStorage.sln");
        }
    }
}
