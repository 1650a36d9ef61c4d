using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Storage.Index;
using MemStorage.Storage.Log;
using MemStorage.Versions;

namespace MemStorage.Storage;

/// <summary>Where readers begin in one shard: references that are written under the shard's lock when what they name is replaced by something larger.</summary>
internal struct ReadView
{
    /// <summary>The only table of the directory, while it has but one: a hop less for small stores, whose reads are all hops.</summary>
    public IndexTable? Only;

    /// <summary>The directory of the shard's index.</summary>
    public IndexTable[] Directory;

    /// <summary>The shard's segments by number.</summary>
    public Segment?[] Segments;

    /// <summary>A multiple of the size of a cache line is one of this: no view lies in two.</summary>
    private readonly nint _padding;
}

/// <summary>
/// What readers need of all shards, and nothing else: they never touch the shard objects, whose cache lines writers keep busy. The views lie side by side, two to a
/// cache line, so that a store with many shards does not cost its readers a line or two for each; a hot look-up is a chain of dependent loads, and every object less
/// on the way is a few nanoseconds less (docs/design-decisions.md).
/// </summary>
internal sealed class ReadMap
{
    private readonly ReadView[] _views;
    private readonly int _shardShift;
    private readonly int _offsetBits;
    private readonly uint _offsetMask;

    public ReadMap(int shards, int segmentBytes, WallClock time)
    {
        _views = new ReadView[shards];
        _shardShift = 63 - BitOperations.Log2((uint)shards);
        _offsetBits = BitOperations.Log2((uint)segmentBytes / 8);
        _offsetMask = (1u << _offsetBits) - 1;
        Time = time;
    }

    public WallClock Time { get; }

    /// <summary>The high bits of a hash choose the shard; the index uses the low ones.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ShardOf(ulong hash) => (int)(hash >> 1 >> _shardShift);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ReadView View(int shard) => ref _views[shard];

    /// <summary>The view of the shard of a hash. <see cref="ShardOf"/> is below the number of shards for every hash, so the bounds are not checked anew.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref ReadView ViewOf(ulong hash) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(_views), ShardOf(hash));

    /// <summary>The table of a tag.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static IndexTable TableOf(ref ReadView view, uint tag)
    {
        if (Volatile.Read(ref view.Only) is { } only)
            return only;
        IndexTable[] directory = Volatile.Read(ref view.Directory);
        return Volatile.Read(ref directory[HashIndex.DirectoryIndex(directory, tag)]);
    }

    /// <summary>The segment of an address, or null when it is gone (the slot was stale).</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Segment? SegmentOf(ref ReadView view, uint address)
    {
        Segment?[] segments = Volatile.Read(ref view.Segments);
        uint id = address >> _offsetBits;
        return id < (uint)segments.Length ? Volatile.Read(ref segments[id]) : null;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int OffsetOf(uint address) => (int)(address & _offsetMask) << 3;
}
