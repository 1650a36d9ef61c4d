using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Hashing;

namespace MemStorage.Keys;

/// <summary>A key as a look-up needs it. Implemented by structs, so that the compiler makes a look-up of its own for each.</summary>
internal interface ILookupKey
{
    int Length { get; }

    ulong Hash(ulong seed);

    /// <summary>Whether the <see cref="Length"/> bytes from <paramref name="stored"/> on are this key.</summary>
    bool Matches(ref byte stored);

    /// <summary>The bytes, put together in <paramref name="room"/> (at least <see cref="ShortKey.MaxLength"/> long) where they are not in memory yet.</summary>
    ReadOnlySpan<byte> Bytes(Span<byte> room);
}

/// <summary>A key of any length, in memory.</summary>
internal readonly ref struct LongKey(ReadOnlySpan<byte> bytes) : ILookupKey
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;

    public int Length => _bytes.Length;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong Hash(ulong seed) => KeyHash.Compute(_bytes, seed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool Matches(ref byte stored) => MemoryMarshal.CreateReadOnlySpan(ref stored, _bytes.Length).SequenceEqual(_bytes);

    public ReadOnlySpan<byte> Bytes(Span<byte> room) => _bytes;
}
