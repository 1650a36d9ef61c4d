using System.Collections.Immutable;
using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>
/// What MemoryPack 1.21.4 gets wrong. Each trap is shown, so that a version without it is noticed, and each is answered with a diagnostic.
/// </summary>
public sealed class MemoryPackTrapTests
{
    public static TheoryData<string, string> BrokenNames => new()
    {
        { "a type named with a keyword", "[MemStorageEntity, MemoryPackable] public partial class @class { [MemStorageKey] public int Id { get; init; } }" },
        { "a namespace named with a keyword", "namespace Shop.@event { [MemStorageEntity, MemoryPackable] public partial class Entry { [MemStorageKey] public int Id { get; init; } } }" },
        { "a type named like an implicitly typed variable", "[MemStorageEntity, MemoryPackable] public partial class @var { [MemStorageKey] public int Id { get; init; } }" },
        { "a static constructor", "[MemStorageEntity, MemoryPackable] public partial class Entry { static Entry() { } [MemStorageKey] public int Id { get; init; } }" },
        { "a private setter in a base class", "public abstract class Parent { public int Value { get; private set; } } [MemStorageEntity, MemoryPackable] public partial class Entry : Parent { [MemStorageKey] public int Id { get; init; } }" },
        { "a required member that is not stored", "[MemStorageEntity, MemoryPackable] public partial class Entry { [MemStorageKey] public int Id { get; init; } [MemoryPackIgnore] public required int Value { get; set; } }" },
        { "a required member that the constructor takes", "[MemStorageEntity, MemoryPackable] public partial class Entry { public Entry(int id) { Id = id; } [MemStorageKey] public required int Id { get; init; } }" },
        { "a required member of a circular type", "[MemStorageEntity, MemoryPackable(GenerateType.CircularReference)] public partial class Entry { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; private set; } [MemoryPackOrder(1)] public required string Text { get; set; } }" },
        { "a constructor parameter by reference", "[MemStorageEntity, MemoryPackable] public partial class Entry { public Entry(ref int id) { Id = id; } [MemStorageKey] public int Id { get; init; } }" },
        { "a constructor parameter of another type", "[MemStorageEntity, MemoryPackable] public partial class Entry { public Entry(string id) { Id = id.Length; } [MemStorageKey] public int Id { get; init; } }" },
        { "nested in a type named record", "public static partial class @record { [MemStorageEntity, MemoryPackable] public partial class Entry { [MemStorageKey] public int Id { get; init; } } }" },
        { "a namespace beside it named System", "namespace Shop.System { public class Other; } namespace Shop { [global::MemStorage.MemStorageEntity, global::MemoryPack.MemoryPackable] public partial class Entry { [global::MemStorage.MemStorageKey] public int Id { get; init; } } }" },
        { "a type beside it named System", "namespace Shop { public class System; [global::MemStorage.MemStorageEntity, global::MemoryPack.MemoryPackable] public partial class Entry { [global::MemStorage.MemStorageKey] public int Id { get; init; } } }" },
        { "a type named System", "namespace Shop { [global::MemStorage.MemStorageEntity, global::MemoryPack.MemoryPackable] public partial class System { [global::MemStorage.MemStorageKey] public int Id { get; init; } } }" },
        { "nested in an interface", "public partial interface IOuter { [MemStorageEntity, MemoryPackable] public partial class Entry { [MemStorageKey] public int Id { get; init; } } }" },
        { "nested in a type named with a keyword", "public partial class @class { [MemStorageEntity, MemoryPackable] public partial class Entry { [MemStorageKey] public int Id { get; init; } } }" },
        { "a member type nested in a generic type", "public partial class Outer<T> { [MemoryPackable] public partial class Line { public int Id { get; init; } } } [MemStorageEntity, MemoryPackable] public partial class Entry { [MemStorageKey] public int Id { get; init; } public Outer<int>.Line? Line { get; set; } }" },
    };

    [Theory]
    [MemberData(nameof(BrokenNames))]
    public void MemoryPack_writes_code_that_does_not_compile_and_MST0016_says_so(string what, string source)
    {
        Compilation compilation = GeneratorHost.Compile(source);
        Diagnostic[] errors = [.. GeneratorHost.BuildUnchecked(compilation, out ImmutableArray<Diagnostic> reported).GetDiagnostics(TestContext.Current.CancellationToken).Where(IsError)];
        Assert.True(errors.Concat(reported.Where(IsError)).Any(), $"MemoryPack handles {what} now");
        Assert.DoesNotContain(errors, static e => e.Location.SourceTree?.FilePath.EndsWith(".MemStorage.g.cs", StringComparison.Ordinal) == true);
        Assert.Equal(["MST0016"], GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Select(static d => d.Id));
    }

    private static bool IsError(Diagnostic diagnostic) => diagnostic.Severity == DiagnosticSeverity.Error;

    [Fact]
    public void Big_integers() => ShapeProgram.Run(
        """
        using System.Numerics;
        [MemStorageEntity, MemoryPackable] public partial class Number { [MemStorageKey] public int Id { get; init; } public BigInteger Value { get; set; } public List<BigInteger> Many { get; set; } = []; }
        public static class Program
        {
            public static void Run(MemStore store)
            {
                foreach (BigInteger value in new[] { BigInteger.Zero, 1, -1, 255, 256, BigInteger.Pow(10, 50), -BigInteger.Pow(10, 700), BigInteger.Pow(2, 64) })
                {
                    Check.Equal(SetResult.Stored, store.Numbers().Set(new Number { Id = 1, Value = value, Many = [value, value] }));
                    Check.Equal(value, store.Numbers().Get(1).Value);
                    Check.Same([value, value], store.Numbers().Get(1).Many);
                }
            }
        }
        """);

    private const string Circular =
        """
        [MemStorageEntity, MemoryPackable(GenerateType.CircularReference)]
        public partial class Person
        {
            [MemStorageKey, MemoryPackOrder(0)] public int Id { get; private set; } = 1;
            [MemoryPackOrder(1)] public string Name { get; init; } = "";
            [MemoryPackOrder(2)] public Person? Friend { get; set; }
        }
        """;

    [Fact]
    public void Init_only_members_of_a_circular_type_are_lost() => ShapeProgram.Run(Circular +
        """
        public static class Program
        {
            public static void Run(MemStore store)
            {
                Person person = new() { Name = "n" };
                person.Friend = person;
                Check.Equal(SetResult.Stored, store.People().Set(person));
                Person read = store.People().Get(1);
                Check.Equal(read, read.Friend);
                Check.Equal("", read.Name);
            }
        }
        """);

    [Fact]
    public void Init_only_members_of_a_circular_type_are_MST0015() =>
        Assert.Equal(["MST0015"], GeneratorHost.Analyze(GeneratorHost.Compile(Circular), new EntityShapeAnalyzer()).Select(static d => d.Id));
}
