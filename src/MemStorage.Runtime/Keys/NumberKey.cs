using System.Numerics;
using System.Runtime.CompilerServices;

namespace MemStorage.Keys;

/// <summary>
/// The keys of a repository whose key is one integer, made in registers: prefix and decimal digits, the same bytes that <see cref="Typed.KeyWriter"/> writes. A key that goes
/// through memory costs a look-up more than its arithmetic: it is stored in pieces, and the words that are loaded from it at once have to wait for these stores.
/// </summary>
internal static class NumberKey
{
    /// <summary>Numbers below this have at most eight digits; others, negative ones included, are left to <see cref="Typed.KeyWriter"/>.</summary>
    public const ulong Limit = 100_000_000;

    private const ulong Zeros = 0x3030303030303030;

    /// <summary>The number behind a key of an integer type; for any other type, and from <see cref="Limit"/> on, false. The type is a constant to the compiler.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryGet<TKey>(TKey key, out uint number)
    {
        ulong value;
        if (typeof(TKey) == typeof(int))
            value = (ulong)(int)(object)key!;
        else if (typeof(TKey) == typeof(long))
            value = (ulong)(long)(object)key!;
        else if (typeof(TKey) == typeof(uint))
            value = (uint)(object)key!;
        else if (typeof(TKey) == typeof(ulong))
            value = (ulong)(object)key!;
        else if (typeof(TKey) == typeof(short))
            value = (ulong)(short)(object)key!;
        else if (typeof(TKey) == typeof(ushort))
            value = (ushort)(object)key!;
        else
            value = ulong.MaxValue;
        number = (uint)value;
        return value < Limit;
    }

    /// <summary>The key of a number below <see cref="Limit"/>.</summary>
    /// <param name="prefix">The seven bytes of the key space's prefix in the low bytes of a word.</param>
    /// <param name="number">The number.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairKey Create(ulong prefix, uint number)
    {
        ulong digits = Digits(number);
        int zeros = BitOperations.TrailingZeroCount(digits | (1UL << 56)) >> 3; // leading ones of the number, but the last digit always stands
        digits = (digits | Zeros) >> (8 * zeros);
        ulong first = prefix | (digits << 56);
        // the last eight of the sixteen bytes (first, digits >> 8): shifted down by all digits but one
        int shift = 56 - (8 * zeros);
        ulong last = (first >> shift) | ((digits >> 8) << (64 - shift)); // for one digit 0 << 64, which is 0 << 0
        return new PairKey(KeySpace.PrefixLength + 8 - zeros, first, last);
    }

    /// <summary>Eight decimal digits, one in a byte, the most significant in the lowest. Halves, quarters and digits are divided side by side in one word.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Digits(uint number)
    {
        ulong high = number / 10_000;
        ulong halves = high | ((number - (high * 10_000)) << 32);
        ulong hundreds = ((halves * 10_486) >> 20) & 0x0000007F_0000007F; // exact below 10,000
        ulong quarters = hundreds | ((halves - (hundreds * 100)) << 16);
        ulong tens = ((quarters * 103) >> 10) & 0x000F_000F_000F_000F; // exact below 100
        return tens | ((quarters - (tens * 10)) << 8);
    }
}
