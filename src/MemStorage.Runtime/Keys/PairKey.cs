using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Hashing;

namespace MemStorage.Keys;

/// <summary>
/// A key of 8 to 16 bytes as its first and its last eight: what <see cref="ShortKey"/> is for those lengths, without the words and the branches that only longer
/// and shorter keys need. Most keys are one, those of repositories with integer keys among them.
/// </summary>
internal readonly struct PairKey : ILookupKey
{
    public const int MinLength = 8;
    public const int MaxLength = 16;

    private readonly ulong _first;
    private readonly ulong _last;
    private readonly int _length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public PairKey(int length, ulong first, ulong last)
    {
        _length = length;
        _first = first;
        _last = last;
    }

    public int Length => _length;

    /// <summary>Whether a key of this length is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Fits(int length) => (uint)(length - MinLength) <= MaxLength - MinLength;

    /// <summary>The words of a key whose length <see cref="Fits"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static PairKey Of(ReadOnlySpan<byte> key)
    {
        ref byte p = ref MemoryMarshal.GetReference(key);
        return new PairKey(key.Length, Unsafe.ReadUnaligned<ulong>(ref p), Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref p, key.Length - MinLength)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(ulong seed) => KeyHash.OfTwoWords(_first, _last, _length, seed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(ref byte stored) =>
        ((Unsafe.ReadUnaligned<ulong>(ref stored) ^ _first) | (Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref stored, _length - MinLength)) ^ _last)) == 0;

    public ReadOnlySpan<byte> Bytes(Span<byte> room)
    {
        ref byte p = ref MemoryMarshal.GetReference(room[..MaxLength]);
        Unsafe.WriteUnaligned(ref p, _first);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref p, _length - MinLength), _last);
        return room[.._length];
    }
}
