using System.Runtime.CompilerServices;

namespace MemStorage.Versions;

/// <summary>
/// Unix milliseconds for versions and expiry checks. With the system's time provider it is the coarse tick count plus an offset that is renewed every 500 ms, about a
/// fifth of the cost of <see cref="TimeProvider.GetUtcNow"/>; with any other provider it is the provider's time at each call. Thread-safe.
/// <para>Positive: before 1970 it stands still at the first millisecond, so that nothing expires there and what lives for a time begins with it.</para>
/// </summary>
internal sealed class WallClock(TimeProvider provider)
{
    private const long RenewAfterMilliseconds = 500;
    private readonly bool _isSystem = provider == TimeProvider.System;
    private long _offset;
    private long _renewAt = long.MinValue;

    public long Now
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get
        {
            if (!_isSystem)
                return Of(provider);
            long ticks = Environment.TickCount64;
            return ticks < Volatile.Read(ref _renewAt) ? ticks + Volatile.Read(ref _offset) : Renew(ticks);
        }
    }

    /// <summary>The time of a provider as this clock counts it.</summary>
    public static long Of(TimeProvider provider) => Math.Max(1, provider.GetUtcNow().ToUnixTimeMilliseconds());

    private long Renew(long ticks)
    {
        long now = Of(provider);
        Volatile.Write(ref _offset, now - ticks);
        Volatile.Write(ref _renewAt, ticks + RenewAfterMilliseconds);
        return now;
    }
}
