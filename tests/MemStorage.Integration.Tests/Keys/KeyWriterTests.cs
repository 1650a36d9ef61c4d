using System.Text;
using CsCheck;
using MemStorage.Integration.Tests.Entities;
using MemStorage.Typed;

namespace MemStorage.Integration.Tests.Keys;

/// <summary>"distinct keys have distinct bytes": shown over random keys with separators, escapes and lone surrogates inside; and the bytes are always valid UTF-8.</summary>
public sealed class KeyWriterTests
{
    // few characters, chosen so that random strings meet every escape and come close to each other
    private static readonly Gen<string> NastyText =
        Any.Of('|', '\\', '/', 'u', 'D', '8', '0', 'a', '\uD800', '\uDC00', '\uDFFF', '\u0000', '\u0001', 'é', '\uFFFD', '\uFFFF')
            .Array[0, 7].Select(static chars => new string(chars));

    private static byte[] Write(string[] parts)
    {
        KeyWriter writer = new(stackalloc byte[4], default);
        for (int i = 0; i < parts.Length; i++)
        {
            if (i > 0)
                writer.WriteSeparator();
            writer.Write(parts[i]);
        }
        byte[] bytes = writer.Written.ToArray();
        writer.Dispose();
        return bytes;
    }

    [Fact]
    public void Distinct_sequences_of_text_parts_give_distinct_valid_utf8() =>
        Gen.Select(NastyText.Array[1, 3], NastyText.Array[1, 3]).Sample(static (left, right) =>
        {
            byte[] first = Write(left);
            byte[] second = Write(right);
            _ = new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(first);
            return first.AsSpan().SequenceEqual(second) == left.SequenceEqual(right, StringComparer.Ordinal);
        }, iter: 50_000, seed: "0000KfQzVgb0");

    [Fact]
    public void What_was_written_is_read_back() =>
        NastyText.Array[1, 4].Sample(static parts =>
        {
            KeyReader reader = new(Write(parts));
            for (int i = 0; i < parts.Length; i++)
            {
                if (i > 0 && !reader.TryReadSeparator())
                    return false;
                if (!reader.TryRead(out string? part) || part != parts[i])
                    return false;
            }
            return reader.AtEnd;
        }, iter: 20_000, seed: "0000KfQzVgb1");

    private delegate void WriteOne<in T>(ref KeyWriter writer, T value);

    private delegate bool ReadOne<T>(ref KeyReader reader, out T value);

    private static void RoundTrips<T>(WriteOne<T> write, ReadOne<T> read, params T[] values)
    {
        HashSet<string> texts = [];
        Span<byte> buffer = stackalloc byte[128];
        foreach (T value in values)
        {
            KeyWriter writer = new(buffer, default);
            write(ref writer, value);
            string text = Encoding.UTF8.GetString(writer.Written);
            KeyReader reader = new(writer.Written);
            Assert.True(read(ref reader, out T back), text);
            Assert.True(reader.AtEnd);
            Assert.Equal(value, back);
            Assert.True(texts.Add(text), $"{text} stands for two values");
            Assert.DoesNotContain('|', text);
            writer.Dispose();
        }
    }

    private enum Color : byte
    {
        Red,
        Green = 200,
    }

    private enum Depth : long
    {
        Bottom = long.MinValue,
        Sea = 0,
        Top = long.MaxValue,
    }

    [Fact]
    public void Every_supported_type_is_written_and_read_back()
    {
        RoundTrips<byte>((ref KeyWriter w, byte v) => w.Write(v), (ref KeyReader r, out byte v) => r.TryRead(out v), 0, 1, 255);
        RoundTrips<sbyte>((ref KeyWriter w, sbyte v) => w.Write(v), (ref KeyReader r, out sbyte v) => r.TryRead(out v), 0, -1, sbyte.MinValue, sbyte.MaxValue);
        RoundTrips<short>((ref KeyWriter w, short v) => w.Write(v), (ref KeyReader r, out short v) => r.TryRead(out v), 0, -1, short.MinValue, short.MaxValue);
        RoundTrips<ushort>((ref KeyWriter w, ushort v) => w.Write(v), (ref KeyReader r, out ushort v) => r.TryRead(out v), 0, ushort.MaxValue);
        RoundTrips<int>((ref KeyWriter w, int v) => w.Write(v), (ref KeyReader r, out int v) => r.TryRead(out v), 0, -1, 42, int.MinValue, int.MaxValue);
        RoundTrips<uint>((ref KeyWriter w, uint v) => w.Write(v), (ref KeyReader r, out uint v) => r.TryRead(out v), 0, uint.MaxValue);
        RoundTrips<long>((ref KeyWriter w, long v) => w.Write(v), (ref KeyReader r, out long v) => r.TryRead(out v), 0, -1, long.MinValue, long.MaxValue);
        RoundTrips<ulong>((ref KeyWriter w, ulong v) => w.Write(v), (ref KeyReader r, out ulong v) => r.TryRead(out v), 0, ulong.MaxValue);
        RoundTrips<Int128>((ref KeyWriter w, Int128 v) => w.Write(v), (ref KeyReader r, out Int128 v) => r.TryRead(out v), 0, -1, Int128.MinValue, Int128.MaxValue);
        RoundTrips<UInt128>((ref KeyWriter w, UInt128 v) => w.Write(v), (ref KeyReader r, out UInt128 v) => r.TryRead(out v), 0, UInt128.MaxValue);
        RoundTrips<bool>((ref KeyWriter w, bool v) => w.Write(v), (ref KeyReader r, out bool v) => r.TryRead(out v), false, true);
        RoundTrips<char>((ref KeyWriter w, char v) => w.Write(v), (ref KeyReader r, out char v) => r.TryRead(out v), 'a', '|', '\\', '\0', '\uD800', '\uDFFF', '\uFFFD');
        RoundTrips<Guid>((ref KeyWriter w, Guid v) => w.Write(v), (ref KeyReader r, out Guid v) => r.TryRead(out v), default, new Guid(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
        RoundTrips<DateOnly>((ref KeyWriter w, DateOnly v) => w.Write(v), (ref KeyReader r, out DateOnly v) => r.TryRead(out v), DateOnly.MinValue, new DateOnly(2026, 2, 28), DateOnly.MaxValue);
        RoundTrips<TimeOnly>((ref KeyWriter w, TimeOnly v) => w.Write(v), (ref KeyReader r, out TimeOnly v) => r.TryRead(out v), TimeOnly.MinValue, new TimeOnly(1), TimeOnly.MaxValue);
        RoundTrips<TimeSpan>((ref KeyWriter w, TimeSpan v) => w.Write(v), (ref KeyReader r, out TimeSpan v) => r.TryRead(out v), TimeSpan.MinValue, TimeSpan.Zero, new TimeSpan(1), TimeSpan.MaxValue);
        RoundTrips<DateTime>((ref KeyWriter w, DateTime v) => w.Write(v), (ref KeyReader r, out DateTime v) => r.TryRead(out v), DateTime.MinValue, new DateTime(2026, 2, 28, 1, 2, 3).AddTicks(1), DateTime.MaxValue);
        RoundTrips<DateTimeOffset>((ref KeyWriter w, DateTimeOffset v) => w.Write(v), (ref KeyReader r, out DateTimeOffset v) => r.TryRead(out v), DateTimeOffset.MinValue, new DateTimeOffset(2026, 2, 28, 1, 2, 3, TimeSpan.FromHours(5)), DateTimeOffset.MaxValue);
        RoundTrips<Color>((ref KeyWriter w, Color v) => w.Write(v), (ref KeyReader r, out Color v) => r.TryRead(out v), Color.Red, Color.Green, (Color)255);
        RoundTrips<Depth>((ref KeyWriter w, Depth v) => w.Write(v), (ref KeyReader r, out Depth v) => r.TryRead(out v), Depth.Bottom, Depth.Sea, Depth.Top);
    }

    [Fact]
    public void Equal_points_in_time_give_equal_bytes_whatever_their_kind_or_offset()
    {
        DateTime utc = new(2026, 5, 6, 7, 8, 9, DateTimeKind.Utc);
        Assert.Equal(Bytes(utc), Bytes(DateTime.SpecifyKind(utc, DateTimeKind.Local)));
        DateTimeOffset there = new(2026, 5, 6, 9, 8, 9, TimeSpan.FromHours(2));
        Assert.Equal(there, there.ToUniversalTime());
        Assert.Equal(Bytes(there), Bytes(there.ToUniversalTime()));

        static byte[] Bytes<T>(T value)
        {
            KeyWriter writer = new(stackalloc byte[64], default);
            if (value is DateTime time)
                writer.Write(time);
            else if (value is DateTimeOffset offset)
                writer.Write(offset);
            return writer.Written.ToArray();
        }
    }

    [Fact]
    public void A_key_of_65535_bytes_is_stored_and_a_longer_one_is_an_argument_error_that_names_the_range()
    {
        using MemStore store = TestStores.Create();
        NoteRepository notes = store.Notes();
        string longest = new('x', 65_535 - 7);
        Assert.Equal(SetResult.Stored, notes.Set(new Note { Title = longest, Text = "long" }));
        Assert.Equal("long", notes.Get(longest).Text);

        ArgumentException error = Assert.Throws<ArgumentException>(() => _ = notes.Set(new Note { Title = longest + "x" }));
        Assert.Contains("65535", error.Message, StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => _ = notes.TryGet(new string('|', 40_000), out _));
        Assert.Equal(1, notes.Count);
    }

    /// <summary>The room that a part might have taken is no part of the key: a short number behind a long text made keys of 65,516 bytes and more errors.</summary>
    [Fact]
    public void A_composite_key_of_65535_bytes_is_stored_and_a_longer_one_is_an_argument_error()
    {
        using MemStore store = TestStores.Create();
        PlaceRepository places = store.Places();
        string longest = new('x', 65_535 - 7 - 2);
        Assert.Equal(SetResult.Stored, places.Set(new Place { Country = longest, Number = 5, Name = "far" }));
        Assert.Equal("far", places.Get(new PlaceKey(longest, 5)).Name);
        Assert.Equal(longest, Assert.Single(places.Keys()).Country);
        foreach (int number in (int[])[10, -1, int.MinValue])
        {
            ArgumentException error = Assert.Throws<ArgumentException>(() => _ = places.TryGet(new PlaceKey(longest, number), out _));
            Assert.Contains("65535", error.Message, StringComparison.Ordinal);
        }
        Assert.Throws<ArgumentException>(() => _ = places.TryGet(new PlaceKey(longest + "x", 5), out _));
        Assert.Throws<ArgumentException>(() => _ = places.TryGet(new PlaceKey(longest + new string('x', 60), 5), out _));
    }

    [Fact]
    public void An_empty_or_null_key_is_an_argument_error_and_nothing_changes()
    {
        using MemStore store = TestStores.Create();
        NoteRepository notes = store.Notes();
        Assert.Throws<ArgumentException>(() => _ = notes.Set(new Note { Title = "" }));
        Assert.Throws<ArgumentNullException>(() => _ = notes.Set(new Note { Title = null! }));
        Assert.Throws<ArgumentException>(() => _ = notes.TryGet("", out _));
        Assert.Throws<ArgumentNullException>(() => _ = notes.Get(null!));
        Assert.Throws<ArgumentNullException>(() => _ = notes.Set((Note)null!));
        Assert.Equal(0, notes.Count);
    }

    [Fact]
    public void Keys_gives_back_every_key_of_a_composite_kind_also_with_separators_inside()
    {
        using MemStore store = TestStores.Create();
        PlaceRepository places = store.Places();
        PlaceKey[] keys = [new("a|b", 1), new("a", 1), new("", 2), new("\\", 3), new("ä\u0000", 5)];
        foreach (PlaceKey key in keys)
            Assert.Equal(SetResult.Stored, places.Set(new Place { Country = key.Country, Number = key.Number, Name = key.ToString() }));

        Assert.Equal(keys.OrderBy(k => k.ToString(), StringComparer.Ordinal), places.Keys().OrderBy(k => k.ToString(), StringComparer.Ordinal));
        Assert.All(keys, key => Assert.Equal(key.ToString(), places.Get(key).Name));
        Assert.Equal(places.Get(keys[0]), places.Get("a|b", 1));
    }
}
