using System.Globalization;

namespace MemStorage.Traces;

/// <summary>The hit ratios of other policies on a folder of traces: <c>reference.csv</c>.</summary>
internal sealed class ReferenceTable
{
    // limits that know the future are not policies
    private static readonly string[] Limits = ["OPT", "BELADY_FORCED", "BOUND"];

    private readonly List<Row> _rows;

    private ReferenceTable(List<Row> rows) => _rows = rows;

    private sealed record Row(string Trace, int Capacity, string Policy, double HitRatio);

    public static ReferenceTable Read(string folder)
    {
        List<Row> rows = [];
        foreach (string line in File.ReadLines(Path.Combine(folder, "reference.csv")).Skip(1))
        {
            string[] c = line.Split(',');
            if (c[1] == "count" && !Limits.Contains(c[4]))
                rows.Add(new Row(c[0], int.Parse(c[3], CultureInfo.InvariantCulture), c[4], double.Parse(c[7], CultureInfo.InvariantCulture)));
        }
        return new ReferenceTable(rows);
    }

    /// <summary>The best hit ratio that a real policy reached, 0 to 1, and which; null where the table has no such row.</summary>
    public (string Policy, double HitRatio)? Best(string trace, int capacity) =>
        _rows.Where(r => r.Trace == trace && r.Capacity == capacity).MaxBy(r => r.HitRatio) is { } best ? (best.Policy, best.HitRatio) : null;
}
