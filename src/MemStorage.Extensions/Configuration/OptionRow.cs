using System.Globalization;

namespace MemStorage.Extensions.Configuration;

/// <summary>One option: its name, what is allowed (as text for people), how to read it from configuration and how to check it.</summary>
internal abstract class OptionRow<TOptions>(string name, string allowed)
{
    public string Name => name;

    /// <summary>The allowed range, as it stands in messages and in the documentation.</summary>
    public string Allowed => allowed;

    /// <summary>Sets the option from text; false when the text is not of its type.</summary>
    public abstract bool TrySet(TOptions options, string text);

    public abstract bool IsValid(TOptions options);

    public abstract string Text(TOptions options);
}

/// <inheritdoc/>
internal sealed class OptionRow<TOptions, TValue>(
    string name, string allowed, Func<TOptions, TValue> get, Action<TOptions, TValue> set, OptionParser<TValue> parse, Func<TValue, TOptions, bool> valid)
    : OptionRow<TOptions>(name, allowed)
{
    public override bool TrySet(TOptions options, string text)
    {
        if (!parse(text, out TValue? value))
            return false;
        set(options, value);
        return true;
    }

    public override bool IsValid(TOptions options) => valid(get(options), options);

    public override string Text(TOptions options) => Convert.ToString(get(options), CultureInfo.InvariantCulture) ?? "null";
}

internal delegate bool OptionParser<TValue>(string text, [System.Diagnostics.CodeAnalysis.MaybeNullWhen(false)] out TValue value);

/// <summary>How configuration text becomes a value: the invariant culture, nothing lenient.</summary>
internal static class OptionParsers
{
    public static bool Text(string text, out string value)
    {
        value = text;
        return true;
    }

    public static bool Int32(string text, out int value) => int.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);

    public static bool Int64(string text, out long value) => long.TryParse(text, NumberStyles.AllowLeadingSign | NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out value);

    public static bool Double(string text, out double value) => double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value) && double.IsFinite(value);

    public static bool Boolean(string text, out bool value) => bool.TryParse(text, out value);

    // A bare number is refused: TimeSpan would read "10" as ten days, which nobody who writes it means.
    public static bool Span(string text, out TimeSpan value)
    {
        value = default;
        return text.Contains(':', StringComparison.Ordinal) && TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);
    }

    // Numbers are refused: an enum member has a name.
    public static bool Enum<TEnum>(string text, out TEnum value)
        where TEnum : struct, Enum
    {
        value = default;
        return text.Length > 0 && char.IsLetter(text[0]) && System.Enum.TryParse(text, ignoreCase: true, out value) && System.Enum.IsDefined(value);
    }
}
