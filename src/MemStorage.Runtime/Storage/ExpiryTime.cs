namespace MemStorage.Storage;

/// <summary>Points of expiry as records keep them: whole Unix milliseconds, 0 for never.</summary>
internal static class ExpiryTime
{
    private static readonly long s_last = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
    private static readonly DateTimeOffset s_first = DateTimeOffset.UnixEpoch.AddMilliseconds(1);

    /// <summary>
    /// Rounded up, so that what is still to come is not over at once. 0 means "never" in a record: the first millisecond of 1970 and everything before it is 1, long expired.
    /// </summary>
    public static long Of(DateTimeOffset at)
    {
        long milliseconds = at.ToUnixTimeMilliseconds();
        if (at.UtcTicks % TimeSpan.TicksPerMillisecond != 0)
            milliseconds++;
        return Math.Clamp(milliseconds, 1, s_last);
    }

    /// <summary>
    /// The end of a positive time that begins with the present millisecond, as the clock that reads compare with does: after exactly that time it is over. Parts of a millisecond count as a whole one.
    /// What goes beyond the calendar never ends. A clock before 1970 stands at its beginning.
    /// </summary>
    public static long After(DateTimeOffset now, TimeSpan life)
    {
        if (now < s_first)
            now = s_first;
        if (life > DateTimeOffset.MaxValue - now)
            return 0;
        long milliseconds = life.Ticks / TimeSpan.TicksPerMillisecond + (life.Ticks % TimeSpan.TicksPerMillisecond != 0 ? 1 : 0);
        return Math.Min(now.ToUnixTimeMilliseconds() + milliseconds, s_last);
    }
}
