namespace MemStorage.Bench.Page;

/// <summary>A table whose first column has no title; lines in which nothing was measured are left out.</summary>
internal sealed class MarkdownTable(params IEnumerable<string> columns)
{
    private readonly string[] _columns = [.. columns];
    private readonly List<string> _lines = [];

    public MarkdownTable(string first, IEnumerable<string> columns)
        : this(columns) => First = first;

    private string First { get; } = "";

    public void Add(string name, params IEnumerable<string> cells)
    {
        string[] all = [.. cells];
        if (all.Any(c => c != "-"))
            _lines.Add($"| {name} | {string.Join(" | ", all)} |");
    }

    public override string ToString() =>
        string.Join('\n', [$"| {(First.Length > 0 ? First + " " : "")}| {string.Join(" | ", _columns)} |", $"|---|{string.Concat(_columns.Select(_ => "---|"))}", .. _lines]);
}
