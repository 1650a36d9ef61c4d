using MemStorage.Storage.Log;

namespace MemStorage.Storage;

// Writes and deletions of one key.
internal sealed partial class StorageEngine
{
    public WriteOutcome Write(ReadOnlySpan<byte> key, ulong hash, KeySpace space, ReadOnlySpan<byte> value, in WriteRequest request, out long version)
    {
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return _compressor.Considers(value.Length)
                    ? WriteCompressed(key, hash, space, value, request, out version)
                    : WritePrepared(key, hash, space, new PreparedValue(value, value, compressed: false), request, out version);
            }
            catch (OutOfMemoryException)
            {
                // whatever threw has changed nothing
                if (!TryRelieve(attempt, key.Length + value.Length, out bool isShort))
                {
                    if (!isShort)
                        throw;
                    // without memory the value does not fit, whatever the bound says
                    ShardOf(hash).CountMemoryLimit(space);
                    version = request.Version;
                    return WriteOutcome.MemoryLimit;
                }
            }
        }
    }

    private WriteOutcome WriteCompressed(ReadOnlySpan<byte> key, ulong hash, KeySpace space, ReadOnlySpan<byte> value, in WriteRequest request, out long version)
    {
        var scratch = new ScratchBuffer(stackalloc byte[StackBytes]);
        try
        {
            bool compressed = _compressor.TryCompress(value, ref scratch, out int length);
            ReadOnlySpan<byte> stored = compressed ? scratch.Span[..length] : value;
            return WritePrepared(key, hash, space, new PreparedValue(stored, value, compressed), request, out version);
        }
        finally
        {
            scratch.Dispose();
        }
    }

    private WriteOutcome WritePrepared(ReadOnlySpan<byte> key, ulong hash, KeySpace space, in PreparedValue value, in WriteRequest request, out long version)
    {
        bool tombstone = value.Original.IsEmpty;
        long size = Record.SizeLong(key.Length, value.Stored.Length, extended: true);
        if (size > _store.Layout.MaxInlineRecord && !tombstone) // a tombstone needs no array of its own, however long its key is
            return WriteLarge(key, hash, space, value, request, size, out version);
        byte[]? noArray = null;
        return ShardOf(hash).Write(key, hash, space, value, request, tombstone, ref noArray, out version);
    }

    /// <summary>A write that was refused before it reached a shard counts as one that a shard refused.</summary>
    public void CountMemoryLimit(ReadOnlySpan<byte> key, KeySpace space) => ShardOf(HashOf(key)).CountMemoryLimit(space);

    public DeleteResult Remove(ReadOnlySpan<byte> key, KeySpace space, in WriteRequest request, out long version)
    {
        ulong hash = HashOf(key);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return ShardOf(hash).Delete(key, hash, space, request, out version);
            }
            catch (OutOfMemoryException) // not a filter: that would run while the lock is still held
            {
                if (!TryRelieve(attempt, key.Length, out _))
                    throw;
            }
        }
    }

    /// <summary>Applies a deletion made elsewhere.</summary>
    public WriteOutcome RemoveReplicated(ReadOnlySpan<byte> key, KeySpace space, in WriteRequest request, out long version)
    {
        ulong hash = HashOf(key);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                byte[]? noArray = null;
                return ShardOf(hash).Write(key, hash, space, default, request, tombstone: true, ref noArray, out version);
            }
            catch (OutOfMemoryException) // not a filter: that would run while the lock is still held
            {
                if (!TryRelieve(attempt, key.Length, out _))
                    throw;
            }
        }
    }

    /// <summary>A load of the key begins.</summary>
    public LoadTicket BeginLoad(ReadOnlySpan<byte> key)
    {
        ulong hash = HashOf(key);
        return ShardOf(hash).BeginLoad(hash);
    }

    public bool Touch(ReadOnlySpan<byte> key, long expireAt, long expectedVersion, bool exact)
    {
        ulong hash = HashOf(key);
        for (int attempt = 0; ; attempt++)
        {
            try
            {
                return ShardOf(hash).Touch(key, hash, expireAt, expectedVersion, exact);
            }
            catch (OutOfMemoryException) // not a filter: that would run while the lock is still held
            {
                if (!TryRelieve(attempt, key.Length, out _))
                    throw;
            }
        }
    }
}
