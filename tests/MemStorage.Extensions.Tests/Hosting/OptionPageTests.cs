using System.Runtime.CompilerServices;
using MemStorage.Settings;

namespace MemStorage.Extensions.Tests.Hosting;

/// <summary>"One table that validates, binds and documents": docs/configuration.md says name, type, unit, range and default as the table of the code does.</summary>
public sealed class OptionPageTests
{
    [Fact]
    public void The_page_says_what_the_table_says()
    {
        MemStoreOptions defaults = new();
        string[] expected = [.. MemStoreOptionTable.Table.Rows.Select(r => $"{r.Name} | {r.Type} | {r.Unit} | {r.Allowed} | {(r.Name == "Name" ? $"\"{r.Text(defaults)}\"" : r.Text(defaults))}")];
        string[] actual =
        [
            .. File.ReadLines(Path.Combine(Path.GetDirectoryName(SourcePath())!, "../../../docs/configuration.md"))
                .Where(line => line.StartsWith("| `", StringComparison.Ordinal))
                .Select(line => line.Trim('|', ' ').Split('|').Select(cell => cell.Trim()).ToArray())
                .Select(cells => $"{cells[0].Trim('`')} | {cells[1]} | {cells[2]} | {cells[3]} | {cells[^1].Trim('`')}"),
        ];
        Assert.Equal(expected, actual);
    }

    private static string SourcePath([CallerFilePath] string path = "") => path;
}
