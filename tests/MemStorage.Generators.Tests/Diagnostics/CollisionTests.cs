using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Tests.Diagnostics;

/// <summary>MST0011: two entities that would share a name are both told, and neither gets a repository.</summary>
public sealed class CollisionTests
{
    private const string Body = " { [MemStorageKey] public int Id { get; init; } } ";
    private const string Entity = "[MemStorageEntity, MemoryPackable] public partial class ";

    [Theory]
    [InlineData("key space", "[MemStorageEntity(Name = \"x\"), MemoryPackable] public partial class A" + Body + "[MemStorageEntity(Name = \"x\"), MemoryPackable] public partial class B" + Body)]
    [InlineData("key space", Entity + "A" + Body + "[MemStorageEntity(Name = \"A\"), MemoryPackable] public partial class B" + Body)]
    [InlineData("method on the store", Entity + "Person" + Body + Entity + "People" + Body)]
    [InlineData("file name", Entity + "Item" + Body + Entity + "ITEM" + Body)]
    [InlineData("method on the store", Entity + "OuterItem" + Body + "public partial class Outer { " + Entity + "Item" + Body + "}")]
    public void Both_are_told(string what, string source)
    {
        Compilation compilation = GeneratorHost.Compile(source);
        Diagnostic[] found = [.. GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Where(d => d.GetMessage(System.Globalization.CultureInfo.InvariantCulture).Contains(what, StringComparison.Ordinal))];
        Assert.Equal(["MST0011", "MST0011"], found.Select(static d => d.Id));
        Assert.Equal(2, found.Select(static d => d.Location).Distinct().Count());
        Assert.Empty(GeneratorHost.Generate(compilation));
    }

    [Theory]
    [InlineData("Repository", "public sealed class OrderRepository;")]
    [InlineData("Key", "public readonly record struct OrderKey(int Value);")]
    [InlineData("extension class", "public static class OrderMemStoreExtensions;")]
    public void A_type_of_the_generated_name_that_somebody_wrote_is_told(string what, string other)
    {
        Assert.NotEmpty(what);
        Compilation compilation = GeneratorHost.Compile(
            "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey(0)] public int A { get; init; } [MemStorageKey(1)] public int B { get; init; } } " + other);
        Assert.Equal(["MST0011"], GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Select(static d => d.Id));
        Assert.Empty(GeneratorHost.Generate(compilation));
    }

    [Fact]
    public void A_repository_can_be_extended_as_a_partial_class() => Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(
        """
        [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } }
        public partial class OrderRepository { public Order First() => Get(1); }
        """)).GetTypeByMetadataName("OrderRepository"));

    [Fact]
    public void Entities_of_different_namespaces_may_have_the_same_name() => Assert.Empty(GeneratorHost.Analyze(
        GeneratorHost.Compile("namespace X { " + Entity + "A" + Body + "} namespace Y { " + Entity + "A" + Body + "}"), new EntityShapeAnalyzer()));
}
