using System.Text.RegularExpressions;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>Tables are shown as tables: a head, a line of dashes, and rows of as many cells, with no blank line between.</summary>
public sealed partial class TableTests
{
    [Fact]
    public void Every_row_belongs_to_a_table()
    {
        List<string> broken = [];
        foreach (MarkdownPage page in MarkdownPage.All())
        {
            bool code = false;
            for (int i = 0; i < page.Lines.Length; i++)
            {
                if (page.Lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
                    code = !code;
                if (code || !IsRow(page.Lines[i]) || (i > 0 && IsRow(page.Lines[i - 1])))
                    continue;
                if (i + 1 >= page.Lines.Length || !Dashes().IsMatch(page.Lines[i + 1]))
                {
                    broken.Add($"{page.Name}:{i + 1}: rows without a head");
                    continue;
                }
                int cells = CellsOf(page.Lines[i]);
                for (int row = i + 1; row < page.Lines.Length && IsRow(page.Lines[row]); row++)
                    if (CellsOf(page.Lines[row]) != cells)
                        broken.Add($"{page.Name}:{row + 1}: {CellsOf(page.Lines[row])} cells under a head of {cells}");
            }
        }
        Assert.True(broken.Count == 0, string.Join('\n', broken));
    }

    private static bool IsRow(string line) => line.StartsWith('|');

    // a bar behind a backslash is text; so is one in code, for some renderers, but not for all
    private static int CellsOf(string line) => Bar().Count(line.Trim()) - 1;

    [GeneratedRegex(@"^\|(\s*:?-+:?\s*\|)+\s*$")]
    private static partial Regex Dashes();

    [GeneratedRegex(@"(?<!\\)\|")]
    private static partial Regex Bar();
}
