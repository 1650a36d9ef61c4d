namespace MemStorage.Delivery.Tests.Documents;

/// <summary>The code in README and docs compiles against the library of this build, with its generator.</summary>
public sealed class SnippetTests
{
    private static readonly string Prelude = File.ReadAllText(Build.PathOf("tests/MemStorage.Delivery.Tests/Documents/Prelude.cs.txt"));

    /// <summary>Rule pages show code that is wrong on purpose, in fragments; the analyzer tests compile theirs.</summary>
    public static TheoryData<string> Pages() => [.. MarkdownPage.All().Where(page => !page.Name.StartsWith("docs/rules/", StringComparison.Ordinal) && page.CSharpBlocks().Any()).Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public void Code_of_the_page_compiles(string page)
    {
        CodeBlock[] blocks = [.. MarkdownPage.Open(page).CSharpBlocks()];
        string[] errors = [.. blocks.SelectMany((block, index) => SnippetCompiler.Compile(block, blocks.Take(index), Prelude))];
        Assert.True(errors.Length == 0, string.Join("\n", errors));
    }

    [Fact]
    public void A_wrong_block_is_found()
    {
        CodeBlock block = new(MarkdownPage.Open("README.md"), 1, "orders.Get(42).NoSuchMember = 1;");
        Assert.Contains(SnippetCompiler.Compile(block, [], Prelude), error => error.Contains("CS1061", StringComparison.Ordinal));
    }
}
