using System.Globalization;
using MemStorage.Storage;

namespace MemStorage.Tests.Concurrency.Scheduling;

/// <summary>One decision: which thread stood where, and who went on.</summary>
/// <param name="Thread">Who stood; -1: nobody yet.</param>
/// <param name="Point">A <see cref="TestPoint"/>, or one of the scheduler's own.</param>
/// <param name="Next">Who went on.</param>
internal readonly record struct ScheduleStep(sbyte Thread, short Point, sbyte Next)
{
    public const short Begin = -1;
    public const short End = -2;
    public const short BetweenCalls = -3;
    public const short BeforeLock = -4;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Thread}@{NameOf(Point)}->{Next}");

    private static string NameOf(short point) => point switch
    {
        Begin => "begin",
        End => "end",
        BetweenCalls => "between calls",
        BeforeLock => "lock",
        _ => ((TestPoint)point).ToString(),
    };
}

/// <summary>What a schedule did.</summary>
/// <param name="Seed">The seed that replays it.</param>
/// <param name="Steps">How many points were passed.</param>
/// <param name="Trace">Every one of them, where it was asked for or something went wrong.</param>
/// <param name="Failure">What went wrong, or null.</param>
internal sealed record ScheduleResult(int Seed, int Steps, IReadOnlyList<ScheduleStep> Trace, string? Failure)
{
    /// <summary>The last changes from one thread to another, newest last.</summary>
    public string LastChanges(int count) => string.Join(' ', Trace.Where(s => s.Next != s.Thread).TakeLast(count));
}

/// <summary>
/// Runs threads one at a time: at each named point of the runtime the one that stands there may have to hand over to another, as the seed decides. A seed gives the same schedule every
/// time, on any machine, under any load: nothing waits for time to pass.
/// <para>
/// Locks: a thread that is about to take the lock of a shard stands at a point before it, and is not chosen while another holds the lock. Since nobody runs but the one who chooses,
/// trying the lock tells for sure. If nobody can go on, that is a deadlock, and the schedule fails.
/// </para>
/// <para>
/// Retries: a reader that meets a busy record tries again until the writer has gone on. A second look at the index within one call is taken as that, and others are chosen first.
/// </para>
/// Interleavings are explored as if memory were sequentially consistent; what processors reorder is for the stress with real threads.
/// </summary>
internal sealed class SeededScheduler : IDisposable
{
    /// <summary>So many points without an end are an endless loop.</summary>
    private const int MostSteps = 100_000;

    /// <summary>Only to report a thread that hangs outside all named points instead of hanging with it.</summary>
    private static readonly TimeSpan Watchdog = TimeSpan.FromMinutes(5);

    [ThreadStatic]
    private static LogicalThread? t_current;

    private readonly LogicalThread[] _all;
    private readonly SemaphoreSlim _ended = new(0);
    private readonly List<ScheduleStep> _trace = [];
    private LogicalThread[] _threads = [];
    private bool[] _enabled = [];
    private ScheduleStrategy _strategy = null!;
    private Func<string?>? _always;
    private string? _failure;
    private int _steps;
    private bool _aborted;
    private volatile bool _disposed;

    public SeededScheduler(int mostThreads)
    {
        _all = new LogicalThread[mostThreads];
        for (int i = 0; i < mostThreads; i++)
            _all[i] = new LogicalThread(this, i);
        TestHooks.Callback = static point => t_current?.Scheduler.Stand(t_current, (short)point, point == TestPoint.ReadAfterTable);
        TestHooks.BeforeLockCallback = static l => t_current?.Scheduler.StandBefore(t_current, l);
    }

    private sealed class LogicalThread : IDisposable
    {
        public readonly SeededScheduler Scheduler;
        public readonly int Number;
        public readonly SemaphoreSlim MayGo = new(0);
        public readonly Thread Thread;
        public Action? Action;
        public Lock? WaitsFor;
        public bool Looked;
        public bool Unwinds;

        public LogicalThread(SeededScheduler scheduler, int number)
        {
            Scheduler = scheduler;
            Number = number;
            Thread = new Thread(() => scheduler.Serve(this)) { IsBackground = true, Name = $"logical thread {number}" };
            Thread.Start();
        }

        public void Dispose()
        {
            MayGo.Release();
            Thread.Join(Watchdog);
            MayGo.Dispose();
        }
    }

    /// <summary>Ends all threads of a schedule that has failed.</summary>
    private sealed class AbortedException : Exception;

    /// <summary>Runs the actions as the threads 0, 1, … of one schedule; returns when all have ended.</summary>
    /// <param name="seed">Decides everything.</param>
    /// <param name="actions">What the threads do.</param>
    /// <param name="always">Asked at every point; what it says is wrong ends the schedule.</param>
    public ScheduleResult Run(int seed, IReadOnlyList<Action> actions, Func<string?>? always = null)
    {
        _always = always;
        _threads = _all[..actions.Count];
        _enabled = new bool[actions.Count];
        _strategy = new ScheduleStrategy(seed, actions.Count);
        _trace.Clear();
        _failure = null;
        _steps = 0;
        _aborted = false;
        for (int i = 0; i < actions.Count; i++)
        {
            _threads[i].Action = actions[i];
            _threads[i].WaitsFor = null;
            _threads[i].Looked = _threads[i].Unwinds = false;
        }
        HandOver(from: null, ScheduleStep.Begin, waits: false);
        if (!_ended.Wait(Watchdog))
            throw new TimeoutException($"Schedule {seed} hangs outside the named points; {new ScheduleResult(seed, _steps, [.. _trace], null).LastChanges(20)}");
        return new ScheduleResult(seed, _steps, [.. _trace], _failure);
    }

    /// <summary>Between two calls of a logical thread: a point like the others.</summary>
    public static void BetweenCalls()
    {
        if (t_current is not { } current)
            return;
        current.Looked = false;
        current.Scheduler.Stand(current, ScheduleStep.BetweenCalls, looks: false);
    }

    public void Dispose()
    {
        _disposed = true;
        TestHooks.Callback = null;
        TestHooks.BeforeLockCallback = null;
        foreach (LogicalThread thread in _all)
            thread.Dispose();
        _ended.Dispose();
    }

    private void Serve(LogicalThread thread)
    {
        t_current = thread;
        while (true)
        {
            thread.MayGo.Wait();
            if (_disposed)
                return;
            try
            {
                if (!_aborted)
                    thread.Action!();
            }
            catch (AbortedException)
            {
            }
            catch (Exception e)
            {
                _failure ??= $"thread {thread.Number}: {(e is ScheduleFailure ? e.Message : e)}";
            }
            thread.Action = null;
            HandOver(thread, ScheduleStep.End, waits: false);
        }
    }

    private void Stand(LogicalThread current, short point, bool looks)
    {
        if (current.Unwinds)
            return;
        bool waits = looks && current.Looked;
        current.Looked |= looks;
        HandOver(current, point, waits);
    }

    private void StandBefore(LogicalThread current, Lock @lock)
    {
        if (current.Unwinds || @lock.IsHeldByCurrentThread)
            return;
        current.WaitsFor = @lock;
        HandOver(current, ScheduleStep.BeforeLock, waits: false);
        current.WaitsFor = null;
    }

    /// <summary>Chooses who goes on; returns when the thread that called has been chosen again, at once if it has ended.</summary>
    private void HandOver(LogicalThread? from, short point, bool waits)
    {
        int number = from?.Number ?? -1;
        bool hasEnded = from is { Action: null };
        if (++_steps > MostSteps && !_aborted)
            Abort($"no end after {MostSteps} points");
        if (!_aborted && _always?.Invoke() is { } wrong)
            Abort(wrong);
        int alive = 0, able = 0;
        for (int i = 0; i < _threads.Length; i++)
        {
            bool isAlive = _threads[i].Action is not null;
            alive += isAlive ? 1 : 0;
            _enabled[i] = isAlive && (_aborted || IsFree(_threads[i].WaitsFor));
            able += _enabled[i] ? 1 : 0;
        }
        if (alive == 0)
        {
            _ended.Release();
            return;
        }
        if (able == 0)
        {
            Abort("a deadlock: " + string.Join(", ", _threads.Where(t => t.Action is not null).Select(t => $"thread {t.Number} waits for a lock")));
            for (int i = 0; i < _threads.Length; i++)
                _enabled[i] = _threads[i].Action is not null;
        }
        int next = _strategy.Choose(number, _enabled, waits);
        _trace.Add(new ScheduleStep((sbyte)number, point, (sbyte)next));
        if (next != number)
        {
            _threads[next].MayGo.Release();
            if (from is not null && !hasEnded)
                from.MayGo.Wait();
        }
        if (_aborted && from is not null && !hasEnded)
        {
            from.Unwinds = true;
            throw new AbortedException();
        }
    }

    private void Abort(string why)
    {
        _failure ??= why;
        _aborted = true;
    }

    /// <summary>Nobody else runs now, so the answer stays true until the chosen thread has taken the lock.</summary>
    private static bool IsFree(Lock? @lock)
    {
        if (@lock is null)
            return true;
        if (@lock.IsHeldByCurrentThread || !@lock.TryEnter())
            return false;
        @lock.Exit();
        return true;
    }
}

/// <summary>The oracle of a schedule has found something wrong.</summary>
internal sealed class ScheduleFailure(string message) : Exception(message);
