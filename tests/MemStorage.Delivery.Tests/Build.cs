using System.Reflection;

namespace MemStorage.Delivery.Tests;

/// <summary>Where the build that is tested has put things.</summary>
internal static class Build
{
    public static string Root { get; } = Metadata("RepositoryRoot");

    public static string Configuration { get; } = Metadata("Configuration");

    public static string Packages { get; } = Metadata("PackagesUnderTest");

    public static string Version { get; } = Metadata("PackageVersion");

    public static string NuGetPackages { get; } = Metadata("NuGetPackageRoot");

    public static string PathOf(string relative) => Path.Combine(Root, relative);

    private static string Metadata(string key) =>
        typeof(Build).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(attribute => attribute.Key == key).Value!;
}
