using System.Text.RegularExpressions;

namespace MemStorage.Analyzers.Tests.Versions;

/// <summary>One labelled snippet.</summary>
/// <param name="File">The corpus file.</param>
/// <param name="Name">What it shows.</param>
/// <param name="Source">A complete source file.</param>
/// <param name="Expected">The diagnostics that must be reported: id and line in <paramref name="Source"/> (zero-based). Empty: a negative.</param>
public sealed partial record Snippet(string File, string Name, string Source, IReadOnlyList<(string Id, int Line)> Expected)
{
    public override string ToString() => $"{File}: {Name}";

    /// <summary>
    /// Reads the files of the folder Corpus. A line <c>//# body name</c> begins the statements of a method, <c>//# members name</c> the members of a class,
    /// <c>//# file name</c> a source file of its own; <c>// !MST2001</c> at the end of a line says what must be reported there, once per id named.
    /// </summary>
    public static IEnumerable<Snippet> All()
    {
        foreach (string path in Directory.EnumerateFiles(Path.Combine(VersionHarness.Folder(), "Corpus"), "*.cs.txt").Order(StringComparer.Ordinal))
        {
            string kind = "", name = "";
            var lines = new List<string>();
            foreach (string line in System.IO.File.ReadAllLines(path).Append("//# end end"))
            {
                Match header = Header().Match(line);
                if (!header.Success)
                {
                    lines.Add(line);
                    continue;
                }
                if (kind.Length > 0)
                    yield return Create(Path.GetFileName(path).Replace(".cs.txt", "", StringComparison.Ordinal), kind, name, lines);
                (kind, name) = (header.Groups[1].Value, header.Groups[2].Value);
                lines.Clear();
            }
        }
    }

    private static Snippet Create(string file, string kind, string name, List<string> lines)
    {
        (string before, string after) = kind switch
        {
            "body" => (VersionHarness.Usings + """
                class C
                {
                    async Task M(MemStore store, OrderRepository orders, InvoiceRepository invoices, PriceRepository prices, SessionRepository sessions, StockRepository stocks, IMemStorageRepository<int, Order> repo,
                        IOrderGateway gateway, int id, int other, string key, Order order, Order second, Invoice invoice, long version, byte[] bytes, bool flag, List<Order> list, CancellationToken token)
                    {
                        await Task.Yield();

                """, "\n    }\n}\n"),
            "members" => (VersionHarness.Usings + """
                class C
                {
                    MemStore _store = null!; OrderRepository _orders = null!; InvoiceRepository _invoices = null!; readonly object _gate = new();
                    static void Log(object? text) { }
                    static Order Load(int id) => null!;

                """, "\n}\n"),
            "file" => ("", ""),
            _ => throw new InvalidDataException($"{file}: {kind} {name}"),
        };
        string source = "namespace Snippet_SNIPPET { " + before + string.Join('\n', lines) + after + "\n}";
        string[] all = source.Split('\n');
        var expected = new List<(string, int)>();
        for (int i = 0; i < all.Length; i++)
        {
            if (all[i].Split("// !") is [_, var ids])
                expected.AddRange(ids.Split(' ', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(id => (id, i)));
        }
        return new Snippet(file, name, source, expected);
    }

    [GeneratedRegex(@"^//# (\w+) (.+)$")]
    private static partial Regex Header();
}
