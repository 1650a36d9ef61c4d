using System.Numerics;
using System.Runtime.CompilerServices;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

// Readers that kept what they decoded ask whether it is still what the store has.
internal static partial class ShardReader
{
    /// <summary>
    /// Whether the record that a read found before is still what its key has: the slot of that hash names the same place, and generation and version are the same. Says
    /// no in doubt, and then the key has to be looked up. Needs neither the key's bytes nor its hash anew. Counts as a hit for eviction.
    /// </summary>
    public static bool IsCurrent(ReadMap map, in RecordPlace place, out long expireAt)
    {
        ref ReadView view = ref map.View(map.ShardOf(place.Hash));
        uint tag = Slot.TagOf(place.Hash);
        IndexTable table = ReadMap.TableOf(ref view, tag);
        TestHooks.At(TestPoint.ReadAfterTable);
        ref ulong bucket = ref table.Bucket(tag);
        uint match = IndexTable.Match(ref bucket, tag);
        if (match == 0)
            return IsCurrentFurtherOn(map, ref view, table, place, out expireAt);
        ref ulong slot = ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match));
        ulong seen = Volatile.Read(ref slot);
        return Slot.SameEntry(seen, Slot.Pack(tag, 0, place.Address))
            ? IsPlaceCurrent(map, ref view, ref slot, seen, place, out expireAt)
            : IsCurrentFurtherOn(map, ref view, table, place, out expireAt);
    }

    /// <summary>For the few whose slot is not the first match of the first bucket: without this each of their reads would decode anew.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool IsCurrentFurtherOn(ReadMap map, ref ReadView view, IndexTable table, in RecordPlace place, out long expireAt)
    {
        uint tag = Slot.TagOf(place.Hash);
        ulong wanted = Slot.Pack(tag, 0, place.Address);
        for (uint b = table.FirstBucket(tag); ; b = table.NextBucket(b))
        {
            ref ulong bucket = ref table.Bucket(b);
            for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
            {
                ref ulong slot = ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match));
                ulong seen = Volatile.Read(ref slot);
                if (Slot.SameEntry(seen, wanted))
                    return IsPlaceCurrent(map, ref view, ref slot, seen, place, out expireAt);
            }
            if (table.EndsAt(b, tag))
            {
                expireAt = 0;
                return false;
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsPlaceCurrent(ReadMap map, ref ReadView view, ref ulong slot, ulong seen, in RecordPlace place, out long expireAt)
    {
        expireAt = 0;
        TestHooks.At(TestPoint.ReadAfterSlot);
        if (map.SegmentOf(ref view, place.Address) is not { } segment || Volatile.Read(ref segment.Generation) != place.Generation)
            return false;
        TestHooks.At(TestPoint.ReadBeforeRecord);
        // the place was valid under this generation: offset and extension are inside the array
        ref byte start = ref Start(segment, map.OffsetOf(place.Address));
        if (Volatile.Read(ref Unsafe.As<byte, long>(ref start)) != place.Version)
            return false;
        if (place.Extended)
            expireAt = Record.ExpireAt(Volatile.Read(ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref start, Record.HeaderBytes))));
        // the generation once more: overwritten in place before the slot was read and recycled after the generation was, the place may have the old version again, of another record
        Volatile.ReadBarrier();
        if ((Volatile.Read(ref segment.Generation) != place.Generation && !TestHooks.SkipPlaceCheck) || (expireAt != 0 && expireAt <= map.Time.Now))
            return false;
        if ((seen & Slot.HitMask) != Slot.HitMask)
            CountHit(ref slot, seen);
        return true;
    }
}
