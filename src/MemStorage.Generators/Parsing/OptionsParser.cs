using System.Collections.Immutable;
using System.Globalization;
using MemStorage.Generators.Model;
using MemStorage.Generators.Shape;
using MemStorage.Settings;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Parsing;

/// <summary>Reads what the entity's attribute says (MST0017, MST0019): what would be an exception at the first use is an error at compile time.</summary>
internal static class OptionsParser
{
    private const int MaxNameLength = 1024;
    private const int MaxSharedInstances = 1_048_576;

    public static OptionsModel Parse(EntityContext context, AttributeData attribute, string fullName)
    {
        string keySpace = fullName;
        long timeToLive = 0;
        bool sliding = false;
        int jitter = 0;
        int shared = 4096;
        foreach (KeyValuePair<string, TypedConstant> argument in attribute.NamedArguments)
        {
            switch (argument.Key, argument.Value.Value)
            {
                case ("Name", string name):
                    keySpace = name;
                    if (name.Length is 0 or > MaxNameLength)
                        Report("Name", name.Length == 0 ? "empty" : $"{name.Length} characters long", "1 to 1,024 characters are allowed");
                    break;
                case ("TimeToLive", string text):
                    if (!TimeText.TryRead(text, out TimeSpan span) || span <= TimeSpan.Zero)
                        Report("TimeToLive", $"\"{text}\"", "it must be a positive time such as \"00:10:00\" (hours, minutes, seconds)");
                    else if (TimeText.IsAmbiguous(text, span))
                        ReportAmbiguous(text, span);
                    timeToLive = span.Ticks;
                    break;
                case ("Sliding", bool value):
                    sliding = value;
                    break;
                case ("JitterPercent", int value):
                    jitter = value;
                    if (value is < 0 or > 100)
                        Report("JitterPercent", value.ToString(CultureInfo.InvariantCulture), "0 to 100 are allowed");
                    break;
                case ("SharedInstances", int value):
                    shared = value;
                    if (value is < 0 or > MaxSharedInstances)
                        Report("SharedInstances", value.ToString(CultureInfo.InvariantCulture), "0 to 1,048,576 are allowed");
                    break;
            }
        }
        if (timeToLive == 0 && sliding)
            Report("Sliding", "true", "there is no TimeToLive that a read could prolong");
        return new OptionsModel(keySpace, timeToLive, sliding, jitter, shared);

        void ReportAmbiguous(string text, TimeSpan span)
        {
            (string hours, string days) = (TimeText.InHours(text, span), TimeText.InDays(span));
            context.Reporter.ReportWithProperties(
                ShapeRules.AmbiguousTime,
                attribute.SourceLocation(context.Entity, context.CancellationToken),
                ImmutableDictionary<string, string?>.Empty.Add(ShapeRules.TimeInHoursProperty, hours).Add(ShapeRules.TimeInDaysProperty, days),
                text, context.Entity.Name, span.Days.ToString(CultureInfo.InvariantCulture), hours, days);
        }

        void Report(string option, string value, string range) => context.Reporter.Report(
            ShapeRules.Options, attribute.SourceLocation(context.Entity, context.CancellationToken), option, context.Entity.Name, value, range);
    }
}
