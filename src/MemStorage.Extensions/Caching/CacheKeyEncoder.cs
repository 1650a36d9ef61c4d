using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text.Unicode;

namespace MemStorage.Extensions.Caching;

/// <summary>Turns the keys of a cache, which come from outside, into UTF-8: what is too long or no text is refused and counted.</summary>
internal sealed class CacheKeyEncoder(int maxKeyBytes, CacheFaults faults)
{
    /// <summary>Keys up to this length are handled on the stack.</summary>
    public const int StackBytes = 256;

    /// <summary>The key in UTF-8, in <paramref name="stack"/> or in a rented array that the caller gives back with <see cref="Return"/>.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.InvalidKey"/>) the key is empty, too long or has lone surrogates.</exception>
    public ReadOnlySpan<byte> Encode(string key, Span<byte> stack, ref byte[]? rented)
    {
        ArgumentNullException.ThrowIfNull(key);
        // A UTF-16 unit is at least one byte: what is longer than the limit is refused before any work is done for it.
        if (key.Length == 0 || key.Length > maxKeyBytes)
            ThrowInvalid(key, $"has {key.Length:N0} characters");
        int most = key.Length * 3;
        Span<byte> buffer = most <= stack.Length ? stack : (rented = ArrayPool<byte>.Shared.Rent(most));
        if (Utf8.FromUtf16(key, buffer, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
        {
            Return(ref rented);
            ThrowInvalid(key, "is not well-formed text (it has lone surrogates)");
        }
        if (written > maxKeyBytes)
        {
            Return(ref rented);
            ThrowInvalid(key, $"has {written:N0} bytes of UTF-8");
        }
        return buffer[..written];
    }

    /// <summary>Gives a rented array back; the reference is cleared first, so that nothing can give it back again.</summary>
    public static void Return(ref byte[]? rented)
    {
        if (Interlocked.Exchange(ref rented, null) is { } array)
            ArrayPool<byte>.Shared.Return(array);
    }

    [DoesNotReturn]
    private void ThrowInvalid(string key, string what)
    {
        faults.CountInvalidKey();
        // Keys come from outside and land in logs: a piece is enough to find them.
        string start = key.Length <= 64 ? key : string.Concat(key.AsSpan(0, 64), "…");
        throw new MemStorageException(MemStorageError.InvalidKey, $"The cache key {what}; 1 to {maxKeyBytes:N0} bytes of well-formed text are allowed.", start);
    }
}
