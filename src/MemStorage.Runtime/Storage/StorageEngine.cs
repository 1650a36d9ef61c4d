using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using MemStorage.Compression;
using MemStorage.Hashing;
using MemStorage.Keys;
using MemStorage.Statistics;
using MemStorage.Storage.Log;
using MemStorage.Storage.Maintenance;
using MemStorage.Versions;

namespace MemStorage.Storage;

/// <summary>
/// Routes a key to its shard, and does outside the shard's lock what need not be inside: hashing, compression, room for large values. Its keys are full ones,
/// valid and not empty; its callers check that.
/// </summary>
internal sealed partial class StorageEngine : IDisposable
{
    private const int StackBytes = 512;

    private readonly StoreContext _store;
    private readonly Shard[] _shards;
    private readonly ReadMap _map;
    private readonly ulong _hashSeed;
    private readonly ValueCompressor _compressor;
    private readonly BackgroundWork _background;
    private readonly ReadCounters _reads;
    private readonly ReadCounters.Slot _readSlot;

    public StorageEngine(MemStoreOptions options, HybridLogicalClock clock, KeySpaces spaces)
    {
        _store = new StoreContext(options, clock, options.HashSeed ?? KeyHash.CreateSeed()) { Spaces = spaces };
        _compressor = new ValueCompressor(options.CompressionEnabled, options.CompressionThreshold);
        _shards = new Shard[_store.Layout.Shards];
        for (int i = 0; i < _shards.Length; i++)
            _shards[i] = new Shard(_store, i);
        _map = _store.Map;
        _hashSeed = _store.HashSeed;
        // last, because they take something that outlives them: a number for all stores of the process, a timer of the caller's
        _readSlot = new ReadCounters.Slot();
        try
        {
            _reads = new ReadCounters(_readSlot);
            _background = new BackgroundWork(_shards, options.TimeProvider, options.ExpirySweepInterval);
            _store.RequestEviction = _background.RequestEviction;
        }
        catch
        {
            _background?.Dispose();
            _readSlot.Dispose();
            throw;
        }
    }

    public StoreContext Store => _store;

    public ReadOnlySpan<Shard> Shards => _shards;

    public ReadCounters Reads => _reads;

    public ulong HashSeed => _hashSeed;

    public BackgroundWork Background => _background;

    /// <summary>The largest record (header, key, value) that can be stored: the bound without what every shard keeps for itself.</summary>
    public long MaxRecordBytes => Math.Max(_store.Layout.MaxInlineRecord, Math.Min(Array.MaxLength, _store.Budget.Ceiling - KeptBytes));

    /// <summary>What no eviction gives back: what every shard keeps for itself, and the structures of typed repositories.</summary>
    private long KeptBytes
    {
        get
        {
            long kept = _store.Budget.Secondary;
            foreach (Shard shard in _shards)
                kept += shard.UnreclaimableBytes;
            return kept;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ulong HashOf(ReadOnlySpan<byte> key) => KeyHash.Compute(key, _hashSeed);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public Shard ShardOf(ulong hash) => _shards[_map.ShardOf(hash)];

    /// <summary>Copies the value into <paramref name="scratch"/>, decompressed.</summary>
    public bool Read(ReadOnlySpan<byte> key, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        if (ShortKey.Fits(key.Length))
        {
            ShortKey words = ShortKey.Of(key);
            return Read(words, words.Hash(_hashSeed), space, ref scratch, out length, out info);
        }
        return Read(new LongKey(key), HashOf(key), space, ref scratch, out length, out info);
    }

    public bool Read<TKey>(scoped in TKey key, ulong hash, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        bool found = ShardReader.TryFind(_map, key, hash, out FoundRecord record);
        return FinishRead(found, ref record, key, hash, space, ref scratch, out length, out info);
    }

    /// <summary><see cref="Read{TKey}"/> for callers that have tried the straight way.</summary>
    public bool ReadWhole<TKey>(scoped in TKey key, ulong hash, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        bool found = ShardReader.TryFindWhole(_map, key, hash, out FoundRecord record);
        return FinishRead(found, ref record, key, hash, space, ref scratch, out length, out info);
    }

    /// <summary>
    /// The same for a look that is no access: nobody asked for this key. Neither the statistics nor eviction learn of it.
    /// </summary>
    public bool Peek(ReadOnlySpan<byte> bytes, ref ScratchBuffer scratch, out int length, out RecordInfo info)
    {
        ulong hash = HashOf(bytes);
        LongKey key = new(bytes);
        while (ShardReader.TryFindWhole(_map, key, hash, out FoundRecord record, isAccess: false))
        {
            if (!TryCopyOut(record, ref scratch, out length))
                continue;
            info = record.Info;
            return true;
        }
        length = 0;
        info = default;
        return false;
    }

    private bool FinishRead<TKey>(
        bool found, scoped ref FoundRecord record, scoped in TKey key, ulong hash, KeySpace space, ref ScratchBuffer scratch, out int length, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        for (; found; found = ShardReader.TryFindWhole(_map, key, hash, out record))
        {
            if (!TryCopyOut(record, ref scratch, out length))
                continue;
            info = record.Info;
            _reads.Count(space.Id, hit: true);
            return true;
        }
        _reads.Count(space.Id, hit: false);
        length = 0;
        info = default;
        return false;
    }

    /// <summary>Copies the value of a found record, decompressed.</summary>
    /// <returns>False when the record has moved meanwhile: then nothing that was copied counts.</returns>
    private static bool TryCopyOut(in FoundRecord record, ref ScratchBuffer scratch, out int length)
    {
        if ((record.Flags & Record.Compressed) != 0)
            return TryReadCompressed(record, ref scratch, out length);
        length = record.ValueLength;
        scratch.Ensure(length);
        record.Value.CopyTo(scratch.Span);
        return ShardReader.IsUnchanged(record);
    }

    /// <summary>Copies the value, decompressed, into an array of its own.</summary>
    /// <param name="key">The key.</param>
    /// <param name="space">Its space.</param>
    /// <param name="value">The value.</param>
    /// <param name="info">Of the record; of a miss only the expiry, where there is a record that has expired.</param>
    public bool ReadArray<TKey>(scoped in TKey key, KeySpace space, [NotNullWhen(true)] out byte[]? value, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        ulong hash = key.Hash(_hashSeed);
        bool there = ShardReader.TryFind(_map, key, hash, out FoundRecord found);
        for (; there; there = ShardReader.TryFindWhole(_map, key, hash, out found))
        {
            byte[] copy = GC.AllocateUninitializedArray<byte>(found.ValueLength);
            found.Value.CopyTo(copy);
            if (!ShardReader.IsUnchanged(found))
                continue;
            value = (found.Flags & Record.Compressed) == 0 ? copy : ValueCompressor.Decompress(copy);
            info = found.Info;
            _reads.Count(space.Id, hit: true);
            return true;
        }
        _reads.Count(space.Id, hit: false);
        value = null;
        info = new RecordInfo(0, found.ExpiredAt, 0, 0, false, false);
        return false;
    }

    /// <summary>Never decompresses what is not validated: the stored bytes are copied first.</summary>
    private static bool TryReadCompressed(in FoundRecord found, ref ScratchBuffer scratch, out int length)
    {
        length = 0;
        var stored = new ScratchBuffer(stackalloc byte[StackBytes]);
        try
        {
            stored.Ensure(found.ValueLength);
            Span<byte> copy = stored.Span[..found.ValueLength];
            found.Value.CopyTo(copy);
            if (!ShardReader.IsUnchanged(found))
                return false;
            length = ValueCompressor.OriginalLength(copy);
            if (length < 0 || length > (long)copy.Length * 255)
                _ = ValueCompressor.Decompress(copy); // throws the typed error
            scratch.Ensure(length);
            ValueCompressor.Decompress(copy, scratch.Span);
            return true;
        }
        finally
        {
            stored.Dispose();
        }
    }

    /// <summary><see cref="ShardReader.CopyStraight"/>, counted where it finds. Inlined into the reads that have to be fast; what it leaves is for <see cref="TryCopy"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CopyStraight<TKey>(scoped TKey key, byte space, Span<byte> destination, out long version, out long expireAt)
        where TKey : struct, ILookupKey, allows ref struct
    {
        int length = ShardReader.CopyStraight(_map, key, key.Hash(_hashSeed), destination, out version, out ulong extension);
        expireAt = Record.ExpireAt(extension);
        if (length >= 0)
            _reads.Count(space, hit: true);
        return length;
    }

    /// <inheritdoc cref="CopyStraight{TKey}(TKey, byte, Span{byte}, out long, out long)"/>
    /// <param name="last">Where a caller that has looked up something of its thread already keeps the thread's counters: another look-up of that kind is a call.</param>
#pragma warning disable CS1573 // inherited
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int CopyStraight<TKey>(scoped TKey key, byte space, Span<byte> destination, ref ReadCounters.Cell? last, out long version, out long expireAt)
#pragma warning restore CS1573
        where TKey : struct, ILookupKey, allows ref struct
    {
        int length = ShardReader.CopyStraight(_map, key, key.Hash(_hashSeed), destination, out version, out ulong extension);
        expireAt = Record.ExpireAt(extension);
        if (length >= 0)
            _reads.CountHit(space, ref last);
        return length;
    }

    /// <summary><see cref="ShardReader.ViewStraight"/>, counted where it finds; what it leaves is for <see cref="ReadNoCopy"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public int ViewStraight<TKey>(scoped TKey key, byte space, out ReadOnlyMemory<byte> value, out long version, out long expireAt)
        where TKey : struct, ILookupKey, allows ref struct
    {
        int length = ShardReader.ViewStraight(_map, key, key.Hash(_hashSeed), out value, out version, out ulong extension);
        expireAt = Record.ExpireAt(extension);
        if (length >= 0)
            _reads.Count(space, hit: true);
        return length;
    }

    /// <summary>Copies the value into <paramref name="destination"/> where it fits; the out length is that of the value in any case.</summary>
    public bool TryCopy<TKey>(scoped in TKey key, ulong hash, KeySpace space, Span<byte> destination, out int length, out ItemInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        int copied = ShardReader.CopyStraight(_map, key, hash, destination, out long version, out ulong extension);
        if (copied == ShardReader.Unclear)
            return TryCopyWhole(key, hash, space, destination, out length, out info);
        length = copied;
        info = new ItemInfo(version, Record.ExpireAt(extension));
        _reads.Count(space.Id, hit: true);
        return true;
    }

    /// <summary><see cref="TryCopy"/> for callers that have tried the straight way.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public bool TryCopyWhole<TKey>(scoped in TKey key, ulong hash, KeySpace space, Span<byte> destination, out int length, out ItemInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        while (ShardReader.TryFindWhole(_map, key, hash, out FoundRecord found))
        {
            if ((found.Flags & Record.Compressed) != 0)
            {
                if (!TryCopyCompressed(found, destination, out length))
                    continue;
            }
            else
            {
                length = found.ValueLength;
                if (length <= destination.Length)
                    found.Value.CopyTo(destination);
                if (!ShardReader.IsUnchanged(found))
                    continue;
            }
            info = new ItemInfo(found.Version, Record.ExpireAt(found.Extension));
            _reads.Count(space.Id, hit: true);
            return true;
        }
        _reads.Count(space.Id, hit: false);
        length = 0;
        info = default;
        return false;
    }

    private static bool TryCopyCompressed(in FoundRecord found, Span<byte> destination, out int length)
    {
        var scratch = new ScratchBuffer(destination);
        try
        {
            return TryReadCompressed(found, ref scratch, out length);
        }
        finally
        {
            scratch.Dispose(); // a value that did not fit went to a pooled array; also when it was not what the compressor left
        }
    }

    /// <summary>Finds a record without touching its value.</summary>
    public bool TryLocate(ReadOnlySpan<byte> bytes, KeySpace space, out RecordInfo info)
    {
        ulong hash = HashOf(bytes);
        LongKey key = new(bytes);
        while (ShardReader.TryFind(_map, key, hash, out FoundRecord found))
        {
            if (!ShardReader.IsUnchanged(found))
                continue;
            info = found.Info;
            _reads.Count(space.Id, hit: true);
            return true;
        }
        _reads.Count(space.Id, hit: false);
        info = default;
        return false;
    }

    /// <summary>The hit of a reader that keeps what it decoded: no key, no hash, no bytes; counts as a read only when it is one.</summary>
    public bool IsCurrent(in RecordPlace place, KeySpace space, out long expireAt)
    {
        if (!ShardReader.IsCurrent(_map, place, out expireAt))
            return false;
        _reads.Count(space.Id, hit: true);
        return true;
    }

    /// <summary>A view of the stored bytes; a compressed value is decompressed into an array of its own. Of a miss <paramref name="info"/> has the expiry, as in <see cref="ReadArray"/>.</summary>
    public bool ReadNoCopy<TKey>(scoped in TKey key, KeySpace space, out ReadOnlyMemory<byte> value, out RecordInfo info)
        where TKey : struct, ILookupKey, allows ref struct
    {
        ulong hash = key.Hash(_hashSeed);
        FoundRecord found;
        for (bool there = ShardReader.TryFindWhole(_map, key, hash, out found); there; there = ShardReader.TryFindWhole(_map, key, hash, out found))
        {
            if ((found.Flags & Record.Compressed) != 0)
            {
                byte[] stored = found.Value.ToArray();
                if (!ShardReader.IsUnchanged(found))
                    continue;
                value = ValueCompressor.Decompress(stored);
            }
            else
            {
                ShardReader.MarkShared(found.Segment);
                if (!ShardReader.IsUnchanged(found))
                    continue;
                value = new ReadOnlyMemory<byte>(found.Segment.Data, found.ValueOffset, found.ValueLength);
            }
            info = found.Info;
            _reads.Count(space.Id, hit: true);
            return true;
        }
        _reads.Count(space.Id, hit: false);
        value = default;
        info = new RecordInfo(0, found.ExpiredAt, 0, 0, false, false);
        return false;
    }
}
