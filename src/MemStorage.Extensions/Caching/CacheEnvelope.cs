using System.Buffers.Binary;

namespace MemStorage.Extensions.Caching;

/// <summary>
/// What the distributed cache adds to a payload: a trailer, not a header, so that a payload can be read straight into the caller's buffer.
/// <code>
/// no sliding expiry:  | payload … | 0xC1 |
/// sliding expiry:     | payload … | sliding ms (8, LE) | absolute Unix ms, 0 = none (8, LE) | 0xC2 |
/// </code>
/// The absolute expiry of an entry without a sliding one is the record's own. The kind byte makes empty payloads possible (an empty value is a deletion for the store).
/// </summary>
internal readonly struct CacheEnvelope(long slidingMilliseconds, long absoluteMilliseconds)
{
    private const byte Plain = 0xC1;
    private const byte Sliding = 0xC2;
    private const int SlidingTrailer = 17;

    /// <summary>The longest trailer.</summary>
    public const int MaxBytes = SlidingTrailer;

    public long SlidingMilliseconds => slidingMilliseconds;

    public long AbsoluteMilliseconds => absoluteMilliseconds;

    public int Length => slidingMilliseconds > 0 ? SlidingTrailer : 1;

    public void Write(Span<byte> trailer)
    {
        if (slidingMilliseconds > 0)
        {
            BinaryPrimitives.WriteInt64LittleEndian(trailer, slidingMilliseconds);
            BinaryPrimitives.WriteInt64LittleEndian(trailer[8..], absoluteMilliseconds);
            trailer[16] = Sliding;
        }
        else
        {
            trailer[0] = Plain;
        }
    }

    /// <summary>False for bytes that this cache did not write: somebody else uses its key space.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out CacheEnvelope envelope, out int payloadLength)
    {
        envelope = default;
        payloadLength = 0;
        if (value.IsEmpty)
            return false;
        switch (value[^1])
        {
            case Plain:
                payloadLength = value.Length - 1;
                return true;
            case Sliding when value.Length >= SlidingTrailer:
                long sliding = BinaryPrimitives.ReadInt64LittleEndian(value[^SlidingTrailer..]);
                long absolute = BinaryPrimitives.ReadInt64LittleEndian(value[^(SlidingTrailer - 8)..]);
                if (sliding <= 0 || absolute < 0)
                    return false;
                envelope = new CacheEnvelope(sliding, absolute);
                payloadLength = value.Length - SlidingTrailer;
                return true;
            default:
                return false;
        }
    }
}
