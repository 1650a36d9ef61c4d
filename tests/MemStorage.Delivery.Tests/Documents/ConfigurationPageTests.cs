using System.Globalization;
using System.Reflection;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>docs/configuration.md: "each option with unit, range, default".</summary>
public sealed class ConfigurationPageTests
{
    [Fact]
    public void Lists_every_option_with_its_default()
    {
        Dictionary<string, string[]> rows = MarkdownPage.Open("docs/configuration.md").Rows().Where(row => row[0].StartsWith('`')).ToDictionary(row => row[0].Trim('`'));
        MemStoreOptions defaults = new();
        PropertyInfo[] options = [.. typeof(MemStoreOptions).GetProperties(BindingFlags.Public | BindingFlags.Instance).Where(option => option.CanWrite)];

        Assert.Equal(options.Select(option => option.Name).Order(StringComparer.Ordinal), rows.Keys.Order(StringComparer.Ordinal));
        foreach (PropertyInfo option in options)
            Assert.Equal((option.Name, Text(option.GetValue(defaults))), (option.Name, rows[option.Name][^1].Trim('`')));
    }

    private static string Text(object? value) => value switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        string text => $"\"{text}\"",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        TimeProvider => "TimeProvider.System",
        IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
        _ => value.ToString()!,
    };
}
