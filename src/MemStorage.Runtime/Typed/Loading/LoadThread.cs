namespace MemStorage.Typed;

/// <summary>
/// Where a factory was started. A synchronous caller that joins the load blocks its thread; where that is the thread the factory needs to go on, both would wait for ever.
/// </summary>
/// <param name="blocks">Whether the caller who started it is a synchronous one, which has its thread until the load has landed.</param>
internal sealed class LoadThread(bool blocks)
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly SynchronizationContext? _context = SynchronizationContext.Current;
    private readonly TaskScheduler _scheduler = TaskScheduler.Current;

    /// <summary>
    /// Whether the load waits for the caller who asks: its factory is further down on the stack of this thread, or returns to a context or scheduler that does one thing at a time, and
    /// now runs the caller. The base class of contexts is none: it leads to the thread pool.
    /// </summary>
    public bool IsCurrent
    {
        get
        {
            if (blocks)
                return _thread == Environment.CurrentManagedThreadId;
            if (_context is not null && _context.GetType() != typeof(SynchronizationContext) && ReferenceEquals(_context, SynchronizationContext.Current))
                return true;
            return _scheduler.MaximumConcurrencyLevel == 1 && ReferenceEquals(_scheduler, TaskScheduler.Current);
        }
    }
}
