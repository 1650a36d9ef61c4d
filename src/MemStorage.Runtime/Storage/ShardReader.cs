using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Keys;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>A record that a reader has found but not yet finished with: nothing read of it counts before <see cref="ShardReader.IsUnchanged"/> says so.</summary>
internal ref struct FoundRecord
{
    public Segment Segment;
    public int Generation;
    public int Offset;
    public uint Address;
    public long Version;
    public ulong Extension;
    public int ValueOffset;
    public int ValueLength;
    public byte Flags;

    public readonly ReadOnlySpan<byte> Value => MemoryMarshal.CreateReadOnlySpan(
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(Segment.Data), ValueOffset), ValueLength);

    public readonly RecordInfo Info => new(Version, Record.ExpireAt(Extension), Address, Generation, (Flags & Record.Extended) != 0);
}

/// <summary>
/// Reading without a lock. The order is the protocol, and every step has a test that fails without it:
/// <list type="number">
/// <item>slot, segment, generation;</item>
/// <item>the slot again: it still names this place, so the generation is the one under which the record was put there;</item>
/// <item>version (busy: again), header, key, value, copied out;</item>
/// <item>barrier, generation and version again: neither moved, so no byte of the copy did.</item>
/// </list>
/// A miss counts only if the directory still names the table that was searched.
/// </summary>
internal static class ShardReader
{
    private enum Look
    {
        Other,
        Found,
        Again,
    }

    /// <summary>Finds the live record of a key. The caller copies what it needs and then asks <see cref="IsUnchanged"/>; if it is not, everything is void.</summary>
    /// <remarks>
    /// The straight way only: the first match in the first bucket or none at all, and nothing moved. Kept small on purpose, so that all of it stays in registers; whatever is not
    /// that simple goes to <see cref="TryFindSlow"/>, which begins anew.
    /// </remarks>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryFind<TKey>(ReadMap map, scoped in TKey key, ulong hash, out FoundRecord found)
        where TKey : struct, ILookupKey, allows ref struct
    {
        Unsafe.SkipInit(out found);
        ref ReadView view = ref map.View(map.ShardOf(hash));
        uint tag = Slot.TagOf(hash);
        IndexTable table = ReadMap.TableOf(ref view, tag);
        TestHooks.At(TestPoint.ReadAfterTable);
        ref ulong bucket = ref table.Bucket(tag);
        uint match = IndexTable.Match(ref bucket, tag);
        if (match != 0)
        {
            ref ulong slot = ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match));
            ulong seen = Volatile.Read(ref slot);
            if (Slot.Tag(seen) == tag && Slot.Address(seen) != 0 && Inspect(map, ref view, ref slot, seen, key, ref found) == Look.Found && IsLive(map, found))
            {
                if ((seen & Slot.HitMask) != Slot.HitMask)
                    CountHit(ref slot, seen);
                return true;
            }
        }
        else if (!IndexTable.Overflowed(ref bucket))
        {
            TestHooks.At(TestPoint.ReadBeforeMiss);
            Volatile.ReadBarrier();
            if (ReadMap.TableOf(ref view, tag) == table || TestHooks.SkipDirectoryCheck)
                return false;
        }
        return TryFindSlow(map, key, hash, out found);
    }

    /// <summary>The whole protocol: every match of every bucket of the probe, again for as long as something moves.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static bool TryFindSlow<TKey>(ReadMap map, scoped in TKey key, ulong hash, out FoundRecord found)
        where TKey : struct, ILookupKey, allows ref struct
    {
        found = default;
        ref ReadView view = ref map.View(map.ShardOf(hash));
        uint tag = Slot.TagOf(hash);
        var spinner = new SpinWait();
        while (true)
        {
            IndexTable table = ReadMap.TableOf(ref view, tag);
            TestHooks.At(TestPoint.ReadAfterTable);
            uint b = table.FirstBucket(tag);
            while (true)
            {
                ref ulong bucket = ref table.Bucket(b);
                for (uint match = IndexTable.Match(ref bucket, tag); match != 0; match &= match - 1)
                {
                    ref ulong slot = ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match));
                    ulong seen = Volatile.Read(ref slot);
                    if (Slot.Address(seen) == 0 || Slot.Tag(seen) != tag)
                    {
                        if (tag == 0 && seen == 0)
                            continue; // an empty slot looks like tag 0
                        goto again;
                    }
                    switch (Inspect(map, ref view, ref slot, seen, key, ref found))
                    {
                        case Look.Found:
                            if (!IsLive(map, found))
                            {
                                if (!IsUnchanged(found))
                                    goto again;
                                return false;
                            }
                            if ((seen & Slot.HitMask) != Slot.HitMask)
                                CountHit(ref slot, seen);
                            return true;
                        case Look.Again:
                            goto again;
                    }
                }
                if (table.EndsAt(b, tag))
                    break;
                b = table.NextBucket(b);
            }
            TestHooks.At(TestPoint.ReadBeforeMiss);
            Volatile.ReadBarrier();
            if (ReadMap.TableOf(ref view, tag) == table || TestHooks.SkipDirectoryCheck)
                return false;
        again:
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

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

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CountHit(ref ulong slot, ulong seen) => Interlocked.CompareExchange(ref slot, seen + Slot.HitOne, seen);

    /// <summary>Whether what was read of the record since it was found is what was stored there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUnchanged(in FoundRecord found)
    {
        TestHooks.At(TestPoint.ReadAfterCopy);
        Volatile.ReadBarrier();
        return (Volatile.Read(ref found.Segment.Generation) == found.Generation || TestHooks.SkipGenerationCheck)
            && (Unsafe.ReadUnaligned<long>(ref Start(found.Segment, found.Offset)) == found.Version || TestHooks.SkipVersionCheck);
    }

    /// <summary>Marks the segment of a found record as shared: from now on it is neither recycled nor overwritten, if <see cref="IsUnchanged"/> holds afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MarkShared(in FoundRecord found)
    {
        if (Volatile.Read(ref found.Segment.Shared) == 0)
        {
            Volatile.Write(ref found.Segment.Shared, 1);
            Interlocked.MemoryBarrier(); // Dekker with SegmentLog.Recycle and Shard.TryOverwriteInPlace
        }
        TestHooks.At(TestPoint.NoCopyAfterMark);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Look Inspect<TKey>(ReadMap map, ref ReadView view, ref ulong slot, ulong seen, scoped in TKey key, ref FoundRecord found)
        where TKey : struct, ILookupKey, allows ref struct
    {
        TestHooks.At(TestPoint.ReadAfterSlot);
        uint address = Slot.Address(seen);
        Segment? segment = map.SegmentOf(ref view, address);
        if (segment is null)
            return Look.Again;
        int generation = Volatile.Read(ref segment.Generation);
        if (generation == Segment.Retired || (!Slot.SameEntry(Volatile.Read(ref slot), seen) && !TestHooks.SkipSlotRecheck))
            return Look.Again;
        TestHooks.At(TestPoint.ReadBeforeRecord);
        int offset = map.OffsetOf(address);
        if ((uint)offset > (uint)(segment.Length - Record.HeaderBytes))
            return Look.Again;
        ref byte start = ref Start(segment, offset);
        long version = Volatile.Read(ref Unsafe.As<byte, long>(ref start));
        if (version == Record.Busy)
            return Look.Again;
        int valueLength = Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref start, 8));
        int keyLength = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, 12));
        byte flags = Unsafe.Add(ref start, 14);
        int body = Record.BodyOffset((flags & Record.Extended) != 0);
        int room = segment.Length - offset - body;
        // lengths are not validated yet: nothing outside the array may be touched
        if (keyLength != key.Length || keyLength > room || (uint)valueLength > (uint)(room - keyLength)
            || !key.Matches(ref Unsafe.Add(ref start, body)))
        {
            // another key with the same tag, or bytes that were moving
            Volatile.ReadBarrier();
            return Volatile.Read(ref segment.Generation) == generation
                && Volatile.Read(ref Unsafe.As<byte, long>(ref start)) == version ? Look.Other : Look.Again;
        }
        found.Segment = segment;
        found.Generation = generation;
        found.Offset = offset;
        found.Address = address;
        found.Version = version;
        found.Flags = flags;
        found.Extension = (flags & Record.Extended) != 0 ? Volatile.Read(ref Unsafe.As<byte, ulong>(ref Unsafe.Add(ref start, Record.HeaderBytes))) : 0;
        found.ValueOffset = offset + body + keyLength;
        found.ValueLength = valueLength;
        TestHooks.At(TestPoint.ReadBeforeCopy);
        return Look.Found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLive(ReadMap map, in FoundRecord found)
    {
        if ((found.Flags & Record.Tombstone) != 0)
            return false;
        long expireAt = Record.ExpireAt(found.Extension);
        return expireAt == 0 || expireAt > map.Time.Now;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Start(Segment segment, int offset) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(segment.Data), offset);
}
