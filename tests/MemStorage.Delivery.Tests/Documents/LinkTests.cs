namespace MemStorage.Delivery.Tests.Documents;

/// <summary>Every link within the repository leads somewhere.</summary>
public sealed class LinkTests
{
    [Fact]
    public void Links_between_pages_lead_to_files_and_headings_that_exist()
    {
        List<string> broken = [];
        foreach (MarkdownPage page in MarkdownPage.All())
        {
            foreach ((int line, string target) in page.Links())
            {
                if (target.Contains("://", StringComparison.Ordinal) || target.StartsWith("mailto:", StringComparison.Ordinal))
                    continue;
                string[] parts = target.Split('#', 2);
                string file = parts[0].Length == 0 ? page.FullPath : Path.GetFullPath(Path.Combine(Path.GetDirectoryName(page.FullPath)!, parts[0]));
                if (!File.Exists(file) && !Directory.Exists(file))
                    broken.Add($"{page.Name}:{line}: {target}: no such file");
                else if (parts.Length == 2 && file.EndsWith(".md", StringComparison.Ordinal) &&
                         !MarkdownPage.Open(Path.GetRelativePath(Build.Root, file)).Anchors().Contains(parts[1]))
                    broken.Add($"{page.Name}:{line}: {target}: no such heading");
            }
        }
        Assert.Empty(broken);
    }

    [Fact]
    public void Every_page_is_reached_from_the_index()
    {
        HashSet<string> reached = [];
        Queue<string> waiting = new([Build.PathOf("README.md"), Build.PathOf("docs/README.md")]);
        while (waiting.TryDequeue(out string? path))
        {
            if (!reached.Add(path))
                continue;
            if (Directory.Exists(path))
            {
                // a link to a folder shows its pages
                foreach (string page in Directory.EnumerateFiles(path, "*.md"))
                    waiting.Enqueue(page);
            }
            if (!path.EndsWith(".md", StringComparison.Ordinal) || !File.Exists(path))
                continue;
            foreach ((_, string target) in MarkdownPage.Open(Path.GetRelativePath(Build.Root, path)).Links())
            {
                if (!target.Contains("://", StringComparison.Ordinal))
                    waiting.Enqueue(Path.GetFullPath(Path.Combine(Path.GetDirectoryName(path)!, target.Split('#')[0])));
            }
        }
        Assert.Empty(MarkdownPage.All().Where(page => !reached.Contains(page.FullPath)).Select(page => page.Name));
    }
}
