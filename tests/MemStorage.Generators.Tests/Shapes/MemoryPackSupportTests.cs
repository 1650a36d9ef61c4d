using System.Collections.Immutable;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>What MemoryPack refuses is a diagnostic of MemoryPack, never a compile error inside generated code.</summary>
public sealed class MemoryPackSupportTests
{
    [Theory]
    [InlineData("not partial", "[MemStorageEntity, MemoryPackable] public class E { [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("a member that is not MemoryPackable", "public class P { } [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public P? Member { get; set; } }")]
    [InlineData("a struct member with references", "public readonly record struct P(string Text); [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public P Member { get; set; } }")]
    [InlineData("an object member", "[MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public object? Member { get; set; } }")]
    [InlineData("an interface member", "[MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public IDisposable? Member { get; set; } }")]
    [InlineData("a multicast delegate member", "[MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public Action? Member { get; set; } }")]
    [InlineData("two constructors", "[MemStorageEntity, MemoryPackable] public partial class E { public E() { } public E(int id) { Id = id; } [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("a constructor parameter without a member", "[MemStorageEntity, MemoryPackable] public partial class E { public E(int other) { Id = other; } [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("a readonly field", "[MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public readonly int Id; public string Text { get; set; } = \"\"; }")]
    [InlineData("no orders", "[MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)] public partial class E { [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("the same order twice", "[MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)] public partial class E { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; } [MemoryPackOrder(0)] public int Other { get; init; } }")]
    [InlineData("a member type that is not partial", "[MemoryPackable] public class P { public int X { get; set; } } [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public List<P>? Member { get; set; } }")]
    public void The_only_errors_are_MemoryPacks_own(string what, string source)
    {
        Compilation built = GeneratorHost.BuildUnchecked(GeneratorHost.Compile(source), out ImmutableArray<Diagnostic> reported);
        Assert.True(reported.Any(static d => d.Id.StartsWith("MEMPACK", StringComparison.Ordinal) && d.Severity == DiagnosticSeverity.Error), $"MemoryPack accepts {what}");
        Assert.Empty(built.GetDiagnostics(TestContext.Current.CancellationToken)
            .Where(static d => d.Severity >= DiagnosticSeverity.Warning && d.Location.SourceTree?.FilePath.EndsWith(".MemStorage.g.cs", StringComparison.Ordinal) == true));
    }

    [Theory]
    [InlineData("a list of objects", "[MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } public List<int>? Member { get; set; } }")]
    [InlineData("a constructor that names its members otherwise", "[MemStorageEntity, MemoryPackable] public partial class E { public E(int ID) { Id = ID; } [MemStorageKey] public int Id { get; } }")]
    [InlineData("a marked constructor", "[MemStorageEntity, MemoryPackable] public partial class E { public E() { } [MemoryPackConstructor] public E(int id) { Id = id; } [MemStorageKey] public int Id { get; init; } }")]
    [InlineData("a custom formatter", "public sealed class PFormatter : MemoryPackFormatter<P> { public override void Serialize<W>(ref MemoryPackWriter<W> writer, scoped ref P? value) { } public override void Deserialize(ref MemoryPackReader reader, scoped ref P? value) { } } public sealed class PAttribute : MemoryPackCustomFormatterAttribute<P> { public override IMemoryPackFormatter<P> GetFormatter() => new PFormatter(); } public class P { } [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } [P] public P? Member { get; set; } }")]
    [InlineData("a member that is allowed", "public class P { } [MemStorageEntity, MemoryPackable] public partial class E { [MemStorageKey] public int Id { get; init; } [MemoryPackAllowSerialize] public P? Member { get; set; } }")]
    [InlineData("orders with a gap", "[MemStorageEntity, MemoryPackable(GenerateType.VersionTolerant)] public partial class E { [MemStorageKey, MemoryPackOrder(1)] public int Id { get; init; } [MemoryPackOrder(5)] public int Other { get; init; } }")]
    public void What_MemoryPack_accepts_gets_a_repository(string what, string source)
    {
        Assert.NotEmpty(what);
        Assert.NotNull(GeneratorHost.Build(GeneratorHost.Compile(source)).GetTypeByMetadataName("ERepository"));
    }
}
