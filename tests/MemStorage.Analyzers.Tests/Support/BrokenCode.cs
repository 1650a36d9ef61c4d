using System.Text;

namespace MemStorage.Analyzers.Tests.Support;

/// <summary>Makes programs that do not compile out of programs that do: the state of code while somebody types.</summary>
internal static class BrokenCode
{
    /// <summary>Deletes, doubles, swaps and cuts words.</summary>
    public static string Break(string source, Random random)
    {
        string[] tokens = source.Split(' ');
        for (int n = random.Next(1, 6); n > 0; n--)
        {
            int i = random.Next(tokens.Length), j = random.Next(tokens.Length);
            switch (random.Next(5))
            {
                case 0:
                    tokens[i] = "";
                    break;
                case 1:
                    tokens[i] += " " + tokens[i];
                    break;
                case 2:
                    (tokens[i], tokens[j]) = (tokens[j], tokens[i]);
                    break;
                case 3:
                    return string.Join(' ', tokens[..i]);
                default:
                    tokens[i] = tokens[i].Length > 1 ? tokens[i][..(tokens[i].Length / 2)] : "{";
                    break;
            }
        }
        return string.Join(' ', tokens);
    }

    /// <summary>Statements out of a vocabulary; <paramref name="statements"/> are formats with {0} and {1} for expressions and {2} for inner statements.</summary>
    public static string Generate(Random random, string[] expressions, string[] statements, int depth)
    {
        var text = new StringBuilder();
        for (int n = random.Next(1, 5); n > 0; n--)
        {
            string a = expressions[random.Next(expressions.Length)], b = expressions[random.Next(expressions.Length)];
            string inner = depth > 0 ? Generate(random, expressions, statements, depth - 1) : ";";
            text.Append(statements[random.Next(statements.Length)].Replace("$a", a).Replace("$b", b).Replace("$s", inner)).Append('\n');
        }
        return text.ToString();
    }
}
