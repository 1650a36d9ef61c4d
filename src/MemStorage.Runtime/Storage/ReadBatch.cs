using System.Numerics;
using System.Runtime.CompilerServices;
using MemStorage.Keys;

namespace MemStorage.Storage;

/// <summary>
/// Reads many keys, 64 at a time side by side (<see cref="Prefetch"/>): all texts are encoded and hashed first, then everything is touched, and the reads proper find it in the cache.
/// </summary>
/// <remarks>One object per thread, so that a batch allocates nothing.</remarks>
internal sealed class ReadBatch
{
    public const int Capacity = Prefetch.Capacity;

    // longer texts than usual must not pin their buffer to the thread
    private const int MaxRetainedBytes = 1 << 16;

    /// <summary>What was touched has to go somewhere, or the loads are removed.</summary>
    private static int s_sink;

    [ThreadStatic]
    private static ReadBatch? t_own;

    private readonly Entry[] _entries = new Entry[Capacity];
    private readonly ulong[] _hashes = new ulong[Capacity];
    private byte[] _longKeys = [];
    private int _longLength;
    private bool _taken;

    public delegate void Take(string key, ReadOnlySpan<byte> value, in RecordInfo info);

    private struct Entry
    {
        public ShortKey Key; // of length 0: a long one
        public int LongStart;
        public int LongEnd;
    }

    /// <summary>Hands the values that are there to <paramref name="take"/>.</summary>
    public static void Read(StorageEngine engine, KeySpace space, ReadOnlySpan<string> keys, Take take)
    {
        ReadBatch batch = Rent();
        var scratch = new ScratchBuffer(stackalloc byte[1024]);
        try
        {
            for (int first = 0; first < keys.Length; first += Capacity)
            {
                ReadOnlySpan<string> chunk = keys.Slice(first, Math.Min(Capacity, keys.Length - first));
                batch.Prepare(engine, chunk);
                for (int i = 0; i < chunk.Length; i++)
                    if (batch.Read(engine, i, space, ref scratch, out int length, out RecordInfo info))
                        take(chunk[i], scratch.Span[..length], info);
            }
        }
        finally
        {
            scratch.Dispose();
            batch.Return();
        }
    }

    /// <summary>Puts the values one after the other into <paramref name="destination"/>, for any number of keys.</summary>
    public static int Read(StorageEngine engine, KeySpace space, ReadOnlySpan<string> keys, Span<byte> destination, Span<Range> ranges, Span<ItemInfo> infos)
    {
        ReadBatch batch = Rent();
        try
        {
            int used = 0;
            for (int first = 0; first < keys.Length; first += Capacity)
            {
                ReadOnlySpan<string> chunk = keys.Slice(first, Math.Min(Capacity, keys.Length - first));
                batch.Prepare(engine, chunk);
                for (int i = 0; i < chunk.Length; i++)
                {
                    ranges[first + i] = default;
                    infos[first + i] = default;
                    if (!batch.TryCopy(engine, i, space, destination[used..], out int length, out ItemInfo info))
                        continue;
                    if (length > destination.Length - used)
                    {
                        engine.Reads.Uncount(space.Id); // the caller comes again for it
                        return first + i;
                    }
                    ranges[first + i] = used..(used + length);
                    infos[first + i] = info;
                    used += length;
                }
            }
            return keys.Length;
        }
        finally
        {
            batch.Return();
        }
    }

    // a clock or a taker of values that reads a batch itself finds the thread's object taken
    private static ReadBatch Rent()
    {
        ReadBatch batch = t_own ??= new ReadBatch();
        if (batch._taken)
            batch = new ReadBatch();
        batch._taken = true;
        return batch;
    }

    private void Return()
    {
        if (_longKeys.Length > MaxRetainedBytes)
            _longKeys = [];
        _taken = false;
    }

    private bool Read(StorageEngine engine, int i, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        ref Entry entry = ref _entries[i];
        return entry.Key.Length != 0
            ? engine.Read(entry.Key, _hashes[i], space, ref scratch, out length, out info)
            : engine.Read(new LongKey(LongKeyOf(entry)), _hashes[i], space, ref scratch, out length, out info);
    }

    private bool TryCopy(StorageEngine engine, int i, KeySpace space, Span<byte> destination, out int length, out ItemInfo info)
    {
        ref Entry entry = ref _entries[i];
        return entry.Key.Length != 0
            ? engine.TryCopy(entry.Key, _hashes[i], space, destination, out length, out info)
            : engine.TryCopy(new LongKey(LongKeyOf(entry)), _hashes[i], space, destination, out length, out info);
    }

    private ReadOnlySpan<byte> LongKeyOf(in Entry entry) => _longKeys.AsSpan(entry.LongStart, entry.LongEnd - entry.LongStart);

    private void Prepare(StorageEngine engine, ReadOnlySpan<string> keys)
    {
        CheckAndTouch(keys);
        _longLength = 0;
        ulong seed = engine.HashSeed;
        for (int i = 0; i < keys.Length; i++)
        {
            ref Entry entry = ref _entries[i];
            if (KeyEncoder.TryEncodeShort(keys[i], out entry.Key))
                _hashes[i] = entry.Key.Hash(seed);
            else
                _hashes[i] = AddLongKey(engine, keys[i], ref entry);
        }
        if (keys.Length > 1 && Prefetch.Pays(engine))
            Prefetch.Touch(engine, _hashes.AsSpan(0, keys.Length));
    }

    // the length is read of all before the characters of the first: texts that are not in the cache are waited for together
    private static void CheckAndTouch(ReadOnlySpan<string> keys)
    {
        int sum = 0;
        foreach (string key in keys)
        {
            if (key is null)
                throw new ArgumentException("A key is null.", nameof(keys));
            sum |= key.Length;
        }
        s_sink = sum;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private ulong AddLongKey(StorageEngine engine, string text, ref Entry entry)
    {
        ReadOnlySpan<byte> key = KeyEncoder.Encode(text, stackalloc byte[KeyEncoder.StackBytes]);
        if (key.Length > _longKeys.Length - _longLength)
            Array.Resize(ref _longKeys, (int)BitOperations.RoundUpToPowerOf2((uint)(_longLength + key.Length)));
        key.CopyTo(_longKeys.AsSpan(_longLength));
        entry.Key = default;
        entry.LongStart = _longLength;
        entry.LongEnd = _longLength += key.Length;
        return engine.HashOf(key);
    }
}
