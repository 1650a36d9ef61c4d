using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Keys;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

// The straight way: the protocol without its turns. Nearly every read is one.
internal static partial class ShardReader
{
    /// <summary>
    /// In place of a length: there is no such record, or something is not simple; <see cref="TryFindWhole"/> tells. Absent keys are not told apart here: whatever is kept for that
    /// costs every hit (4 of 57 ns).
    /// </summary>
    public const int Unclear = -1;

    /// <summary>In the upper half of a header's second word: the length of the key, and the flags of what has no value to copy as it is.</summary>
    private const uint KeyLengthAndState = ushort.MaxValue | ((uint)(Record.Tombstone | Record.Compressed) << 16);

    /// <summary>Copies the value of a key to <paramref name="destination"/>.</summary>
    /// <returns>Its length; or <see cref="Unclear"/>, also where it does not fit. What is in <paramref name="destination"/> then is undefined.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int CopyStraight<TKey>(ReadMap map, scoped TKey key, ulong hash, Span<byte> destination, out long version, out ulong extension)
        where TKey : struct, ILookupKey, allows ref struct
    {
        ref byte start = ref Locate(map, key, hash, out Segment segment, out int generation, out _, out version, out ulong header, out extension);
        if (Unsafe.IsNullRef(ref start))
            return Unclear;
        if ((uint)header > (uint)destination.Length)
            return Unclear;
        ShortCopy.Copy(ref Unsafe.Add(ref start, BodyOf(header) + (uint)key.Length), ref MemoryMarshal.GetReference(destination), (uint)header);
        return IsUnchanged(segment, generation, ref start, version) ? (int)header : Unclear;
    }

    /// <summary>A view of the value of a key, in a segment that is marked as shared.</summary>
    /// <returns>Its length; or <see cref="Unclear"/>.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int ViewStraight<TKey>(ReadMap map, scoped TKey key, ulong hash, out ReadOnlyMemory<byte> value, out long version, out ulong extension)
        where TKey : struct, ILookupKey, allows ref struct
    {
        ref byte start = ref Locate(map, key, hash, out Segment segment, out int generation, out uint address, out version, out ulong header, out extension);
        if (Unsafe.IsNullRef(ref start))
        {
            value = default;
            return Unclear;
        }
        MarkShared(segment);
        value = new ReadOnlyMemory<byte>(segment.Data, map.OffsetOf(address) + (int)BodyOf(header) + key.Length, (int)header);
        return IsUnchanged(segment, generation, ref start, version) ? (int)header : Unclear;
    }

    /// <summary>
    /// The live record of a key: the first match of the first bucket, or of the second where the first is full, when nothing moves and nothing is compressed. Whatever is read of it counts if
    /// <see cref="IsUnchanged(Segment, int, ref byte, long)"/> holds afterwards.
    /// <para>
    /// Its speed is its size. A processor looks some 250 instructions ahead: a read of fewer waits for its cache misses together with the next one, a longer one does not. Hence it is inlined
    /// into what copies, with its results in locals (a struct of them goes through memory), and makes no check that a later one makes anyway:
    /// </para>
    /// <list type="bullet">
    /// <item>a slot that changed since the vectors were compared is empty or another key's: segment 0 does not exist, and the keys are compared;</item>
    /// <item>the length of the key and the two flags that matter are one comparison.</item>
    /// </list>
    /// </summary>
    /// <returns>The start of the record, or a null reference.</returns>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Locate<TKey>(
        ReadMap map, scoped TKey key, ulong hash, out Segment segment, out int generation, out uint address, out long version, out ulong header, out ulong extension)
        where TKey : struct, ILookupKey, allows ref struct
    {
        ref ReadView view = ref map.ViewOf(hash);
        uint tag = Slot.TagOf(hash);
        IndexTable table = ReadMap.TableOf(ref view, tag);
        TestHooks.At(TestPoint.ReadStraightAfterTable);
        ref ulong bucket = ref table.Bucket(tag);
        uint match = IndexTable.Match(ref bucket, tag);
        if (match == 0)
        {
            if (!IndexTable.Overflowed(ref bucket))
                goto none;
            bucket = ref table.Bucket(tag + 1);
            match = IndexTable.Match(ref bucket, tag);
            if (match == 0)
                goto none;
        }
        ref ulong slot = ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match));
        ulong seen = Volatile.Read(ref slot);
        TestHooks.At(TestPoint.ReadAfterSlot);
        address = Slot.Address(seen);
        Segment? candidate = map.SegmentOf(ref view, address);
        if (candidate is null)
            goto none;
        generation = Volatile.Read(ref candidate.Generation);
        if (generation == Segment.Retired || (!Slot.SameEntry(Volatile.Read(ref slot), seen) && !TestHooks.SkipSlotRecheck))
            goto none;
        TestHooks.At(TestPoint.ReadBeforeRecord);
        int offset = map.OffsetOf(address);
        if ((uint)offset > (uint)(candidate.Length - Record.HeaderBytes))
            goto none;
        ref byte start = ref Start(candidate, offset);
        version = Volatile.Read(ref Unsafe.As<byte, long>(ref start));
        header = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, sizeof(long)));
        if (version == Record.Busy || ((uint)(header >> 32) & KeyLengthAndState) != (uint)key.Length)
            goto none;
        nuint body = BodyOf(header);
        // the lengths are not validated yet: nothing outside the array may be touched
        if ((ulong)(uint)header + body + (uint)key.Length > (uint)(candidate.Length - offset) || !key.Matches(ref Unsafe.Add(ref start, body)))
            goto none;
        extension = 0;
        if (body != Record.HeaderBytes)
        {
            extension = Volatile.Read(ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref start, Record.HeaderBytes)));
            if (!IsLive(map, extension))
                goto none;
        }
        if ((seen & Slot.HitMask) != Slot.HitMask)
            CountHit(ref slot, seen);
        segment = candidate;
        TestHooks.At(TestPoint.ReadBeforeCopy);
        return ref start;
    none:
        segment = null!;
        generation = 0;
        address = 0;
        version = 0;
        header = 0;
        extension = 0;
        return ref Unsafe.NullRef<byte>();
    }

    /// <summary>Where the key begins: the flag of the extension, shifted to the value of its length.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static nuint BodyOf(ulong header) => Record.HeaderBytes + ((nuint)(header >> 51) & Record.ExtensionBytes);
}
