namespace MemStorage.Tests.Concurrency;

/// <summary>An action on a thread of its own; <see cref="Finish"/> throws what it threw, and says when it does not end.</summary>
internal sealed class RunningThread
{
    private readonly Thread _thread;
    private Exception? _failure;

    public RunningThread(Action action)
    {
        _thread = new Thread(() =>
        {
            try
            {
                action();
            }
            catch (Exception e)
            {
                _failure = e;
            }
        })
        { IsBackground = true };
        _thread.Start();
    }

    public void Finish()
    {
        if (!_thread.Join(TimeSpan.FromSeconds(30)))
            throw new TimeoutException("The thread does not end: a deadlock.");
        if (_failure is not null)
            throw new InvalidOperationException($"The thread failed: {_failure.Message}", _failure);
    }
}
