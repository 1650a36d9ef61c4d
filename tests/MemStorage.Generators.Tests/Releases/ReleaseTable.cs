namespace MemStorage.Generators.Tests.Releases;

/// <summary>Changes x kinds of members: what can happen to an entity between two releases.</summary>
internal static class ReleaseTable
{
    // a type, an expression of it, what it is as text, what its default is as text, and declarations that it needs
    private static readonly (string Type, string Value, string Show, string Text, string Default, string Types)[] s_kinds =
    [
        ("int", "5", "{0}", "5", "0", ""),
        ("long?", "5", "{0}", "5", "", ""),
        ("string?", "\"five\"", "{0}", "five", "", ""),
        ("decimal", "5.5m", "{0}", "5.5", "0", ""),
        ("byte[]?", "[1, 2]", "{0}?.Length", "2", "", ""),
        ("List<int>?", "[1, 2, 3]", "{0}?.Count", "3", "", ""),
        ("Dictionary<string, int>?", "new() { [\"a\"] = 5 }", "{0}?[\"a\"]", "5", "", ""),
        ("(int A, int B)", "(1, 2)", "{0}.A", "1", "0", ""),
        ("Kind", "Kind.B", "(int){0}", "1", "0", "public enum Kind { A, B }"),
        ("Point", "new Point { X = 1, Y = 2 }", "{0}.Y", "2", "0", "public struct Point { public int X; public int Y; }"),
        ("Inner?", "new Inner { S = \"in\" }", "{0}?.S", "in", "", "$P public partial class Inner { public string? S { get; set; } }"),
        ("Tol?", "new Tol { S = \"in\" }", "{0}?.S", "in", "", "$T public partial class Tol { $$0 public string? S { get; set; } }"),
        ("Rec?", "new Rec(\"in\", 1)", "{0}?.S", "in", "", "$P public partial record Rec(string S, int N);"),
        ("Shape?", "new Circle { R = 3 }", "({0} as Circle)?.R", "3", "",
            "[MemoryPackable, MemoryPackUnion(0, typeof(Circle)), MemoryPackUnion(1, typeof(Square))] public abstract partial class Shape { } $P public partial class Circle : Shape { public int R { get; set; } } $P public partial class Square : Shape { public int R { get; set; } }"),
    ];

    public static IReadOnlyList<ReleasePair> All { get; } = [.. OfKinds(), .. Retyped(), .. Within(), .. Keys()];

    private static string Thing(string members, string more = "") =>
        $"$E public partial class Thing {{ [MemStorageKey] $0 public int Id {{ get; set; }} {members} }}\n{more}";

    private static IEnumerable<ReleasePair> OfKinds()
    {
        const string tail = " $2 public string? Tail { get; set; }";
        foreach ((string type, string value, string show, string text, string none, string types) in s_kinds)
        {
            string member = $"$1 public {type} X {{ get; set; }}";
            string x = "x." + "X";
            string make = $"new Thing {{ Id = 1, X = {value}, Tail = \"t\" }}";
            string shown = string.Format(System.Globalization.CultureInfo.InvariantCulture, show, x);
            yield return new($"{type} unchanged", Thing(member + tail, types), Thing(member + tail, types), make, "1", shown, text, MustRead: true);
            yield return new($"{type} added", Thing(tail, types), Thing(member + tail, types), "new Thing { Id = 1, Tail = \"t\" }", "1", shown, none);
            yield return new($"{type} removed", Thing(member + tail, types), Thing(tail, types), make, "1", "x.Tail", "t");
            yield return new($"{type} renamed", Thing(member + tail, types), Thing(member.Replace(" X ", " Z ", StringComparison.Ordinal) + tail, types), make, "1", shown.Replace("x.X", "x.Z", StringComparison.Ordinal), text);
            yield return new(
                $"{type} reordered", Thing(member + $" $2 public {type} Y {{ get; set; }}", types), Thing($"$1 public {type} Y {{ get; set; }} $2 public {type} X {{ get; set; }}", types),
                $"new Thing {{ Id = 1, X = {value} }}", "1", shown, text);
        }
    }

    private static IEnumerable<ReleasePair> Retyped()
    {
        (string From, string To, string Value, string Types)[] changes =
        [
            ("int", "float", "5", ""), ("int", "uint", "-5", ""), ("int", "long", "5", ""), ("long", "int", "5", ""), ("int", "int?", "5", ""), ("int?", "int", "5", ""),
            ("long", "DateTime", "5", ""), ("long", "TimeSpan", "5", ""), ("DateTime", "DateTimeOffset", "default", ""), ("Guid", "decimal", "Guid.NewGuid()", ""),
            ("string?", "byte[]?", "\"five\"", ""), ("byte[]?", "string?", "[65]", ""), ("List<int>?", "int[]?", "[1]", ""), ("int[]?", "float[]?", "[1]", ""),
            ("List<int>?", "List<uint>?", "[1]", ""), ("Dictionary<int, int>?", "Dictionary<int, float>?", "new() { [1] = 1 }", ""), ("List<string>?", "List<byte[]>?", "[\"a\"]", ""),
            ("(int Width, int Height)", "(int Height, int Width)", "(1, 2)", ""), ("List<(int A, int B)>?", "List<(int B, int A)>?", "[(1, 2)]", ""),
            ("K", "int", "K.A", "public enum K { A }"), ("int", "K", "5", "public enum K { A }"), ("char", "short", "'a'", ""), ("bool", "byte", "true", ""),
        ];
        foreach ((string from, string to, string value, string types) in changes)
        {
            yield return new(
                $"{from} to {to}", Thing($"$1 public {from} X {{ get; set; }}", types), Thing($"$1 public {to} X {{ get; set; }}", types),
                $"new Thing {{ Id = 1, X = {value} }}", "1", "x.X", null);
        }
    }

    private static IEnumerable<ReleasePair> Within()
    {
        yield return Inner("struct fields swapped", "S", "public struct S { public int A; public int B; }", "public struct S { public int B; public int A; }", "new S { A = 1 }", "x.X.A");
        yield return Inner("struct packed", "S", "public struct S { public byte A; public int B; }", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Pack = 1)] public struct S { public byte A; public int B; }", "new S { B = 1 }", "x.X.B");
        yield return Inner("struct larger", "S", "public struct S { public int A; }", "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Sequential, Size = 16)] public struct S { public int A; }", "new S { A = 1 }", "x.X.A");
        const string explicitly = "[System.Runtime.InteropServices.StructLayout(System.Runtime.InteropServices.LayoutKind.Explicit)] public struct S { [System.Runtime.InteropServices.FieldOffset(#)] public int A; [System.Runtime.InteropServices.FieldOffset(4)] public int B; }";
        yield return Inner("struct offsets", "S", explicitly.Replace("#", "0", StringComparison.Ordinal), explicitly.Replace("#", "8", StringComparison.Ordinal), "new S { A = 1 }", "x.X.A");
        yield return Inner("inline array longer", "S", "[System.Runtime.CompilerServices.InlineArray(2)] public struct S { public int E; }", "[System.Runtime.CompilerServices.InlineArray(3)] public struct S { public int E; }", "default", "x.X[0]");
        yield return Inner("enum underlying", "S", "public enum S { A, B }", "public enum S : long { A, B }", "S.B", "x.X");
        yield return Inner("enum constants swapped", "S", "public enum S { A, B }", "public enum S { B, A }", "S.B", "x.X") with { ToldByFile = true };
        yield return Inner("enum constant added", "S", "public enum S { A, B }", "public enum S { A, B, C }", "S.B", "x.X") with { Right = "B" };
        yield return Inner("nested members swapped", "N?", "$P public partial class N { public string? Street { get; set; } public string? City { get; set; } }", "$P public partial class N { public string? City { get; set; } public string? Street { get; set; } }", "new N { City = \"c\" }", "x.X?.City") with { Right = "c" };
        yield return Inner("nested member added", "N?", "$P public partial class N { public string? A { get; set; } }", "$P public partial class N { public string? A { get; set; } public int B { get; set; } }", "new N { A = \"a\" }", "x.X?.A") with { Right = "a" };
        yield return Inner("nested member retyped", "N?", "$P public partial class N { public int A { get; set; } }", "$P public partial class N { public float A { get; set; } }", "new N { A = 3 }", "x.X?.A");
        yield return Inner("nested in a list", "List<N>?", "$P public partial class N { public int A { get; set; } public int B { get; set; } }", "$P public partial class N { public int B { get; set; } public int A { get; set; } }", "[new N { A = 1 }]", "x.X?[0].A") with { Right = "1" };
        yield return Inner("nested in a dictionary", "Dictionary<int, N>?", "$P public partial class N { public int A { get; set; } public int B { get; set; } }", "$P public partial class N { public int B { get; set; } public int A { get; set; } }", "new() { [1] = new N { A = 1 } }", "x.X?[1].A") with { Right = "1" };
        yield return Inner("tolerant nested member added", "N?", "$T public partial class N { $$0 public string? A { get; set; } }", "$T public partial class N { $$0 public string? A { get; set; } $$1 public int B { get; set; } }", "new N { A = \"a\" }", "x.X?.A") with { Right = "a" };
        yield return Inner("tolerant nested member retyped", "N?", "$T public partial class N { $$0 public int A { get; set; } }", "$T public partial class N { $$0 public float A { get; set; } }", "new N { A = 3 }", "x.X?.A");
        yield return Inner("tolerant nested members swapped", "N?", "$T public partial class N { $$0 public int A { get; set; } $$1 public int B { get; set; } }", "$T public partial class N { $$1 public int A { get; set; } $$0 public int B { get; set; } }", "new N { A = 3 }", "x.X?.A");
        yield return Inner("nested made tolerant", "N?", "$P public partial class N { public int A { get; set; } }", "$T public partial class N { $$0 public int A { get; set; } }", "new N { A = 3 }", "x.X?.A");
        yield return Inner("collection's elements", "C?", "[MemoryPackable(GenerateType.Collection)] public partial class C : List<N> { } $P public partial class N { public int A { get; set; } public int B { get; set; } }", "[MemoryPackable(GenerateType.Collection)] public partial class C : List<N> { } $P public partial class N { public int B { get; set; } public int A { get; set; } }", "new C { new N { A = 1 } }", "x.X?[0].A");
        const string union = "[MemoryPackable, MemoryPackUnion(#0, typeof(A)), MemoryPackUnion(#1, typeof(B))] public abstract partial class U { } $P public partial class A : U { public int V { get; set; } } $P public partial class B : U { public int V { get; set; } }";
        yield return Inner("union tags swapped", "U?", union.Replace("#", "", StringComparison.Ordinal), union.Replace("#0", "1", StringComparison.Ordinal).Replace("#1", "0", StringComparison.Ordinal), "new A { V = 1 }", "x.X?.GetType().Name");
        yield return new(
            "formatter added", Thing("$1 public string? X { get; set; }"), Thing("[Utf16StringFormatter] $1 public string? X { get; set; }"), "new Thing { Id = 1, X = \"five\" }", "1", "x.X", "five");
        yield return new(
            "formatter changed", Thing("[BrotliFormatter] $1 public byte[]? X { get; set; }"), Thing("$1 public byte[]? X { get; set; }"), "new Thing { Id = 1, X = [1, 2, 3] }", "1", "x.X?.Length", "3");
        yield return new(
            "formatter's argument", Thing("[BrotliFormatter] $1 public byte[]? X { get; set; }"), Thing("[BrotliFormatter(System.IO.Compression.CompressionLevel.Optimal)] $1 public byte[]? X { get; set; }"), "new Thing { Id = 1, X = [1, 2, 3] }", "1", "x.X?.Length", "3");
        yield return new("base member moved", "$P public partial class Base { public int A { get; set; } public int B { get; set; } } " + Plain(" : Base", ""), "$P public partial class Base { public int B { get; set; } public int A { get; set; } } " + Plain(" : Base", ""), "new Thing { Id = 1, A = 5 }", "1", "x.A", "5");

        static ReleasePair Inner(string name, string type, string before, string after, string value, string show) => new(
            name, Thing($"$1 public {type} X {{ get; set; }}", before), Thing($"$1 public {type} X {{ get; set; }}", after), $"new Thing {{ Id = 1, X = {value} }}", "1", show, null);
    }

    // not tolerant in either table: orders would have to be in the base as well
    private static string Plain(string bases, string members) => $"[MemStorageEntity(Name = \"Base\"), MemoryPackable] public partial class Thing{bases} {{ [MemStorageKey] public int Id {{ get; set; }} {members} }}";

    private static IEnumerable<ReleasePair> Keys()
    {
        const string members = "$0 public int A { get; set; } # $1 public int B { get; set; } $2 public int C { get; set; }";
        yield return new(
            "key mark moved", "$E public partial class Thing { [MemStorageKey] " + members.Replace("#", "", StringComparison.Ordinal) + " }",
            "$E public partial class Thing { " + members.Replace("#", "[MemStorageKey]", StringComparison.Ordinal) + " }", "new Thing { A = 1, B = 2 }", "1", "x.B", null);
        yield return new(
            "key parts renumbered", "$E public partial class Thing { [MemStorageKey(0)] " + members.Replace("#", "[MemStorageKey(1)]", StringComparison.Ordinal) + " }",
            "$E public partial class Thing { [MemStorageKey(1)] " + members.Replace("#", "[MemStorageKey(0)]", StringComparison.Ordinal) + " }", "new Thing { A = 1, B = 2 }", "1, 2", "x.A", null);
        yield return new(
            "key renamed", "$E public partial class Thing { [MemStorageKey] $0 public int A { get; set; } $1 public int V { get; set; } }",
            "$E public partial class Thing { [MemStorageKey] $0 public int Z { get; set; } $1 public int V { get; set; } }", "new Thing { A = 1, V = 5 }", "1", "x.V", "5");
        yield return new(
            "key widened", "$E public partial class Thing { [MemStorageKey] $0 public int A { get; set; } $1 public int V { get; set; } }",
            "$E public partial class Thing { [MemStorageKey] $0 public long A { get; set; } $1 public int V { get; set; } }", "new Thing { A = 1, V = 5 }", "1", "x.V", null);
        const string versions = "$1 #1 public long V { get; set; } $2 #2 public long W { get; set; }";
        yield return new(
            "version mark moved", Thing(versions.Replace("#1", "[MemStorageVersion]", StringComparison.Ordinal).Replace("#2", "", StringComparison.Ordinal)),
            Thing(versions.Replace("#2", "[MemStorageVersion]", StringComparison.Ordinal).Replace("#1", "", StringComparison.Ordinal)), "new Thing { Id = 1, W = 5 }", "1", "x.W", null);
        yield return new(
            "version mark on another member", Thing("$1 public long V { get; set; }"), Thing("$1 [MemStorageVersion] public long V { get; set; }"), "new Thing { Id = 1, V = 5 }", "1", "x.V", null);
        yield return new(
            "version member added", Thing("$1 public int X { get; set; }"), Thing("$1 public int X { get; set; } $2 [MemStorageVersion] public long V { get; set; }"), "new Thing { Id = 1, X = 5 }", "1", "x.X", "5");
        yield return new(
            "index added", Thing("$1 public int X { get; set; }"), Thing("[MemStorageIndex] $1 public int X { get; set; }"), "new Thing { Id = 1, X = 5 }", "1", "x.X", "5", MustRead: true);
    }
}
