using System.Numerics;

namespace MemStorage.Storage;

/// <summary>The sizes that follow from the options: how many shards, how large a segment. Computed once.</summary>
internal sealed record StoreLayout
{
    public const int MinSegmentBytes = 1024;
    public const int MaxSegmentBytes = 1 << 20;
    private const int AutomaticMinSegmentBytes = 16 << 10;
    public const int MaxShards = 4096;

    /// <summary>
    /// The most bytes of a shard. An address has 32 bits, the number of a segment and a place in it in units of 8 bytes, and each large value takes a number of its own: where all are as short as
    /// large values can be, a quarter of a segment, the numbers are enough for 8 GiB. Half of that, because keys do not spread over the shards evenly.
    /// </summary>
    public const long MaxShardBytes = 1L << 32;

    private const int AddressBits = 32;

    /// <summary>The fewest KiB that make an array a large object (85,000 bytes).</summary>
    private const int SmallestMovableSegment = 84 << 10;

    /// <summary>Below about 32 segments a shard, room is wasted in segments that are open or half empty.</summary>
    private const int SegmentsPerShard = 48;

    /// <summary>Two open segments, one in reserve, one victim, and the index.</summary>
    private const int MinSegmentsPerShard = 8;

    public long LimitBytes { get; private init; }

    public int Shards { get; private init; }

    public int SegmentBytes { get; private init; }

    /// <summary>Each shard's part of the change log.</summary>
    public long ChangeLogBytesPerShard { get; private init; }

    /// <summary>The most segments of a shard at a time: shared ones and those of large values. An address is 32 bits long; the numbers begin at 1.</summary>
    public int SegmentNumbers { get; private init; }

    /// <summary>How many of them large values may take, so that there is one left for each segment that the shard can have beside them.</summary>
    public int LargeValuesPerShard => (int)Math.Max(1, SegmentNumbers - (LimitBytes / Shards / SegmentBytes));

    /// <summary>A larger record gets a segment of its own: four fit into every shared one.</summary>
    public int MaxInlineRecord => SegmentBytes / 4;

    /// <summary>How many low bits of an address are the place in its segment, in units of 8 bytes. A segment need not be a power of two long; its part of the addresses is.</summary>
    public static int OffsetBits(int segmentBytes) => BitOperations.Log2(BitOperations.RoundUpToPowerOf2((uint)segmentBytes / 8));

    public static StoreLayout From(MemStoreOptions options)
    {
        long limit = options.BoundBytes;
        long changeLog = options.ChangeLogBytes >= 0 ? options.ChangeLogBytes : Math.Min(limit / 128, 16 << 20);
        int shards = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Clamp(options.ShardCount > 0 ? options.ShardCount : Environment.ProcessorCount * 4, 1, MaxShards));
        int smallest = options.SegmentBytes > 0 ? options.SegmentBytes : Math.Min(AutomaticMinSegmentBytes, PowerOfTwoBelow(limit / SegmentsPerShard));
        int wanted = options.SegmentBytes > 0 || options.ShardCount > 0 ? MinSegmentsPerShard : SegmentsPerShard;
        while (shards > 1 && (limit - changeLog) / shards < (long)wanted * smallest)
            shards /= 2;
        while (limit / shards > MaxShardBytes && shards < MaxShards)
            shards *= 2;
        int segmentBytes = options.SegmentBytes > 0 ? options.SegmentBytes : AutomaticSegmentBytes(limit / shards / SegmentsPerShard, smallest);
        return new StoreLayout
        {
            SegmentNumbers = options.SegmentNumbers ?? (1 << (AddressBits - OffsetBits(segmentBytes))) - 1,
            LimitBytes = limit,
            Shards = shards,
            SegmentBytes = segmentBytes,
            ChangeLogBytesPerShard = changeLog / shards,
        };
    }

    /// <summary>
    /// A power of two, but 84 KiB instead of 64 where a shard has room for as many segments as it should have: those of 64 have to be pinned, and between pinned arrays there is no room for large
    /// values, nor can they be moved together (<see cref="CollectedHeap.AllocateToStay"/>). 84 is what powers of two of bound and processors lead to: 256 MiB and 16, 512 MiB and 32.
    /// </summary>
    private static int AutomaticSegmentBytes(long wanted, int smallest)
    {
        int bytes = Math.Clamp(PowerOfTwoBelow(wanted), smallest, MaxSegmentBytes);
        return bytes == 64 << 10 && wanted >= SmallestMovableSegment ? SmallestMovableSegment : bytes;
    }

    private static int PowerOfTwoBelow(long bytes) => (int)Math.Clamp(1L << BitOperations.Log2((ulong)Math.Max(1, bytes)), MinSegmentBytes, MaxSegmentBytes);
}
