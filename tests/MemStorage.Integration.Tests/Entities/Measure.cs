using MemoryPack;

namespace MemStorage.Integration.Tests.Entities;

// an index of every ordered type
[MemStorageEntity]
[MemoryPackable]
public sealed partial class Measure
{
    [MemStorageKey]
    public required int Id { get; init; }

    [MemStorageIndex]
    public byte Byte { get; set; }

    [MemStorageIndex]
    public sbyte SByte { get; set; }

    [MemStorageIndex]
    public short Short { get; set; }

    [MemStorageIndex]
    public ushort UShort { get; set; }

    [MemStorageIndex]
    public int Int { get; set; }

    [MemStorageIndex]
    public uint UInt { get; set; }

    [MemStorageIndex]
    public long Long { get; set; }

    [MemStorageIndex]
    public ulong ULong { get; set; }

    [MemStorageIndex]
    public Int128 Wide { get; set; }

    [MemStorageIndex]
    public UInt128 UWide { get; set; }

    [MemStorageIndex]
    public float Float { get; set; }

    [MemStorageIndex]
    public double Double { get; set; }

    [MemStorageIndex]
    public decimal Decimal { get; set; }

    [MemStorageIndex]
    public char Char { get; set; }

    [MemStorageIndex]
    public string? Text { get; set; }

    [MemStorageIndex]
    public DateOnly Day { get; set; }

    [MemStorageIndex]
    public TimeOnly Clock { get; set; }

    [MemStorageIndex]
    public TimeSpan Span { get; set; }

    [MemStorageIndex]
    public DateTime Time { get; set; }

    [MemStorageIndex]
    public DateTimeOffset Moment { get; set; }

    [MemStorageIndex]
    public double? MaybeDouble { get; set; }

    [MemStorageIndex]
    public DateTimeOffset? MaybeMoment { get; set; }
}
