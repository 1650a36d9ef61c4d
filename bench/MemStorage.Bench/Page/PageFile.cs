using System.Text;

namespace MemStorage.Bench.Page;

/// <summary>
/// Writes the tables of a page again. A table stands under a line <c>&lt;!-- table: NAME --&gt;</c> and ends with the first line that is not part of one; everything else on the page is
/// left as it is.
/// </summary>
internal static class PageFile
{
    private const string Mark = "<!-- table: ";

    /// <param name="page">The page.</param>
    /// <param name="table">Makes the table of this name.</param>
    /// <exception cref="InvalidDataException">A mark is not closed.</exception>
    public static string WithTables(string page, Func<string, string> table)
    {
        StringBuilder result = new();
        bool inTable = false;
        string[] lines = page.Split('\n');
        for (int i = 0; i < lines.Length; i++)
        {
            if (inTable && lines[i].StartsWith('|'))
                continue;
            inTable = lines[i].StartsWith(Mark, StringComparison.Ordinal);
            result.Append(lines[i]).Append(i == lines.Length - 1 ? "" : "\n");
            if (!inTable)
                continue;
            int end = lines[i].IndexOf(" -->", StringComparison.Ordinal);
            if (end < 0)
                throw new InvalidDataException($"line {i + 1}: '{lines[i]}' is not closed.");
            result.Append(table(lines[i][Mark.Length..end])).Append('\n');
        }
        return result.ToString();
    }

    /// <summary>Writes the one table again that has this table's first line: for a page that is shown where comments are not hidden.</summary>
    /// <exception cref="InvalidDataException">The page has no such table.</exception>
    public static string WithTable(string page, string table)
    {
        List<string> lines = [.. page.Split('\n')];
        int first = lines.IndexOf(table[..table.IndexOf('\n')]);
        if (first < 0)
            throw new InvalidDataException($"There is no table that begins with {table[..table.IndexOf('\n')]}");
        int end = first;
        while (end < lines.Count && lines[end].StartsWith('|'))
            end++;
        lines.RemoveRange(first, end - first);
        lines.InsertRange(first, table.Split('\n'));
        return string.Join('\n', lines);
    }

    /// <summary>The names of the tables on a page.</summary>
    public static IEnumerable<string> Names(string page)
    {
        List<string> names = [];
        WithTables(page, name =>
        {
            names.Add(name);
            return "";
        });
        return names;
    }
}
