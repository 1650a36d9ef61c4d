namespace MemStorage.Versions;

/// <summary>
/// A hybrid logical clock (Kulkarni et al., 2014): a version is <c>unixMilliseconds &lt;&lt; 16 | counter</c>. It never goes backwards, also
/// when the wall clock does; a counter overflow carries into the milliseconds. Thread-safe, lock-free.
/// </summary>
public sealed class HybridLogicalClock
{
    private const int CounterBits = 16;
    private readonly WallClock _wallClock;
    private readonly long _maxDriftMilliseconds;
    private long _last;

    /// <summary>Creates a clock.</summary>
    /// <param name="timeProvider">The wall clock; system time when null.</param>
    /// <param name="maxDrift">How far a version may be ahead of the wall clock; positive. Null: one minute.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="maxDrift"/> is zero or negative.</exception>
    public HybridLogicalClock(TimeProvider? timeProvider = null, TimeSpan? maxDrift = null)
    {
        TimeSpan drift = maxDrift ?? TimeSpan.FromMinutes(1);
        if (drift <= TimeSpan.Zero)
            throw new ArgumentOutOfRangeException(nameof(maxDrift), drift, "The drift allowed must be positive.");
        _wallClock = new WallClock(timeProvider ?? TimeProvider.System);
        _maxDriftMilliseconds = (long)drift.TotalMilliseconds;
    }

    /// <summary>The last version given out or observed.</summary>
    public long Last => Volatile.Read(ref _last);

    /// <summary>The highest version that is acceptable now: the wall clock plus the drift allowed.</summary>
    public long MaxAcceptable => (NowMilliseconds() + _maxDriftMilliseconds + 1) << CounterBits;

    /// <summary>The next version: <c>max(now &lt;&lt; 16, last + 1)</c>.</summary>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.ClockDrift"/>) the clock would run further ahead of the wall clock than allowed.</exception>
    public long Next()
    {
        while (true)
        {
            long now = NowMilliseconds() << CounterBits;
            long last = Volatile.Read(ref _last);
            long next = Math.Max(now, last + 1);
            if (next - now > _maxDriftMilliseconds << CounterBits)
                ThrowDrift(next);
            if (Interlocked.CompareExchange(ref _last, next, last) == last)
                return next;
        }
    }

    /// <summary>Moves the clock past a version seen elsewhere. Versions further ahead than the drift allowed are refused before the clock is touched.</summary>
    /// <returns>False when <paramref name="version"/> is too far ahead; the clock is then unchanged.</returns>
    public bool TryObserve(long version)
    {
        long last = Volatile.Read(ref _last);
        if (version <= last)
            return true;
        if (version > MaxAcceptable)
            return false;
        while (version > last)
        {
            long seen = Interlocked.CompareExchange(ref _last, version, last);
            if (seen == last)
                break;
            last = seen;
        }
        return true;
    }

    /// <summary>The wall-clock time of a version, in whole milliseconds.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The version is negative or not one of this clock's.</exception>
    public static DateTimeOffset TimeOf(long version)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(version);
        return DateTimeOffset.FromUnixTimeMilliseconds(version >> CounterBits);
    }

    private long NowMilliseconds() => _wallClock.Now;

    private void ThrowDrift(long version) => throw new MemStorageException(
        MemStorageError.ClockDrift,
        $"Version {version} is more than {_maxDriftMilliseconds} ms ahead of the wall clock (highest acceptable: {MaxAcceptable}).");
}
