using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Keys;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;

namespace MemStorage.Storage;

/// <summary>A record that a reader has found but not yet finished with: nothing read of it counts before <see cref="ShardReader.IsUnchanged(in FoundRecord)"/> says so.</summary>
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

    public readonly RecordInfo Info => new(Version, Record.ExpireAt(Extension), Address, Generation, (Flags & Record.Extended) != 0, (Flags & Record.Exact) != 0);

    /// <summary>After a search that found nothing: the expiry of the record that would have been found had it not expired; 0: there is none.</summary>
    public readonly long ExpiredAt => (Flags & Record.Tombstone) == 0 ? Record.ExpireAt(Extension) : 0;
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
internal static partial class ShardReader
{
    private enum Look
    {
        Other,
        Found,
        Again,
    }

    /// <summary>
    /// Finds the live record of a key. The caller copies what it needs and then asks <see cref="IsUnchanged(in FoundRecord)"/>; if it is not, everything is void.
    /// </summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryFind<TKey>(ReadMap map, scoped in TKey key, ulong hash, out FoundRecord found)
        where TKey : struct, ILookupKey, allows ref struct
    {
        Unsafe.SkipInit(out found);
        ref byte start = ref Locate(map, key, hash, out found.Segment, out found.Generation, out found.Address, out found.Version, out ulong header, out found.Extension);
        if (Unsafe.IsNullRef(ref start))
            return TryFindWhole(map, key, hash, out found);
        found.Offset = map.OffsetOf(found.Address);
        found.ValueOffset = found.Offset + (int)BodyOf(header) + key.Length;
        found.ValueLength = (int)header;
        found.Flags = (byte)(header >> 48);
        return true;
    }

    /// <summary><see cref="TryFind"/> without the straight way first: every match of every bucket of the probe, again for as long as something moves.</summary>
    /// <param name="map">Where the tables and segments are.</param>
    /// <param name="key">The key.</param>
    /// <param name="hash">Its hash.</param>
    /// <param name="found">The record; when there is none, <see cref="FoundRecord.ExpiredAt"/> tells whether there was.</param>
    /// <param name="isAccess">False: the look is not one that eviction is to learn of.</param>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static bool TryFindWhole<TKey>(ReadMap map, scoped in TKey key, ulong hash, out FoundRecord found, bool isAccess = true)
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
                            if (isAccess && (seen & Slot.HitMask) != Slot.HitMask)
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
            {
                found = default;
                return false;
            }
        again:
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static void CountHit(ref ulong slot, ulong seen) => Interlocked.CompareExchange(ref slot, seen + Slot.HitOne, seen);

    /// <summary>Whether what was read of the record since it was found is what was stored there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool IsUnchanged(in FoundRecord found) => IsUnchanged(found.Segment, found.Generation, ref Start(found.Segment, found.Offset), found.Version);

    /// <summary>The same for a record that was found under the lock.</summary>
    public static bool IsUnchanged(Segment segment, int generation, int offset, long version) => IsUnchanged(segment, generation, ref Start(segment, offset), version);

    /// <inheritdoc cref="IsUnchanged(in FoundRecord)"/>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsUnchanged(Segment segment, int generation, ref byte start, long version)
    {
        TestHooks.At(TestPoint.ReadAfterCopy);
        Volatile.ReadBarrier();
        return (Volatile.Read(ref segment.Generation) == generation || TestHooks.SkipGenerationCheck)
            && (Unsafe.ReadUnaligned<long>(ref start) == version || TestHooks.SkipVersionCheck);
    }

    /// <summary>Marks the segment of a found record as shared: from now on it is neither recycled nor overwritten, if <see cref="IsUnchanged(in FoundRecord)"/> holds afterwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void MarkShared(Segment segment)
    {
        if (Volatile.Read(ref segment.Shared) == 0)
        {
            Volatile.Write(ref segment.Shared, 1);
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
    private static bool IsLive(ReadMap map, in FoundRecord found) => (found.Flags & Record.Tombstone) == 0 && IsLive(map, found.Extension);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static bool IsLive(ReadMap map, ulong extension)
    {
        long expireAt = Record.ExpireAt(extension);
        return expireAt == 0 || expireAt > map.Time.Now;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ref byte Start(Segment segment, int offset) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(segment.Data), offset);
}
