using CsCheck;

namespace MemStorage.Tests.Model;

/// <summary>What one step of a random history does.</summary>
internal enum Kind
{
    Set,
    SetEmpty,
    Delete,
    DeleteAnyVersion,
    UpdateIfVersion,
    AddIfAbsent,
    DeleteIfVersion,
    Touch,
    ApplySet,
    ApplyDelete,
    Get,
    GetNoCopy,
    BatchGet,
    Advance,
    Keys,
    Stats,
    Drain,
    Clear,
}

/// <summary>Which version a step carries, relative to what the model knows of the key.</summary>
internal enum VersionChoice
{
    Stamp,
    Newer,
    Equal,
    Older,
    Tiny,
}

/// <summary>One step. The numbers mean what <see cref="Kind"/> makes of them; a step prints as one line, so that a shrunk failure can be read.</summary>
internal readonly record struct Operation(Kind Kind, int Key, VersionChoice Version, int Length, int Ttl, int Origin)
{
    public override string ToString() => Kind switch
    {
        Kind.Advance => $"Advance({Ttl} ms)",
        Kind.Keys or Kind.Stats or Kind.Drain or Kind.Clear or Kind.BatchGet => $"{Kind}()",
        Kind.Get or Kind.GetNoCopy or Kind.DeleteAnyVersion => $"{Kind}({Key})",
        _ => $"{Kind}({Key}, {Version}, length {Length}, ttl {Ttl}, origin {Origin})",
    };
}

/// <summary>Generators of random histories.</summary>
internal static class Histories
{
    private static readonly Gen<VersionChoice> GenVersion = Gen.Frequency(
        (6, Gen.Const(VersionChoice.Stamp)), (3, Gen.Const(VersionChoice.Newer)), (2, Gen.Const(VersionChoice.Equal)), (2, Gen.Const(VersionChoice.Older)), (1, Gen.Const(VersionChoice.Tiny)));

    private static readonly Gen<int> GenTtl = Gen.Frequency((4, Gen.Const(0)), (2, Gen.Int[1, 5000]), (1, Gen.Int[5000, 100_000]), (1, Gen.Const(-1)));

    private static readonly Gen<int> GenAdvance = Gen.Frequency((4, Gen.Int[1, 50]), (3, Gen.Int[500, 3000]), (1, Gen.Int[10_000, 90_000]));

    /// <summary>Histories over a few keys, every operation.</summary>
    public static Gen<Operation[]> Of(int keys, int largest, int most) => GenOperation(keys, largest).Array[1, most];

    private static Gen<Operation> GenOperation(int keys, int largest)
    {
        Gen<int> length = Gen.Frequency((8, Gen.Int[24, Math.Min(largest, 300)]), (2, Gen.Int[24, Math.Min(largest, 1200)]), (1, Gen.Int[24, largest]));
        Gen<Kind> kind = Gen.Frequency(
            (20, Gen.Const(Kind.Set)),
            (1, Gen.Const(Kind.SetEmpty)),
            (3, Gen.Const(Kind.Delete)),
            (2, Gen.Const(Kind.DeleteAnyVersion)),
            (4, Gen.Const(Kind.UpdateIfVersion)),
            (2, Gen.Const(Kind.AddIfAbsent)),
            (1, Gen.Const(Kind.DeleteIfVersion)),
            (2, Gen.Const(Kind.Touch)),
            (4, Gen.Const(Kind.ApplySet)),
            (2, Gen.Const(Kind.ApplyDelete)),
            (8, Gen.Const(Kind.Get)),
            (3, Gen.Const(Kind.GetNoCopy)),
            (1, Gen.Const(Kind.BatchGet)),
            (6, Gen.Const(Kind.Advance)),
            (1, Gen.Const(Kind.Keys)),
            (1, Gen.Const(Kind.Stats)),
            (1, Gen.Const(Kind.Drain)));
        Gen<Kind> withClear = Gen.Frequency((250, kind), (1, Gen.Const(Kind.Clear)));
        return Gen.Select(withClear, Gen.Int[0, keys - 1], GenVersion, length, GenTtl, Gen.Int[0, 2], GenAdvance)
            .Select(t => new Operation(t.Item1, t.Item2, t.Item3, t.Item4, t.Item1 == Kind.Advance ? t.Item7 : t.Item5, t.Item6));
    }
}
