namespace MemStorage.Analyzers;

/// <summary>Makes descriptors, so that every rule has the same kind of help link and the same defaults.</summary>
internal static class Rule
{
    public const string SharingCategory = "MemStorage.Sharing";
    public const string VersionsCategory = "MemStorage.Versions";

    private const string HelpRoot = "https://github.com/memstorage/memstorage/blob/main/docs/rules/";

    /// <summary>Where the page of the rule <paramref name="id"/> is; a test checks that it exists under <c>docs/rules</c>.</summary>
    public static string HelpLink(string id) => HelpRoot + id + ".md";
}
