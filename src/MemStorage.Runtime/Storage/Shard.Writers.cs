namespace MemStorage.Storage;

// Who has to wait for the lock of a shard, and who makes way.
internal sealed partial class Shard
{
    /// <summary>How often background work looks whether the writers that wait have come in, before it goes on all the same.</summary>
    private const int MostLooksForWriters = 64;

    private int _waitingWriters;

    /// <summary>How many writers wait for the lock and have said so.</summary>
    internal int WaitingWriters => Volatile.Read(ref _waitingWriters);

    internal bool IsHeldByCurrentThread => _lock.IsHeldByCurrentThread;

    /// <summary>Takes the lock for whoever keeps a caller waiting: says so where it has to wait, so that background work lets it in.</summary>
    private HeldLock EnterToWrite()
    {
        if (_lock.IsHeldByCurrentThread)
            ThrowReentered();
        TestHooks.BeforeLock(_lock);
        FaultPoint.Lock();
        if (!_lock.TryEnter())
            WaitToWrite();
        return new HeldLock(_lock);
    }

    private void WaitToWrite()
    {
        Interlocked.Increment(ref _waitingWriters);
        try
        {
            TestHooks.At(TestPoint.WriterWaits);
            _lock.Enter();
        }
        finally
        {
            Interlocked.Decrement(ref _waitingWriters); // also when the wait was interrupted
        }
    }

    /// <summary>
    /// Between two steps of background work: the lock is not fair, and whoever takes it again at once keeps a writer out for as long as there is work. Gives the writers that
    /// wait a moment to come in; bounded, since more may follow.
    /// </summary>
    public void LetWritersIn()
    {
        var spinner = new SpinWait();
        for (int i = 0; WaitingWriters > 0 && i < MostLooksForWriters; i++)
        {
            TestHooks.At(TestPoint.WriterLetIn);
            spinner.SpinOnce(sleep1Threshold: -1);
        }
    }
}
