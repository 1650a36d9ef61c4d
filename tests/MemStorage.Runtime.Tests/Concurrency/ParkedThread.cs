using MemStorage.Storage;

namespace MemStorage.Tests.Concurrency;

/// <summary>
/// Runs an action on a thread of its own and stops it at a named point, so that a test can do something else meanwhile and then let it go on: an interleaving made on purpose.
/// Only this thread stops there, only as often as asked for.
/// </summary>
internal sealed class ParkedThread : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    [ThreadStatic]
    private static ParkedThread? t_current;

    private readonly TestPoint _point;
    private readonly SemaphoreSlim _arrived = new(0);
    private readonly SemaphoreSlim _mayGo = new(0);
    private readonly Thread _thread;
    private int _times;
    private Exception? _failure;
    private volatile bool _finished;

    private ParkedThread(TestPoint point, Action action, int times)
    {
        _point = point;
        _times = times;
        _thread = new Thread(() =>
        {
            t_current = this;
            try
            {
                action();
            }
            catch (Exception e)
            {
                _failure = e;
            }
            finally
            {
                t_current = null;
                _finished = true;
                _arrived.Release();
            }
        })
        { IsBackground = true, Name = $"parked at {point}" };
    }

    /// <summary>Starts the action and returns when it stands at the point. <paramref name="times"/>: how often it stops there before it runs to its end.</summary>
    public static ParkedThread At(TestPoint point, Action action, int times = 1)
    {
        TestHooks.Callback = OnPoint;
        ParkedThread parked = new(point, action, times);
        parked._thread.Start();
        parked.WaitUntilArrived();
        if (parked._finished)
            throw new InvalidOperationException($"The action ended without coming to {point}.", parked._failure);
        return parked;
    }

    /// <summary>Lets it go on to its next stop; false: it has ended.</summary>
    public bool Next()
    {
        _mayGo.Release();
        WaitUntilArrived();
        return !_finished;
    }

    /// <summary>Lets it run to its end and throws what it threw.</summary>
    public void Finish()
    {
        Volatile.Write(ref _times, 0);
        _mayGo.Release(1000);
        if (!_thread.Join(Patience))
            throw new TimeoutException($"The thread that was parked at {_point} does not end: a deadlock.");
        if (_failure is not null)
            throw new InvalidOperationException($"The thread that was parked at {_point} failed: {_failure.Message}", _failure);
    }

    public void Dispose()
    {
        _mayGo.Release(1000);
        _thread.Join(Patience);
        _arrived.Dispose();
        _mayGo.Dispose();
    }

    private void WaitUntilArrived()
    {
        if (!_arrived.Wait(Patience))
            throw new TimeoutException($"The thread does not come to {_point}.");
    }

    private static void OnPoint(TestPoint point)
    {
        ParkedThread? current = t_current;
        if (current is null || current._point != point || Volatile.Read(ref current._times) <= 0)
            return;
        Interlocked.Decrement(ref current._times);
        current._arrived.Release();
        current._mayGo.Wait();
    }
}
