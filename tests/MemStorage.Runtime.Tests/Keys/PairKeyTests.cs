using System.Text;
using CsCheck;
using MemStorage.Hashing;
using MemStorage.Keys;
using MemStorage.Typed;
using Xunit;

namespace MemStorage.Tests.Keys;

/// <summary>A key of 8 to 16 bytes held as two words is the same key as its bytes; a repository's number made in registers is the same key as its text.</summary>
public sealed class PairKeyTests
{
    private static readonly Gen<string> GenAscii = Gen.Char[(char)2, (char)127].Array[PairKey.MinLength, PairKey.MaxLength].Select(c => new string(c));

    [Fact]
    public void Every_ASCII_key_of_8_to_16_characters_is_encoded_as_its_bytes_and_hashes_as_they_do() =>
        Gen.Select(GenAscii, Gen.ULong).Sample((text, seed) =>
        {
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            Assert.True(KeyEncoder.TryEncodePair(text, out PairKey key), text);
            AssertIs(bytes, key, seed);
        });

    [Fact]
    public void It_matches_its_own_bytes_and_none_with_a_bit_changed() =>
        Gen.Select(GenAscii, Gen.Int[0, (PairKey.MaxLength * 8) - 1]).Sample((text, bit) =>
        {
            byte[] stored = [.. Encoding.ASCII.GetBytes(text), 1, 2, 3];
            Assert.True(KeyEncoder.TryEncodePair(text, out PairKey key));
            Assert.True(key.Matches(ref stored[0]));
            bit %= text.Length * 8;
            stored[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Matches(ref stored[0]));
        });

    [Theory]
    [InlineData("")]
    [InlineData("seven77")]
    [InlineData("seventeen bytes17")]
    [InlineData("größeres")]
    [InlineData("0123456789abcdeü")]
    [InlineData("\u0001abcdefg")]
    [InlineData("\ud800abcdefg")]
    public void Other_keys_are_left_to_the_other_encoders(string text) => Assert.False(KeyEncoder.TryEncodePair(text, out _));

    [Fact]
    public void A_number_below_a_hundred_million_is_the_key_that_is_written_as_text()
    {
        byte[] prefix = KeySpace.CreatePrefix("orders");
        Gen<uint> genNumber = Gen.OneOf(Gen.UInt[0, (uint)NumberKey.Limit - 1], Gen.UInt[0, 120], GenNearPowersOfTen());
        Gen.Select(genNumber, Gen.ULong).Sample((number, seed) =>
        {
            KeyWriter writer = new(new byte[32], prefix);
            writer.Write(number);
            AssertIs(writer.Written.ToArray(), NumberKey.Create(WordOf(prefix), number), seed);
        });
    }

    [Fact]
    public void Every_number_of_up_to_five_digits_is_the_key_that_is_written_as_text()
    {
        byte[] prefix = KeySpace.CreatePrefix("orders");
        ShortKeyRoom room = default;
        byte[] buffer = new byte[32];
        for (uint number = 0; number < 100_000; number++)
        {
            KeyWriter writer = new(buffer, prefix);
            writer.Write(number);
            if (!writer.Written.SequenceEqual(NumberKey.Create(WordOf(prefix), number).Bytes(room)))
                Assert.Fail($"{number} became '{Encoding.ASCII.GetString(NumberKey.Create(WordOf(prefix), number).Bytes(room))}'.");
        }
    }

    [Fact]
    public void Numbers_outside_the_range_and_keys_of_other_types_are_left_to_the_writer()
    {
        Assert.True(NumberKey.TryGet(99_999_999, out uint number));
        Assert.Equal(99_999_999u, number);
        Assert.True(NumberKey.TryGet(7L, out _) && NumberKey.TryGet(7ul, out _) && NumberKey.TryGet((short)7, out _) && NumberKey.TryGet((ushort)7, out _));
        Assert.False(NumberKey.TryGet(100_000_000, out _));
        Assert.False(NumberKey.TryGet(-1, out _));
        Assert.False(NumberKey.TryGet((short)-1, out _));
        Assert.False(NumberKey.TryGet(long.MinValue, out _));
        Assert.False(NumberKey.TryGet(ulong.MaxValue, out _));
        Assert.False(NumberKey.TryGet(1L << 32, out _));
        Assert.False(NumberKey.TryGet("7", out _));
        Assert.False(NumberKey.TryGet(Guid.Empty, out _));
        Assert.False(NumberKey.TryGet(DayOfWeek.Monday, out _));
        Assert.False(NumberKey.TryGet(7.0, out _));
    }

    private static Gen<uint> GenNearPowersOfTen() =>
        Gen.Select(Gen.Int[0, 7], Gen.Int[-1, 1]).Select((power, off) => (uint)Math.Max(0, Math.Pow(10, power) + off));

    private static ulong WordOf(byte[] prefix)
    {
        byte[] word = [.. prefix, 0];
        return BitConverter.ToUInt64(word);
    }

    private static void AssertIs(byte[] expected, in PairKey key, ulong seed)
    {
        ShortKeyRoom room = default;
        Assert.Equal(expected, key.Bytes(room).ToArray());
        Assert.Equal(expected.Length, key.Length);
        Assert.Equal(KeyHash.Compute(expected, seed), key.Hash(seed));
        byte[] stored = [.. expected, 0];
        Assert.True(key.Matches(ref stored[0]));
    }
}
