using System.Globalization;
using MemStorage.Bench.Reporting;

namespace MemStorage.Bench.Page;

/// <summary>The rows that were published, by the file they are in: the same figure may have been measured by several runs.</summary>
internal sealed class Figures(string folder)
{
    private readonly Dictionary<string, IReadOnlyList<Row>> _files = [];

    public MicroResults Micro(string type) => new(folder, type);

    /// <summary>The rows of <c>NAME.json</c>; none if there is no such file.</summary>
    public IReadOnlyList<Row> Of(string name)
    {
        if (_files.TryGetValue(name, out IReadOnlyList<Row>? rows))
            return rows;
        string path = Path.Combine(folder, name + ".json");
        return _files[name] = File.Exists(path) ? RowFile.Read(path) : [];
    }

    public IReadOnlyList<Row> Of(params IEnumerable<string> names) => [.. names.SelectMany(Of)];

    /// <summary>The median of one figure, or null.</summary>
    public double? Median(string file, string subject, string metric, string? unit = null) =>
        Of(file).FirstOrDefault(r => r.Subject == subject && r.Metric == metric && (unit is null || r.Unit == unit))?.Median;

    /// <summary>Three digits that mean something.</summary>
    public static string Text(double? value) => value is not { } v ? "-" : v.ToString(Math.Abs(v) switch { >= 100 => "N0", >= 10 => "F1", _ => "F2" }, CultureInfo.InvariantCulture);

    public static string Tenths(double? value) => value is not { } v ? "-" : v.ToString("F1", CultureInfo.InvariantCulture);
}
