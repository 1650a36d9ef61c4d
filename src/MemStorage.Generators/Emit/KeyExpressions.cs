using MemStorage.Generators.Model;

namespace MemStorage.Generators.Emit;

/// <summary>Statements that write and read key parts. Record structs are taken apart, so that what is written is always a sequence of simple values.</summary>
internal static class KeyExpressions
{
    private const string Separator = "writer.WriteSeparator();";

    /// <summary>Statements that write a key.</summary>
    /// <param name="key">The key.</param>
    /// <param name="expression">What holds it.</param>
    public static IReadOnlyList<string> WriteKey(KeyModel key, string expression) => Write(key, expression).ToList();

    private static IEnumerable<string> Write(KeyModel key, string expression)
    {
        if (!key.IsComposite)
            return Write(key.Members[0].Part, expression);
        return Join(key.Members.Select(m => Write(m.Part, $"{expression}.{MemberOf(m)}")));
    }

    /// <summary>The names of a composite key's members as source writes them.</summary>
    public static string MemberOf(KeyMemberModel member) => Infrastructure.Identifiers.Escape(member.PlainName);

    private static IEnumerable<string> Write(KeyPartModel part, string expression) => part.Kind is KeyPartKind.Record or KeyPartKind.Converted
        ? Join(part.Parts.Select(m => Write(m.Part, PartOf(part, m, expression))))
        : [$"writer.Write({expression});"];

    /// <summary>An expression for one part of a value.</summary>
    /// <param name="whole">The value's type.</param>
    /// <param name="part">The part.</param>
    /// <param name="expression">What holds the value.</param>
    public static string PartOf(KeyPartModel whole, KeyMemberModel part, string expression) =>
        whole.Kind == KeyPartKind.Converted ? $"{whole.Maker}.ToStored({expression})" : $"{expression}.{part.Name}";

    private static IEnumerable<string> Join(IEnumerable<IEnumerable<string>> parts)
    {
        bool first = true;
        foreach (IEnumerable<string> part in parts)
        {
            if (!first)
                yield return Separator;
            first = false;
            foreach (string line in part)
                yield return line;
        }
    }

    /// <summary>A condition that reads every simple value into a variable, and an expression that makes the key of them.</summary>
    public static (string Condition, string Key) ReadKey(KeyModel key)
    {
        List<string> conditions = [];
        int count = 0;
        string expression = key.IsComposite
            ? Read(new KeyPartModel(key.Type, KeyPartKind.Record, "", key.Members, "new " + key.Type), conditions, ref count)
            : Read(key.Members[0].Part, conditions, ref count);
        conditions.Add("reader.AtEnd");
        return (string.Join("\n    && ", conditions), expression);
    }

    private static string Read(KeyPartModel part, List<string> conditions, ref int count)
    {
        if (part.Kind is KeyPartKind.Record or KeyPartKind.Converted)
        {
            List<string> arguments = [];
            foreach (KeyMemberModel member in part.Parts)
                arguments.Add((part.ByInitializer ? member.Name + " = " : "") + Read(member.Part, conditions, ref count));
            string list = string.Join(", ", arguments);
            return part.Kind == KeyPartKind.Converted ? $"{part.Maker}.FromStored({list})"
                : part.ByInitializer ? $"{part.Maker} {{ {list} }}"
                : $"{part.Maker}({list})";
        }
        if (count > 0)
            conditions.Add("reader.TryReadSeparator()");
        string variable = "part" + count++;
        conditions.Add($"reader.TryRead(out {part.Type}{(part.Type == "string" ? "?" : "")} {variable})");
        return variable;
    }
}
