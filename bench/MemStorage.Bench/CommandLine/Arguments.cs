using System.Globalization;

namespace MemStorage.Bench.CommandLine;

/// <summary>The options that were given, checked against those that the command declares.</summary>
internal sealed class Arguments
{
    public static readonly Option[] Common =
    [
        new("quick", null, null, "a short run that shows the shape of the result, under 20 seconds"),
        new("json", "", null, "write the rows to this file as well"),
        new("subjects", "", null, "only subjects whose name contains one of these words (comma-separated)"),
    ];

    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Option> _options;

    private Arguments(IReadOnlyList<Option> options) => _options = options;

    public bool Quick => Has("quick");

    /// <exception cref="UsageException">An option is unknown or lacks its value.</exception>
    public static Arguments Parse(ReadOnlySpan<string> words, IEnumerable<Option> options)
    {
        Arguments result = new([.. Common, .. options]);
        for (int i = 0; i < words.Length; i++)
        {
            string name = words[i].StartsWith("--", StringComparison.Ordinal) ? words[i][2..] : throw new UsageException($"'{words[i]}' is not an option; options begin with --.");
            Option option = result._options.FirstOrDefault(o => o.Name == name) ?? throw new UsageException($"There is no option --{name} here.");
            if (option.Default is null)
                result._given[name] = "";
            else if (++i < words.Length)
                result._given[name] = words[i];
            else
                throw new UsageException($"--{name} needs a value.");
        }
        return result;
    }

    public bool Has(string name) => _given.ContainsKey(name);

    public string Text(string name)
    {
        if (_given.TryGetValue(name, out string? text))
            return text;
        Option option = _options.First(o => o.Name == name);
        return (Quick ? option.Quick : null) ?? option.Default ?? "";
    }

    public string[] Words(string name) => Text(name).Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    public int Number(string name) => Parse<int>(name, Text(name));

    public double Real(string name) => Parse<double>(name, Text(name));

    public int[] Numbers(string name) => [.. Words(name).Select(w => Parse<int>(name, w))];

    public double[] Reals(string name) => [.. Words(name).Select(w => Parse<double>(name, w))];

    /// <summary>Whether the subject is among those asked for.</summary>
    public bool Wants(string subject)
    {
        string[] words = Words("subjects");
        return words.Length == 0 || words.Any(w => subject.Contains(w, StringComparison.OrdinalIgnoreCase));
    }

    // 1000000 and 1_000_000 are the same number
    private static T Parse<T>(string name, string text)
        where T : IParsable<T> =>
        T.TryParse(text.Replace("_", "", StringComparison.Ordinal), CultureInfo.InvariantCulture, out T? value) ? value : throw new UsageException($"--{name}: '{text}' is not a number.");
}

/// <summary>The command line is wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);
