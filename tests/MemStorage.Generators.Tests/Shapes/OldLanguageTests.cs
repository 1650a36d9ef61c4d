using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>"In C# 12 an array fits both forms of GetMany and DeleteMany … write orders.GetMany(ids.AsSpan()). From C# 13 on orders.GetMany(ids)" (docs/repositories.md).</summary>
public sealed class OldLanguageTests
{
    [Theory]
    [InlineData(LanguageVersion.CSharp12, "CS0121,CS0121")]
    [InlineData(LanguageVersion.CSharp13, "")]
    [InlineData(LanguageVersion.CSharp14, "")]
    public void An_array_of_keys_is_ambiguous_in_the_oldest_language_only(LanguageVersion language, string errors)
    {
        Compilation compilation = GeneratorHost.Compile(
            [
                """
                [MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } }
                static class Use
                {
                    public static void Arrays(OrderRepository orders, int[] ids) => _ = (orders.GetMany(ids), orders.DeleteMany(ids));
                    public static void Others(OrderRepository orders, IMemStorageRepository<int, Order> any, int[] ids, List<int> list) =>
                        _ = (orders.GetMany(ids.AsSpan()), orders.GetMany(list), orders.GetMany([1, 2, .. ids]), any.GetMany(ids.AsSpan()), orders.DeleteMany(ids.AsSpan()), any.DeleteMany(list));
                    public static int One(OrderRepository orders) => orders.GetMany(1).Count + orders.GetMany(1, 2).Count + orders.DeleteMany(1, 2);
                }
                """,
            ],
            language: language);
        Assert.Equal(
            errors,
            string.Join(",", GeneratorHost.BuildUnchecked(compilation, out _).GetDiagnostics(TestContext.Current.CancellationToken).Where(static d => d.Severity == DiagnosticSeverity.Error).Select(static d => d.Id)));
    }
}
