using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace MemStorage.Storage.Index;

/// <summary>
/// One open-addressed table of the index: buckets of one cache line, seven slots and an overflow count (how many entries were pushed on to later
/// buckets past this one, as in F14), so that a probe ends at the first bucket with a count of 0 and removals leave nothing behind. Slots never
/// move within a table. Written under the shard's lock, read without.
/// </summary>
internal sealed class IndexTable
{
    public const int SlotsPerBucket = 7;
    private const int WordsPerBucket = 8;

    /// <summary>Pinned, so that the alignment found at construction holds.</summary>
    private readonly ulong[] _words;
    private readonly int _first;
    private readonly uint _mask;

    public IndexTable(int buckets, int depth, uint prefix)
    {
        _words = GC.AllocateArray<ulong>(buckets * WordsPerBucket + WordsPerBucket, pinned: true);
        long address = (long)Marshal.UnsafeAddrOfPinnedArrayElement(_words, 0);
        _first = (int)((64 - (address & 63)) & 63) / 8;
        _mask = (uint)buckets - 1;
        Depth = depth;
        Prefix = prefix;
    }

    /// <summary>How many leading tag bits all entries of this table share.</summary>
    public int Depth { get; set; }

    /// <summary>Those bits.</summary>
    public uint Prefix { get; set; }

    /// <summary>The first tag behind the range of this table; -1: it is the last.</summary>
    public long NextInRange
    {
        get
        {
            long next = (Prefix + 1L) << (Slot.TagBits - Depth);
            return next >> Slot.TagBits == 0 ? next : -1;
        }
    }

    public int Count { get; private set; }

    public int Buckets => (int)_mask + 1;

    /// <summary>Past this load (82 %) probes grow longer quickly: grow.</summary>
    public int ComfortableCount => (int)((long)Buckets * SlotsPerBucket * 82 / 100);

    /// <summary>The load (94 %) that is never passed: at least one slot stays empty, probes end.</summary>
    public int MaxCount => Math.Max(SlotsPerBucket - 1, (int)((long)Buckets * SlotsPerBucket * 94 / 100));

    public long Bytes => BytesFor(Buckets);

    public static long BytesFor(int buckets) => ((long)buckets * WordsPerBucket + WordsPerBucket) * sizeof(ulong) + 64;

    public uint FirstBucket(uint tag) => tag & _mask;

    public uint NextBucket(uint bucket) => (bucket + 1) & _mask;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ulong Bucket(uint bucket) =>
        ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_words), _first + (nint)(bucket & _mask) * WordsPerBucket);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Overflowed(ref ulong bucket) => Volatile.Read(ref Unsafe.Add(ref bucket, SlotsPerBucket)) != 0;

    /// <summary>
    /// Whether the probe for a tag ends at this bucket: nothing went on from it, or it is the last one round. In a table that is past its comfortable load and has no
    /// room to grow, something may have gone on from every bucket.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool EndsAt(uint bucket, uint tag) => !Overflowed(ref Bucket(bucket)) || NextBucket(bucket) == FirstBucket(tag);

    /// <summary>
    /// A bit for each of the seven slots whose tag is <paramref name="tag"/>. A hint: vector loads are not atomic, and empty slots match tag 0;
    /// the caller reads the slot again.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Match(ref ulong bucket, uint tag)
    {
        if (Vector512.IsHardwareAccelerated)
        {
            Vector512<ulong> slots = Vector512.ShiftRightLogical(Vector512.LoadUnsafe(ref bucket), Slot.TagShift);
            return (uint)Vector512.Equals(slots, Vector512.Create((ulong)tag)).ExtractMostSignificantBits() & 0x7F;
        }
        if (Vector256.IsHardwareAccelerated)
        {
            Vector256<ulong> wanted = Vector256.Create((ulong)tag);
            Vector256<ulong> low = Vector256.ShiftRightLogical(Vector256.LoadUnsafe(ref bucket), Slot.TagShift);
            Vector256<ulong> high = Vector256.ShiftRightLogical(Vector256.LoadUnsafe(ref bucket, 4), Slot.TagShift);
            return (Vector256.Equals(low, wanted).ExtractMostSignificantBits() | (Vector256.Equals(high, wanted).ExtractMostSignificantBits() << 4)) & 0x7F;
        }
        uint mask = 0;
        for (int i = 0; i < SlotsPerBucket; i++)
            if (Slot.Tag(Volatile.Read(ref Unsafe.Add(ref bucket, i))) == tag)
                mask |= 1u << i;
        return mask;
    }

    /// <summary>Puts an entry that is not there into the first empty slot of its probe.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Insert(ulong slot)
    {
        for (uint b = FirstBucket(Slot.Tag(slot)); ; b = NextBucket(b))
        {
            ref ulong bucket = ref Bucket(b);
            for (int i = 0; i < SlotsPerBucket; i++)
            {
                ref ulong candidate = ref Unsafe.Add(ref bucket, i);
                if (candidate == 0)
                {
                    Volatile.Write(ref candidate, slot);
                    Count++;
                    return;
                }
            }
            ref ulong overflow = ref Unsafe.Add(ref bucket, SlotsPerBucket);
            Volatile.Write(ref overflow, overflow + 1);
        }
    }

    /// <summary>Empties a slot of this table and takes back the overflow counts on the way to it.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Remove(ref ulong slot)
    {
        uint tag = Slot.Tag(slot);
        Volatile.Write(ref slot, 0);
        Count--;
        for (uint b = FirstBucket(tag); ; b = NextBucket(b))
        {
            ref ulong bucket = ref Bucket(b);
            long distance = (long)Unsafe.ByteOffset(ref bucket, ref slot);
            if (distance is >= 0 and < WordsPerBucket * sizeof(ulong))
                return;
            ref ulong overflow = ref Unsafe.Add(ref bucket, SlotsPerBucket);
            Volatile.Write(ref overflow, overflow - 1);
        }
    }

    /// <summary>Empties the table after its entries were published elsewhere, so that a late reader's second look at a slot fails.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Retire()
    {
        for (uint b = 0; b <= _mask; b++)
        {
            ref ulong bucket = ref Bucket(b);
            for (int i = 0; i < WordsPerBucket; i++)
                Volatile.Write(ref Unsafe.Add(ref bucket, i), 0);
        }
        Count = 0;
    }
}
