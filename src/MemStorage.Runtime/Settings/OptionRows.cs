namespace MemStorage.Settings;

/// <summary>Makes rows, one method per type.</summary>
internal static class OptionRows
{
    /// <summary>The unit of all times.</summary>
    public const string TimeUnit = "days.hours:minutes:seconds";

    public static OptionRow<T, string> Text<T>(string name, string allowed, Func<T, string> get, Action<T, string> set, Func<string, bool> valid) =>
        new(name, "text", "", allowed, get, set, OptionParsers.Text, (v, _) => valid(v));

    public static OptionRow<T, int> Int<T>(string name, string unit, string allowed, Func<T, int> get, Action<T, int> set, Func<int, bool> valid) =>
        new(name, "int", unit, allowed, get, set, OptionParsers.Int32, (v, _) => valid(v));

    public static OptionRow<T, long> Long<T>(string name, string unit, string allowed, Func<T, long> get, Action<T, long> set, Func<long, bool> valid) =>
        new(name, "long", unit, allowed, get, set, OptionParsers.Int64, (v, _) => valid(v));

    public static OptionRow<T, double> Number<T>(string name, string unit, string allowed, Func<T, double> get, Action<T, double> set, Func<double, bool> valid) =>
        new(name, "number", unit, allowed, get, set, OptionParsers.Double, (v, _) => valid(v));

    public static OptionRow<T, bool> Bool<T>(string name, Func<T, bool> get, Action<T, bool> set) =>
        new(name, "bool", "", "true or false", get, set, OptionParsers.Boolean, static (_, _) => true);

    public static OptionRow<T, TimeSpan> Span<T>(string name, string allowed, Func<T, TimeSpan> get, Action<T, TimeSpan> set, TimeSpan lowest, TimeSpan highest) =>
        new(name, "time", TimeUnit, allowed, get, set, OptionParsers.Span, (v, _) => v >= lowest && v <= highest);

    public static OptionRow<T, TEnum> Choice<T, TEnum>(string name, Func<T, TEnum> get, Action<T, TEnum> set)
        where TEnum : struct, Enum =>
        new(name, "name", "", string.Join(" or ", Enum.GetNames<TEnum>()), get, set, OptionParsers.Enum, static (v, _) => Enum.IsDefined(v));

    /// <summary>An object, which only code can set.</summary>
    public static OptionRow<T, TValue> Object<T, TValue>(string name, string type, Func<T, TValue> get)
        where TValue : class =>
        new(name, type, "", "not null", get, null, null, static (v, _) => v is not null);
}
