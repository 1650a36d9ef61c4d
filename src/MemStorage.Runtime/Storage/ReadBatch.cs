using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using MemStorage.Keys;
using MemStorage.Storage.Index;

namespace MemStorage.Storage;

/// <summary>
/// Reads up to <see cref="Capacity"/> keys side by side. A cold read waits for two cache misses, the bucket and the record; here all buckets are touched first, then all
/// records, with loads that do not depend on each other, so that the processor waits for many misses at once. The reads proper follow, and find
/// everything in the cache. Touching proves nothing: it reads words without looking at them.
/// </summary>
internal sealed class ReadBatch(StorageEngine engine, KeySpace space) : IDisposable
{
    public const int Capacity = 64;
    private const int CacheLine = 64;

    /// <summary>What was touched has to go somewhere, or the loads are removed.</summary>
    private static ulong s_sink;

    private readonly ulong[] _hashes = ArrayPool<ulong>.Shared.Rent(Capacity);
    private readonly int[] _ends = ArrayPool<int>.Shared.Rent(Capacity);
    private byte[] _keys = ArrayPool<byte>.Shared.Rent(Capacity * 48);

    public delegate void Take(string key, ReadOnlySpan<byte> value, in RecordInfo info);

    /// <summary>Hands the values that are there to <paramref name="take"/>.</summary>
    public void Read(ReadOnlySpan<string> keys, Take take)
    {
        Prepare(keys);
        var scratch = new ScratchBuffer(stackalloc byte[1024]);
        try
        {
            for (int i = 0; i < keys.Length; i++)
                if (engine.Read(new LongKey(Key(i)), _hashes[i], space, ref scratch, out int length, out RecordInfo info))
                    take(keys[i], scratch.Span[..length], info);
        }
        finally
        {
            scratch.Dispose();
        }
    }

    /// <summary>Puts the values one after the other into <paramref name="destination"/>, for any number of keys.</summary>
    public int Read(ReadOnlySpan<string> keys, Span<byte> destination, Span<Range> ranges, Span<ItemInfo> infos)
    {
        int used = 0;
        for (int first = 0; first < keys.Length; first += Capacity)
        {
            ReadOnlySpan<string> chunk = keys.Slice(first, Math.Min(Capacity, keys.Length - first));
            Prepare(chunk);
            for (int i = 0; i < chunk.Length; i++)
            {
                ranges[first + i] = default;
                infos[first + i] = default;
                if (!engine.TryCopy(new LongKey(Key(i)), _hashes[i], space, destination[used..], out int length, out RecordInfo info))
                    continue;
                if (length > destination.Length - used)
                    return first + i;
                ranges[first + i] = used..(used + length);
                infos[first + i] = new ItemInfo(info.Version, info.ExpireAt);
                used += length;
            }
        }
        return keys.Length;
    }

    public void Dispose()
    {
        ArrayPool<ulong>.Shared.Return(_hashes);
        ArrayPool<int>.Shared.Return(_ends);
        ArrayPool<byte>.Shared.Return(_keys);
    }

    private ReadOnlySpan<byte> Key(int i)
    {
        int start = i == 0 ? 0 : _ends[i - 1];
        return _keys.AsSpan(start, _ends[i] - start);
    }

    private void Prepare(ReadOnlySpan<string> keys)
    {
        int end = 0;
        Span<byte> stack = stackalloc byte[KeyEncoder.StackBytes];
        for (int i = 0; i < keys.Length; i++)
        {
            if (keys[i] is null)
                throw new ArgumentException("A key is null.", nameof(keys));
            ReadOnlySpan<byte> key = KeyEncoder.Encode(keys[i], stack);
            if (end + key.Length > _keys.Length)
                Grow(end, end + key.Length);
            key.CopyTo(_keys.AsSpan(end));
            _hashes[i] = engine.HashOf(key);
            _ends[i] = end += key.Length;
        }
        s_sink = TouchBuckets(keys.Length) + TouchRecords(keys.Length);
    }

    private void Grow(int used, int needed)
    {
        byte[] bigger = ArrayPool<byte>.Shared.Rent(needed * 2);
        _keys.AsSpan(0, used).CopyTo(bigger);
        ArrayPool<byte>.Shared.Return(_keys);
        _keys = bigger;
    }

    private ulong TouchBuckets(int count)
    {
        ReadMap map = engine.Store.Map;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            uint tag = Slot.TagOf(_hashes[i]);
            IndexTable table = ReadMap.TableOf(ref map.View(map.ShardOf(_hashes[i])), tag);
            sum += table.Bucket(table.FirstBucket(tag));
        }
        return sum;
    }

    private ulong TouchRecords(int count)
    {
        ReadMap map = engine.Store.Map;
        ulong sum = 0;
        for (int i = 0; i < count; i++)
        {
            uint tag = Slot.TagOf(_hashes[i]);
            ref ReadView view = ref map.View(map.ShardOf(_hashes[i]));
            IndexTable table = ReadMap.TableOf(ref view, tag);
            ref ulong bucket = ref table.Bucket(table.FirstBucket(tag));
            uint match = IndexTable.Match(ref bucket, tag);
            if (match == 0)
                continue;
            uint address = Slot.Address(Volatile.Read(ref Unsafe.Add(ref bucket, BitOperations.TrailingZeroCount(match))));
            if (address == 0 || map.SegmentOf(ref view, address) is not { } segment)
                continue;
            int offset = map.OffsetOf(address);
            int last = Math.Min(offset + 3 * CacheLine, segment.Length);
            for (int at = offset; at < last; at += CacheLine)
                sum += Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(segment.Data), at);
        }
        return sum;
    }
}
