using System.Runtime.CompilerServices;
using MemStorage.Storage;

namespace MemStorage;

/// <summary>Where a reader of a <see cref="ChangeFeed"/> stands. Opaque, immutable; only for the store that gave it.</summary>
public sealed class ChangeCursor
{
    internal ChangeCursor(object origin, long[] positions, int next) => (Origin, Positions, Next) = (origin, positions, next);

    /// <summary>Stands for the store; it does not keep it in memory.</summary>
    internal object Origin { get; }

    internal long[] Positions { get; }

    /// <summary>The shard whose turn it is.</summary>
    internal int Next { get; }
}

/// <summary>What one read of the feed found.</summary>
/// <param name="Operations">The newest state of each key that changed; a key that changed several times comes once (an explicit version that was written again, after it had expired or been evicted, may come again).</param>
/// <param name="Cursor">Where to read on.</param>
/// <param name="LostOperations">Changes that can no longer be told: the log has forgotten them, or their record was evicted or has expired.</param>
public sealed record ChangeBatch(IReadOnlyList<SyncOperation> Operations, ChangeCursor Cursor, long LostOperations)
{
    /// <summary>Whether something is missing before the cursor: take <see cref="MemStore.Snapshot"/>, then read on from <see cref="Cursor"/>.</summary>
    public bool IsGap => LostOperations > 0;
}

/// <summary>
/// The changes made on a store (not those applied from elsewhere), in order for each key. Readers are independent, cost nothing while they do not
/// read, and are told when they have fallen behind. Thread-safe.
/// </summary>
public sealed class ChangeFeed
{
    /// <summary>The bytes of a batch, unless a reader says otherwise: 4 MiB.</summary>
    public const long DefaultMaxBytes = 4 << 20;

    private readonly MemStore _store;

    internal ChangeFeed(MemStore store) => _store = store;

    /// <summary>Where all changes begin that the log still has.</summary>
    public ChangeCursor Oldest => At(static shard => shard.ChangeRange().First);

    /// <summary>Where the changes begin that are made from now on.</summary>
    public ChangeCursor Newest => At(static shard => shard.ChangeRange().Next);

    /// <summary>Reads what has changed since <paramref name="cursor"/>; returns at once, also with nothing. A batch is bounded by both limits: read on from its cursor.</summary>
    /// <param name="cursor">From this feed.</param>
    /// <param name="maxOperations">How many changes to look at, at least 1. Default: 1,024.</param>
    /// <param name="maxBytes">
    /// How many bytes of keys and values (and 100 for each operation) a batch has at most, at least 1; an operation that is longer by itself is a batch of its own. Default: <see cref="DefaultMaxBytes"/>.
    /// </param>
    /// <exception cref="ArgumentException">The cursor is of another store.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A limit is less than 1.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ChangeBatch Read(ChangeCursor cursor, int maxOperations = 1024, long maxBytes = DefaultMaxBytes)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxOperations, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxBytes, 1);
        _store.ThrowIfClosed();
        if (cursor.Origin != _store.FeedOrigin)
            throw new ArgumentException("The cursor is of another store: its positions say nothing about this one.", nameof(cursor));
        var positions = new Cursors(cursor.Positions) { Next = cursor.Next };
        var operations = new List<SyncOperation>();
        long lost = Read(positions, maxOperations, maxBytes, operations);
        return new ChangeBatch(operations, new ChangeCursor(cursor.Origin, positions.Positions, positions.Next), lost);
    }

    /// <summary>
    /// Follows the feed from <paramref name="cursor"/>: yields a batch whenever there is something, and looks again after <paramref name="pollInterval"/> of the store's clock
    /// when there is nothing. Ends with the cancellation of <paramref name="cancellationToken"/>, or when the store is closed.
    /// </summary>
    /// <param name="cursor">From this feed.</param>
    /// <param name="pollInterval">Positive; null: 50 ms.</param>
    /// <param name="maxOperations">How many changes a batch looks at, at least 1; its bytes are bounded by <see cref="DefaultMaxBytes"/>.</param>
    /// <param name="cancellationToken">Ends the enumeration with an <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="ObjectDisposedException">The store was closed.</exception>
    public async IAsyncEnumerable<ChangeBatch> ReadAsync(
        ChangeCursor cursor, TimeSpan? pollInterval = null, int maxOperations = 1024, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        TimeSpan interval = pollInterval ?? TimeSpan.FromMilliseconds(50);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(interval, TimeSpan.Zero, nameof(pollInterval));
        using CancellationTokenSource ended = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _store.Closed);
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            ChangeBatch batch = Read(cursor, maxOperations);
            cursor = batch.Cursor;
            if (batch.Operations.Count > 0 || batch.IsGap)
                yield return batch;
            else
                await WaitAsync(interval, ended.Token, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task WaitAsync(TimeSpan interval, CancellationToken ended, CancellationToken callers)
    {
        try
        {
            await Task.Delay(interval, _store.TimeProvider, ended).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            callers.ThrowIfCancellationRequested(); // with the token that the caller knows
            _store.ThrowIfClosed();
            throw;
        }
    }

    /// <summary>Reads on from positions that are moved; when it throws, they are where they were or further, so whoever keeps them hands in a copy.</summary>
    internal long Read(Cursors cursors, int most, long maxBytes, List<SyncOperation> into)
    {
        long lost = 0;
        long room = maxBytes;
        var records = new List<ScannedRecord>();
        ReadOnlySpan<Shard> shards = _store.Engine.Shards;
        // round the shards from behind the one where the last read ended, so that a busy shard does not starve the others
        for (int i = 0, first = cursors.Next; i < shards.Length && most > 0 && room > 0; i++)
        {
            int n = (first + i) % shards.Length;
            long end = long.MaxValue;
            do
            {
                records.Clear();
                long from = cursors.Positions[n];
                lost += shards[n].ReadChanges(ref cursors.Positions[n], (int)Math.Min(most, end - from), ref room, any: into.Count == 0, records, out long next);
                end = Math.Min(end, next); // what is written from now on is for the next read: writers that are faster than this loop must not keep it here
                foreach (ScannedRecord record in records)
                {
                    if (TryComplete(shards[n], record, out ScannedRecord whole, ref lost))
                        into.Add(MemStore.ToOperation(whole));
                }
                most -= (int)Math.Min(most, cursors.Positions[n] - from);
            }
            while (most > 0 && room > 0 && cursors.Positions[n] < end);
            if (most == 0 || room == 0)
                cursors.Next = (n + 1) % shards.Length;
        }
        _store.CountLostChanges(lost);
        return lost;
    }

    /// <summary>Copies a value that comes late. False: the key has changed again, which a later change tells, or the change is lost.</summary>
    private static bool TryComplete(Shard shard, ScannedRecord record, out ScannedRecord whole, ref long lost)
    {
        while (record.IsLate)
        {
            if (record.TryComplete(out whole))
                return true;
            if (!shard.TryReadChangeAgain(record.Sequence, out record, out bool isLost))
            {
                lost += isLost ? 1 : 0;
                return false;
            }
        }
        whole = record;
        return true;
    }

    private ChangeCursor At(Func<Shard, long> position)
    {
        _store.ThrowIfClosed();
        ReadOnlySpan<Shard> shards = _store.Engine.Shards;
        long[] positions = new long[shards.Length];
        for (int i = 0; i < positions.Length; i++)
            positions[i] = position(shards[i]);
        return new ChangeCursor(_store.FeedOrigin, positions, next: 0);
    }

    /// <summary>Positions that move.</summary>
    internal sealed class Cursors
    {
        public Cursors(int shards) => Positions = new long[shards];

        public Cursors(Cursors other)
            : this(other.Positions) => Next = other.Next;

        public Cursors(long[] positions) => Positions = (long[])positions.Clone();

        public long[] Positions { get; }

        public int Next { get; set; }
    }
}
