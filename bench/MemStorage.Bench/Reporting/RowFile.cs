using System.Text.Json;

namespace MemStorage.Bench.Reporting;

/// <summary>Rows as JSON, one a line.</summary>
internal static class RowFile
{
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.CamelCase, WriteIndented = false };

    public static void Write(string path, IEnumerable<Row> rows)
    {
        if (Path.GetDirectoryName(Path.GetFullPath(path)) is { } folder)
            Directory.CreateDirectory(folder);
        File.WriteAllText(path, "[\n" + string.Join(",\n", rows.Select(r => JsonSerializer.Serialize(r, Json))) + "\n]\n");
    }

    /// <exception cref="InvalidDataException">The file does not hold rows.</exception>
    public static IReadOnlyList<Row> Read(string path)
    {
        try
        {
            return JsonSerializer.Deserialize<List<Row>>(File.ReadAllText(path), Json) ?? [];
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"{path} does not hold rows of this program: {e.Message}", e);
        }
    }
}
