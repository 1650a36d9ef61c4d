using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;
using System.Security.Cryptography;

namespace MemStorage.Hashing;

/// <summary>
/// A 64-bit hash of UTF-8 keys in the manner of wyhash (Wang Yi, public domain): multiply two words to 128 bits, fold. Seeded per store, so that
/// chosen keys cannot be made to fall into one shard or bucket. Not stable across stores: never persisted, never sent.
/// </summary>
internal static class KeyHash
{
    private const ulong K0 = 0xa0761d6478bd642f;
    private const ulong K1 = 0xe7037ed1a0b428db;
    private const ulong K2 = 0x8ebc6af09c88c6e3;

    /// <summary>A seed from a cryptographic source.</summary>
    public static ulong CreateSeed()
    {
        Span<byte> bytes = stackalloc byte[8];
        RandomNumberGenerator.Fill(bytes);
        return MemoryMarshal.Read<ulong>(bytes);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Compute(ReadOnlySpan<byte> key, ulong seed)
    {
        ref byte p = ref MemoryMarshal.GetReference(key);
        int n = key.Length;
        if (n > 16)
            return Long(ref p, n, seed);
        ulong a, b;
        if (n >= 8)
        {
            a = Word(ref p);
            b = Word(ref Unsafe.Add(ref p, n - 8));
        }
        else if (n >= 4)
        {
            a = Unsafe.ReadUnaligned<uint>(ref p);
            b = Unsafe.ReadUnaligned<uint>(ref Unsafe.Add(ref p, n - 4));
        }
        else
        {
            a = n == 0 ? 0 : ((ulong)p << 16) | ((ulong)Unsafe.Add(ref p, n >> 1) << 8) | Unsafe.Add(ref p, n - 1);
            b = 0;
        }
        return Finish(a, b, seed ^ K0, Secret(seed), n);
    }

    /// <summary>The same for a key of 4 to 16 bytes that is given as its first and last word (half words below 8 bytes).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfTwoWords(ulong first, ulong last, int length, ulong seed) => Finish(first, last, seed ^ K0, Secret(seed), length);

    /// <summary>The same for a key of 17 to 32 bytes that is given as its first two and its last two words.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong OfFourWords(ulong a, ulong b, ulong c, ulong d, int length, ulong seed)
    {
        ulong secret = Secret(seed);
        return Finish(c, d, Mix(a ^ secret, b ^ seed ^ K0), secret, length);
    }

    private static ulong Long(ref byte p, int length, ulong seed)
    {
        ulong s = seed ^ K0;
        ulong secret = Secret(seed);
        int n = length;
        for (; n > 16; n -= 16, p = ref Unsafe.Add(ref p, 16))
            s = Mix(Word(ref p) ^ secret, Word(ref Unsafe.Add(ref p, 8)) ^ s);
        // the last 16 bytes, overlapping what was already mixed
        return Finish(Word(ref Unsafe.Add(ref p, n - 16)), Word(ref Unsafe.Add(ref p, n - 8)), s, secret, length);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Finish(ulong a, ulong b, ulong s, ulong secret, int length) => Mix(K2 ^ (ulong)length, Mix(a ^ secret, b ^ s));

    /// <summary>Both factors of every product depend on the seed: with a constant here, a key equal to it would make the product 0 under any seed.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Secret(ulong seed) => BitOperations.RotateLeft(seed, 29) ^ K1;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Mix(ulong a, ulong b)
    {
        // the high half as a value: BigMul's out parameter goes through memory, in the middle of the longest chain of a look-up
        if (Bmi2.X64.IsSupported)
            return Bmi2.X64.MultiplyNoFlags(a, b) ^ (a * b);
        ulong high = Math.BigMul(a, b, out ulong low);
        return high ^ low;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Word(ref byte p) => Unsafe.ReadUnaligned<ulong>(ref p);
}
