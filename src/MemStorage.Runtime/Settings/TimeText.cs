using System.Globalization;

namespace MemStorage.Settings;

/// <summary>
/// Times as text, read by the rule of .NET (<c>[days.]hours:minutes:seconds</c>) with one care more: .NET reads <c>24:00:00</c> as 24 days and <c>10</c> as ten days, which nobody
/// who writes them means. The store's configuration and the source generator share this file.
/// </summary>
internal static class TimeText
{
    /// <summary>Whether this is a time to .NET.</summary>
    public static bool TryRead(string text, out TimeSpan value) => TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out value);

    /// <summary>Whether .NET reads as days what is written where hours (or a plain number) stand: days have a point behind them, or three colons.</summary>
    /// <param name="text">A text that <see cref="TryRead"/> reads.</param>
    /// <param name="value">What .NET makes of it.</param>
    public static bool IsAmbiguous(string text, TimeSpan value)
    {
        if (value.Days == 0)
            return false;
        int colon = text.IndexOf(':');
        return colon < 0 ? text.IndexOf('.') < 0 : text.IndexOf('.', 0, colon) < 0 && text.Split(':').Length <= 3;
    }

    /// <summary>The time with its number of days written as such: what .NET reads.</summary>
    public static string InDays(TimeSpan value) => value.ToString("c", CultureInfo.InvariantCulture);

    /// <summary>The time that was most likely meant by an ambiguous text: its first number as hours, or a plain number as seconds.</summary>
    public static string InHours(string text, TimeSpan value)
    {
        // the first number is what .NET took for days, the second for hours, the third for minutes
        TimeSpan meant = text.IndexOf(':') < 0
            ? TimeSpan.FromSeconds(value.Days)
            : new TimeSpan(value.Days, value.Hours, value.Minutes);
        return (value < TimeSpan.Zero && meant > TimeSpan.Zero ? meant.Negate() : meant).ToString("c", CultureInfo.InvariantCulture);
    }
}
