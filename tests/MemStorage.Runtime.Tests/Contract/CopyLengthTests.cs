using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"Copies the value under a key into a buffer of the caller": every length, under keys at the edges of the ways that keys take, and not a byte beside.</summary>
public sealed class CopyLengthTests : StoreTest
{
    private const byte Untouched = 0xA5;

    [Theory]
    [InlineData(3)]
    [InlineData(7)]
    [InlineData(8)]
    [InlineData(16)]
    [InlineData(17)]
    [InlineData(32)]
    [InlineData(33)]
    public void Values_of_every_length_come_back_whole(int keyLength)
    {
        MemStore store = Open(o => (o.MaxMemoryMB, o.CompressionEnabled) = (16, false));
        string key = new('k', keyLength);
        byte[] utf8 = System.Text.Encoding.UTF8.GetBytes(key);
        byte[] value = new byte[600];
        new Random(keyLength).NextBytes(value);
        byte[] buffer = new byte[700];
        for (int length = 1; length <= value.Length; length++)
        {
            ReadOnlySpan<byte> stored = value.AsSpan(value.Length - length);
            Assert.Equal(SetResult.Stored, store.Set(utf8, stored));
            buffer.AsSpan().Fill(Untouched);
            Assert.True(store.TryGet(key.AsSpan(), buffer.AsSpan(0, length), out int copied, out _));
            Assert.Equal(length, copied);
            Assert.True(stored.SequenceEqual(buffer.AsSpan(0, length)), $"{length} bytes");
            Assert.Equal(-1, buffer.AsSpan(length).IndexOfAnyExcept(Untouched));

            buffer.AsSpan().Fill(Untouched);
            Assert.True(store.TryGet(utf8, buffer, out copied, out _));
            Assert.True(stored.SequenceEqual(buffer.AsSpan(0, copied)), $"{length} bytes, room for more");

            buffer.AsSpan().Fill(Untouched);
            Assert.True(store.TryGet(utf8, buffer.AsSpan(0, length - 1), out copied, out _));
            Assert.Equal(length, copied);
            Assert.Equal(-1, buffer.AsSpan(length - 1).IndexOfAnyExcept(Untouched));
            Assert.True(store.TryGetNoCopy(key.AsSpan(), out NoCopyItem view));
            Assert.True(stored.SequenceEqual(view.Value.Span));
        }
        MemStoreStats stats = store.Stats();
        Assert.Equal((3L * value.Length, 0L), (stats.HitCount, stats.MissCount)); // a buffer that is too short is no read yet
    }
}
