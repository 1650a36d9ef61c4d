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
    private readonly MemStore _store;

    internal ChangeFeed(MemStore store) => _store = store;

    /// <summary>Where all changes begin that the log still has.</summary>
    public ChangeCursor Oldest => At(static shard => shard.ChangeRange().First);

    /// <summary>Where the changes begin that are made from now on.</summary>
    public ChangeCursor Newest => At(static shard => shard.ChangeRange().Next);

    /// <summary>Reads what has changed since <paramref name="cursor"/>; returns at once, also with nothing.</summary>
    /// <param name="cursor">From this feed.</param>
    /// <param name="maxOperations">How many changes to look at, at least 1. Default: 1,024.</param>
    /// <exception cref="ArgumentException">The cursor is of another store.</exception>
    /// <exception cref="ObjectDisposedException">The store is closed.</exception>
    public ChangeBatch Read(ChangeCursor cursor, int maxOperations = 1024)
    {
        ArgumentNullException.ThrowIfNull(cursor);
        ArgumentOutOfRangeException.ThrowIfLessThan(maxOperations, 1);
        _store.ThrowIfClosed();
        if (cursor.Origin != _store.FeedOrigin)
            throw new ArgumentException("The cursor is of another store: its positions say nothing about this one.", nameof(cursor));
        var positions = new Cursors(cursor.Positions) { Next = cursor.Next };
        var operations = new List<SyncOperation>();
        long lost = Read(positions, maxOperations, operations);
        return new ChangeBatch(operations, new ChangeCursor(cursor.Origin, positions.Positions, positions.Next), lost);
    }

    /// <summary>
    /// Follows the feed from <paramref name="cursor"/>: yields a batch whenever there is something, and looks again after <paramref name="pollInterval"/> of the store's clock
    /// when there is nothing. Ends with the cancellation of <paramref name="cancellationToken"/>, or when the store is closed.
    /// </summary>
    /// <param name="cursor">From this feed.</param>
    /// <param name="pollInterval">Positive; null: 50 ms.</param>
    /// <param name="maxOperations">How many changes a batch looks at, at least 1.</param>
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

    /// <summary>Reads on from positions that are moved.</summary>
    internal long Read(Cursors cursors, int most, List<SyncOperation> into)
    {
        long lost = 0;
        var records = new List<ScannedRecord>();
        ReadOnlySpan<Shard> shards = _store.Engine.Shards;
        // round the shards from behind the one where the last read ended, so that a busy shard does not starve the others
        for (int i = 0, first = cursors.Next; i < shards.Length && most > 0; i++)
        {
            int n = (first + i) % shards.Length;
            long end = long.MaxValue;
            do
            {
                records.Clear();
                long from = cursors.Positions[n];
                lost += shards[n].ReadChanges(ref cursors.Positions[n], (int)Math.Min(Math.Min(most, 256), end - from), records, out long next);
                end = Math.Min(end, next); // what is written from now on is for the next read: writers that are faster than this loop must not keep it here
                foreach (ScannedRecord record in records)
                    into.Add(MemStore.ToOperation(record));
                most -= (int)Math.Min(most, cursors.Positions[n] - from);
            }
            while (most > 0 && cursors.Positions[n] < end);
            if (most == 0)
                cursors.Next = (n + 1) % shards.Length;
        }
        _store.CountLostChanges(lost);
        return lost;
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

        public Cursors(long[] positions) => Positions = (long[])positions.Clone();

        public long[] Positions { get; }

        public int Next { get; set; }
    }
}
