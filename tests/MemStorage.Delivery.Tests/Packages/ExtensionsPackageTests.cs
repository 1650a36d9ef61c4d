using System.Xml.Linq;

namespace MemStorage.Delivery.Tests.Packages;

/// <summary>The package for hosts.</summary>
public sealed class ExtensionsPackageTests
{
    [Fact]
    public void Holds_its_assembly_documentation_and_licence_and_nothing_else()
    {
        using Package package = new("MemStorage.Extensions");
        Assert.Equal(
            ["CHANGELOG.md", "LICENSE", "MemStorage.Extensions.nuspec", "README.md", "lib/net10.0/MemStorage.Extensions.dll", "lib/net10.0/MemStorage.Extensions.xml"],
            package.Files);
        using Package symbols = new("MemStorage.Extensions", ".snupkg");
        Assert.Contains("lib/net10.0/MemStorage.Extensions.pdb", symbols.Files);
    }

    [Fact]
    public void Brings_MemStorage_of_the_same_version_with_generator_and_analyzers()
    {
        using Package package = new("MemStorage.Extensions");
        XElement memStorage = Assert.Single(package.Dependencies, dependency => (string?)dependency.Attribute("id") == "MemStorage");
        Assert.Equal((Build.Version, "All"), ((string?)memStorage.Attribute("version"), (string?)memStorage.Attribute("include")));
        Assert.Null(memStorage.Attribute("exclude"));
    }
}
