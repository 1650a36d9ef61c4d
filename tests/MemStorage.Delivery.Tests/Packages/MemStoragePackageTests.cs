using System.Reflection;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Xml.Linq;

namespace MemStorage.Delivery.Tests.Packages;

/// <summary>"It ships as one NuGet package, MemStorage": what is in it, and what comes with it.</summary>
public sealed class MemStoragePackageTests
{
    private static readonly string[] CompilerExtensions = ["MemStorage.Analyzers", "MemStorage.CodeFixes", "MemStorage.Generators"];

    [Fact]
    public void Holds_runtime_compiler_extensions_documentation_and_licence_and_nothing_else()
    {
        using Package package = new("MemStorage");
        Assert.Equal(
            [
                "CHANGELOG.md",
                "LICENSE",
                "MemStorage.nuspec",
                "README.md",
                .. CompilerExtensions.Select(name => $"analyzers/dotnet/cs/{name}.dll"),
                "lib/net10.0/MemStorage.Runtime.dll",
                "lib/net10.0/MemStorage.Runtime.xml",
            ],
            package.Files);
    }

    [Fact]
    public void Symbols_are_in_the_symbol_package_and_inside_the_compiler_extensions()
    {
        using Package symbols = new("MemStorage", ".snupkg");
        Assert.Contains("lib/net10.0/MemStorage.Runtime.pdb", symbols.Files);
        using Package package = new("MemStorage");
        foreach (string name in CompilerExtensions)
        {
            using PEReader reader = new([.. package.Read($"analyzers/dotnet/cs/{name}.dll")]);
            Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        }
    }

    [Fact]
    public void Every_assembly_is_deterministic()
    {
        using Package package = new("MemStorage");
        foreach (string file in package.Files.Where(file => file.EndsWith(".dll", StringComparison.Ordinal)))
        {
            using PEReader reader = new([.. package.Read(file)]);
            Assert.Contains(reader.ReadDebugDirectory(), entry => entry.Type == DebugDirectoryEntryType.Reproducible);
        }
    }

    [Fact]
    public void Brings_MemoryPack_with_its_generator()
    {
        using Package package = new("MemStorage");
        XElement memoryPack = Assert.Single(package.Dependencies, dependency => (string?)dependency.Attribute("id") == "MemoryPack");
        Assert.Equal("All", (string?)memoryPack.Attribute("include"));
        Assert.Null(memoryPack.Attribute("exclude"));
    }

    [Fact]
    public void Depends_on_three_packages()
    {
        using Package package = new("MemStorage");
        Assert.Equal(
            ["K4os.Compression.LZ4", "MemoryPack", "System.IO.Hashing"],
            package.Dependencies.Select(dependency => (string)dependency.Attribute("id")!).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Names_licence_readme_and_description()
    {
        using Package package = new("MemStorage");
        Assert.Equal("MIT", package.Value("license"));
        Assert.Equal("README.md", package.Value("readme"));
        Assert.Equal(Build.Version, package.Value("version"));
        Assert.NotEmpty(package.Value("description")!);
    }

    [Fact]
    public void Compiler_extensions_load_in_a_compiler_of_version_4_8()
    {
        // what they reference must not be newer than the compiler of Visual Studio 2022 17.8 and SDK 8: a newer one is refused by older compilers
        using Package package = new("MemStorage");
        foreach (string name in CompilerExtensions)
        {
            using PEReader reader = new([.. package.Read($"analyzers/dotnet/cs/{name}.dll")]);
            MetadataReader metadata = reader.GetMetadataReader();
            foreach (AssemblyName reference in metadata.AssemblyReferences.Select(handle => metadata.GetAssemblyReference(handle).GetAssemblyName()))
            {
                if (reference.Name!.StartsWith("Microsoft.CodeAnalysis", StringComparison.Ordinal))
                    Assert.True(reference.Version! <= new Version(4, 8, 0, 0), $"{name} references {reference}");
                // the compiler that runs in a build has no workspaces
                if (name != "MemStorage.CodeFixes")
                    Assert.NotEqual("Microsoft.CodeAnalysis.Workspaces", reference.Name);
            }
        }
    }
}
