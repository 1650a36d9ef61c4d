using System.Runtime.CompilerServices;

namespace MemStorage.Storage.Index;

/// <summary>
/// One entry of the index, packed:
/// <code>
///  63                          34 33 32 31                             0
/// +------------------------------+-----+--------------------------------+
/// |        tag: 30 hash bits     |hits |   address in 8-byte units      |
/// +------------------------------+-----+--------------------------------+
/// </code>
/// An address is <c>segment id &lt;&lt; offset bits | offset / 8</c>; segment ids begin at 1, so an address is never 0 and a slot of 0 is empty. The hit
/// counter is here and not in the record, because a late store into a record could land in a recycled segment, where no reader's check sees it.
/// </summary>
internal static class Slot
{
    public const int TagShift = 34;
    public const int TagBits = 30;
    public const ulong HitOne = 1UL << 32;
    public const ulong HitMask = 3UL << 32;
    public const int MaxHits = 3;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Pack(uint tag, int hits, uint address) => ((ulong)tag << TagShift) | ((ulong)(uint)hits << 32) | address;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Tag(ulong slot) => (uint)(slot >> TagShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Hits(ulong slot) => (int)(slot >> 32) & MaxHits;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Address(ulong slot) => (uint)slot;

    /// <summary>The same entry but for the hits, which readers change at any time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool SameEntry(ulong a, ulong b) => ((a ^ b) & ~HitMask) == 0;

    /// <summary>The tag of a hash: its low 30 bits. Shards are chosen by the high bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint TagOf(ulong hash) => (uint)hash & ((1u << TagBits) - 1);
}
