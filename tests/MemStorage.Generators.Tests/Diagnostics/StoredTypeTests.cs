using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;

namespace MemStorage.Generators.Tests.Diagnostics;

/// <summary>MST0023: what compiles and throws at the first write. MST0020: initializers that older records do not see.</summary>
public sealed class StoredTypeTests
{
    [Theory]
    [InlineData("object in a dictionary", "Dictionary<string, object>", "object")]
    [InlineData("dynamic in a list", "List<dynamic>", "dynamic")]
    [InlineData("objects in an array of arrays", "object[][]", "object")]
    [InlineData("an interface without a union", "List<IOpen>", "IOpen")]
    [InlineData("a class without a formatter", "Dictionary<int, List<Plain>>", "Plain")]
    [InlineData("an abstract class without a union", "Open[]", "Open")]
    [InlineData("a tuple", "List<(int, Plain)>", "Plain")]
    public void A_type_without_a_formatter_within_a_member_is_MST0023(string what, string type, string named)
    {
        string message = Assert.Single(Analyze(type, "")).GetMessage();
        Assert.True(message.Contains($"'{named}'", StringComparison.Ordinal), what + ": " + message);
    }

    [Theory]
    [InlineData("numbers and texts", "Dictionary<string, List<int?[]>>", "")]
    [InlineData("stored types", "Dictionary<Guid, Stored[]>", "")]
    [InlineData("a union", "List<Union>", "")]
    [InlineData("interfaces of the platform", "IReadOnlyDictionary<string, IEnumerable<Version>>", "")]
    [InlineData("a formatter registered by hand", "List<IOpen>", "[MemoryPackAllowSerialize] ")]
    public void What_has_one_is_left_alone(string what, string type, string attribute)
    {
        Assert.NotEmpty(what);
        Assert.Empty(Analyze(type, attribute));
    }

    [Fact]
    public void A_type_that_is_no_entity_is_looked_at_too() => Assert.Equal(
        "MST0023", Assert.Single(GeneratorHost.Analyze(GeneratorHost.Compile("[MemoryPackable] public partial class Line { public List<object>? X { get; set; } }"), new EntityShapeAnalyzer())).Id);

    [Theory]
    [InlineData("public List<string> X { get; set; } = [];", true)]
    [InlineData("public string X { get; init; } = \"\";", true)]
    [InlineData("public int X { get; set; } = 3;", true)]
    [InlineData("public string X { get; set; } = null!;", false)]
    [InlineData("public int X { get; set; } = 0;", false)]
    [InlineData("public int X { get; set; }", false)]
    [InlineData("[SuppressDefaultInitialization] public List<string> X { get; set; } = [];", false)]
    public void An_initializer_that_older_records_do_not_see_is_MST0020(string member, bool told)
    {
        string source = $"[MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)] public partial class Thing {{ [MemStorageKey, MemoryPackOrder(0)] public int Id {{ get; init; }} [MemoryPackOrder(1)] {member} }}";
        Assert.Equal(told ? ["MST0020"] : [], GeneratorHost.Analyze(GeneratorHost.Compile(source), new EntityShapeAnalyzer()).Select(static d => d.Id));
        Assert.Empty(GeneratorHost.Analyze(GeneratorHost.Compile(source.Replace("(GenerateType.VersionTolerant)", "", StringComparison.Ordinal)), new EntityShapeAnalyzer()));
    }

    private static IEnumerable<Microsoft.CodeAnalysis.Diagnostic> Analyze(string type, string attribute) => GeneratorHost.Analyze(
        GeneratorHost.Compile(
            $$"""
            [MemStorageEntity, MemoryPackable] public partial class Thing { [MemStorageKey] public int Id { get; init; } {{attribute}}public {{type}}? X { get; set; } }
            public interface IOpen { }
            public abstract class Open { }
            public class Plain { }
            [MemoryPackable] public partial class Stored { }
            [MemoryPackable, MemoryPackUnion(0, typeof(Case))] public abstract partial class Union { }
            [MemoryPackable] public partial class Case : Union { }
            """),
        new EntityShapeAnalyzer());
}
