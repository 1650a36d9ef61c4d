using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace MemStorage.Storage.Log;

/// <summary>
/// The layout of a record in a segment. Records begin at multiples of 8 bytes and fill whole multiples of 8:
/// <code>
///  0        8        12       14      15      16             (24)
/// +--------+--------+--------+-------+-------+---------------+-----------+-----------+---------+
/// |version | value  |  key   | flags | key   | extension     | key       | value     | padding |
/// |8       | length |  length|       | space | (if flagged)  | (UTF-8)   | (stored)  | to 8    |
/// |        | 4      |  2     | 1     | 1     | 8             |           |           |         |
/// +--------+--------+--------+-------+-------+---------------+-----------+-----------+---------+
/// flags        7         6          5           4           3 2 1 0
///           +-------+------------+-----------+------------+--------------+
///           | exact |  extended  | tombstone | compressed | eviction tag |
///           +-------+------------+-----------+------------+--------------+
/// extension  63                             16 15               0
///           +---------------------------------+------------------+
///           |  expiry, Unix milliseconds      |  origin node     |
///           +---------------------------------+------------------+
/// </code>
/// The version is also the record's sequence lock: it is <see cref="Busy"/> while the record is overwritten in place, and in-place overwrites only ever raise it,
/// so a reader that sees the same version before and after its copy has copied one write. A compressed value begins with its original length (4 bytes).
/// The extension of a tombstone holds the time until which it is kept. <b>exact</b>: a touch has named the expiry, and a typed update keeps it.
/// </summary>
internal static class Record
{
    public const int HeaderBytes = 16;
    public const int ExtensionBytes = 8;

    /// <summary>The smallest record: a key of at most eight bytes and no value.</summary>
    public const int LeastBytes = HeaderBytes + 8;

    public const int CompressedPrefixBytes = 4;

    /// <summary>In place of the version while a record is being overwritten.</summary>
    public const long Busy = -1;

    public const byte TagMask = 15;
    public const byte Compressed = 1 << 4;
    public const byte Tombstone = 1 << 5;
    public const byte Extended = 1 << 6;
    public const byte Exact = 1 << 7;

    /// <summary>The latest expiry: the last millisecond of the calendar (year 9999). The extension could hold 48 bits.</summary>
    public const long MaxExpireAt = 253_402_300_799_999;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Size(int keyLength, int valueLength, bool extended) => Align(BodyOffset(extended) + keyLength + valueLength);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int BodyOffset(bool extended) => extended ? HeaderBytes + ExtensionBytes : HeaderBytes;

    /// <summary>The same in 64 bits, for lengths that are not checked yet.</summary>
    public static long SizeLong(int keyLength, long valueLength, bool extended) => (BodyOffset(extended) + keyLength + valueLength + 7) & ~7L;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static int Align(int size) => (size + 7) & ~7;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong PackExtension(long expireAt, int origin) => ((ulong)expireAt << 16) | (ushort)origin;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static long ExpireAt(ulong extension) => (long)(extension >> 16);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Origin(ulong extension) => (ushort)extension;
}

/// <summary>A writer's view of one record; valid under the shard's lock. Readers without the lock go through <see cref="ShardReader"/>.</summary>
internal readonly ref struct RecordView(ref byte start)
{
    private readonly ref byte _start = ref start;

    public long Version => Unsafe.ReadUnaligned<long>(ref _start);

    public int ValueLength => Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref _start, 8));

    public int KeyLength => Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref _start, 12));

    public byte Flags => Unsafe.Add(ref _start, 14);

    public byte Space => Unsafe.Add(ref _start, 15);

    public bool IsExtended => (Flags & Record.Extended) != 0;

    public bool IsTombstone => (Flags & Record.Tombstone) != 0;

    public bool IsCompressed => (Flags & Record.Compressed) != 0;

    public int EvictionTag => Flags & Record.TagMask;

    public ulong Extension => IsExtended ? Volatile.Read(ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref _start, Record.HeaderBytes))) : 0;

    /// <summary>Unix milliseconds; 0: never. For a tombstone: until when it is kept.</summary>
    public long ExpireAt => Record.ExpireAt(Extension);

    public int Origin => Record.Origin(Extension);

    public int Size => Record.Size(KeyLength, ValueLength, IsExtended);

    public ReadOnlySpan<byte> Key => MemoryMarshal.CreateReadOnlySpan(
        ref Unsafe.Add(ref _start, Record.BodyOffset(IsExtended)), KeyLength);

    /// <summary>For the writer of a new record.</summary>
    public Span<byte> KeySpan => MemoryMarshal.CreateSpan(
        ref Unsafe.Add(ref _start, Record.BodyOffset(IsExtended)), KeyLength);

    public Span<byte> Value => MemoryMarshal.CreateSpan(
        ref Unsafe.Add(ref _start, Record.BodyOffset(IsExtended) + KeyLength), ValueLength);

    public int OriginalLength => IsCompressed ? Unsafe.ReadUnaligned<int>(ref MemoryMarshal.GetReference(Value)) : ValueLength;

    public bool IsExpired(long now)
    {
        long at = ExpireAt;
        return at != 0 && at <= now;
    }

    /// <summary>Only for records with an extension: one aligned store, which a reader sees before or after.</summary>
    public void SetExtension(ulong extension) =>
        Volatile.Write(ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref _start, Record.HeaderBytes)), extension);

    /// <summary>Only the eviction tag; readers do not look at it.</summary>
    public void SetEvictionTag(int tag) => Unsafe.Add(ref _start, 14) = (byte)((Flags & ~Record.TagMask) | tag);

    /// <summary>Only the mark of a named expiry; readers look at it for an update, which checks the version afterwards.</summary>
    public void SetExact(bool exact) => Unsafe.Add(ref _start, 14) = (byte)(exact ? Flags | Record.Exact : Flags & ~Record.Exact);

    public void SetVersion(long version) => Volatile.Write(ref Unsafe.As<byte, long>(ref _start), version);

    /// <summary>Everything but the version and the extension.</summary>
    public void SetHeader(int valueLength, int keyLength, byte flags, byte space)
    {
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref _start, 8), valueLength);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref _start, 12), (ushort)keyLength);
        Unsafe.Add(ref _start, 14) = flags;
        Unsafe.Add(ref _start, 15) = space;
    }
}
