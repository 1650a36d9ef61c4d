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
    [InlineData("a partial Repository that is an entity", "[MemStorageEntity, MemoryPackable] public partial class OrderRepository { [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("a partial Repository with another base", "public abstract class Other; public partial class OrderRepository : Other;")]
    [InlineData("a partial Repository of another accessibility", "internal partial class OrderRepository;")]
    [InlineData("a static partial Repository", "public static partial class OrderRepository;")]
    [InlineData("a partial Repository with parameters", "public partial class OrderRepository(int number) { public int Number => number; }")]
    [InlineData("a partial record Repository", "public partial record OrderRepository;")]
    [InlineData("Key", "public readonly record struct OrderKey(int Value);")]
    [InlineData("extension class", "public static class OrderMemStoreExtensions;")]
    public void A_type_of_the_generated_name_that_somebody_wrote_is_told(string what, string other)
    {
        Assert.NotEmpty(what);
        Compilation compilation = GeneratorHost.Compile(
            "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey(0)] public int A { get; init; } [MemStorageKey(1)] public int B { get; init; } } " + other);
        Assert.Equal(["MST0011"], GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Select(static d => d.Id));
        Assert.DoesNotContain("Order.MemStorage.g.cs", GeneratorHost.Generate(compilation).Keys);
    }

    [Theory]
    [InlineData("public", "partial class OrderRepository { public Order First() => Get(1); } public sealed partial class OrderRepository : IDisposable { public void Dispose() { } }")]
    [InlineData("internal", "internal partial class OrderRepository { public Order First() => Get(1); }")]
    public void A_repository_can_be_extended_in_several_parts_and_with_interfaces(string accessibility, string other) => Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(
        $"[MemStorageEntity, MemoryPackable] {accessibility} partial class Order {{ [MemStorageKey] public int Id {{ get; init; }} }} {other}")));

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
