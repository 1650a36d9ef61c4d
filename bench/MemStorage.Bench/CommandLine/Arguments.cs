using System.Numerics;

namespace MemStorage.Bench.CommandLine;

/// <summary>The options that were given, checked against those that the command declares.</summary>
internal sealed class Arguments
{
    private const string Subjects = "subjects";

    public static readonly Option[] Common =
    [
        new("quick", null, null, "a short run that shows the shape of the result, under 20 seconds"),
        new("json", "", null, "write the rows to this file as well"),
    ];

    public static readonly Option SubjectsOption = new(Subjects, "", null, "only subjects whose name contains one of these words (comma-separated)");

    private readonly Dictionary<string, string> _given = new(StringComparer.Ordinal);
    private readonly IReadOnlyList<Option> _options;

    private Arguments(IReadOnlyList<Option> options) => _options = options;

    public bool Quick => Has("quick");

    /// <param name="words">The command line after the command.</param>
    /// <param name="options">Those that the command takes.</param>
    /// <param name="subjects">The names that <c>--subjects</c> chooses from.</param>
    /// <exception cref="UsageException">An option is unknown, lacks its value, or has one that it does not take.</exception>
    public static Arguments Parse(ReadOnlySpan<string> words, IEnumerable<Option> options, IReadOnlyList<string> subjects)
    {
        Arguments result = new([.. options]);
        for (int i = 0; i < words.Length; i++)
        {
            if (!words[i].StartsWith("--", StringComparison.Ordinal))
                throw new UsageException($"'{words[i]}' is not an option; options begin with --.");
            string[] parts = words[i][2..].Split('=', 2);
            string name = parts[0];
            Option option = result._options.FirstOrDefault(o => o.Name == name)
                ?? throw new UsageException($"There is no option --{name} here; there are {string.Join(", ", result._options.Select(o => "--" + o.Name))}.");
            if (option.Default is null)
                result._given[name] = parts.Length == 1 ? "" : throw new UsageException($"--{name} is a switch and takes no value.");
            else if (parts.Length == 2)
                result._given[name] = parts[1];
            else if (++i < words.Length && !words[i].StartsWith("--", StringComparison.Ordinal))
                result._given[name] = words[i];
            else
                throw new UsageException($"--{name} needs a value{(option.Rule is { } rule ? $": {rule.Text}" : "")}.");
            if (option.Rule?.Fault(result._given[name]) is { } fault)
                throw new UsageException($"--{name}: {fault}");
        }
        foreach (string word in Split(result._given.GetValueOrDefault(Subjects, "")))
        {
            if (!subjects.Any(s => Matches(s, word)))
                throw new UsageException($"--{Subjects}: no name contains '{word}'; there are {string.Join("; ", subjects)}.");
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

    public string[] Words(string name) => Split(Text(name));

    public int Number(string name) => Parse<int>(name, Text(name));

    public double Real(string name) => Parse<double>(name, Text(name));

    public int[] Numbers(string name) => [.. Words(name).Select(w => Parse<int>(name, w))];

    public double[] Reals(string name) => [.. Words(name).Select(w => Parse<double>(name, w))];

    /// <summary>Whether the subject is among those asked for.</summary>
    public bool Wants(string subject)
    {
        string[] words = _options.Contains(SubjectsOption) ? Words(Subjects) : [];
        return words.Length == 0 || words.Any(w => Matches(subject, w));
    }

    public static string[] Split(string text) => text.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static bool Matches(string subject, string word) => subject.Contains(word, StringComparison.OrdinalIgnoreCase);

    private static T Parse<T>(string name, string text)
        where T : struct, INumber<T> =>
        ValueRule.TryParse(text, out T value) ? value : throw new UsageException($"--{name}: '{text}' is not a number.");
}

/// <summary>The command line is wrong; the message says how.</summary>
internal sealed class UsageException(string message) : Exception(message);
