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

    /// <exception cref="InvalidDataException">The file does not have the columns; the message names the line.</exception>
    public static ReferenceTable Read(string folder)
    {
        string path = Path.Combine(folder, "reference.csv");
        List<Row> rows = [];
        int number = 1;
        foreach (string line in File.ReadLines(path).Skip(1))
        {
            number++;
            string[] c = line.Split(',');
            if (line.Length == 0)
                continue;
            if (c.Length < 8 || !int.TryParse(c[3], CultureInfo.InvariantCulture, out int capacity) || !double.TryParse(c[7], CultureInfo.InvariantCulture, out double ratio))
            {
                if (c.Length >= 8 && c[1] != "count")
                    continue;
                throw new InvalidDataException($"{path}, line {number}: not trace,bound,fraction,capacity,policy,accesses,hits,object_hit_ratio,...");
            }
            if (c[1] == "count" && !Limits.Contains(c[4]))
                rows.Add(new Row(c[0], capacity, c[4], ratio));
        }
        return new ReferenceTable(rows);
    }

    /// <summary>The best hit ratio that a real policy reached, 0 to 1, and which; null where the table has no such row.</summary>
    public (string Policy, double HitRatio)? Best(string trace, int capacity) =>
        _rows.Where(r => r.Trace == trace && r.Capacity == capacity).MaxBy(r => r.HitRatio) is { } best ? (best.Policy, best.HitRatio) : null;
}
