using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Text;
using MemStorage.Storage;

namespace MemStorage.Typed;

/// <summary>
/// Writes the value of an indexed member as bytes whose order is the order of the values: numbers by value (NaN first), text by Unicode code point
/// (which is not a culture's order), dates and times by instant, GUIDs as <see cref="Guid.CompareTo(Guid)"/> orders them, null before everything.
/// Equal values give equal bytes, distinct values distinct ones.
/// </summary>
public ref struct IndexKeyWriter
{
    private ScratchBuffer _room;
    private int _length;

    /// <summary>Creates a writer over a buffer of the caller, usually on the stack; a pooled array replaces it when it is too small.</summary>
    internal IndexKeyWriter(Span<byte> buffer) => _room = new ScratchBuffer(buffer);

    /// <summary>The bytes written so far.</summary>
    internal readonly ReadOnlySpan<byte> Written => _room.Span[.._length];

    /// <summary>Starts again.</summary>
    internal void Reset() => _length = 0;

    /// <summary>Gives the pooled array back.</summary>
    internal void Dispose()
    {
        _room.Dispose();
        _length = 0;
    }

    /// <summary>Writes the absence of a nullable value.</summary>
    public void WriteNull() => Next(1)[0] = 0;

    /// <summary>To be called before the value of a nullable member that has one.</summary>
    public void WriteNotNull() => Next(1)[0] = 1;

    /// <summary>Writes an integer.</summary>
    public void Write(byte value) => Next(1)[0] = value;

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(sbyte value) => Next(1)[0] = (byte)(value ^ sbyte.MinValue);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(short value) => BinaryPrimitives.WriteInt16BigEndian(Next(2), (short)(value ^ short.MinValue));

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(ushort value) => BinaryPrimitives.WriteUInt16BigEndian(Next(2), value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(int value) => BinaryPrimitives.WriteInt32BigEndian(Next(4), value ^ int.MinValue);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(uint value) => BinaryPrimitives.WriteUInt32BigEndian(Next(4), value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(long value) => BinaryPrimitives.WriteInt64BigEndian(Next(8), value ^ long.MinValue);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(ulong value) => BinaryPrimitives.WriteUInt64BigEndian(Next(8), value);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(Int128 value) => BinaryPrimitives.WriteInt128BigEndian(Next(16), value ^ Int128.MinValue);

    /// <inheritdoc cref="Write(byte)"/>
    public void Write(UInt128 value) => BinaryPrimitives.WriteUInt128BigEndian(Next(16), value);

    /// <summary>Writes a floating-point number; NaN comes first, and the two zeros are one.</summary>
    public void Write(float value)
    {
        uint bits = BitConverter.SingleToUInt32Bits(value == 0 ? 0 : value);
        Write(float.IsNaN(value) ? 0 : (int)bits < 0 ? ~bits : bits | 0x8000_0000u);
    }

    /// <inheritdoc cref="Write(float)"/>
    public void Write(double value)
    {
        ulong bits = BitConverter.DoubleToUInt64Bits(value == 0 ? 0 : value);
        Write(double.IsNaN(value) ? 0 : (long)bits < 0 ? ~bits : bits | 0x8000_0000_0000_0000ul);
    }

    /// <summary>Writes a decimal number; 1.0 and 1.00 are equal.</summary>
    public void Write(decimal value)
    {
        // the value times 10^28 as a 192-bit integer: every decimal is an integer then, and equal decimals are the same one
        Span<int> bits = stackalloc int[4];
        decimal.GetBits(value, bits);
        UInt128 low = ((UInt128)(uint)bits[1] << 32) | (uint)bits[0];
        UInt128 high = (uint)bits[2];
        for (int scale = (bits[3] >> 16) & 0xFF; scale < 28; scale++)
        {
            // two limbs of 64 and one of 128 bits; the carries fit because a limb has at most 68 bits after the multiplication
            low *= 10;
            high = (high * 10) + (low >> 64);
            low &= ulong.MaxValue;
        }

        bool negative = value < 0;
        Span<byte> target = Next(25);
        target[0] = negative ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteUInt128BigEndian(target[1..], high);
        BinaryPrimitives.WriteUInt64BigEndian(target[17..], (ulong)low);
        if (!negative)
            return;
        for (int i = 1; i < target.Length; i++)
            target[i] = (byte)~target[i];
    }

    /// <summary>Writes a boolean; false comes first.</summary>
    public void Write(bool value) => Next(1)[0] = value ? (byte)1 : (byte)0;

    /// <summary>Writes a character.</summary>
    public void Write(char value) => Write((ushort)value);

    /// <summary>Writes a GUID.</summary>
    public void Write(Guid value) => value.TryWriteBytes(Next(16), bigEndian: true, out _);

    /// <summary>Writes a date.</summary>
    public void Write(DateOnly value) => Write(value.DayNumber);

    /// <summary>Writes a time of day.</summary>
    public void Write(TimeOnly value) => Write(value.Ticks);

    /// <summary>Writes a duration.</summary>
    public void Write(TimeSpan value) => Write(value.Ticks);

    /// <summary>Writes a point in time; the kind plays no part.</summary>
    public void Write(DateTime value) => Write(value.Ticks);

    /// <summary>Writes a point in time; the offset plays no part.</summary>
    public void Write(DateTimeOffset value) => Write(value.UtcTicks);

    /// <summary>Writes an enum value, ordered by its number.</summary>
    public void Write<TEnum>(TEnum value)
        where TEnum : struct, Enum
    {
        ulong number = EnumNumber.Of(value);
        if (Unsafe.SizeOf<TEnum>() == 8)
            Write(EnumSign<TEnum>.Signed ? number ^ (1ul << 63) : number);
        else if (EnumSign<TEnum>.Signed)
            Write((long)(number << (64 - (Unsafe.SizeOf<TEnum>() * 8))) >> (64 - (Unsafe.SizeOf<TEnum>() * 8)));
        else
            Write((long)number);
    }

    /// <summary>Writes a string or null.</summary>
    public void Write(string? value)
    {
        if (value is null)
        {
            WriteNull();
            return;
        }

        // Each byte of the text is written one higher, so that 0 can end it: a shorter text comes before a longer one that begins with it,
        // also when another part follows. Lone surrogates are encoded like any code point: these bytes are compared, never read as text.
        WriteNotNull();
        ReadOnlySpan<char> rest = value;
        while (!rest.IsEmpty)
        {
            if (Rune.DecodeFromUtf16(rest, out Rune rune, out int consumed) == OperationStatus.Done)
            {
                Span<byte> target = Next(rune.Utf8SequenceLength);
                rune.EncodeToUtf8(target);
                foreach (ref byte b in target)
                    b++;
            }
            else
            {
                Span<byte> target = Next(3);
                target[0] = (byte)((0xE0 | (rest[0] >> 12)) + 1);
                target[1] = (byte)((0x80 | ((rest[0] >> 6) & 0x3F)) + 1);
                target[2] = (byte)((0x80 | (rest[0] & 0x3F)) + 1);
            }
            rest = rest[consumed..];
        }
        Next(1)[0] = 0;
    }

    private Span<byte> Next(int count)
    {
        if (count > _room.Span.Length - _length)
            Grow(count);
        Span<byte> target = _room.Span.Slice(_length, count);
        _length += count;
        return target;
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private void Grow(int count)
    {
        _room.Grow(Math.Max(checked(_length + count), (int)Math.Min(_room.Span.Length * 2L, Array.MaxLength)), used: _length);
    }

    // reflection once per enum type
    private static class EnumSign<TEnum>
        where TEnum : struct, Enum
    {
        public static readonly bool Signed = Type.GetTypeCode(typeof(TEnum)) is TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64;
    }
}
