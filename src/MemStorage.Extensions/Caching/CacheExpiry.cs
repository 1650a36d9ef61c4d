using Microsoft.Extensions.Caching.Distributed;

namespace MemStorage.Extensions.Caching;

/// <summary>The arithmetic of expiry in Unix milliseconds, saturating: what lies beyond the calendar never expires (0).</summary>
internal static class CacheExpiry
{
    private static readonly DateTimeOffset s_first = DateTimeOffset.UnixEpoch.AddMilliseconds(1);
    private static readonly long s_last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    /// <summary>
    /// The absolute expiry that the options ask for, 0 when none. A relative one takes precedence over an absolute one, as in the platform's own implementations.
    /// </summary>
    /// <exception cref="ArgumentOutOfRangeException">The absolute expiry is not in the future.</exception>
    public static long Absolute(DistributedCacheEntryOptions options, DateTimeOffset now)
    {
        if (options.AbsoluteExpirationRelativeToNow is { } relative)
        {
            if (now < s_first)
                now = s_first; // the store's time stands at the beginning then
            return relative > DateTimeOffset.MaxValue - now ? 0 : Milliseconds(now + relative);
        }
        if (options.AbsoluteExpiration is not { } absolute)
            return 0;
        if (absolute <= now)
            throw new ArgumentOutOfRangeException(nameof(options), absolute, $"AbsoluteExpiration must be in the future; now it is {now:O}.");
        return Milliseconds(absolute);
    }

    // rounded up as well: what is still to come is not over
    private static long Milliseconds(DateTimeOffset at) =>
        Math.Min(s_last, at.ToUnixTimeMilliseconds() + (at.UtcTicks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0));

    /// <summary>The time as the store counts it: before 1970 it stands still at the first millisecond.</summary>
    public static long Now(TimeProvider time) => Math.Max(1, time.GetUtcNow().ToUnixTimeMilliseconds());

    /// <summary>When an entry expires that was read or written at <paramref name="now"/>; 0: never.</summary>
    public static long Next(long slidingMilliseconds, long absolute, long now)
    {
        if (slidingMilliseconds == 0)
            return absolute;
        long slid = Add(now, slidingMilliseconds);
        return absolute == 0 ? slid : slid == 0 ? absolute : Math.Min(slid, absolute);
    }

    /// <summary>When something expires that is valid for a time from now; 0: never.</summary>
    public static long After(TimeSpan span, long now) => Add(now, Milliseconds(span));

    /// <summary>Whole milliseconds, rounded up, so that a short expiry is not "at once".</summary>
    public static long Milliseconds(TimeSpan span) => span.Ticks / TimeSpan.TicksPerMillisecond + (span.Ticks % TimeSpan.TicksPerMillisecond > 0 ? 1 : 0);

    public static DateTimeOffset? At(long milliseconds) => milliseconds == 0 ? null : DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);

    private static long Add(long now, long milliseconds) => milliseconds > s_last - now ? 0 : now + milliseconds;
}
