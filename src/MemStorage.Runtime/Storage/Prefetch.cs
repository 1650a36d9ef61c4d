using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Storage.Index;

namespace MemStorage.Storage;

/// <summary>
/// Brings buckets and records of many keys into the processor's caches before they are read. A cold read waits for two cache misses, one after the other; here all buckets are touched
/// first, then all records, so that the processor waits for many at once. It runs only as far ahead as a few hundred instructions, so the loops that touch are little more
/// than loads, and where to is worked out before. Touching proves nothing: it reads words without looking at them, and the reads proper follow.
/// </summary>
/// <remarks>One object per thread, so that it allocates nothing. It keeps no reference to a store's memory.</remarks>
internal sealed class Prefetch
{
    public const int Capacity = 64;
    private const int CacheLine = 64;

    /// <summary>In buckets of seven entries.</summary>
    private const int LargeTable = 128;

    /// <summary>What was touched has to go somewhere, or the loads are removed.</summary>
    private static ulong s_sink;

    [ThreadStatic]
    private static Prefetch? t_own;

    private readonly Place[] _places = new Place[Capacity];

    /// <summary>Where to touch: a bucket first, then a record.</summary>
    private struct Place
    {
        public IndexTable? Table;
        public byte[]? Data;
        public int Offset;
        public int Last;
    }

    /// <summary>
    /// Whether touching is worth it: with some hundred entries a shard everything is in the second-level cache, or nearly, and touching would be work for nothing. The first shard's index
    /// tells how many there are.
    /// </summary>
    public static bool Pays(StorageEngine engine)
    {
        IndexTable[] directory = Volatile.Read(ref engine.Store.Map.View(0).Directory);
        return directory.Length > 1 || directory[0].Buckets >= LargeTable;
    }

    /// <summary>Touches what a read of each key will read.</summary>
    /// <param name="engine">The store.</param>
    /// <param name="hashes">The hashes of at most <see cref="Capacity"/> keys.</param>
    public static void Touch(StorageEngine engine, ReadOnlySpan<ulong> hashes)
    {
        Prefetch own = t_own ??= new Prefetch();
        ReadMap map = engine.Store.Map;
        s_sink = own.TouchBuckets(map, hashes) + own.TouchRecords(map, hashes);
        Array.Clear(own._places, 0, hashes.Length);
    }

    private ulong TouchBuckets(ReadMap map, ReadOnlySpan<ulong> hashes)
    {
        Span<Place> places = _places.AsSpan(0, hashes.Length);
        for (int i = 0; i < places.Length; i++)
            places[i].Table = ReadMap.TableOf(ref map.View(map.ShardOf(hashes[i])), Slot.TagOf(hashes[i]));
        ulong sum = 0;
        for (int i = 0; i < places.Length; i++)
            sum += places[i].Table!.Bucket(Slot.TagOf(hashes[i]));
        return sum;
    }

    private ulong TouchRecords(ReadMap map, ReadOnlySpan<ulong> hashes)
    {
        int found = 0;
        for (int i = 0; i < hashes.Length; i++)
        {
            uint tag = Slot.TagOf(hashes[i]);
            ref ulong bucket = ref _places[i].Table!.Bucket(tag);
            uint match = IndexTable.Match(ref bucket, tag);
            if (match == 0)
                continue;
            uint address = Slot.Address(Volatile.Read(ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match))));
            if (address == 0 || map.SegmentOf(ref map.View(map.ShardOf(hashes[i])), address) is not { } segment)
                continue;
            int offset = map.OffsetOf(address);
            if (offset >= segment.Length)
                continue;
            ref Place place = ref _places[found++];
            place.Data = segment.Data;
            place.Offset = offset;
            place.Last = segment.Length - 1;
        }
        ulong sum = 0;
        foreach (ref readonly Place place in _places.AsSpan(0, found))
            sum += Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(place.Data!), place.Offset);
        // the next lines of each: short records do not have them, and the processor has mostly fetched the second already
        foreach (ref readonly Place place in _places.AsSpan(0, found))
        {
            ref byte data = ref MemoryMarshal.GetArrayDataReference(place.Data!);
            sum += Unsafe.Add(ref data, Math.Min(place.Offset + CacheLine, place.Last));
            sum += Unsafe.Add(ref data, Math.Min(place.Offset + 2 * CacheLine, place.Last));
        }
        return sum;
    }
}
