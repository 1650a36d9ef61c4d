using System.Text;
using MemStorage.Compression;
using MemStorage.Keys;
using MemStorage.Storage;

namespace MemStorage;

public sealed partial class MemStore
{
    private ChangeFeed? _changes;
    private ChangeFeed.Cursors? _syncPosition;
    private readonly Lock _syncLock = new();

    /// <summary>By which a cursor of the feed is known as one of this store.</summary>
    internal object FeedOrigin { get; } = new();

    /// <summary>The feed of changes made on this store, for any number of readers, each at its own pace.</summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ChangeFeed Changes
    {
        get
        {
            ThrowIfClosed();
            return _changes ??= new ChangeFeed(this);
        }
    }

    /// <summary>
    /// The pending changes of all shards, drained: each call returns what changed since the last. A key that changed several times comes once, in its newest state; deletes
    /// carry their version. What can no longer be told is counted, never dropped silently. Changes made by <see cref="Apply(SyncOperation)"/> are not among them.
    /// All of it is in memory at once; for several readers, to follow a feed, or for batches that are bounded in bytes, use <see cref="Changes"/>.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public SyncBuffer GetSyncBuffer()
    {
        ThrowIfClosed();
        TestHooks.BeforeLock(_syncLock);
        lock (_syncLock)
        {
            // a copy: a read that runs out of memory half way has drained nothing
            ChangeFeed.Cursors position = _syncPosition is null ? new(_engine.Shards.Length) : new(_syncPosition);
            var operations = new List<SyncOperation>();
            long lost = Changes.Read(position, int.MaxValue, long.MaxValue, operations);
            var drained = new SyncBuffer(operations, lost);
            _syncPosition = position;
            return drained;
        }
    }

    /// <summary>
    /// Applies one replicated change. Idempotent; the result of any set of changes does not depend on their order: higher version, then
    /// deletion over value, then higher origin node, then content, then later expiry decide. The change does not enter this store's own feed (no echo).
    /// </summary>
    /// <returns><see cref="SetResult.Stored"/>, or why not.</returns>
    /// <exception cref="ArgumentException">The operation has a bad key, no version, an unknown kind, or a set without a value.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.ClockDrift"/>) the version is too far ahead; neither clock nor store has changed.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    [MustCheck]
    public SetResult Apply(SyncOperation operation)
    {
        ArgumentNullException.ThrowIfNull(operation);
        ThrowIfClosed();
        ArgumentNullException.ThrowIfNull(operation.Item, nameof(operation));
        ArgumentNullException.ThrowIfNull(operation.Key, nameof(operation));
        if (operation.Item.Version <= 0)
            throw new ArgumentException($"The operation on '{operation.Key}' has version {operation.Item.Version}; a replicated change has a positive one.", nameof(operation));
        if (operation.Origin is < 0 or > ushort.MaxValue)
            throw new ArgumentException($"The operation on '{operation.Key}' has origin {operation.Origin}; 0 to 65,535 are allowed.", nameof(operation));
        byte[] key = KeyEncoder.EncodeFull(operation.Key);
        KeySpace space = _spaces.OfKey(key);
        if (Volatile.Read(ref _watchedUpdates) != 0)
            Typed.WatchedUpdate.ThrowIfUpdated(space, key);
        bool refused = IsRefused(operation.OpType == OpType.OpDelete ? StoreOperation.Delete : StoreOperation.Write);
        ObserveForeignVersion(operation.Item.Version);
        var request = new WriteRequest(operation.Item.Version, ToMilliseconds(operation.Item.ExpireAt), WriteCondition.Replicated, 0, operation.Origin, operation.Authoritative);
        return operation.OpType switch
        {
            OpType.OpSet when refused => (SetResult)Refuse(key, space, request, out _),
            OpType.OpDelete => (SetResult)_engine.RemoveReplicated(key, space, request, out _),
            OpType.OpSet when operation.Item.Value.Length > 0 => (SetResult)_engine.Write(key, _engine.HashOf(key), space, operation.Item.Value.Span, request, out _),
            OpType.OpSet => throw new ArgumentException($"The operation sets '{operation.Key}' to an empty value, which would be a deletion.", nameof(operation)),
            _ => throw new ArgumentException($"The operation on '{operation.Key}' has the kind {(int)operation.OpType}; 1 (set) and 2 (delete) are known.", nameof(operation)),
        };
    }

    /// <summary>
    /// Everything that is here as operations, tombstones included, in no order, without stopping writers: what a replica takes at first, and after
    /// <see cref="SyncBuffer.LostOperations"/> or <see cref="ChangeBatch.IsGap"/>. A key that is there all the time comes exactly once.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public IEnumerable<SyncOperation> Snapshot()
    {
        ThrowIfClosed();
        return _engine.Scan(space: null, withValues: true).Select(static r => ToOperation(r) with { Authoritative = true });
    }

    internal static SyncOperation ToOperation(in ScannedRecord record)
    {
        string key = Encoding.UTF8.GetString(record.Key);
        byte[] value = record.Stored is null ? [] : record.Compressed ? ValueCompressor.Decompress(record.Stored) : record.Stored;
        return new SyncOperation(
            key,
            record.Tombstone ? OpType.OpDelete : OpType.OpSet,
            StoredItem.Wrap(value, record.Version, ToTime(record.ExpireAt), key),
            record.Origin);
    }
}
