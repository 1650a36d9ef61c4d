using System.Collections.Immutable;
using System.Text;
using System.Text.RegularExpressions;

namespace MemStorage.Analyzers.Tests.Sharing;

/// <summary>
/// A labelled piece of code. A line that ends in <c>//! MST1001</c> must have exactly these diagnostics; every other line none.
/// </summary>
/// <remarks>
/// Format of the corpus files: <c>=== name | flags</c> starts a snippet. Without a flag it is the body of a method; <c>async</c>: of an async
/// method; <c>members</c>: members of a class; <c>file</c>: the whole file after the usings. <c>caches</c>: compiled against the other caches
/// instead of the MemStorage runtime, with <c>option: …</c> lines as configuration.
/// </remarks>
public sealed partial record CorpusSnippet(string File, string Name, string Code, ImmutableDictionary<int, ImmutableArray<string>> Expected, bool UsesCaches, string? Sources)
{
    public bool IsPositive => !Expected.IsEmpty;

    /// <summary>Whether it can be compiled in one compilation with others, in a namespace of its own.</summary>
    public bool CanStandBesideOthers => !UsesCaches && Sources is null && !Code.Contains("namespace ", StringComparison.Ordinal) && !Code.Contains("[assembly:", StringComparison.Ordinal);

    /// <summary>The code in a namespace of its own, with its lines where they were.</summary>
    public string InNamespace(int index) => $"namespace N{index} {{ {Code}\n}}";

    public override string ToString() => $"{File}: {Name}";

    public static ImmutableArray<CorpusSnippet> All { get; } = [.. Load()];

    public static string Preamble { get; } = Read("_Preamble");

    private static IEnumerable<CorpusSnippet> Load()
    {
        foreach (string resource in typeof(CorpusSnippet).Assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!resource.StartsWith("Sharing.Corpus.", StringComparison.Ordinal) || resource.EndsWith("_Preamble", StringComparison.Ordinal))
                continue;
            string file = resource["Sharing.Corpus.".Length..];
            foreach (string part in Regex.Split("\n" + Read(file).ReplaceLineEndings("\n"), @"\n=== ").Skip(1))
                yield return Parse(file, part);
        }
    }

    private static CorpusSnippet Parse(string file, string part)
    {
        string[] lines = part.Split('\n');
        string[] head = lines[0].Split('|', 2, StringSplitOptions.TrimEntries);
        string[] flags = head.Length > 1 ? head[1].Split(' ', StringSplitOptions.RemoveEmptyEntries) : [];
        string? sources = lines.FirstOrDefault(static l => l.StartsWith("option:", StringComparison.Ordinal))?["option:".Length..].Trim();
        string[] body = [.. lines.Skip(1).Where(static l => !l.StartsWith("option:", StringComparison.Ordinal))];
        bool caches = flags.Contains("caches");
        var code = new StringBuilder(Usings);
        if (caches)
            code.Append("using Microsoft.Extensions.Caching.Memory;\nusing Microsoft.Extensions.Caching.Hybrid;\n");
        code.Append("#nullable enable\n");
        string fields = caches
            ? "    private readonly IMemoryCache cache = null!;\n    private readonly HybridCache hybrid = null!;\n"
            : "    private readonly IMemStorageRepository<int, Order> orders = null!;\n    private readonly IMemStorageRepository<int, Customer> customers = null!;\n    private readonly MemStore store = null!;\n";
        if (flags.Contains("file"))
            code.Append(string.Join('\n', body));
        else if (flags.Contains("members"))
            code.Append("public sealed class Snippet\n{\n" + fields).Append(string.Join('\n', body)).Append("\n}\n");
        else
            code.Append("internal sealed class Snippet\n{\n" + fields + $"    public {(flags.Contains("async") ? "async Task" : "void")} Run(int id, bool flag, string text)\n    {{\n").Append(string.Join('\n', body)).Append("\n    }\n}\n");
        string text = code.ToString();
        var expected = ImmutableDictionary.CreateBuilder<int, ImmutableArray<string>>();
        string[] all = text.Split('\n');
        for (int i = 0; i < all.Length; i++)
        {
            if (Expectation().Match(all[i]) is { Success: true } m)
                expected[i] = [.. m.Groups[1].Value.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries).Order(StringComparer.Ordinal)];
        }
        return new CorpusSnippet(file, head[0], text, expected.ToImmutable(), caches, sources);
    }

    private const string Usings = """
        using System;
        using System.Buffers;
        using System.Collections;
        using System.Collections.Concurrent;
        using System.Collections.Generic;
        using System.Collections.Immutable;
        using System.Collections.ObjectModel;
        using System.Linq;
        using System.Runtime.CompilerServices;
        using System.Runtime.InteropServices;
        using System.Text;
        using System.Threading;
        using System.Threading.Tasks;
        using MemStorage;
        using Demo;

        """;

    private static string Read(string name)
    {
        using Stream stream = typeof(CorpusSnippet).Assembly.GetManifestResourceStream("Sharing.Corpus." + name)!;
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    [GeneratedRegex(@"//!\s*((MST\d{4}[ ,]*)+)\s*$")]
    private static partial Regex Expectation();
}
