using System.Xml.Linq;

namespace MemStorage.Delivery.Tests.Packages;

/// <summary>The packages beside MemStorage: for hosts, for ASP.NET Core, and for the tests of services.</summary>
public sealed class SatellitePackageTests
{
    [Theory]
    [InlineData("MemStorage.Extensions")]
    [InlineData("MemStorage.AspNetCore")]
    [InlineData("MemStorage.Testing")]
    public void Holds_its_assembly_documentation_and_licence_and_nothing_else(string id)
    {
        using Package package = new(id);
        Assert.Equal(["CHANGELOG.md", "LICENSE", $"{id}.nuspec", "README.md", $"lib/net10.0/{id}.dll", $"lib/net10.0/{id}.xml"], package.Files);
        using Package symbols = new(id, ".snupkg");
        Assert.Contains($"lib/net10.0/{id}.pdb", symbols.Files);
    }

    [Theory]
    [InlineData("MemStorage.Extensions", "MemStorage", true)] // uses internals of it: exactly this version
    [InlineData("MemStorage.AspNetCore", "MemStorage", false)]
    [InlineData("MemStorage.AspNetCore", "MemStorage.Extensions", true)] // uses internals of it: exactly this version
    [InlineData("MemStorage.Testing", "MemStorage", true)]
    public void Brings_its_siblings_of_the_same_version_with_generator_and_analyzers(string id, string sibling, bool exactly)
    {
        using Package package = new(id);
        XElement dependency = Assert.Single(package.Dependencies, dependency => (string?)dependency.Attribute("id") == sibling);
        Assert.Equal((exactly ? $"[{Build.Version}]" : Build.Version, "All"), ((string?)dependency.Attribute("version"), (string?)dependency.Attribute("include")));
        Assert.Null(dependency.Attribute("exclude"));
    }

    [Fact]
    public void The_framework_is_a_reference_to_the_framework_and_not_a_package()
    {
        using Package package = new("MemStorage.AspNetCore");
        XElement framework = Assert.Single(package.Metadata.Descendants(), element => element.Name.LocalName == "frameworkReference");
        Assert.Equal("Microsoft.AspNetCore.App", (string?)framework.Attribute("name"));
    }
}
