using MemStorage.Bench.Page;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>docs/performance.md: its tables are what the files beside it say, and its plots are there.</summary>
public sealed class PerformancePageTests
{
    private static readonly string s_page = File.ReadAllText(Build.PathOf("docs/performance.md"));

    [Fact]
    public void Tables_say_what_the_files_say()
    {
        PageTables tables = new(new Figures(Build.PathOf("docs/performance")));
        string[] expected = PageFile.WithTables(s_page, tables.Make).Split('\n');
        string[] actual = s_page.Split('\n');
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
        Assert.Throws<InvalidDataException>(() => PageFile.WithTables("<!-- table: one\n", name => name));
        Assert.Throws<InvalidDataException>(() => new PageTables(new Figures(Build.Root)).Make("nonsense"));
    }
}
