using System.Buffers.Binary;

namespace MemStorage.Tests.Support;

/// <summary>
/// Values whose every byte follows from key number, stamp and length, so that a reader can tell a torn, mixed or foreign value at once:
/// <code>
/// 0        8        16       20              length
/// | key id | stamp  | length | stream(id, stamp)  |
/// </code>
/// Every third stamp gives a compressible stream, so that LZ4 takes part.
/// </summary>
internal static class Payload
{
    public const int MinLength = 24;

    public static byte[] Create(long id, long stamp, int length)
    {
        byte[] value = new byte[length];
        Fill(value, id, stamp);
        return value;
    }

    public static void Fill(Span<byte> value, long id, long stamp)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(value.Length, MinLength);
        BinaryPrimitives.WriteInt64LittleEndian(value, id);
        BinaryPrimitives.WriteInt64LittleEndian(value[8..], stamp);
        BinaryPrimitives.WriteInt32LittleEndian(value[16..], value.Length);
        ulong state = Seed(id, stamp);
        bool compressible = stamp % 3 == 0;
        for (int i = 20; i < value.Length; i++)
            value[i] = Next(ref state, i, compressible);
    }

    /// <summary>Whether every byte is what <see cref="Fill"/> wrote for this key; tells the stamp.</summary>
    public static bool TryVerify(ReadOnlySpan<byte> value, long id, out long stamp)
    {
        stamp = 0;
        if (value.Length < MinLength || BinaryPrimitives.ReadInt64LittleEndian(value) != id || BinaryPrimitives.ReadInt32LittleEndian(value[16..]) != value.Length)
            return false;
        stamp = BinaryPrimitives.ReadInt64LittleEndian(value[8..]);
        ulong state = Seed(id, stamp);
        bool compressible = stamp % 3 == 0;
        for (int i = 20; i < value.Length; i++)
        {
            if (value[i] != Next(ref state, i, compressible))
                return false;
        }
        return true;
    }

    private static ulong Seed(long id, long stamp) => ((ulong)id * 0x9E3779B97F4A7C15) ^ ((ulong)stamp * 0xC2B2AE3D27D4EB4F) ^ 0x5851F42D4C957F2D;

    private static byte Next(ref ulong state, int index, bool compressible)
    {
        if (!compressible || index % 32 == 0)
            state = (state * 6364136223846793005) + 1442695040888963407;
        return (byte)(state >> 56);
    }
}
