using System.Runtime.CompilerServices;
using MemStorage.Storage;
using MemStorage.Typed;

namespace MemStorage;

public abstract partial class MemStorageRepository<TKey, TEntity, TTraits>
{
    // a read prolongs the life of an entity only when that adds this share of it, or a second: a hot entity is touched once a second, not on every read
    private const int TouchShare = 32;
    private const long TouchMilliseconds = 1000;

    private DateTimeOffset Now => Store.TimeProvider.GetUtcNow();

    /// <inheritdoc/>
    public bool Touch(TKey key, TimeSpan timeToLive)
    {
        long expireAt = timeToLive == Timeout.InfiniteTimeSpan ? 0 : After(Now, timeToLive);
        using KeyWriter writer = WriteKey(stackalloc byte[KeyBuffer], key);
        bool touched = Store.Touch(writer.Written, expireAt, exact: true);
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
            DateTimeOffset now = Now;
            if (expireAt <= now)
                ThrowPast(expireAt, now);
            return ExpiryTime.Of(expireAt);
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

    private static long After(DateTimeOffset now, TimeSpan timeToLive)
    {
        if (timeToLive <= TimeSpan.Zero)
            ThrowLife(timeToLive);
        return ExpiryTime.After(now, timeToLive);
    }

    /// <summary>
    /// The expiry that a factory asked for. What it made has been paid for: a life that is over already is no error that would throw it away, but one more way to say that it is
    /// not to be stored.
    /// </summary>
    /// <returns>False: the life is over.</returns>
    private bool TryExpiryOf(LoadContext context, out long expireAt, out bool fixedLife)
    {
        fixedLife = context.ExpireAt is not null || context.TimeToLive is not null;
        expireAt = 0;
        if (context.ExpireAt is { } at)
        {
            expireAt = ExpiryTime.Of(at);
            return at > Now;
        }
        if (context.TimeToLive is { } life)
        {
            if (life == Timeout.InfiniteTimeSpan)
                return true;
            if (life <= TimeSpan.Zero)
                return false;
            expireAt = ExpiryTime.After(Now, life);
            return true;
        }
        expireAt = DefaultExpiry(0);
        return true;
    }

    /// <summary>
    /// The write of an update. A life that somebody has named, with the write or with a touch, is the entity's own and survives; the one of the attribute begins again; an entity
    /// without keeps the expiry that it has.
    /// </summary>
    private WriteRequest UpdateOf(in RecordInfo stored, bool fixedLife, long expectedVersion)
    {
        long expireAt = fixedLife || stored.Exact ? stored.ExpireAt : DefaultExpiry(stored.ExpireAt);
        return new WriteRequest(0, expireAt, WriteCondition.ExpectedVersion, expectedVersion, Exact: stored.Exact);
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

    private static void ThrowPast(DateTimeOffset expireAt, DateTimeOffset now) =>
        throw new ArgumentOutOfRangeException(nameof(expireAt), expireAt, $"A point of expiry is in the future; now it is {now:O}.");

    private static void ThrowLife(TimeSpan timeToLive) =>
        throw new ArgumentOutOfRangeException(nameof(timeToLive), timeToLive, "A time to live is positive, or Timeout.InfiniteTimeSpan.");
}
