using System.Buffers;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.KeySpaces;

public sealed class KeySpaceBytesTests : IDisposable
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemStore _store;
    private readonly KeySpace _space;

    public KeySpaceBytesTests()
    {
        _store = new MemStore(new MemStoreOptions { MaxMemoryMB = 16, TimeProvider = _time, AsyncEviction = false });
        _space = _store.GetKeySpace("bytes");
    }

    public void Dispose() => _store.Dispose();

    private static byte[] Value(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + 7))];

    [Theory]
    [InlineData(1)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(100_000)]
    public void A_value_comes_back_as_it_went_in(int length)
    {
        byte[] value = Value(length);
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, value));

        byte[] destination = new byte[length];
        Assert.True(_space.TryGet("k"u8, destination, out int read, out ItemInfo info));
        Assert.Equal(length, read);
        Assert.Equal(value, destination);
        Assert.True(info.Version > 0);
        Assert.Null(info.ExpireAt);
    }

    [Fact]
    public void When_it_is_greater_than_destination_nothing_was_copied()
    {
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, Value(100)));
        byte[] small = new byte[99];
        Assert.True(_space.TryGet("k"u8, small, out int length, out _));
        Assert.Equal(0, _space.Stats().GetCount); // the caller comes again with more room, and that is the read
        Assert.Equal(100, length);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5_000)]
    [InlineData(300_000)]
    public void The_buffer_writer_is_advanced_by_the_length_of_the_value(int length)
    {
        byte[] value = Value(length);
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, value));
        ArrayBufferWriter<byte> writer = new();
        writer.Write("head"u8);
        Assert.True(_space.TryGet("k"u8, writer, out _));
        Assert.Equal("head"u8.ToArray().Concat(value), writer.WrittenSpan.ToArray());

        Assert.False(_space.TryGet("other"u8, writer, out ItemInfo none));
        Assert.Equal(4 + length, writer.WrittenCount);
        Assert.Equal(0, none.Version);
    }

    [Fact]
    public void A_value_that_comes_in_pieces_is_stored_whole()
    {
        byte[] value = Value(10_000);
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, Sequences.Split(value, 1, 100, 4_000)));
        byte[] destination = new byte[10_000];
        Assert.True(_space.TryGet("k"u8, destination, out int length, out _));
        Assert.Equal(10_000, length);
        Assert.Equal(value, destination);
    }

    [Fact]
    public void Key_spaces_do_not_see_each_other()
    {
        KeySpace other = _store.GetKeySpace("other");
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, "1"u8));
        Assert.False(other.TryGetInfo("k"u8, out _));
        Assert.Equal(SetResult.Stored, other.Set("k"u8, "2"u8));
        byte[] read = new byte[1];
        Assert.True(_space.TryGet("k"u8, read, out _, out _));
        Assert.Equal("1"u8.ToArray(), read);
        Assert.False(_store.TryGet("k", out _));
        Assert.Equal(1, _space.Count);
        Assert.Equal([_space, other], _store.KeySpaces.Where(s => s.Name.Length > 0));
    }

    [Fact]
    public void Keys_are_told_without_the_prefix()
    {
        string[] keys = ["a", "ä", "a/b", new string('x', 300)];
        foreach (string key in keys)
            Assert.Equal(SetResult.Stored, _space.Set(Encoding.UTF8.GetBytes(key), "v"u8));
        Assert.Equal(keys.Order(), _space.Keys().Select(Encoding.UTF8.GetString).Order());
    }

    [Fact]
    public void Deleted_is_gone_and_deleting_again_says_so()
    {
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, "v"u8));
        Assert.Equal(DeleteResult.Deleted, _space.Delete("k"u8));
        Assert.Equal(DeleteResult.NotFound, _space.Delete("k"u8));
        Assert.False(_space.TryGetInfo("k"u8, out _));
    }

    [Fact]
    public void An_entry_expires_in_whole_milliseconds_and_a_touch_moves_that()
    {
        DateTimeOffset at = _time.GetUtcNow().AddSeconds(10);
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, "v"u8, at));
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.True(_space.TryGetInfo("k"u8, out ItemInfo info));
        Assert.Equal(at, info.ExpireAt);
        Assert.True(_space.Touch("k"u8, at.AddSeconds(10)));
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.True(_space.TryGetInfo("k"u8, out ItemInfo touched));
        Assert.Equal(info.Version, touched.Version); // "its version stays as it is"
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.False(_space.TryGetInfo("k"u8, out _));
        Assert.False(_space.Touch("k"u8, null));
    }

    [Fact]
    public void A_touch_bound_to_a_version_leaves_a_later_write_its_own_expiry()
    {
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, "old"u8, _time.GetUtcNow().AddSeconds(10), out long version));
        DateTimeOffset own = _time.GetUtcNow().AddSeconds(1);
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, "new"u8, own));
        Assert.False(_space.Touch("k"u8, null, version));
        Assert.True(_space.TryGetInfo("k"u8, out ItemInfo info));
        Assert.Equal(own, info.ExpireAt);
        Assert.True(_space.Touch("k"u8, null, info.Version));
    }

    [Fact]
    public void A_time_in_the_past_stores_an_entry_that_no_read_finds()
    {
        Assert.Equal(SetResult.Stored, _space.Set("k"u8, "v"u8, DateTimeOffset.UnixEpoch));
        Assert.False(_space.TryGetInfo("k"u8, out _));
    }

    [Fact]
    public void Bad_arguments_are_told()
    {
        byte[] tooLong = new byte[KeySpace.MaxKeyBytes + 1];
        Array.Fill(tooLong, (byte)'k');
        byte[] notText = [0xFF, 0xFE];
        byte[] room = new byte[8];
        Assert.Throws<ArgumentException>(() => _space.TryGet([], room, out _, out _));
        Assert.Throws<ArgumentException>(() => _space.TryGet(tooLong, room, out _, out _));
        Assert.Throws<ArgumentException>(() => _ = _space.Set(tooLong, "v"u8));
        Assert.Throws<ArgumentException>(() => _ = _space.Set(notText, "v"u8));
        Assert.Throws<ArgumentException>(() => _ = _space.Delete(notText));
        Assert.Throws<ArgumentException>(() => _ = _space.Set("k"u8, []));
        Assert.Throws<ArgumentException>(() => _ = _space.Set("k"u8, ReadOnlySequence<byte>.Empty));
        Assert.Throws<ArgumentNullException>(() => _space.TryGet("k"u8, null!, out _));
        Assert.Throws<ArgumentOutOfRangeException>(() => _space.Touch("k"u8, null, -1));
    }

    [Fact]
    public void The_longest_key_works()
    {
        byte[] key = new byte[KeySpace.MaxKeyBytes];
        Array.Fill(key, (byte)'k');
        Assert.Equal(SetResult.Stored, _space.Set(key, "v"u8));
        Assert.True(_space.TryGetInfo(key, out _));
        Assert.Equal(key, Assert.Single(_space.Keys()));
    }

    [Fact]
    public void A_closed_store_throws()
    {
        _store.Dispose();
        byte[] room = new byte[8];
        Assert.Throws<ObjectDisposedException>(() => _space.TryGet("k"u8, room, out _, out _));
        Assert.Throws<ObjectDisposedException>(() => _ = _space.Set("k"u8, "v"u8));
        Assert.Throws<ObjectDisposedException>(() => _ = _space.Delete("k"u8));
        Assert.Throws<ObjectDisposedException>(() => _space.Touch("k"u8, null));
        Assert.Throws<ObjectDisposedException>(() => _space.Keys().Count());
        Assert.Throws<ObjectDisposedException>(() => _space.Count);
        Assert.Throws<ObjectDisposedException>(() => _store.KeySpaces);
    }
}
