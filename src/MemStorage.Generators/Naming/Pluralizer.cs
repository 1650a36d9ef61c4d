namespace MemStorage.Generators.Naming;

/// <summary>
/// English plurals for the methods on the store: <c>Order</c> gives <c>Orders</c>, <c>Category</c> gives <c>Categories</c>. It looks at the last
/// word of the name. Words it does not know follow the rules of spelling; a name that is a plural already, or that does not end in a Latin
/// letter or a digit, stays as it is.
/// </summary>
public static class Pluralizer
{
    private static readonly Dictionary<string, string> s_irregular = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Person"] = "People",
        ["Child"] = "Children",
        ["Man"] = "Men",
        ["Woman"] = "Women",
        ["Mouse"] = "Mice",
        ["Goose"] = "Geese",
        ["Foot"] = "Feet",
        ["Tooth"] = "Teeth",
        ["Ox"] = "Oxen",
        ["Criterion"] = "Criteria",
        ["Phenomenon"] = "Phenomena",
        ["Medium"] = "Media",
        ["Datum"] = "Data",
        ["Vertex"] = "Vertices",
        ["Matrix"] = "Matrices",
        ["Quiz"] = "Quizzes",
        ["Lens"] = "Lenses",
        ["Leaf"] = "Leaves",
        ["Life"] = "Lives",
        ["Knife"] = "Knives",
        ["Wife"] = "Wives",
        ["Half"] = "Halves",
        ["Shelf"] = "Shelves",
        ["Wolf"] = "Wolves",
        ["Thief"] = "Thieves",
        ["Loaf"] = "Loaves",
        ["Calf"] = "Calves",
        ["Hero"] = "Heroes",
        ["Potato"] = "Potatoes",
        ["Tomato"] = "Tomatoes",
        ["Echo"] = "Echoes",
        ["Veto"] = "Vetoes",
    };

    private static readonly HashSet<string> s_unchanged = new(StringComparer.OrdinalIgnoreCase)
    {
        "Series", "Species", "Sheep", "Deer", "Aircraft", "Equipment", "Information", "News", "Metadata", "Data", "Software", "Hardware",
        "People", "Children", "Men", "Women", "Media", "Criteria", "Feedback", "Money", "Staff",
    };

    /// <summary>The plural of a type's name.</summary>
    public static string Pluralize(string name)
    {
        int start = LastWord(name);
        string head = name.Substring(0, start);
        string word = name.Substring(start);
        if (s_unchanged.Contains(word))
            return name;
        if (s_irregular.TryGetValue(word, out string? irregular))
            return head + (char.IsLower(word[0]) ? char.ToLowerInvariant(irregular[0]) + irregular.Substring(1) : irregular);
        return head + Regular(word);
    }

    private static string Regular(string word)
    {
        char last = word[word.Length - 1];
        if (last > 127)
            return word;
        if (!char.IsLetter(last))
            return word + "s";
        if (Ends(word, "sis"))
            return word.Substring(0, word.Length - 2) + "es";
        if (Ends(word, "ss") || Ends(word, "us") || Ends(word, "is") || Ends(word, "as") || Ends(word, "os")
            || Ends(word, "x") || Ends(word, "z") || Ends(word, "ch") || Ends(word, "sh"))
        {
            return word + "es";
        }
        if (Ends(word, "s"))
            return word;
        if (Ends(word, "y") && word.Length > 1 && !IsVowel(word[word.Length - 2]))
            return word.Substring(0, word.Length - 1) + "ies";
        return word + "s";
    }

    // the last capital letter that follows a small one or stands before one: SalesPerson, HTTPRequest
    private static int LastWord(string name)
    {
        for (int i = name.Length - 1; i > 0; i--)
        {
            if (name[i] == '_')
                return i + 1 < name.Length ? i + 1 : 0;
            if (char.IsUpper(name[i]) && (!char.IsUpper(name[i - 1]) || (i + 1 < name.Length && char.IsLower(name[i + 1]))))
                return i;
        }
        return 0;
    }

    private static bool Ends(string word, string ending) => word.EndsWith(ending, StringComparison.OrdinalIgnoreCase);

    private static bool IsVowel(char c) => char.ToLowerInvariant(c) is 'a' or 'e' or 'i' or 'o' or 'u';
}
