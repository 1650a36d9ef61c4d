using MemStorage.Generators.Model;
using MemStorage.Generators.Parsing;
using MemStorage.Generators.Tests.Infrastructure;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;

namespace MemStorage.Generators.Tests.Shapes;

/// <summary>"The fingerprint is equal for a type seen as source, as a referenced compilation and as metadata": moving a type to another project changes nothing.</summary>
public sealed class FingerprintViewTests
{
    private const string Layout = "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.";
    private const string Offset = "[System.Runtime.InteropServices.FieldOffset";

    [Theory]
    [InlineData("a typed id", "public readonly record struct T(Guid Value);")]
    [InlineData("a record struct with more members", "public record struct T(int A, long B) { public int C { get; set; } private int _d; public int D() => _d++; }")]
    [InlineData("automatic properties and fields", "public struct T { public int A { get; set; } public long B; private short _c; public byte D { get; init; } public short C() => _c++; }")]
    [InlineData("a primary constructor that is captured", "public struct T(int a, long b) { public int C = 1; public long Sum() => a + b + C; }")]
    [InlineData("a primary constructor that is not captured", "public struct T(int a, long b) { public int A = a; public long B { get; } = b; }")]
    [InlineData("packed", Layout + "Sequential, Pack = 1)] public struct T { public byte A; public int B; }")]
    [InlineData("a size", Layout + "Sequential, Size = 32)] public struct T { public byte A; }")]
    [InlineData("automatic layout", Layout + "Auto)] public struct T { public byte A; public int B; }")]
    [InlineData("explicit layout", Layout + "Explicit)] public struct T { " + Offset + "(4)] public int A; " + Offset + "(0)] public int B; }")]
    [InlineData("explicit layout of a property", Layout + "Explicit)] public struct T { [field: System.Runtime.InteropServices.FieldOffset(4)] public int A { get; set; } " + Offset + "(0)] public int B; }")]
    [InlineData("no fields", "public struct T { }")]
    [InlineData("an inline array", "[System.Runtime.CompilerServices.InlineArray(4)] public struct T { private int _e; public int E() => _e++; }")]
    [InlineData("a struct in a struct", "public struct T { public U A; } public struct U { public DateTime B; public (int X, long Y) C; public Guid? D; }")]
    [InlineData("a generic struct", "public struct T { public G<int> A; } public struct G<V> where V : unmanaged { public V B { get; set; } }")]
    [InlineData("an enum", "public enum T : short { B = 2, A = 1, C = 2, D = -1 }")]
    [InlineData("a class", "[MemoryPackable] public partial class T { public int B { get; set; } public string? A { get; init; } public List<int?> C { get; private set; } = []; }")]
    [InlineData("a class with fields", "[MemoryPackable] public partial class T { public int B; public string? A; public int C { get; set; } }")]
    [InlineData("tuples", "[MemoryPackable] public partial class T { public (int Width, int Height) A { get; set; } public List<(string? Name, int)> B { get; set; } = []; }")]
    [InlineData("a record", "[MemoryPackable] public partial record T(int B, string A) { public int C { get; set; } }")]
    [InlineData("a record with a base", "public abstract record U(int Z); [MemoryPackable] public partial record T(int Z, string A) : U(Z);")]
    [InlineData("a base class", "public class U { public int Z { get; set; } public virtual int V { get; set; } } [MemoryPackable] public partial class T : U { public int A { get; set; } public override int V { get; set; } }")]
    [InlineData("a hiding member", "public class U { public int Z { get; set; } } [MemoryPackable] public partial class T : U { public int A { get; set; } public new string? Z { get; set; } }")]
    [InlineData("orders", "[MemoryPackable(SerializeLayout.Explicit)] public partial class T { [MemoryPackOrder(1)] public int A { get; set; } [MemoryPackOrder(0)] public int B; }")]
    [InlineData("a tolerant class", "[MemoryPackable(GenerateType.VersionTolerant)] public partial class T { [MemoryPackOrder(3)] public int A { get; set; } [MemoryPackOrder(1)] public T? B { get; set; } }")]
    [InlineData("ignored and private members", "[MemoryPackable] public partial class T { private int _x; public int X() => _x++; [MemoryPackIgnore] public int A { get; set; } internal int B { get; set; } public int C { get; set; } }")]
    [InlineData("formatters", "[MemoryPackable] public partial class T { [Utf16StringFormatter] public string? A { get; set; } [BrotliFormatter(System.IO.Compression.CompressionLevel.Optimal)] public byte[]? B { get; set; } }")]
    [InlineData("a union", "[MemoryPackable, MemoryPackUnion(1, typeof(A)), MemoryPackUnion(0, typeof(B))] public abstract partial class T { } [MemoryPackable] public partial class A : T { public int V { get; set; } } [MemoryPackable] public partial class B : T { public int V { get; set; } }")]
    [InlineData("a collection", "[MemoryPackable(GenerateType.Collection)] public partial class T : List<U> { } [MemoryPackable] public partial class U { public int V { get; set; } }")]
    [InlineData("parts", "[MemoryPackable] public partial class T { public int A { get; set; } } public partial class T { public int B { get; set; } }")]
    [InlineData("a constructor and others", "[MemoryPackable] public partial class T(int a) { public int A { get; } = a; public event EventHandler? Changed; public void Raise() => Changed?.Invoke(this, EventArgs.Empty); public static int S; public const int K = 1; public int this[int i] => i; }")]
    public void A_type_has_one_fingerprint_however_it_is_seen(string what, string declaration)
    {
        string lib = "namespace Lib { " + declaration + " }";
        string type = declaration.Contains("class T", StringComparison.Ordinal) || declaration.Contains("record T", StringComparison.Ordinal) ? "Lib.T?" : "Lib.T";
        foreach (string mode in new[] { "", "(GenerateType.VersionTolerant)" })
        {
            string entity = "[MemStorageEntity, MemoryPackable" + mode + "] public partial class Order { [MemStorageKey, MemoryPackOrder(0)] public int Id { get; init; } [MemoryPackOrder(1)] public " + type + " X { get; set; } }";
            ShapeModel own = Shape(GeneratorHost.Compile([entity, lib]));
            foreach (MetadataReference reference in Views.Of(GeneratorHost.Compile([lib], assemblyName: "Lib")))
            {
                ShapeModel seen = Shape(GeneratorHost.Compile([entity], references: [reference]));
                Assert.True(own.Fingerprint == seen.Fingerprint && own.Slots.Equals(seen.Slots) && own.Text == seen.Text, what + ", " + reference.GetType().Name);
            }
        }
    }

    [Theory]
    [InlineData("a private member that is stored", "[MemoryPackable] public partial class T { [MemoryPackInclude] private int _x; public int X() => _x++; public int A { get; set; } }")]
    [InlineData("an internal member that is stored", "[MemoryPackable] public partial class T { [MemoryPackInclude] internal int X { get; set; } public int A { get; set; } }")]
    [InlineData("a property before a field", "[MemoryPackable] public partial class T { public int B { get; set; } public int A; }")]
    public void What_a_reference_assembly_does_not_show_is_left_out_by_the_editor_too(string what, string declaration)
    {
        const string entity = "[MemStorageEntity, MemoryPackable] public partial class Order { [MemStorageKey] public int Id { get; init; } public Lib.T? X { get; set; } }";
        uint[] seen = [.. Views.Of(GeneratorHost.Compile(["namespace Lib { " + declaration + " }"], assemblyName: "Lib")).Select(r => Shape(GeneratorHost.Compile([entity], references: [r])).Fingerprint)];
        Assert.True(seen.Distinct().Count() == 1, what);
    }

    private static ShapeModel Shape(CSharpCompilation compilation)
    {
        INamedTypeSymbol entity = compilation.GetTypeByMetadataName("Order")!;
        return EntityParser.Parse(entity, entity.GetAttributes()[0], compilation, ShapeReporter.Silent(), TestContext.Current.CancellationToken)!.Shape;
    }
}
