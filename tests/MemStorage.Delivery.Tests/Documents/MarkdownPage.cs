using System.Text.RegularExpressions;

namespace MemStorage.Delivery.Tests.Documents;

/// <summary>A page of the documentation, with what the tests look at: code blocks, links, headings, tables.</summary>
internal sealed partial class MarkdownPage
{
    private MarkdownPage(string path)
    {
        FullPath = path;
        Name = Path.GetRelativePath(Build.Root, path).Replace('\\', '/');
        Lines = File.ReadAllLines(path);
    }

    public string FullPath { get; }

    /// <summary>The path within the repository.</summary>
    public string Name { get; }

    public string[] Lines { get; }

    public static MarkdownPage Open(string relative) => new(Build.PathOf(relative));

    /// <summary>Every page that users read.</summary>
    public static IEnumerable<MarkdownPage> All() =>
        Directory.EnumerateFiles(Build.Root, "*.md")
            .Concat(Directory.EnumerateFiles(Build.PathOf("docs"), "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(Build.PathOf("samples"), "*.md", SearchOption.AllDirectories))
            .Where(path => !path.Contains("/bin/", StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal))
            .Order(StringComparer.Ordinal)
            .Select(path => new MarkdownPage(path));

    /// <summary>The C# blocks that are to be compiled: all but those under a line <c>&lt;!-- not compiled: reason --&gt;</c>.</summary>
    public IEnumerable<CodeBlock> CSharpBlocks()
    {
        for (int i = 0; i < Lines.Length; i++)
        {
            Match fence = Fence().Match(Lines[i]);
            if (!fence.Success)
                continue;
            int end = Array.FindIndex(Lines, i + 1, line => line.Trim() == "```");
            Assert.True(end > 0, $"{Name}:{i + 1}: the block has no end");
            bool excused = Lines.Take(i).Reverse().SkipWhile(string.IsNullOrWhiteSpace).FirstOrDefault()?.StartsWith("<!-- not compiled:", StringComparison.Ordinal) == true;
            if (fence.Groups[1].Value is "csharp" or "cs" or "c#" && !excused)
                yield return new CodeBlock(this, i + 1, string.Join('\n', Lines[(i + 1)..end]));
            i = end;
        }
    }

    /// <summary>Links and images, with their line numbers; code is not looked into.</summary>
    public IEnumerable<(int Line, string Target)> Links()
    {
        bool code = false;
        for (int i = 0; i < Lines.Length; i++)
        {
            if (Lines[i].TrimStart().StartsWith("```", StringComparison.Ordinal))
                code = !code;
            else if (!code)
            {
                foreach (Match link in Link().Matches(InlineCode().Replace(Lines[i], "")))
                    yield return (i + 1, link.Groups[1].Value);
            }
        }
    }

    /// <summary>The anchors of the headings, as the usual renderers name them.</summary>
    public IEnumerable<string> Anchors() => Lines.Where(line => line.StartsWith('#'))
        .Select(line => NotInAnchor().Replace(line.TrimStart('#').Trim().ToLowerInvariant(), "").Replace(' ', '-'));

    /// <summary>The rows of all tables: their cells, trimmed.</summary>
    public IEnumerable<string[]> Rows() => Lines.Where(line => line.StartsWith('|')).Select(line => line.Trim('|', ' ').Split('|').Select(cell => cell.Trim()).ToArray());

    public override string ToString() => Name;

    [GeneratedRegex(@"^\s*```\s*([A-Za-z#+]*)")]
    private static partial Regex Fence();

    [GeneratedRegex(@"\]\(([^)\s]+)(?:\s+""[^""]*"")?\)")]
    private static partial Regex Link();

    [GeneratedRegex("`[^`]*`")]
    private static partial Regex InlineCode();

    [GeneratedRegex(@"[^\p{L}\p{N} _-]")]
    private static partial Regex NotInAnchor();
}

/// <summary>One block of C#.</summary>
/// <param name="Page">The page.</param>
/// <param name="Line">The line of its fence.</param>
/// <param name="Code">What is in it.</param>
internal sealed record CodeBlock(MarkdownPage Page, int Line, string Code)
{
    public override string ToString() => $"{Page.Name}:{Line}";
}
