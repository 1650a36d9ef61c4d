using System.Xml.Linq;

namespace MemStorage.Delivery.Tests.Packages;

/// <summary>The packages beside MemStorage: for hosts, and for the tests of services.</summary>
public sealed class SatellitePackageTests
{
    [Theory]
    [InlineData("MemStorage.Extensions")]
    [InlineData("MemStorage.Testing")]
    public void Holds_its_assembly_documentation_and_licence_and_nothing_else(string id)
    {
        using Package package = new(id);
        Assert.Equal(["CHANGELOG.md", "LICENSE", $"{id}.nuspec", "README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], package.Files);
        using Package symbols = new(id, ".snupkg");
        Assert.Contains($"lib/net10.0/{id}.pdb", symbols.Files);
    }

    [Theory]
    [InlineData("MemStorage.Extensions")]
    [InlineData("MemStorage.Testing")]
    public void Brings_MemStorage_of_the_same_version_with_generator_and_analyzers(string id)
    {
        using Package package = new(id);
        XElement memStorage = Assert.Single(package.Dependencies, dependency => (string?)dependency.Attribute("id") == "MemStorage");
        Assert.Equal((Build.Version, "All"), ((string?)memStorage.Attribute("version"), (string?)memStorage.Attribute("include")));
        Assert.Null(memStorage.Attribute("exclude"));
    }
}
