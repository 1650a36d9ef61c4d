using CsCheck;
using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Keys;

/// <summary>"bytes whose order is the order of the values": shown over random values.</summary>
public sealed class IndexKeyWriterTests
{
    private delegate void WriteOne<in T>(ref IndexKeyWriter writer, T value);

    private static byte[] Bytes<T>(WriteOne<T> write, T value)
    {
        IndexKeyWriter writer = new(stackalloc byte[2]);
        write(ref writer, value);
        byte[] bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    private static void Ordered<T>(Gen<T> gen, WriteOne<T> write, Comparison<T>? compare = null)
    {
        compare ??= Comparer<T>.Default.Compare;
        Gen.Select(gen, gen).Sample(
            (left, right) => Math.Sign(compare(left, right)) == Math.Sign(Bytes(write, left).AsSpan().SequenceCompareTo(Bytes(write, right))),
            iter: 5_000, seed: "0000KfQzVgb2");
    }

    private enum Signed : short
    {
        Low = -5,
        Zero = 0,
        High = 5,
    }

    private enum Unsigned : ulong
    {
        Zero = 0,
        Top = ulong.MaxValue,
    }

    [Fact]
    public void The_order_of_the_bytes_is_the_order_of_the_values()
    {
        Ordered(Gen.Byte, (ref IndexKeyWriter w, byte v) => w.Write(v));
        Ordered(Gen.SByte, (ref IndexKeyWriter w, sbyte v) => w.Write(v));
        Ordered(Gen.Short, (ref IndexKeyWriter w, short v) => w.Write(v));
        Ordered(Gen.UShort, (ref IndexKeyWriter w, ushort v) => w.Write(v));
        Ordered(Gen.Int, (ref IndexKeyWriter w, int v) => w.Write(v));
        Ordered(Gen.UInt, (ref IndexKeyWriter w, uint v) => w.Write(v));
        Ordered(Gen.Long, (ref IndexKeyWriter w, long v) => w.Write(v));
        Ordered(Gen.ULong, (ref IndexKeyWriter w, ulong v) => w.Write(v));
        Ordered(Gen.Select(Gen.Long, Gen.ULong, (high, low) => (Int128)high << 64 | low), (ref IndexKeyWriter w, Int128 v) => w.Write(v));
        Ordered(Gen.Float, (ref IndexKeyWriter w, float v) => w.Write(v));
        Ordered(Gen.Double, (ref IndexKeyWriter w, double v) => w.Write(v));
        Ordered(Any.Of(double.NaN, double.NegativeInfinity, -1.5, -0.0, 0.0, double.Epsilon, 1.5, double.PositiveInfinity), (ref IndexKeyWriter w, double v) => w.Write(v));
        Ordered(Gen.Decimal, (ref IndexKeyWriter w, decimal v) => w.Write(v));
        Ordered(
            Any.Of(decimal.MinValue, -1.10m, -1.1m, -0.0000000000000000000000000001m, 0m, -0.00m, 0.0000000000000000000000000001m, 1.1m, 1.10m, 79228162514264337593543950334m, decimal.MaxValue),
            (ref IndexKeyWriter w, decimal v) => w.Write(v));
        Ordered(Gen.Bool, (ref IndexKeyWriter w, bool v) => w.Write(v));
        Ordered(Gen.Char, (ref IndexKeyWriter w, char v) => w.Write(v));
        Ordered(Gen.Guid, (ref IndexKeyWriter w, Guid v) => w.Write(v));
        Ordered(Gen.DateOnly, (ref IndexKeyWriter w, DateOnly v) => w.Write(v));
        Ordered(Gen.TimeOnly, (ref IndexKeyWriter w, TimeOnly v) => w.Write(v));
        Ordered(Gen.TimeSpan, (ref IndexKeyWriter w, TimeSpan v) => w.Write(v));
        Ordered(Gen.DateTime, (ref IndexKeyWriter w, DateTime v) => w.Write(v));
        Ordered(Gen.DateTimeOffset, (ref IndexKeyWriter w, DateTimeOffset v) => w.Write(v));
        Ordered(Any.Of(Signed.Low, Signed.Zero, Signed.High, (Signed)(-1)), (ref IndexKeyWriter w, Signed v) => w.Write(v));
        Ordered(Any.Of(Unsigned.Zero, (Unsigned)1, Unsigned.Top), (ref IndexKeyWriter w, Unsigned v) => w.Write(v));
    }

    [Fact]
    public void Text_is_ordered_by_code_point_with_null_first_and_a_shorter_text_before_a_longer_one() =>
        Ordered(
            Gen.OneOf(Gen.Const((string?)null), Any.Of('\0', '\u0001', 'a', 'b', 'é', '\uFFFD').Array[0, 4].Select(static c => (string?)new string(c))),
            (ref IndexKeyWriter w, string? v) => w.Write(v),
            string.CompareOrdinal); // the same as by code point, where there are no surrogates

    [Fact]
    public void Surrogates_come_after_the_basic_plane_and_lone_ones_are_distinct()
    {
        WriteOne<string> write = static (ref IndexKeyWriter w, string v) => w.Write(v);
        Assert.True(Bytes(write, "\uFFFD").AsSpan().SequenceCompareTo(Bytes(write, "\U0001F600")) < 0);
        Assert.False(Bytes(write, "\uD800").AsSpan().SequenceEqual(Bytes(write, "\uD801")));
        Assert.False(Bytes(write, "\uD800").AsSpan().SequenceEqual(Bytes(write, "\uFFFD")));
    }

    [Fact]
    public void Two_texts_in_a_row_cannot_be_mistaken_for_two_others()
    {
        WriteOne<(string, string)> write = static (ref IndexKeyWriter w, (string First, string Second) v) =>
        {
            w.Write(v.First);
            w.Write(v.Second);
        };
        Assert.False(Bytes(write, ("a", "bc")).AsSpan().SequenceEqual(Bytes(write, ("ab", "c"))));
        Assert.True(Bytes(write, ("a", "z")).AsSpan().SequenceCompareTo(Bytes(write, ("aa", "a"))) < 0);
    }
}
