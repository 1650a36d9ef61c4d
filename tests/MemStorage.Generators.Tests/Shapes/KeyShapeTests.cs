using MemStorage.Generators.Shape;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>
/// MST0004: a key is of any immutable value type that can be taken apart and made again, of an id that another generator writes, or of a type with a converter
/// that the user names once.
/// </summary>
public sealed class KeyShapeTests
{
    // the type, an expression for a key, one for another key
    public static TheoryData<string, string, string> Ids => new()
    {
        { "public readonly record struct Id { public required int Value { get; init; } }", "new Id { Value = 1 }", "new Id { Value = 2 }" },
        { "public readonly record struct Id(int Value);", "new Id(1)", "new Id(2)" },
        { "public readonly record struct Id { public int Value { get; } public Id(int value) { Value = value; } }", "new Id(1)", "new Id(2)" },
        { "[MemoryPackable] public readonly partial record struct Id { public int A { get; } public string B { get; } public Id(string b, int a) { A = a; B = b; } }", "new Id(\"x\", 1)", "new Id(\"x:\", 1)" },
        { "public readonly struct Id { private readonly int _value; public Id(int value) => _value = value; public int Value => _value; }", "new Id(1)", "new Id(2)" },
        { "public readonly struct Id { public readonly int Value; public Id(int value) => Value = value; }", "new Id(1)", "new Id(2)" },
        { "public readonly struct Id { public Guid Value { get; } private Id(Guid value) => Value = value; public static Id From(Guid value) => new(value); }", "Id.From(new Guid(1, 2, 3, new byte[8]))", "Id.From(Guid.Empty)" },
        { "public readonly struct Id { public int A { get; } public int B { get; } private Id(int a, int b) { A = a; B = b; } public static Id Create(int b, int a) => new(a, b); }", "Id.Create(1, 2)", "Id.Create(2, 1)" },
        { "public readonly struct Id { public int A { get; init; } public long B { get; init; } }", "new Id { A = 1, B = 2 }", "new Id { A = 2, B = 1 }" },
        { "public struct Id { public int Value { get; } public Id(int value) => Value = value; }", "new Id(1)", "new Id(2)" },
        { "public readonly record struct Inner(int Value); public readonly struct Id { public Inner Inner { get; } public byte Kind { get; } public Id(Inner inner, byte kind) { Inner = inner; Kind = kind; } }", "new Id(new(1), 2)", "new Id(new(2), 1)" },
        { "[MemStorageKeyConverter(typeof(IdConverter))] public struct Id : IEquatable<Id> { int _hidden; public static Id Make2(int i) => new() { _hidden = i }; public int Peek() => _hidden; public bool Equals(Id other) => _hidden == other._hidden; public override bool Equals(object? o) => o is Id i && Equals(i); public override int GetHashCode() => _hidden; } public sealed class IdConverter : IMemStorageKeyConverter<Id, int> { public static int ToStored(Id id) => id.Peek(); public static Id FromStored(int stored) => Id.Make2(stored); }", "Id.Make2(1)", "Id.Make2(2)" },
        { "public readonly record struct Pair(int A, string B); [MemStorageKeyConverter(typeof(IdConverter))] public struct Id { public int A; public ushort Hundred; } public struct IdConverter : IMemStorageKeyConverter<Id, Pair> { public static Pair ToStored(Id id) => new(id.A, id.Hundred.ToString()); public static Id FromStored(Pair stored) => new() { A = stored.A, Hundred = ushort.Parse(stored.B) }; }", "new Id { A = 1, Hundred = 2 }", "new Id { A = 1, Hundred = 3 }" },
        { "[MemoryPackable] [MemStorageKeyConverter(typeof(IdConverter))] public sealed partial record Id(string Text); public sealed class IdConverter : IMemStorageKeyConverter<Id, string> { public static string ToStored(Id id) => id.Text; public static Id FromStored(string stored) => new(stored); }", "new Id(\"a\")", "new Id(\"b\")" },
    };

    [Theory]
    [MemberData(nameof(Ids))]
    public void Round_trip(string type, string first, string second) => CompiledProgram.Run(Program(type, first, second));

    [Theory]
    [MemberData(nameof(Ids))]
    public void Round_trip_of_a_type_of_another_project(string type, string first, string second)
    {
        foreach (bool asMetadata in (bool[])[false, true])
        {
            CSharpCompilation ids = GeneratorHost.Build(GeneratorHost.Compile([type], assemblyName: "Ids"));
            using MemoryStream image = new();
            Assert.True(ids.Emit(image, cancellationToken: TestContext.Current.CancellationToken).Success);
            MetadataReference reference = asMetadata ? MetadataReference.CreateFromImage(image.ToArray()) : ids.ToMetadataReference();
            CSharpCompilation compilation = GeneratorHost.Compile([Program("", first, second)], references: [reference]);
            Assert.Empty(GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Where(static d => d.Severity == DiagnosticSeverity.Error));
            Assert.NotNull(GeneratorHost.Build(compilation));
        }
    }

    [Fact]
    public void A_converter_on_the_assembly_is_for_a_type_of_others() => CompiledProgram.Run(
        "[assembly: MemStorageKeyConverter(typeof(VersionKeys))] sealed class VersionKeys : IMemStorageKeyConverter<Version, string> { public static string ToStored(Version key) => key.ToString(); public static Version FromStored(string stored) => Version.Parse(stored); }"
        + Program("", "new Version(1, 2)", "new Version(1, 3)").Replace("Id Id", "Version Id", StringComparison.Ordinal).Replace("<Id>", "<Version>", StringComparison.Ordinal).Replace("Id first", "Version first", StringComparison.Ordinal).Replace("Id second", "Version second", StringComparison.Ordinal));

    [Fact]
    public void Ulids() => CompiledProgram.Run(GeneratorHost.Compile(
        [Program("", "Ulid.Parse(\"01ARZ3NDEKTSV4RRFFQ69G5FAV\")", "Ulid.MaxValue").Replace("Id Id", "Ulid Id", StringComparison.Ordinal).Replace("<Id>", "<Ulid>", StringComparison.Ordinal).Replace("Id first", "Ulid first", StringComparison.Ordinal).Replace("Id second", "Ulid second", StringComparison.Ordinal)],
        references: [MetadataReference.CreateFromFile(typeof(Ulid).Assembly.Location)]));

    /// <summary>Generators do not see each other: the attribute is all there is.</summary>
    [Theory]
    [InlineData("[Vogen.ValueObject<int>] public partial struct Id;", "Id.From(part0)", "int part0")]
    [InlineData("[Vogen.ValueObject<System.Guid>] public readonly partial struct Id;", "Id.From(part0)", "Guid part0")]
    [InlineData("[Vogen.ValueObject(typeof(long))] public partial record struct Id;", "Id.From(part0)", "long part0")]
    [InlineData("[StronglyTypedIds.StronglyTypedId] public partial struct Id;", "new global::Id(part0)", "Guid part0")]
    [InlineData("[StronglyTypedIds.StronglyTypedId(StronglyTypedIds.Template.Int)] public partial struct Id;", "new global::Id(part0)", "int part0")]
    [InlineData("[StronglyTypedIds.StronglyTypedId(StronglyTypedIds.Template.Long)] public partial struct Id;", "new global::Id(part0)", "long part0")]
    public void Ids_of_other_generators_in_the_same_project(string type, string made, string read)
    {
        CSharpCompilation compilation = GeneratorHost.Compile(
            [
                type,
                "[MemStorageEntity, MemoryPackable] public partial class Thing { [MemStorageKey] public Id Id { get; init; } }",
                """
                namespace StronglyTypedIds;
                public enum Template { Guid = 0, Int = 1, String = 2, Long = 3 }
                [AttributeUsage(AttributeTargets.Struct)] public sealed class StronglyTypedIdAttribute : Attribute { public StronglyTypedIdAttribute(Template template, params string[] names) { } public StronglyTypedIdAttribute(params string[] names) { } }
                """,
            ],
            references: [MetadataReference.CreateFromFile(typeof(Vogen.ValueObjectAttribute).Assembly.Location)]);
        Assert.Empty(GeneratorHost.Analyze(compilation, new EntityShapeAnalyzer()).Where(static d => d.Severity == DiagnosticSeverity.Error));
        string text = GeneratorHost.Generate(compilation)["Thing.MemStorage.g.cs"];
        Assert.Contains(made, text, StringComparison.Ordinal);
        Assert.Contains(read, text, StringComparison.Ordinal);
        Assert.Contains("writer.Write(key.Value)", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("public struct Id { public int Value { get; set; } }", "can be changed; make it a readonly struct")]
    [InlineData("public readonly struct Id { private readonly int _hidden; public Id(int hidden) => _hidden = hidden; public int Twice() => _hidden * 2; }", "has the field '_hidden'")]
    [InlineData("public readonly struct Id { public int Value { get; } }", "has no constructor, factory")]
    [InlineData("public partial struct Id;", "has no members that can be seen here")]
    [InlineData("public readonly record struct Id(double Value);", "equal and look different")]
    [InlineData("[MemStorageKeyConverter(typeof(Wrong))] public struct Id { public int X; } public class Wrong;", "must implement IMemStorageKeyConverter<Id, …>")]
    public void What_cannot_be_a_key_is_told_what_to_do(string type, string expected)
    {
        Diagnostic told = Assert.Single(
            GeneratorHost.Analyze(GeneratorHost.Compile(type + " [MemStorageEntity, MemoryPackable] public partial class Thing { [MemStorageKey] public Id Id { get; init; } }"), new EntityShapeAnalyzer()), static d => d.Id == "MST0004");
        string message = told.GetMessage(System.Globalization.CultureInfo.InvariantCulture);
        Assert.Contains(expected, message, StringComparison.Ordinal);
        if (!expected.Contains("equal", StringComparison.Ordinal) && !expected.Contains("implement", StringComparison.Ordinal))
            Assert.Contains("[MemStorageKeyConverter(typeof(…))]", message, StringComparison.Ordinal);
    }

    private static string Program(string type, string first, string second) =>
        $$"""
        {{type}}
        [MemStorageEntity, MemoryPackable] public partial class Thing { [MemStorageKey] public required Id Id { get; init; } [MemStorageIndex] public string Text { get; set; } = ""; }
        public static class Program
        {
            public static void Run(MemStore store)
            {
                Id first = {{first}};
                Id second = {{second}};
                ThingRepository things = store.Things();
                Equal(SetResult.Stored, things.Set(new Thing { Id = first, Text = "1" }));
                Equal(SetResult.Stored, things.Set(new Thing { Id = second, Text = "2" }));
                Equal(2L, things.Count);
                Equal("1", things.Get(first).Text);
                Equal("2", things.Get({{second}}).Text);
                Equal(true, EqualityComparer<Id>.Default.Equals(first, things.FindByText("1").Single().Id));
                HashSet<Id> keys = [.. things.Keys()];
                Equal(true, keys.Count == 2 && keys.Contains(first) && keys.Contains(second));
                Equal(DeleteResult.Deleted, things.Delete(first));
                Equal(false, things.Contains({{first}}));
                Equal(true, things.Contains(second));
            }
            static void Equal<T>(T expected, T actual, [System.Runtime.CompilerServices.CallerLineNumber] int line = 0) { if (!EqualityComparer<T>.Default.Equals(expected, actual)) throw new Exception($"line {line}: expected {expected}, got {actual}"); }
        }
        """;
}
