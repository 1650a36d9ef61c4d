using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Hashing;

namespace MemStorage.Keys;

/// <summary>
/// A key of 4 to 32 bytes, which most are, as words that stay in registers from the caller's text to the comparison with the stored key: no buffer to clear, and no load that
/// has to wait for two narrower stores (docs/design-decisions.md).
/// <code>
///  4 to  7 bytes   A = bytes 0..4    B = the last 4
///  8 to 16 bytes   A = bytes 0..8    B = the last 8
/// 17 to 32 bytes   A = bytes 0..8    B = bytes 8..16    C = bytes n-16..n-8    D = the last 8
/// </code>
/// Words overlap where the key does not fill them, as in <see cref="KeyHash"/>.
/// </summary>
internal readonly struct ShortKey : ILookupKey
{
    public const int MinLength = 4;
    public const int MaxLength = 32;

    private readonly ulong _a;
    private readonly ulong _b;
    private readonly ulong _c;
    private readonly ulong _d;
    private readonly int _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ShortKey(int length, ulong a, ulong b, ulong c = 0, ulong d = 0)
    {
        _length = length;
        _a = a;
        _b = b;
        _c = c;
        _d = d;
    }

    public int Length => _length;

    /// <summary>Whether a key of this length can be one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits(int length) => (uint)(length - MinLength) <= MaxLength - MinLength;

    /// <summary>The words of a key whose length <see cref="Fits"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ShortKey Of(ReadOnlySpan<byte> key)
    {
        ref byte p = ref MemoryMarshal.GetReference(key);
        int n = key.Length;
        if (n < 8)
            return new ShortKey(n, Half(ref p), Half(ref Unsafe.Add(ref p, n - 4)));
        if (n <= 16)
            return new ShortKey(n, Word(ref p), Word(ref Unsafe.Add(ref p, n - 8)));
        return new ShortKey(n, Word(ref p), Word(ref Unsafe.Add(ref p, 8)), Word(ref Unsafe.Add(ref p, n - 16)), Word(ref Unsafe.Add(ref p, n - 8)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(ulong seed) => _length <= 16 ? KeyHash.OfTwoWords(_a, _b, _length, seed) : KeyHash.OfFourWords(_a, _b, _c, _d, _length, seed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(ref byte stored)
    {
        if (_length >= 8)
        {
            ulong differs = (Word(ref stored) ^ _a) | (Word(ref Unsafe.Add(ref stored, _length - 8)) ^ (_length <= 16 ? _b : _d));
            if (_length > 16)
                differs |= (Word(ref Unsafe.Add(ref stored, 8)) ^ _b) | (Word(ref Unsafe.Add(ref stored, _length - 16)) ^ _c);
            return differs == 0;
        }
        return Half(ref stored) == _a && Half(ref Unsafe.Add(ref stored, _length - 4)) == _b;
    }

    public ReadOnlySpan<byte> Bytes(Span<byte> room)
    {
        ref byte p = ref MemoryMarshal.GetReference(room[..MaxLength]);
        if (_length < 8)
        {
            Unsafe.WriteUnaligned(ref p, (uint)_a);
            Unsafe.WriteUnaligned(ref Unsafe.Add(ref p, _length - 4), (uint)_b);
        }
        else
        {
            Unsafe.WriteUnaligned(ref p, _a);
            if (_length > 16)
            {
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref p, 8), _b);
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref p, _length - 16), _c);
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref p, _length - 8), _d);
            }
            else
                Unsafe.WriteUnaligned(ref Unsafe.Add(ref p, _length - 8), _b);
        }
        return room[.._length];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte p) => Unsafe.ReadUnaligned<ulong>(ref p);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Half(ref byte p) => Unsafe.ReadUnaligned<uint>(ref p);
}

/// <summary>Room for the bytes of a <see cref="ShortKey"/> among the locals of a method.</summary>
[InlineArray(ShortKey.MaxLength)]
internal struct ShortKeyRoom
{
    private byte _first;
}
