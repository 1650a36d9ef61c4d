using MemStorage.Bench.Page;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>docs/performance.md: its tables are what the files beside it say, and its plots are there.</summary>
public sealed class PerformancePageTests
{
    private static readonly string s_page = File.ReadAllText(Build.PathOf("docs/performance.md"));
    private static readonly PageTables s_tables = new(new Figures(Build.PathOf("docs/performance")));

    [Fact]
    public void Tables_say_what_the_files_say() => AssertEqual(s_page, PageFile.WithTables(s_page, s_tables.Make));

    /// <summary>The README has no marks: they would be seen on the page of the package.</summary>
    [Fact]
    public void The_table_of_the_README_says_what_the_files_say()
    {
        string readme = File.ReadAllText(Build.PathOf("README.md"));
        AssertEqual(readme, PageFile.WithTable(readme, s_tables.Make("README")));
    }

    private static void AssertEqual(string page, string withTables)
    {
        string[] expected = withTables.Split('\n');
        string[] actual = page.Split('\n');
        for (int i = 0; i < Math.Max(expected.Length, actual.Length); i++)
        {
            Assert.True(i < expected.Length && i < actual.Length && expected[i] == actual[i],
                $"Line {i + 1} is\n{actual.ElementAtOrDefault(i)}\nand the files say\n{expected.ElementAtOrDefault(i)}\nThe command \"page\" of bench/MemStorage.Bench writes the tables again.");
        }
    }

    /// <summary>A table that nobody generates could say anything.</summary>
    [Fact]
    public void Every_table_is_one_that_the_files_give_and_has_rows()
    {
        string[] lines = s_page.Split('\n');
        for (int i = 1; i < lines.Length; i++)
        {
            if (lines[i].StartsWith('|') && !lines[i - 1].StartsWith('|'))
            {
                Assert.True(lines[i - 1].StartsWith("<!-- table: ", StringComparison.Ordinal), $"The table of line {i + 1} is written by hand.");
                Assert.True(lines.ElementAtOrDefault(i + 2)?.StartsWith('|'), $"The table of line {i + 1} has no row.");
            }
        }
        string[] names = [.. PageFile.Names(s_page)];
        Assert.Equal(names.Distinct(), names);
        Assert.InRange(names.Length, 10, 100);
    }

    [Fact]
    public void Only_the_tables_of_a_page_change()
    {
        const string Page = "a\n\n<!-- table: one -->\n| old |\n|---|\n\nb | c\n<!-- table: two -->\nend";
        Assert.Equal("a\n\n<!-- table: one -->\nNEW one\n\nb | c\n<!-- table: two -->\nNEW two\nend", PageFile.WithTables(Page, name => "NEW " + name));
        Assert.Equal("a\n| x | y |\nnew\n\nb", PageFile.WithTable("a\n| x | y |\n|---|\n| old |\n\nb", "| x | y |\nnew"));
        Assert.Throws<InvalidDataException>(() => PageFile.WithTable("a", "| x |\n|---|"));
        Assert.Throws<InvalidDataException>(() => PageFile.WithTables("<!-- table: one\n", name => name));
        Assert.Throws<InvalidDataException>(() => new PageTables(new Figures(Build.Root)).Make("nonsense"));
    }
}
