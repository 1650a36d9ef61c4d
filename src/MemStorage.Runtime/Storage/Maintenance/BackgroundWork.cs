namespace MemStorage.Storage.Maintenance;

/// <summary>
/// What a store does beside its callers: eviction down to the target once a shard has passed the threshold, and sweeping of expired entries. No thread of
/// its own: eviction is queued to the thread pool when asked for, sweeping is a timer of the store's time provider. A store that is
/// forgotten without being closed is collected: the timer holds it weakly.
/// </summary>
internal sealed class BackgroundWork : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Records per lock hold of a sweep.</summary>
    private const int RecordsPerStep = 128;

    private readonly Shard[] _shards;
    private readonly ITimer? _timer;
    private int _scheduled;
    private int _sweeping;
    private volatile bool _closed;

    public BackgroundWork(Shard[] shards, TimeProvider timeProvider, TimeSpan sweepInterval)
    {
        _shards = shards;
        if (sweepInterval > TimeSpan.Zero)
        {
            _timer = timeProvider.CreateTimer(
                static state =>
                {
                    if (((WeakReference<BackgroundWork>)state!).TryGetTarget(out BackgroundWork? work))
                        work.Sweep();
                },
                new WeakReference<BackgroundWork>(this), sweepInterval, sweepInterval);
        }
    }

    ~BackgroundWork() => _timer?.Dispose();

    /// <summary>Queues eviction, once.</summary>
    public void RequestEviction()
    {
        if (Volatile.Read(ref _scheduled) == 0 && Interlocked.Exchange(ref _scheduled, 1) == 0)
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void IThreadPoolWorkItem.Execute()
    {
        // cleared first: a request that comes while the shards are walked queues another walk
        Volatile.Write(ref _scheduled, 0);
        Interlocked.MemoryBarrier();
        foreach (Shard shard in _shards)
        {
            while (!_closed && shard.DrainStep())
                shard.LetWritersIn();
        }
    }

    /// <summary>Drops what has expired. One sweep at a time; a second one returns at once.</summary>
    public void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
            return;
        try
        {
            foreach (Shard shard in _shards)
            {
                while (!_closed && shard.SweepExpired(RecordsPerStep))
                    shard.LetWritersIn();
            }
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    public void Dispose()
    {
        _closed = true;
        _timer?.Dispose();
        GC.SuppressFinalize(this);
    }
}
