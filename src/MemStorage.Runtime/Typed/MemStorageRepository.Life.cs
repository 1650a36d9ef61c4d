using System.Runtime.CompilerServices;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    // a read prolongs the life of an entity only when that adds this share of it, or a second: a hot entity is touched once a second, not on every read
    private const int TouchShare = 32;
    private const long TouchMilliseconds = 1000;

    private static readonly long s_maxExpiry = DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();

    private long Now => Versions.WallClock.Of(Store.TimeProvider);

    /// <inheritdoc/>
    public bool Touch(TKey key, TimeSpan timeToLive)
    {
        long expireAt = timeToLive == Timeout.InfiniteTimeSpan ? 0 : After(Now, timeToLive);
        using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        bool touched = Store.Touch(writer.Written, expireAt);
        return touched;
    }

    /// <summary>The expiry of a write in Unix milliseconds; 0: never.</summary>
    private long ExpiryOf(in EntitySetOptions options, out bool fixedLife)
    {
        fixedLife = options.TimeToLive is not null || options.ExpireAt is not null;
        if (!fixedLife)
            return DefaultExpiry(0);
        if (options.ExpireAt is { } expireAt)
        {
            if (options.TimeToLive is not null)
                throw new ArgumentException("Either a time to live or a point of expiry, not both.", nameof(options));
            return Math.Max(1, expireAt.ToUnixTimeMilliseconds());
        }
        TimeSpan timeToLive = options.TimeToLive.GetValueOrDefault();
        return timeToLive == Timeout.InfiniteTimeSpan ? 0 : After(Now, timeToLive);
    }

    /// <summary>The expiry that the entity's attribute asks for.</summary>
    /// <param name="otherwise">The result for an entity without a time to live.</param>
    private long DefaultExpiry(long otherwise)
    {
        EntityDescriptor descriptor = TTraits.Descriptor;
        if (descriptor.TimeToLive == TimeSpan.Zero)
            return otherwise;
        TimeSpan life = descriptor.TimeToLive;
        if (descriptor.JitterPercent > 0)
            life -= life * (descriptor.JitterPercent / 100.0 * Random.Shared.NextDouble());
        return After(Now, life);
    }

    private static long After(long now, TimeSpan timeToLive)
    {
        if (timeToLive < TimeSpan.Zero || timeToLive == TimeSpan.Zero)
            ThrowLife(timeToLive);
        long life = Math.Max(1, (long)timeToLive.TotalMilliseconds); // less than a millisecond is one, not none
        return life > s_maxExpiry - now ? 0 : now + life; // beyond the calendar: never
    }

    /// <summary>Prolongs the life of an entity that was read.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Slide(ReadOnlySpan<byte> key, long version, long currentExpiry, bool fixedLife)
    {
        if (_descriptor.Sliding && !fixedLife && currentExpiry != 0)
            SlideCore(key, version, currentExpiry);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void SlideCore(ReadOnlySpan<byte> key, long version, long currentExpiry)
    {
        TimeSpan life = TTraits.Descriptor.TimeToLive;
        long expireAt = After(Now, life);
        long step = Math.Min(TouchMilliseconds, (long)life.TotalMilliseconds / TouchShare);
        // with the version that was read: a write that came between has begun a life of its own
        if (expireAt - currentExpiry > step)
            _ = Store.Touch(key, expireAt, version);
    }

    private static void ThrowLife(TimeSpan timeToLive) =>
        throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, "A time to live is positive, or Timeout.InfiniteTimeSpan.");
}
