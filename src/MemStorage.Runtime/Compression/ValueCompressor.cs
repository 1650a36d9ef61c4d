using System.Buffers.Binary;
using K4os.Compression.LZ4;
using MemStorage.Storage;
using MemStorage.Storage.Log;

namespace MemStorage.Compression;

/// <summary>
/// LZ4 of values, outside any lock. A compressed value is its original length (4 bytes, little-endian) and one LZ4 block. It is kept only where
/// it saves at least 5 %. After failures in a row it tries ever fewer values, so that incompressible data costs little.
/// Thread-safe; the back-off is a hint and may lose counts.
/// </summary>
internal sealed class ValueCompressor(bool enabled, int threshold)
{
    /// <summary>So many failures in a row say that most values are incompressible: where one in two shrinks, it takes 500 values to see them by chance.</summary>
    private const int Patience = 8;

    private const int MaxBackoffShift = 6;
    private int _failures;
    private int _skip;

    /// <summary>Whether values of this length are tried at all.</summary>
    public bool Considers(int length) => enabled && length >= threshold;

    /// <summary>Compresses into <paramref name="target"/> if that pays.</summary>
    public bool TryCompress(ReadOnlySpan<byte> value, ref ScratchBuffer target, out int length)
    {
        length = 0;
        if (!Considers(value.Length) || ShouldSkip())
            return false;
        int most = (int)(value.Length * 95L / 100) - Record.CompressedPrefixBytes;
        if (most <= 0)
            return false;
        target.Ensure(most + Record.CompressedPrefixBytes);
        int written = LZ4Codec.Encode(value, target.Span.Slice(Record.CompressedPrefixBytes, most));
        if (written <= 0)
        {
            int failures = Math.Min(_failures + 1, Patience + MaxBackoffShift);
            _failures = failures;
            // drawn, not fixed: values that come in a rhythm would else be tried at the same beat for ever
            if (failures > Patience)
                _skip = Random.Shared.Next(1 << (failures - Patience));
            return false;
        }
        _failures = 0;
        BinaryPrimitives.WriteInt32LittleEndian(target.Span, value.Length);
        length = written + Record.CompressedPrefixBytes;
        return true;
    }

    /// <summary>The length of the original of a stored compressed value.</summary>
    public static int OriginalLength(ReadOnlySpan<byte> stored) =>
        stored.Length >= Record.CompressedPrefixBytes ? BinaryPrimitives.ReadInt32LittleEndian(stored) : -1;

    /// <summary>Decompresses into the begin of <paramref name="target"/>.</summary>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.Corrupted"/>)</exception>
    public static void Decompress(ReadOnlySpan<byte> stored, Span<byte> target)
    {
        int length = OriginalLength(stored);
        int written = length < 0 || length > target.Length ? -1 : LZ4Codec.Decode(stored[Record.CompressedPrefixBytes..], target[..length]);
        if (written != length)
            throw Corrupted(stored.Length, length);
    }

    /// <summary>Decompresses into an array of its own.</summary>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.Corrupted"/>)</exception>
    public static byte[] Decompress(ReadOnlySpan<byte> stored)
    {
        int length = OriginalLength(stored);
        // LZ4 does not compress better than 255 to 1: a larger length is not one
        if (length < 0 || length > (long)stored.Length * 255)
            throw Corrupted(stored.Length, length);
        byte[] value = GC.AllocateUninitializedArray<byte>(length);
        Decompress(stored, value);
        return value;
    }

    private static MemStorageException Corrupted(int storedLength, int length) =>
        new(MemStorageError.Corrupted, $"A compressed value of {storedLength:N0} bytes does not decompress to its {length:N0} bytes.");

    private bool ShouldSkip()
    {
        int skip = _skip;
        if (skip == 0)
            return false;
        _skip = skip - 1;
        return true;
    }
}
