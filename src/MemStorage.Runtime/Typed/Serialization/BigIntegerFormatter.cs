using System.Numerics;
using MemoryPack;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// Serializes big integers as a counted run of two's complement bytes. MemoryPack 1.21.4 has a formatter of its own that stores the part of its buffer
/// behind the number instead of the number, unless that has 256 bytes or more; generated repositories of entities that reach a
/// <see cref="BigInteger"/> register this one in its place, for the whole process. What MemoryPack stored of large numbers stays readable.
/// </summary>
public sealed class BigIntegerFormatter : MemoryPackFormatter<BigInteger>
{
    private const int StackBytes = 256;

    /// <inheritdoc/>
    public override void Serialize<TBufferWriter>(ref MemoryPackWriter<TBufferWriter> writer, scoped ref BigInteger value)
    {
        int length = value.GetByteCount();
        var room = new ScratchBuffer(stackalloc byte[StackBytes]);
        try
        {
            room.Ensure(length);
            Span<byte> bytes = room.Span[..length];
            _ = value.TryWriteBytes(bytes, out _);
            writer.WriteUnmanagedSpan(bytes);
        }
        finally
        {
            room.Dispose();
        }
    }

    /// <inheritdoc/>
    public override void Deserialize(ref MemoryPackReader reader, scoped ref BigInteger value)
    {
        // no bytes: a null array, which no writer of numbers leaves; zero is the honest reading of nothing
        value = reader.ReadUnmanagedArray<byte>() is { } bytes ? new BigInteger(bytes) : BigInteger.Zero;
    }
}
