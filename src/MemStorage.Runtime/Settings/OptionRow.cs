using System.Globalization;

namespace MemStorage.Settings;

/// <summary>
/// One option: what it is called, of what type and unit it is, what is allowed, what it is by default, how it is read from text and checked. Messages, binding and the page of the
/// options are all made of this.
/// </summary>
/// <param name="name">The name of the property.</param>
/// <param name="type">The type, in words of people.</param>
/// <param name="unit">The unit; empty where there is none.</param>
/// <param name="allowed">The allowed range.</param>
internal abstract class OptionRow<TOptions>(string name, string type, string unit, string allowed)
{
    public string Name => name;

    public string Type => type;

    public string Unit => unit;

    /// <summary>The allowed range, as it stands in messages and in the documentation.</summary>
    public string Allowed => allowed;

    /// <summary>The same for the reader of a message, who does not see the unit beside it.</summary>
    public string AllowedInFull => unit == OptionRows.TimeUnit ? $"{allowed} ({unit})" : allowed;

    /// <summary>Whether the option can stand in configuration; a clock cannot.</summary>
    public virtual bool IsBindable => true;

    /// <summary>Sets the option from text; false when the text is not of its type.</summary>
    /// <param name="options">The options.</param>
    /// <param name="text">The text.</param>
    /// <param name="problem">What is wrong with the text beside that it is not of the type, where there is something.</param>
    public abstract bool TrySet(TOptions options, string text, out string? problem);

    public abstract bool IsValid(TOptions options);

    /// <summary>The value, for people.</summary>
    public abstract string Text(TOptions options);
}

/// <inheritdoc/>
internal sealed class OptionRow<TOptions, TValue>(
    string name, string type, string unit, string allowed, Func<TOptions, TValue> get, Action<TOptions, TValue>? set, OptionParser<TValue>? parse, Func<TValue, TOptions, bool> valid)
    : OptionRow<TOptions>(name, type, unit, allowed)
{
    public override bool IsBindable => parse is not null;

    public override bool TrySet(TOptions options, string text, out string? problem)
    {
        problem = null;
        if (parse is null || !parse(text, out TValue? value, out problem))
            return false;
        set!(options, value);
        return true;
    }

    public override bool IsValid(TOptions options) => valid(get(options), options);

    public override string Text(TOptions options) => get(options) switch
    {
        null => "null",
        bool flag => flag ? "true" : "false",
        TimeSpan time => time.ToString("c", CultureInfo.InvariantCulture),
        TimeProvider provider => provider == TimeProvider.System ? "TimeProvider.System" : provider.GetType().Name,
        TValue value => Convert.ToString(value, CultureInfo.InvariantCulture) ?? "null",
    };
}

/// <summary>What several options must be together.</summary>
/// <param name="Option">The option that the message is about.</param>
/// <param name="Others">Those it depends on: where one of them is out of range by itself, the rule says nothing.</param>
/// <param name="Allowed">What is allowed beside the others as they are; null when all is well.</param>
internal sealed record OptionRule<TOptions>(string Option, string[] Others, Func<TOptions, string?> Allowed);

/// <summary>An option that is out of range.</summary>
/// <param name="Option">Which.</param>
/// <param name="Value">What it is.</param>
/// <param name="Allowed">What is allowed.</param>
internal readonly record struct OptionFault(string Option, string Value, string Allowed)
{
    public string Message(string prefix) => $"{prefix}{Option} = {Value} is out of range; allowed: {Allowed}.";
}
