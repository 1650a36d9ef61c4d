using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Text.Unicode;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// Writes the parts of a key as UTF-8 text without allocating. Distinct sequences of parts give distinct bytes, and the bytes are always valid
/// UTF-8: in string and character parts the separator, the escape character and lone surrogates are escaped (see <see cref="KeyReader"/>).
/// Values that are equal give equal bytes: the kind of a <see cref="DateTime"/> and the offset of a <see cref="DateTimeOffset"/> are not
/// part of the key, as they are not part of their equality.
/// </summary>
/// <remarks>Formats: integers in decimal, enums as their number, <see cref="Guid"/> as 32 hexadecimal digits, dates and times in ISO 8601, booleans as 1 and 0.</remarks>
public ref struct KeyWriter
{
    /// <summary>The most bytes a key may have, prefix included.</summary>
    internal const int MaxLength = ushort.MaxValue;

    /// <summary>Room behind the longest key: a part is given the room that its longest value takes, and may take less.</summary>
    private const int Slack = 40;

    /// <summary>Between two parts.</summary>
    internal const byte Separator = (byte)'|';

    /// <summary>Before an escaped character.</summary>
    internal const byte Escape = (byte)'\\';

    // UTF-16 characters that cannot stand for themselves; surrogates are dealt with by the transcoder
    private static readonly SearchValues<char> s_special = SearchValues.Create("|\\");

    private ScratchBuffer _room;
    private int _length;

    /// <summary>Creates a writer over a buffer of the caller, usually on the stack; a pooled array replaces it when it is too small.</summary>
    internal KeyWriter(Span<byte> buffer, scoped ReadOnlySpan<byte> prefix)
    {
        _room = new ScratchBuffer(buffer);
        prefix.CopyTo(buffer);
        _length = prefix.Length;
    }

    /// <summary>The bytes written so far, prefix included.</summary>
    internal readonly ReadOnlySpan<byte> Written => _room.Span[.._length];

    /// <summary>How many bytes are written, prefix included.</summary>
    internal readonly int Length => _length;

    /// <summary>Gives the pooled array back.</summary>
    internal void Dispose()
    {
        _room.Dispose();
        _length = 0;
    }

    /// <summary>Ends a part of a composite key; to be called between two parts.</summary>
    public void WriteSeparator()
    {
        Ensure(1);
        _room.Span[_length++] = Separator;
    }

    /// <summary>Writes an integer.</summary>
    public void Write(byte value) => Write((ulong)value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(sbyte value) => Write((long)value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(short value) => Write((long)value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(ushort value) => Write((ulong)value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(int value) => Write((long)value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(uint value) => Write((ulong)value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(long value)
    {
        Ensure(20);
        _ = Utf8Formatter.TryFormat(value, _room.Span[_length..], out int written);
        _length += written;
    }

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(ulong value)
    {
        Ensure(20);
        _ = Utf8Formatter.TryFormat(value, _room.Span[_length..], out int written);
        _length += written;
    }

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(Int128 value)
    {
        Ensure(40);
        _ = value.TryFormat(_room.Span[_length..], out int written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(UInt128 value)
    {
        Ensure(40);
        _ = value.TryFormat(_room.Span[_length..], out int written, default, CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Writes a boolean.</summary>
    public void Write(bool value)
    {
        Ensure(1);
        _room.Span[_length++] = value ? (byte)'1' : (byte)'0';
    }

    /// <summary>Writes a character.</summary>
    public void Write(char value) => Write(new ReadOnlySpan<char>(in value));

    /// <summary>Writes a GUID.</summary>
    public void Write(Guid value)
    {
        Ensure(32);
        _ = Utf8Formatter.TryFormat(value, _room.Span[_length..], out int written, new StandardFormat('N'));
        _length += written;
    }

    /// <summary>Writes a date.</summary>
    public void Write(DateOnly value)
    {
        Ensure(10);
        _ = value.TryFormat(_room.Span[_length..], out int written, "O", CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Writes a time of day.</summary>
    public void Write(TimeOnly value)
    {
        Ensure(16);
        _ = value.TryFormat(_room.Span[_length..], out int written, "O", CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Writes a duration, in ticks.</summary>
    public void Write(TimeSpan value) => Write(value.Ticks);

    /// <summary>Writes a point in time; its <see cref="DateTime.Kind"/> is not part of the key.</summary>
    public void Write(DateTime value)
    {
        Ensure(27);
        _ = DateTime.SpecifyKind(value, DateTimeKind.Unspecified).TryFormat(_room.Span[_length..], out int written, "O", CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Writes a point in time in UTC; its <see cref="DateTimeOffset.Offset"/> is not part of the key.</summary>
    public void Write(DateTimeOffset value) => Write(value.UtcDateTime);

    /// <summary>Writes an enum value as its number; names play no part, so that renaming one loses no record.</summary>
    public void Write<TEnum>(TEnum value)
        where TEnum : struct, Enum => Write(EnumNumber.Of(value));

    /// <summary>Writes a string.</summary>
    /// <exception cref="ArgumentNullException"><paramref name="value"/> is null.</exception>
    public void Write(string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        Write(value.AsSpan());
    }

    /// <summary>Appends bytes that a writer wrote before.</summary>
    internal void WriteRaw(scoped ReadOnlySpan<byte> key)
    {
        Ensure(key.Length);
        key.CopyTo(_room.Span[_length..]);
        _length += key.Length;
    }

    /// <summary>Writes characters.</summary>
    public void Write(scoped ReadOnlySpan<char> value)
    {
        while (!value.IsEmpty)
        {
            int special = value.IndexOfAny(s_special);
            WriteText(special < 0 ? value : value[..special]);
            if (special < 0)
                return;
            Ensure(2);
            _room.Span[_length++] = Escape;
            _room.Span[_length++] = value[special] == '|' ? (byte)'/' : Escape;
            value = value[(special + 1)..];
        }
    }

    private void WriteText(scoped ReadOnlySpan<char> text)
    {
        while (!text.IsEmpty)
        {
            OperationStatus status = Utf8.FromUtf16(text, _room.Span[_length..], out int read, out int written, replaceInvalidSequences: false);
            _length += written;
            text = text[read..];
            if (status == OperationStatus.Done)
                return;
            if (status == OperationStatus.DestinationTooSmall)
            {
                Grow(text.Length);
                continue;
            }

            // a lone surrogate: \uD800 as six characters, since UTF-8 has no bytes for it
            Ensure(6);
            _room.Span[_length] = Escape;
            _room.Span[_length + 1] = (byte)'u';
            _ = Utf8Formatter.TryFormat((uint)text[0], _room.Span[(_length + 2)..], out _, new StandardFormat('X', 4));
            _length += 6;
            text = text[1..];
        }
    }

    private void Ensure(int count)
    {
        if (count > _room.Span.Length - _length)
            Grow(count);
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        // a pooled array may be longer than was asked for; the bound must not depend on that
        if (_length + (long)count > MaxLength + Slack || _room.Span.Length == MaxLength + Slack)
            ThrowTooLong();
        _room.Grow((int)Math.Min(MaxLength + Slack, Math.Max(_length + (long)count, _room.Span.Length * 2L)), used: _length, most: MaxLength + Slack);
    }

    /// <summary>To be called when the key is complete: until then it may be in the room behind the longest.</summary>
    internal readonly void ThrowIfTooLong()
    {
        if (_length > MaxLength)
            ThrowTooLong();
    }

    private static void ThrowTooLong() =>
        throw new ArgumentException($"The key has more than {MaxLength} bytes of UTF-8, prefix and escapes included; 1 to {MaxLength} are allowed.", "key");
}
