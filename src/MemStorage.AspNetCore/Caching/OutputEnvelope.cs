using System.Buffers.Binary;

namespace MemStorage.AspNetCore.Caching;

/// <summary>
/// What the output cache adds to a response: a trailer, not a header, so that a response can be read straight into the middleware's buffer.
/// <code>
/// | response … | hash of each tag (8 each) | tags (2, LE) | 0xC4 |
/// </code>
/// </summary>
internal static class OutputEnvelope
{
    /// <summary>The most tags of one response.</summary>
    public const int MaxTags = ushort.MaxValue;

    private const byte Kind = 0xC4;
    private const int Fixed = 3;

    public static int LengthFor(int tags) => tags * sizeof(ulong) + Fixed;

    public static void Write(Span<byte> trailer, ReadOnlySpan<string> tags)
    {
        for (int i = 0; i < tags.Length; i++)
            BinaryPrimitives.WriteUInt64LittleEndian(trailer[(i * sizeof(ulong))..], EvictedTags.Hash(tags[i]));
        BinaryPrimitives.WriteUInt16LittleEndian(trailer[^Fixed..], (ushort)tags.Length);
        trailer[^1] = Kind;
    }

    /// <summary>False for bytes that this cache did not write: somebody else uses its key space.</summary>
    public static bool TryRead(ReadOnlySpan<byte> value, out int payloadLength, out ReadOnlySpan<byte> tags)
    {
        payloadLength = 0;
        tags = default;
        if (value.Length < Fixed || value[^1] != Kind)
            return false;
        int length = BinaryPrimitives.ReadUInt16LittleEndian(value[^Fixed..]) * sizeof(ulong);
        payloadLength = value.Length - Fixed - length;
        if (payloadLength < 0)
            return false;
        tags = value.Slice(payloadLength, length);
        return true;
    }
}
