using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
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

    public readonly RecordInfo Info => new(Version, Record.ExpireAt(Extension), Address, Generation, Record.Origin(Extension));
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
    public static bool TryFind(Shard shard, ReadOnlySpan<byte> key, ulong hash, out FoundRecord found)
    {
        uint tag = Slot.TagOf(hash);
        var spinner = new SpinWait();
        while (true)
        {
            IndexTable table = shard.Index.TableOf(tag);
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
                    switch (Inspect(shard.Log, ref slot, seen, key, out found))
                    {
                        case Look.Found:
                            if (!IsLive(shard, found))
                            {
                                if (!IsUnchanged(found))
                                    goto again;
                                return false;
                            }
                            if ((seen & Slot.HitMask) != Slot.HitMask)
                                Interlocked.CompareExchange(ref slot, seen + Slot.HitOne, seen);
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
            if (shard.Index.TableOf(tag) == table || TestHooks.SkipDirectoryCheck)
            {
                found = default;
                return false;
            }
        again:
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

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
    private static Look Inspect(SegmentLog log, ref ulong slot, ulong seen, ReadOnlySpan<byte> key, out FoundRecord found)
    {
        Unsafe.SkipInit(out found);
        TestHooks.At(TestPoint.ReadAfterSlot);
        uint address = Slot.Address(seen);
        Segment? segment = log.SegmentOf(address);
        if (segment is null)
            return Look.Again;
        int generation = Volatile.Read(ref segment.Generation);
        if (generation == Segment.Retired || (!Slot.SameEntry(Volatile.Read(ref slot), seen) && !TestHooks.SkipSlotRecheck))
            return Look.Again;
        TestHooks.At(TestPoint.ReadBeforeRecord);
        byte[] data = segment.Data;
        int offset = log.OffsetOf(address);
        if ((uint)offset > (uint)(data.Length - Record.HeaderBytes))
            return Look.Again;
        ref byte start = ref Start(segment, offset);
        long version = Volatile.Read(ref Unsafe.As<byte, long>(ref start));
        if (version == Record.Busy)
            return Look.Again;
        int valueLength = Unsafe.ReadUnaligned<int>(ref Unsafe.Add(ref start, 8));
        int keyLength = Unsafe.ReadUnaligned<ushort>(ref Unsafe.Add(ref start, 12));
        byte flags = Unsafe.Add(ref start, 14);
        int keyOffset = offset + Record.BodyOffset((flags & Record.Extended) != 0);
        // lengths are not validated yet: nothing outside the array may be touched
        if (keyLength != key.Length || valueLength < 0 || (long)keyOffset + keyLength + valueLength > data.Length
            || !MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(data), keyOffset), keyLength).SequenceEqual(key))
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
        found.ValueOffset = keyOffset + keyLength;
        found.ValueLength = valueLength;
        TestHooks.At(TestPoint.ReadBeforeCopy);
        return Look.Found;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLive(Shard shard, in FoundRecord found)
    {
        if ((found.Flags & Record.Tombstone) != 0)
            return false;
        long expireAt = Record.ExpireAt(found.Extension);
        return expireAt == 0 || expireAt > shard.Store.Time.Now;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Start(Segment segment, int offset) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(segment.Data), offset);
}
