namespace MemStorage.Storage.Maintenance;

/// <summary>
/// What a store does beside its callers: eviction down to the target once a shard has passed the threshold, and sweeping of expired entries. No thread of
/// its own: eviction is queued to the thread pool when asked for, one work item at a time, sweeping is a timer of the store's time provider. A store that is
/// forgotten without being closed is collected: the timer holds it weakly.
/// </summary>
internal sealed class BackgroundWork : IThreadPoolWorkItem, IDisposable
{
    /// <summary>Records per lock hold of a sweep.</summary>
    private const int RecordsPerStep = 128;

    /// <summary>Steps of one shard before the next has its turn: a shard that is filled as fast as it is emptied must not keep the others waiting.</summary>
    private const int StepsPerTurn = 64;

    /// <summary>
    /// How often a walk may look at everything in a shard: records stay for three hits, so a few times are enough. A walk ends by itself, whatever the shards answer; where there
    /// is more to do, the next write asks for the next walk.
    /// </summary>
    private const int MostRounds = 16;

    private readonly Shard[] _shards;
    private readonly ITimer? _timer;
    private int _eviction; // one of the four below
    private int _sweeping;
    private volatile bool _closed;

    private const int Idle = 0;
    private const int Queued = 1;
    private const int Walking = 2;
    private const int AskedAgain = 3;

    public BackgroundWork(Shard[] shards, TimeProvider timeProvider, TimeSpan sweepInterval)
    {
        _shards = shards;
        if (sweepInterval > TimeSpan.Zero)
        {
            _timer = timeProvider.CreateTimer(
                static state =>
                {
                    if (((WeakReference<BackgroundWork>)state!).TryGetTarget(out BackgroundWork? work))
                        work.SweepByTimer();
                },
                new WeakReference<BackgroundWork>(this), sweepInterval, sweepInterval);
        }
    }

    ~BackgroundWork()
    {
        try
        {
            _timer?.Dispose();
        }
        catch (Exception)
        {
            // a timer of the caller's: on the thread of finalizers it would end the process
        }
    }

    /// <summary>Asks for a walk of eviction, under the lock of the shard that wants it: while one is under way, for one more after it.</summary>
    public void RequestEviction()
    {
        int state = Volatile.Read(ref _eviction);
        while (state is Idle or Walking)
        {
            int next = state == Idle ? Queued : AskedAgain;
            int seen = Interlocked.CompareExchange(ref _eviction, next, state);
            if (seen == state)
            {
                if (next == Queued)
                    Queue();
                return;
            }
            state = seen;
        }
    }

    private void Queue()
    {
        bool queued = false;
        try
        {
            TestHooks.At(TestPoint.QueueEviction);
            FaultPoint.Allocation();
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
            queued = true;
        }
        finally
        {
            if (!queued)
                Volatile.Write(ref _eviction, Idle); // or nobody would ask again
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Exchange(ref _eviction, Walking); // before the first lock: whoever asks from here on is answered by another walk
        try
        {
            EvictToTarget();
        }
        catch (Exception)
        {
            // whoever interrupts a thread of the pool must not end the process; the structures hold after each record, and the next write asks again
        }
        if (Interlocked.CompareExchange(ref _eviction, Idle, Walking) != AskedAgain)
            return;
        Volatile.Write(ref _eviction, Queued);
        try
        {
            Queue(); // not at once: others wait for this thread of the pool too
        }
        catch (OutOfMemoryException)
        {
        }
    }

    /// <summary>Walks the shards until each is at its target, or has had its rounds.</summary>
    public void EvictToTarget()
    {
        long most = 0;
        foreach (Shard shard in _shards)
            most = Math.Max(most, shard.DrainStepsPerRound);
        Walk(static shard => shard.DrainStep(), most);
    }

    /// <summary>Drops what has expired. One sweep at a time; a second one returns at once.</summary>
    public void Sweep()
    {
        if (Interlocked.Exchange(ref _sweeping, 1) != 0)
            return;
        try
        {
            _shards[0].Store.Pressure.TryRaise(); // no write may come for a long time, or only such as reserve nothing
            long most = 0;
            foreach (Shard shard in _shards)
                most = Math.Max(most, shard.StepsPerRound(RecordsPerStep));
            Walk(static shard => shard.SweepExpired(RecordsPerStep), most);
        }
        finally
        {
            Volatile.Write(ref _sweeping, 0);
        }
    }

    /// <summary>
    /// A clock that moves when it is asked for the time fires its timers inside a call of the store, under the lock of a shard: no sweep then. A clock that throws must not end the
    /// process. In both cases the next tick sweeps.
    /// </summary>
    private void SweepByTimer()
    {
        foreach (Shard shard in _shards)
        {
            if (shard.IsHeldByCurrentThread)
                return;
        }
        try
        {
            Sweep();
        }
        catch (Exception)
        {
        }
    }

    /// <summary>The shards in turn, some steps each, until none has anything left to do.</summary>
    private void Walk(Func<Shard, bool> step, long stepsPerRound)
    {
        bool left = true;
        for (long turns = 1 + MostRounds * stepsPerRound / StepsPerTurn; left && turns > 0; turns--)
        {
            left = false;
            foreach (Shard shard in _shards)
                left |= !TakeTurn(shard, step);
        }
    }

    /// <returns>Whether the shard has nothing left to do now.</returns>
    private bool TakeTurn(Shard shard, Func<Shard, bool> step)
    {
        try
        {
            for (int i = 0; i < StepsPerTurn; i++)
            {
                if (_closed || !step(shard))
                    return true;
                shard.LetWritersIn();
            }
            return false;
        }
        catch (OutOfMemoryException)
        {
            return true; // no segment for what is to be copied: the structures hold after each record, and the next walk tries again
        }
    }

    public void Dispose()
    {
        _closed = true;
        GC.SuppressFinalize(this);
        _timer?.Dispose();
    }
}
