using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace MemStorage.Typed;

/// <summary>
/// Reads the parts of a key that a <see cref="KeyWriter"/> wrote. In string and character parts <c>\/</c> stands for <c>|</c>, <c>\\</c> for
/// <c>\</c>, and <c>\uD800</c> for a lone surrogate. A part that cannot be read moves nothing.
/// </summary>
public ref struct KeyReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Creates a reader.</summary>
    /// <param name="key">The key without its prefix.</param>
    public KeyReader(ReadOnlySpan<byte> key) => _rest = key;

    /// <summary>Whether everything is read.</summary>
    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>Steps over the separator between two parts.</summary>
    public bool TryReadSeparator()
    {
        if (_rest.IsEmpty || _rest[0] != KeyWriter.Separator)
            return false;
        _rest = _rest[1..];
        return true;
    }

    /// <summary>Reads an integer.</summary>
    public bool TryRead(out byte value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out sbyte value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out short value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out ushort value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out int value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out uint value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out long value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out ulong value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out Int128 value) => TryParse(out value);

    /// <inheritdoc cref="TryRead(out byte)"/>
    public bool TryRead(out UInt128 value) => TryParse(out value);

    /// <summary>Reads a boolean.</summary>
    public bool TryRead(out bool value)
    {
        ReadOnlySpan<byte> part = Part();
        value = part is [(byte)'1'];
        if (!value && part is not [(byte)'0'])
            return false;
        Take(part);
        return true;
    }

    /// <summary>Reads a GUID.</summary>
    public bool TryRead(out Guid value)
    {
        ReadOnlySpan<byte> part = Part();
        if (!Utf8Parser.TryParse(part, out value, out int consumed, 'N') || consumed != part.Length)
            return false;
        Take(part);
        return true;
    }

    /// <summary>Reads a point in time; its kind is <see cref="DateTimeKind.Unspecified"/>.</summary>
    public bool TryRead(out DateTime value)
    {
        ReadOnlySpan<byte> part = Part();
        if (!Utf8Parser.TryParse(part, out value, out int consumed, 'O') || consumed != part.Length)
            return false;
        Take(part);
        return true;
    }

    /// <summary>Reads a point in time, in UTC.</summary>
    public bool TryRead(out DateTimeOffset value)
    {
        bool read = TryRead(out DateTime utc);
        value = read ? new DateTimeOffset(utc, TimeSpan.Zero) : default;
        return read;
    }

    /// <summary>Reads a date.</summary>
    public bool TryRead(out DateOnly value)
    {
        ReadOnlySpan<byte> part = Part();
        Span<char> text = stackalloc char[16];
        value = default;
        if (part.Length > text.Length || !DateOnly.TryParseExact(text[..Ascii(part, text)], "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out value))
            return false;
        Take(part);
        return true;
    }

    /// <summary>Reads a time of day.</summary>
    public bool TryRead(out TimeOnly value)
    {
        ReadOnlySpan<byte> part = Part();
        Span<char> text = stackalloc char[24];
        value = default;
        if (part.Length > text.Length || !TimeOnly.TryParseExact(text[..Ascii(part, text)], "O", CultureInfo.InvariantCulture, DateTimeStyles.None, out value))
            return false;
        Take(part);
        return true;
    }

    /// <summary>Reads a duration.</summary>
    public bool TryRead(out TimeSpan value)
    {
        bool read = TryRead(out long ticks);
        value = new TimeSpan(ticks);
        return read;
    }

    /// <summary>Reads an enum value.</summary>
    public bool TryRead<TEnum>(out TEnum value)
        where TEnum : struct, Enum
    {
        KeyReader before = this;
        value = default;
        if (TryRead(out ulong number) && EnumNumber.TryFrom(number, out value))
            return true;
        this = before;
        return false;
    }

    /// <summary>Reads a character.</summary>
    public bool TryRead(out char value)
    {
        KeyReader before = this;
        value = default;
        if (TryRead(out string? text) && text.Length == 1)
        {
            value = text[0];
            return true;
        }
        this = before;
        return false;
    }

    /// <summary>Reads a string.</summary>
    public bool TryRead([NotNullWhen(true)] out string? value)
    {
        ReadOnlySpan<byte> part = Part();
        value = part.Contains(KeyWriter.Escape) ? Unescape(part) : Encoding.UTF8.GetString(part);
        if (value is null)
            return false;
        Take(part);
        return true;
    }

    private static string? Unescape(ReadOnlySpan<byte> part)
    {
        StringBuilder text = new(part.Length);
        while (!part.IsEmpty)
        {
            int escape = part.IndexOf(KeyWriter.Escape);
            if (escape < 0)
                break;
            text.Append(Encoding.UTF8.GetString(part[..escape]));
            part = part[escape..];
            if (part.Length >= 2 && part[1] == (byte)'/')
                text.Append('|');
            else if (part.Length >= 2 && part[1] == KeyWriter.Escape)
                text.Append('\\');
            else if (part.Length >= 6 && part[1] == (byte)'u' && Utf8Parser.TryParse(part.Slice(2, 4), out ushort unit, out int consumed, 'X') && consumed == 4)
            {
                text.Append((char)unit);
                part = part[6..];
                continue;
            }
            else
                return null;
            part = part[2..];
        }
        return text.Append(Encoding.UTF8.GetString(part)).ToString();
    }

    private bool TryParse<T>(out T value)
        where T : struct, IUtf8SpanParsable<T>
    {
        // leading zeros and signs that the writer never writes are not keys of ours, but reading them does no harm: a key is only ever read back
        ReadOnlySpan<byte> part = Part();
        if (!T.TryParse(part, CultureInfo.InvariantCulture, out value))
            return false;
        Take(part);
        return true;
    }

    private static int Ascii(ReadOnlySpan<byte> part, Span<char> text) => Encoding.Latin1.GetChars(part, text);

    private readonly ReadOnlySpan<byte> Part()
    {
        // the separator never stands inside a part: there it is escaped
        int end = _rest.IndexOf(KeyWriter.Separator);
        return end < 0 ? _rest : _rest[..end];
    }

    private void Take(ReadOnlySpan<byte> part) => _rest = _rest[part.Length..];
}
