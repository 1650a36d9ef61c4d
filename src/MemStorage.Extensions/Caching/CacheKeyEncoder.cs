using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;
using MemStorage.Storage;

namespace MemStorage.Extensions.Caching;

/// <summary>Turns the keys of a cache, which come from outside, into UTF-8: what is too long or no text is refused and counted.</summary>
internal sealed class CacheKeyEncoder(int maxKeyBytes, CacheFaults faults)
{
    /// <summary>Keys up to this length are handled on the stack.</summary>
    public const int StackBytes = 256;

    /// <summary>The key in UTF-8, in <paramref name="room"/>. Nothing is rented for a key that is refused.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="key"/> is null.</exception>
    /// <exception cref="MemStorageException">(<see cref="MemStorageError.InvalidKey"/>) the key is empty, too long or has lone surrogates.</exception>
    public ReadOnlySpan<byte> Encode(string key, ref ScratchBuffer room)
    {
        ArgumentNullException.ThrowIfNull(key);
        // A UTF-16 unit is at least one byte: what is longer than the limit is refused before any work is done for it.
        if (key.Length == 0 || key.Length > maxKeyBytes)
            ThrowInvalid(key, $"has {key.Length:N0} characters");
        if (key.Length * 3 > room.Span.Length)
        {
            int length = Encoding.UTF8.GetByteCount(key); // three for a lone surrogate: its replacement
            if (length > maxKeyBytes)
                ThrowInvalid(key, $"has {length:N0} bytes of UTF-8");
            if (HasLoneSurrogates(key))
                ThrowMalformed(key);
            room.Ensure(length);
        }
        if (Utf8.FromUtf16(key, room.Span, out _, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
            ThrowMalformed(key);
        if (written > maxKeyBytes)
            ThrowInvalid(key, $"has {written:N0} bytes of UTF-8");
        return room.Span[..written];
    }

    private static bool HasLoneSurrogates(ReadOnlySpan<char> text)
    {
        while (true)
        {
            int at = text.IndexOfAnyInRange('\uD800', '\uDFFF');
            if (at < 0)
                return false;
            if (!char.IsHighSurrogate(text[at]) || at + 1 == text.Length || !char.IsLowSurrogate(text[at + 1]))
                return true;
            text = text[(at + 2)..];
        }
    }

    [DoesNotReturn]
    private void ThrowMalformed(string key) => ThrowInvalid(key, "is not well-formed text (it has lone surrogates)");

    [DoesNotReturn]
    private void ThrowInvalid(string key, string what)
    {
        faults.CountInvalidKey();
        // Keys come from outside and land in logs: a piece is enough to find them.
        string start = key.Length <= 64 ? key : string.Concat(key.AsSpan(0, 64), "…");
        throw new MemStorageException(MemStorageError.InvalidKey, $"The cache key {what}; 1 to {maxKeyBytes:N0} bytes of well-formed text are allowed.", start);
    }
}
