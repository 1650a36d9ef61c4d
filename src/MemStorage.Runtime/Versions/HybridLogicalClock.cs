namespace MemStorage.Versions;

/// <summary>
/// A hybrid logical clock (Kulkarni et al., 2014): a version is <c>unixMilliseconds &lt;&lt; 16 | counter</c>. It never goes backwards and never refuses a version of its own, whatever
/// the wall clock does: where that one is behind, it goes on from its last version. A counter overflow carries into the milliseconds. What is limited is how far versions of
/// <em>others</em> may be ahead of the wall clock. Thread-safe, lock-free.
/// </summary>
public sealed class HybridLogicalClock
{
    /// <summary>
    /// The last millisecond that a version takes from the wall clock (in the year 6394). The 47 bits of a positive version end 35 years later: so many versions are left for a wall clock
    /// that is further ahead, at a hundred million a second for more than twenty years.
    /// </summary>
    internal const long MaxMilliseconds = (1L << 47) - (1L << 40);

    /// <summary>Versions of others end here however much drift is allowed, so that there are some left to go on with.</summary>
    private const long HighestForeign = (1L << 47) - (1L << 39);

    private const int CounterBits = 16;
    private readonly TimeProvider _provider;
    private readonly WallClock _wallClock;
    private readonly long _maxDriftMilliseconds;
    private long _last;

    /// <summary>Creates a clock.</summary>
    /// <param name="timeProvider">The wall clock; system time when null.</param>
    /// <param name="maxDrift">How far a version of others may be ahead of the wall clock; positive. Null: one minute.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDrift"/> is zero or negative.</exception>
    public HybridLogicalClock(TimeProvider? timeProvider = null, TimeSpan? maxDrift = null)
    {
        TimeSpan drift = maxDrift ?? TimeSpan.FromMinutes(1);
        if (drift <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(maxDrift), drift, "The drift allowed must be positive.");
        _provider = timeProvider ?? TimeProvider.System;
        _wallClock = new WallClock(_provider);
        _maxDriftMilliseconds = (long)drift.TotalMilliseconds;
    }

    /// <summary>The last version given out or observed.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>The highest version of others that is acceptable now: the wall clock plus the drift allowed, or <see cref="Last"/> where that is higher.</summary>
    public long MaxAcceptable => Math.Max(Last, MaxForeign);

    /// <summary>
    /// How far this clock is ahead of the wall clock, which has stepped back then; zero when it is not. Versions go on all the same, but other stores refuse those that are further ahead of
    /// their wall clock than they allow.
    /// </summary>
    public TimeSpan Ahead
    {
        get
        {
            long last = Last;
            TimeSpan ahead = last == 0 ? TimeSpan.Zero : TimeOf(last) - _provider.GetUtcNow();
            return ahead > TimeSpan.Zero ? ahead : TimeSpan.Zero;
        }
    }

    private long MaxForeign => (long)Math.Min((ulong)(NowMilliseconds() + 1) + (ulong)_maxDriftMilliseconds, (ulong)HighestForeign) << CounterBits;

    /// <summary>The next version: <c>max(now &lt;&lt; 16, last + 1)</c>.</summary>
    public long Next()
    {
        while (true)
        {
            long last = Volatile.Read(ref _last);
            long next = Math.Max(NowMilliseconds() << CounterBits, last + 1);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return next;
        }
    }

    /// <summary>Moves the clock past a version seen elsewhere. Versions further ahead than the drift allowed are refused before the clock is touched.</summary>
    /// <returns>False when <paramref name="version"/> is too far ahead; the clock is then unchanged.</returns>
    public bool TryObserve(long version)
    {
        if (version <= Last)
            return true;
        if (version > MaxForeign)
            return false;
        Observe(version);
        return true;
    }

    /// <summary>
    /// The same for a version that a caller of this store gives. What was made of a version that this store has given out (the one that was read, plus one) is none of others: up to a
    /// millisecond above the last version it is welcome, also where the wall clock is far behind.
    /// </summary>
    internal bool TryObserveOwn(long version)
    {
        if (TryObserve(version))
            return true;
        if (version - Last > 1L << CounterBits)
            return false;
        Observe(version);
        return true;
    }

    private void Observe(long version)
    {
        long last = Last;
        while (version > last)
        {
            long seen = Interlocked.CompareExchange(ref _last, version, last);
            if (seen == last)
                break;
            last = seen;
        }
    }

    /// <summary>The wall-clock time of a version, in whole milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The version is negative or not one of this clock's.</exception>
    public static DateTimeOffset TimeOf(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        return DateTimeOffset.FromUnixTimeMilliseconds(version >> CounterBits);
    }

    private long NowMilliseconds() => Math.Min(_wallClock.Now, MaxMilliseconds);
}
