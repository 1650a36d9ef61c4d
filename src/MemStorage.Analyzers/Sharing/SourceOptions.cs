using System.Collections.Immutable;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.Diagnostics;

namespace MemStorage.Analyzers.Sharing;

/// <summary>
/// <c>memstorage_nocopy_sources</c> of .editorconfig: further members whose results are shared. Entries are separated by commas, semicolons or
/// spaces; each is <c>Namespace.Type.Member</c> (all overloads; generic arity is left out), <c>Namespace.Type.*</c>, or the name of a preset.
/// </summary>
internal static class SourceOptions
{
    public const string Key = "memstorage_nocopy_sources";

    private const string MemoryCaching = "Microsoft.Extensions.Caching.Memory.";
    private const string Fusion = "ZiggyCreatures.Caching.Fusion.";

    /// <summary>The presets, as documented on docs/analyzers.md; a test keeps page and code together.</summary>
    public static readonly ImmutableDictionary<string, ImmutableArray<string>> Presets = new Dictionary<string, ImmutableArray<string>>
    {
        ["IMemoryCache"] = ImmutableArray.Create(
            MemoryCaching + "CacheExtensions.Get", MemoryCaching + "CacheExtensions.TryGetValue", MemoryCaching + "CacheExtensions.GetOrCreate",
            MemoryCaching + "CacheExtensions.GetOrCreateAsync", MemoryCaching + "IMemoryCache.TryGetValue", MemoryCaching + "MemoryCache.TryGetValue"),
        ["HybridCache"] = ImmutableArray.Create("Microsoft.Extensions.Caching.Hybrid.HybridCache.GetOrCreateAsync"),
        ["FusionCache"] = ImmutableArray.Create(
            Fusion + "IFusionCache.GetOrSet", Fusion + "IFusionCache.GetOrSetAsync", Fusion + "IFusionCache.GetOrDefault", Fusion + "IFusionCache.GetOrDefaultAsync",
            Fusion + "IFusionCache.TryGet", Fusion + "IFusionCache.TryGetAsync",
            Fusion + "FusionCacheExtMethods.GetOrSet", Fusion + "FusionCacheExtMethods.GetOrSetAsync", Fusion + "FusionCacheExtMethods.GetOrDefault",
            Fusion + "FusionCacheExtMethods.GetOrDefaultAsync", Fusion + "FusionCacheExtMethods.TryGet", Fusion + "FusionCacheExtMethods.TryGetAsync"),
        ["LazyCache"] = ImmutableArray.Create(
            "LazyCache.IAppCache.Get", "LazyCache.IAppCache.GetAsync", "LazyCache.IAppCache.GetOrAdd", "LazyCache.IAppCache.GetOrAddAsync", "LazyCache.IAppCache.TryGetValue",
            "LazyCache.AppCacheExtensions.Get", "LazyCache.AppCacheExtensions.GetOrAdd", "LazyCache.AppCacheExtensions.GetOrAddAsync"),
    }.ToImmutableDictionary(StringComparer.OrdinalIgnoreCase);

    private static readonly char[] Separators = { ',', ';', ' ', '\t' };

    /// <summary>All configured sources of the compilation, of whatever file: a shared object crosses files.</summary>
    public static IReadOnlyCollection<string> Read(AnalyzerConfigOptionsProvider provider, IEnumerable<SyntaxTree> trees)
    {
        var sources = new SortedSet<string>(StringComparer.Ordinal);
        string? last = null;
        Add(provider.GlobalOptions);
        foreach (SyntaxTree tree in trees)
            Add(provider.GetOptions(tree));
        return sources;

        void Add(AnalyzerConfigOptions options)
        {
            if (!options.TryGetValue(Key, out string? text) || text == last)
                return;
            last = text;
            sources.UnionWith(Parse(text));
        }
    }

    public static IEnumerable<string> Parse(string text)
    {
        foreach (string entry in text.Split(Separators, StringSplitOptions.RemoveEmptyEntries))
        {
            string name = entry.StartsWith("M:", StringComparison.Ordinal) || entry.StartsWith("P:", StringComparison.Ordinal) ? entry.Substring(2) : entry;
            int parenthesis = name.IndexOf('(');
            if (parenthesis >= 0)
                name = name.Substring(0, parenthesis);
            if (Presets.TryGetValue(name, out ImmutableArray<string> preset))
            {
                foreach (string source in preset)
                    yield return source;
            }
            else if (name.IndexOf('.') > 0)
                yield return WithoutArity(name);
        }
    }

    private static string WithoutArity(string name)
    {
        var kept = new System.Text.StringBuilder(name.Length);
        for (int i = 0; i < name.Length; i++)
        {
            if (name[i] != '`')
            {
                kept.Append(name[i]);
                continue;
            }
            while (i + 1 < name.Length && (char.IsDigit(name[i + 1]) || name[i + 1] == '`'))
                i++;
        }
        return kept.ToString();
    }
}
