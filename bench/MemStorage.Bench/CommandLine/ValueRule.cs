using System.Globalization;
using System.Numerics;

namespace MemStorage.Bench.CommandLine;

/// <summary>Which values an option takes. Checked before anything runs: a mistake must not show after an hour.</summary>
/// <param name="Text">For help and messages: "a whole number from 1 to 64".</param>
/// <param name="Fault">What is wrong with a value; null: nothing.</param>
internal sealed record ValueRule(string Text, Func<string, string?> Fault)
{
    public static ValueRule Whole(int least, int most) => One<int>("a whole number", least, most);

    public static ValueRule Wholes(int least, int most) => List(One<int>("a whole number", least, most));

    /// <summary>More than <paramref name="above"/>, at most <paramref name="most"/>.</summary>
    public static ValueRule RealAbove(double above, double most) => One("a number", above, most, openLow: true);

    public static ValueRule RealBelow(double least, double below) => One("a number", least, below, openHigh: true);

    public static ValueRule RealsAbove(double above, double most) => List(RealAbove(above, most));

    public static ValueRule Words(params string[] choices)
    {
        string text = string.Join(" or ", choices);
        return List(new ValueRule(text, word => choices.Contains(word) ? null : $"'{word}' is not {text}."));
    }

    /// <summary>1000000 and 1_000_000 are the same number.</summary>
    public static bool TryParse<T>(string text, out T value)
        where T : struct, INumber<T> =>
        T.TryParse(text.Replace("_", "", StringComparison.Ordinal), NumberStyles.Float & ~NumberStyles.AllowExponent, CultureInfo.InvariantCulture, out value) && T.IsFinite(value);

    private static ValueRule One<T>(string kind, T least, T most, bool openLow = false, bool openHigh = false)
        where T : struct, INumber<T>
    {
        string text = string.Create(CultureInfo.InvariantCulture, $"{kind} {(openLow ? "above" : "from")} {least:#,0.##} {(openHigh ? "to below" : "to")} {most:#,0.##}");
        return new ValueRule(text, word =>
            !TryParse(word, out T value) || value < least || value > most || (openLow && value == least) || (openHigh && value == most) ? $"'{word}' is not {text}." : null);
    }

    private static ValueRule List(ValueRule one) => new(
        one.Text + "; several: comma-separated",
        text => Arguments.Split(text) is { Length: > 0 } words ? words.Select(one.Fault).FirstOrDefault(f => f is not null) : $"there is no value; it takes {one.Text}.");
}
