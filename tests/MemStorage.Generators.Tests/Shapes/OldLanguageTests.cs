using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>What docs/repositories.md says of GetMany and DeleteMany in C# 12: "an array … fits both forms", "several keys need brackets".</summary>
public sealed class OldLanguageTests
{
    [Theory]
    [InlineData("orders.GetMany(ids)", true)]
    [InlineData("orders.DeleteMany(ids)", true)]
    [InlineData("orders.GetMany(1, 2)", true)]
    [InlineData("orders.GetMany(ids.AsSpan())", false)]
    [InlineData("orders.DeleteMany(ids.AsSpan())", false)]
    [InlineData("orders.GetMany(list)", false)]
    [InlineData("orders.GetMany([1, 2])", false)]
    [InlineData("any.GetMany(ids.AsSpan())", false)]
    [InlineData("any.DeleteMany(list)", false)]
    public void Many_keys_in_the_oldest_language_and_in_the_next(string call, bool onlyInNewer)
    {
        Assert.Equal(onlyInNewer, !Compiles(call, LanguageVersion.CSharp12));
        Assert.True(Compiles(call, LanguageVersion.CSharp13));
    }

    private static bool Compiles(string call, LanguageVersion language)
    {
        Compilation compilation = GeneratorHost.Compile(
            [
                $$"""
                [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } }
                static class Use
                {
                    public static object Call(OrderRepository orders, IMemStorageRepository<int, Order> any, int[] ids, List<int> list) => {{call}};
                }
                """,
            ],
            language: language);
        return !GeneratorHost.BuildUnchecked(compilation, out _).GetDiagnostics(TestContext.Current.CancellationToken)
            .Any(static d => d.Severity == DiagnosticSeverity.Error && d.Location.SourceTree?.FilePath == "File0.cs" && !d.IsWarningAsError);
    }
}
