using System.Text;
using CsCheck;
using MemStorage.Hashing;
using MemStorage.Keys;
using Xunit;

namespace MemStorage.Tests.Keys;

/// <summary>A key held as words is the same key as its bytes: the same hash, the same bytes, equal to itself and to nothing else.</summary>
public sealed class ShortKeyTests
{
    private static readonly Gen<string> GenAscii = Gen.Char[(char)2, (char)127].Array[ShortKey.MinLength, ShortKey.MaxLength].Select(c => new string(c));

    [Fact]
    public void Every_ASCII_key_of_4_to_32_characters_is_encoded_as_its_bytes() =>
        GenAscii.Sample(text =>
        {
            Assert.True(KeyEncoder.TryEncodeShort(text, out ShortKey key), text);
            ShortKeyRoom room = default;
            Assert.Equal(Encoding.ASCII.GetBytes(text), key.Bytes(room).ToArray());
            Assert.Equal(text.Length, key.Length);
        });

    [Fact]
    public void The_hash_is_that_of_the_bytes() =>
        Gen.Select(GenAscii, Gen.ULong).Sample((text, seed) =>
        {
            byte[] bytes = Encoding.ASCII.GetBytes(text);
            ulong expected = KeyHash.Compute(bytes, seed);
            Assert.True(KeyEncoder.TryEncodeShort(text, out ShortKey encoded));
            Assert.Equal(expected, encoded.Hash(seed));
            Assert.Equal(expected, ShortKey.Of(bytes).Hash(seed));
            Assert.Equal(expected, new LongKey(bytes).Hash(seed));
        });

    [Fact]
    public void It_matches_its_own_bytes_and_none_with_a_bit_changed() =>
        Gen.Select(Gen.Byte.Array[ShortKey.MinLength, ShortKey.MaxLength], Gen.Int[0, (ShortKey.MaxLength * 8) - 1]).Sample((bytes, bit) =>
        {
            ShortKey key = ShortKey.Of(bytes);
            byte[] stored = [.. bytes, 1, 2, 3];
            Assert.True(key.Matches(ref stored[0]));
            bit %= bytes.Length * 8;
            stored[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.False(key.Matches(ref stored[0]));
        });

    [Theory]
    [InlineData("")]
    [InlineData("abc")]
    [InlineData("a key of more than thirty-two characters")]
    [InlineData("größer")]
    [InlineData("0123456789abcdefü")]
    [InlineData("\u0001abcdefg")]
    [InlineData("\ud800abcdefg")]
    public void Other_keys_are_left_to_the_general_encoder(string text) => Assert.False(KeyEncoder.TryEncodeShort(text, out _));

    /// <summary>One entry, whichever way its key is given: as text, as UTF-8, short or long.</summary>
    [Fact]
    public void Text_and_UTF8_find_the_same_entry() =>
        Gen.String[Gen.OneOf(Gen.Char[(char)2, (char)127], Gen.Char['à', 'ÿ']), 1, 40].Sample(text =>
        {
            using MemStore store = new(new MemStoreOptions { MaxMemoryBytes = 1 << 20, ShardCount = 2, SegmentBytes = 4096 });
            byte[] value = [1, 2, 3];
            Assert.Equal(SetResult.Stored, store.Set(text, value));
            Span<byte> copy = stackalloc byte[8];
            Assert.True(store.TryGet(text.AsSpan(), copy, out int length, out _));
            Assert.Equal(value, copy[..length].ToArray());
            Assert.True(store.TryGet(Encoding.UTF8.GetBytes(text), copy, out length, out _));
            Assert.Equal(value, copy[..length].ToArray());
            Assert.Equal(value, store.Get(text).Value.ToArray());
            Assert.Equal(value, store.GetNoCopy(text).Value.ToArray());
            Assert.True(store.TryGetNoCopy(Encoding.UTF8.GetBytes(text), out NoCopyItem item));
            Assert.Equal(value, item.Value.ToArray());
        }, iter: 300);
}
