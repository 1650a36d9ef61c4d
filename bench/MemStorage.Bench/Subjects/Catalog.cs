using MemStorage.Bench.CommandLine;

namespace MemStorage.Bench.Subjects;

/// <summary>The subjects in their best configuration for a number of entries that all fit.</summary>
internal static class Catalog
{
    /// <summary>Key, value, header, index slot and the change log's place of an order, with room to reclaim in.</summary>
    public const int BytesPerOrder = 320;

    private const long SmallestBound = 64 << 20;

    /// <summary>Everything fits; orders do not compress, and neither do those of the peers.</summary>
    public static MemStoreOptions Roomy(int entries) => new()
    {
        MaxMemoryBytes = Math.Max(SmallestBound, (long)entries * BytesPerOrder),
        CompressionEnabled = false,
    };

    private const string Remote = "Redis/Garnet (loopback)";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> Names { get; } = [.. All("").Keys];

    /// <summary>Those that live in the process of their user.</summary>
    public static IEnumerable<string> InProcess => Names.Where(n => n != Remote);

    /// <summary>Those that the command line asks for.</summary>
    public static IEnumerable<KeyValuePair<string, Func<int, Subject>>> Wanted(Arguments arguments, string redis = "") => All(redis).Where(s => arguments.Wants(s.Key));

    /// <exception cref="UsageException">There is none of this name.</exception>
    public static Subject Create(string name, int entries) =>
        All("").TryGetValue(name, out Func<int, Subject>? create) ? create(entries) : throw new UsageException($"There is no subject '{name}'.");

    private static Dictionary<string, Func<int, Subject>> All(string redis) => new Dictionary<string, Func<int, Subject>>
    {
        ["MemStorage repository"] = n => new MemStorageRepositorySubject(Roomy(n)),
        ["MemStorage bytes"] = n => new MemStorageBytes(Roomy(n)),
        ["ConcurrentDictionary<byte[]>"] = _ => new DictionaryOfBytes(),
        ["ConcurrentDictionary<Order>"] = _ => new DictionaryOfObjects(),
        ["MemoryCache"] = _ => new MemoryCacheSubject(int.MaxValue),
        ["HybridCache"] = _ => new HybridCacheSubject(),
        ["BitFaster ConcurrentLru"] = n => new BitFasterLru(2 * n),
        ["BitFaster ConcurrentLfu"] = n => new BitFasterLfu(2 * n),
        ["FASTER"] = n => new FasterSubject(n),
        [Remote] = n => new RedisSubject(redis, n),
    };
}
