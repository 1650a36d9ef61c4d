namespace MemStorage.Delivery.Tests.Documents;

/// <summary>The code in README and docs compiles against the library of this build, with its generator.</summary>
public sealed class SnippetTests
{
    private static readonly string Prelude = File.ReadAllText(Build.PathOf("tests/MemStorage.Delivery.Tests/Documents/Prelude.cs.txt"));

    /// <summary>Rule pages show code that is wrong on purpose, in fragments; the analyzer tests compile theirs.</summary>
    public static TheoryData<string> Pages() => [.. MarkdownPage.All().Where(page => !page.Name.StartsWith("docs/rules/", StringComparison.Ordinal) && page.CSharpBlocks().Any()).Select(page => page.Name)];

    [Theory]
    [MemberData(nameof(Pages))]
    public async Task Code_of_the_page_compiles_without_a_warning_of_the_analyzers(string page)
    {
        CodeBlock[] blocks = [.. MarkdownPage.Open(page).CSharpBlocks()];
        List<string> errors = [];
        for (int i = 0; i < blocks.Length; i++)
        {
            string[] found = [.. await SnippetCompiler.CompileAsync(blocks[i], blocks.Take(i), Prelude)];
            // a block that shows what is reported says so: "// MST1001" on the line
            errors.AddRange(found.Where(error => !SaysSo(error)));
        }
        Assert.True(errors.Count == 0, string.Join("\n", errors));
    }

    [Fact]
    public async Task A_block_that_drops_a_result_is_found()
    {
        CodeBlock block = new(MarkdownPage.Open("README.md"), 1, "store.Set(key, new StoredItem(bytes));");
        Assert.Contains(await SnippetCompiler.CompileAsync(block, [], Prelude), error => error.Contains("MST2001", StringComparison.Ordinal));
    }

    private static bool SaysSo(string error)
    {
        int id = error.LastIndexOf(": MST", StringComparison.Ordinal) + 2;
        return id > 1 && error[..id].Contains(error.Substring(id, 7), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wrong_block_is_found()
    {
        CodeBlock block = new(MarkdownPage.Open("README.md"), 1, "orders.Get(42).NoSuchMember = 1;");
        Assert.Contains(await SnippetCompiler.CompileAsync(block, [], Prelude), error => error.Contains("CS1061", StringComparison.Ordinal));
    }
}
