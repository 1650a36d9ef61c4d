using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace MemStorage.Settings;

/// <summary>How text becomes the value of an option.</summary>
/// <param name="text">The text.</param>
/// <param name="value">The value.</param>
/// <param name="problem">What is wrong with the text beside that it is not of the type; null when that is all.</param>
internal delegate bool OptionParser<TValue>(string text, [MaybeNullWhen(false)] out TValue value, out string? problem);

/// <summary>Text to value: the invariant culture, nothing lenient.</summary>
internal static class OptionParsers
{
    private const NumberStyles Whole = NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite;

    public static bool Text(string text, out string value, out string? problem)
    {
        problem = null;
        value = text;
        return true;
    }

    public static bool Int32(string text, out int value, out string? problem)
    {
        problem = null;
        return int.TryParse(text, Whole, CultureInfo.InvariantCulture, out value);
    }

    public static bool Int64(string text, out long value, out string? problem)
    {
        problem = null;
        return long.TryParse(text, Whole, CultureInfo.InvariantCulture, out value);
    }

    public static bool Double(string text, out double value, out string? problem)
    {
        problem = null;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);
    }

    public static bool Boolean(string text, out bool value, out string? problem)
    {
        problem = null;
        return bool.TryParse(text, out value);
    }

    public static bool Span(string text, out TimeSpan value, out string? problem)
    {
        problem = null;
        if (!TimeText.TryRead(text, out value))
            return false;
        if (TimeText.IsAmbiguous(text, value))
            problem = $"is read as {value.Days} days by .NET; write '{TimeText.InHours(text, value)}' or '{TimeText.InDays(value)}'";
        else if (!text.Contains(':', StringComparison.Ordinal))
            problem = "is a number without a unit";
        return problem is null;
    }

    // Numbers are refused: an enum member has a name.
    public static bool Enum<TEnum>(string text, out TEnum value, out string? problem)
        where TEnum : struct, Enum
    {
        problem = null;
        value = default;
        return text.Length > 0 && char.IsLetter(text[0]) && !text.Contains(',', StringComparison.Ordinal) && System.Enum.TryParse(text, ignoreCase: true, out value) && System.Enum.IsDefined(value);
    }
}
