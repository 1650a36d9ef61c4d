using System.Buffers;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using System.Text;
using System.Text.Unicode;

namespace MemStorage.Keys;

/// <summary>
/// Turns the string keys of the public API into the store's keys: 1 to 65,535 bytes of well-formed UTF-8. Text that is not well-formed UTF-16 is
/// refused, because two such keys would become one.
/// </summary>
internal static class KeyEncoder
{
    public const int MaxKeyBytes = ushort.MaxValue;

    /// <summary>Keys of at most this many characters are encoded on the stack (three bytes a character at most).</summary>
    public const int StackChars = 85;

    public const int StackBytes = 256;

    /// <summary>Encodes a key of 8 to 16 ASCII characters without touching memory; anything else is left to <see cref="TryEncodeShort"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEncodePair(ReadOnlySpan<char> key, out PairKey encoded)
    {
        int n = key.Length;
        if ((uint)(n - PairKey.MinLength) > PairKey.MaxLength - PairKey.MinLength)
        {
            Unsafe.SkipInit(out encoded);
            return false;
        }
        ref ushort source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(key));
        Vector128<ushort> first = Vector128.LoadUnsafe(ref source);
        Vector128<ushort> last = Vector128.LoadUnsafe(ref source, (nuint)(n - 8));
        if (Sse2.IsSupported)
        {
            Vector128<ulong> both = Sse2.PackUnsignedSaturate(first.AsInt16(), last.AsInt16()).AsUInt64();
            encoded = new PairKey(n, both.ToScalar(), both.GetElement(1));
        }
        else
            encoded = new PairKey(n, Narrow(first), Narrow(last));
        return ((first | last) & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero && source != KeySpace.Marker;
    }

    /// <summary>Encodes a key of 4 to 32 ASCII characters without touching memory; anything else is left to <see cref="Encode"/>.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool TryEncodeShort(ReadOnlySpan<char> key, out ShortKey encoded)
    {
        int n = key.Length;
        ref ushort source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(key));
        Vector128<ushort> all;
        if (n >= 8)
        {
            if (n > ShortKey.MaxLength)
            {
                Unsafe.SkipInit(out encoded);
                return false;
            }
            Vector128<ushort> first = Vector128.LoadUnsafe(ref source);
            Vector128<ushort> last = Vector128.LoadUnsafe(ref source, (nuint)(n - 8));
            all = first | last;
            if (n <= 16)
                encoded = new ShortKey(n, Narrow(first), Narrow(last));
            else
            {
                Vector128<ushort> second = Vector128.LoadUnsafe(ref source, 8);
                Vector128<ushort> third = Vector128.LoadUnsafe(ref source, (nuint)(n - 16));
                all |= second | third;
                encoded = new ShortKey(n, Narrow(first), Narrow(second), Narrow(third), Narrow(last));
            }
        }
        else
        {
            if (n < ShortKey.MinLength)
            {
                Unsafe.SkipInit(out encoded);
                return false;
            }
            Vector128<ushort> first = Four(ref source);
            Vector128<ushort> last = Four(ref Unsafe.Add(ref source, n - 4));
            all = first | last;
            encoded = new ShortKey(n, Narrow(first), Narrow(last));
        }
        return (all & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero && source != KeySpace.Marker;
    }

    /// <summary>Encodes into <paramref name="stack"/> where the key is short enough, into a new array otherwise.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Encode(ReadOnlySpan<char> key, Span<byte> stack)
    {
        int n = key.Length;
        if (n is >= 8 and <= StackChars && stack.Length >= StackBytes)
        {
            // ASCII, eight characters at a time; the last eight overlap
            ref ushort source = ref Unsafe.As<char, ushort>(ref MemoryMarshal.GetReference(key));
            ref byte target = ref MemoryMarshal.GetReference(stack);
            var all = Vector128<ushort>.Zero;
            int i = 0;
            for (; i <= n - 8; i += 8)
                all |= Narrow(ref source, ref target, i);
            if (i < n)
                all |= Narrow(ref source, ref target, n - 8);
            if ((all & Vector128.Create((ushort)0xFF80)) == Vector128<ushort>.Zero && target != KeySpace.Marker)
                return stack[..n];
        }
        return EncodeSlow(key, stack);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Narrow(ref ushort source, ref byte target, int at)
    {
        Vector128<ushort> chars = Vector128.LoadUnsafe(ref source, (nuint)at);
        Unsafe.WriteUnaligned(ref Unsafe.Add(ref target, at), Vector128.Narrow(chars, chars).AsUInt64().ToScalar());
        return chars;
    }

    /// <summary>Eight characters as eight bytes; of four, the upper half is 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Narrow(Vector128<ushort> chars) => Vector128.Narrow(chars, chars).AsUInt64().ToScalar();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ushort> Four(ref ushort source) =>
        Vector128.CreateScalar(Unsafe.ReadUnaligned<ulong>(ref Unsafe.As<ushort, byte>(ref source))).AsUInt16();

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static ReadOnlySpan<byte> EncodeSlow(ReadOnlySpan<char> key, Span<byte> stack)
    {
        if (key.IsEmpty)
            throw new ArgumentException("The key is empty; 1 to 65,535 bytes of UTF-8 are allowed.", nameof(key));
        if (key.Length > MaxKeyBytes)
            throw TooLong(Encoding.UTF8.GetByteCount(key), nameof(key)); // before three bytes a character are allocated for it
        Span<byte> target = key.Length <= stack.Length / 3 ? stack : new byte[Encoding.UTF8.GetMaxByteCount(key.Length)];
        OperationStatus status = Utf8.FromUtf16(key, target, out int read, out int written, replaceInvalidSequences: false);
        if (status != OperationStatus.Done)
            throw new ArgumentException($"The key has an unpaired surrogate (U+{(int)key[read]:X4}) at index {read}; well-formed text is allowed.", nameof(key));
        ReadOnlySpan<byte> encoded = target[..written];
        Validate(encoded);
        return encoded;
    }

    /// <summary>A key of any key space, prefix included, as replication carries it.</summary>
    public static byte[] EncodeFull(string key)
    {
        if (key.Length > KeySpace.PrefixLength && key[0] == (char)KeySpace.Marker)
        {
            byte[] rest = EncodeChecked(key);
            byte[] full = new byte[rest.Length + 1];
            full[0] = KeySpace.Marker;
            rest.CopyTo(full, 1);
            return full.Length <= MaxKeyBytes ? full : throw TooLong(full.Length, nameof(key));
        }
        return EncodeSlow(key, default).ToArray();
    }

    /// <summary>All but the first character.</summary>
    private static byte[] EncodeChecked(string key)
    {
        ReadOnlySpan<char> text = key.AsSpan(1);
        if (text.Length > MaxKeyBytes)
            throw TooLong(Encoding.UTF8.GetByteCount(text) + 1, nameof(key));
        byte[] target = new byte[Encoding.UTF8.GetMaxByteCount(text.Length)];
        if (Utf8.FromUtf16(text, target, out int read, out int written, replaceInvalidSequences: false) != OperationStatus.Done)
            throw new ArgumentException($"The key has an unpaired surrogate (U+{(int)text[read]:X4}); well-formed text is allowed.", nameof(key));
        return target[..written];
    }

    private static ArgumentException TooLong(int length, string parameter) => new($"The key has {length:N0} bytes of UTF-8; 1 to 65,535 are allowed.", parameter);

    /// <summary>Checks a key that came as UTF-8.</summary>
    /// <exception cref="ArgumentException">Empty, too long, not well-formed, or in the range reserved for key spaces.</exception>
    public static void Validate(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty)
            throw new ArgumentException("The key is empty; 1 to 65,535 bytes of UTF-8 are allowed.", nameof(key));
        if (key.Length > MaxKeyBytes)
            throw TooLong(key.Length, nameof(key));
        if (key[0] == KeySpace.Marker)
            throw new ArgumentException("The key begins with U+0001, which is reserved for key spaces; use MemStore.GetKeySpace for keys of your own space.", nameof(key));
        if (!Utf8.IsValid(key))
            throw new ArgumentException("The key is not well-formed UTF-8.", nameof(key));
    }
}
