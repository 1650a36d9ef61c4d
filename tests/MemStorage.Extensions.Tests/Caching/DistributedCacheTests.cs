using System.Buffers;
using System.Text;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Caching;

public sealed class DistributedCacheTests : IDisposable
{
    private static readonly DistributedCacheEntryOptions s_never = new();

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemStore _store;
    private readonly MemStoreDistributedCache _cache;

    public DistributedCacheTests()
    {
        // no sweep: a clock that jumps a century would call it three billion times
        _store = new MemStore(new MemStoreOptions { MaxMemoryMB = 16, TimeProvider = _time, AsyncEviction = false, ExpirySweepInterval = TimeSpan.Zero });
        _cache = new MemStoreDistributedCache(_store);
    }

    public void Dispose() => _store.Dispose();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static byte[] Bytes(int length) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 17 + 3))];

    [Theory]
    [InlineData(0)] // "a payload, which may be empty"
    [InlineData(1)]
    [InlineData(494)]
    [InlineData(495)]
    [InlineData(511)]
    [InlineData(512)]
    [InlineData(70_000)]
    public async Task Every_way_in_and_out_gives_the_same_bytes(int length)
    {
        byte[] payload = Bytes(length);
        foreach (DistributedCacheEntryOptions options in new[] { s_never, new DistributedCacheEntryOptions { SlidingExpiration = TimeSpan.FromMinutes(1) } })
        {
            _cache.Set("array", payload, options);
            await _cache.SetAsync("array async", payload, options, Token);
            _cache.Set("sequence", new ReadOnlySequence<byte>(payload), options);
            await _cache.SetAsync("sequence async", length < 3 ? new ReadOnlySequence<byte>(payload) : Sequences.Split(payload, 1, length - 1), options, Token);
            foreach (string key in new[] { "array", "array async", "sequence", "sequence async" })
            {
                Assert.Equal(payload, _cache.Get(key));
                Assert.Equal(payload, await _cache.GetAsync(key, Token));
                ArrayBufferWriter<byte> writer = new();
                Assert.True(_cache.TryGet(key, writer));
                Assert.Equal(payload, writer.WrittenSpan.ToArray());
                writer.Clear();
                Assert.True(await _cache.TryGetAsync(key, writer, Token));
                Assert.Equal(payload, writer.WrittenSpan.ToArray());
            }
        }
    }

    [Theory]
    [InlineData(10)]
    [InlineData(100_000)]
    public void A_hit_counts_once_whatever_its_length(int length)
    {
        _cache.Set("k", Bytes(length), s_never);
        _cache.Get("k");
        _cache.TryGet("k", new ArrayBufferWriter<byte>());
        Assert.Equal((2, 2), (_cache.KeySpace.Stats().GetCount, _cache.KeySpace.Stats().HitCount));
    }

    [Fact]
    public async Task A_miss_is_null_and_leaves_the_writer_alone()
    {
        Assert.Null(_cache.Get("k"));
        Assert.Null(await _cache.GetAsync("k", Token));
        ArrayBufferWriter<byte> writer = new();
        Assert.False(_cache.TryGet("k", writer));
        Assert.False(await _cache.TryGetAsync("k", writer, Token));
        Assert.Equal(0, writer.WrittenCount);
        _cache.Refresh("k");
        _cache.Remove("k");
    }

    [Fact]
    public async Task Removed_is_gone()
    {
        _cache.Set("a", [1], s_never);
        _cache.Set("b", [1], s_never);
        _cache.Remove("a");
        await _cache.RemoveAsync("b", Token);
        Assert.Null(_cache.Get("a"));
        Assert.Null(_cache.Get("b"));
    }

    [Fact]
    public void Absolute_expiry()
    {
        _cache.Set("k", [1], new() { AbsoluteExpiration = _time.GetUtcNow().AddSeconds(10) });
        _time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.NotNull(_cache.Get("k"));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(_cache.Get("k"));
    }

    [Fact]
    public void A_relative_expiry_takes_precedence_over_an_absolute_one()
    {
        _cache.Set("k", [1], new() { AbsoluteExpiration = _time.GetUtcNow().AddHours(1), AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(10) });
        _time.Advance(TimeSpan.FromSeconds(9));
        Assert.NotNull(_cache.Get("k"));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_cache.Get("k"));
    }

    [Fact]
    public void A_sliding_expiry_begins_anew_with_each_read_and_refresh()
    {
        _cache.Set("k", [1], new() { SlidingExpiration = TimeSpan.FromSeconds(10) });
        for (int i = 0; i < 5; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(9));
            Assert.NotNull(_cache.Get("k"));
            _time.Advance(TimeSpan.FromSeconds(9));
            _cache.Refresh("k");
            _time.Advance(TimeSpan.FromSeconds(9));
            Assert.True(_cache.TryGet("k", new ArrayBufferWriter<byte>()));
        }
        _time.Advance(TimeSpan.FromSeconds(10));
        Assert.Null(_cache.Get("k"));
    }

    [Fact]
    public void A_sliding_expiry_never_lasts_longer_than_the_absolute_one()
    {
        _cache.Set("k", [1], new() { SlidingExpiration = TimeSpan.FromSeconds(10), AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(25) });
        for (int i = 0; i < 4; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(6));
            Assert.NotNull(_cache.Get("k"));
        }
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_cache.Get("k"));
    }

    [Fact]
    public void A_refresh_leaves_an_entry_without_sliding_expiry_as_it_is()
    {
        _cache.Set("k", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(10) });
        _time.Advance(TimeSpan.FromSeconds(9));
        _cache.Refresh("k");
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_cache.Get("k"));
    }

    [Fact]
    public void Expiry_beyond_the_calendar_is_never_and_a_fraction_of_a_millisecond_is_not_at_once()
    {
        _cache.Set("relative", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue });
        _cache.Set("sliding", [1], new() { SlidingExpiration = TimeSpan.MaxValue });
        _cache.Set("both", [1], new() { SlidingExpiration = TimeSpan.MaxValue, AbsoluteExpirationRelativeToNow = TimeSpan.FromDays(36_500) });
        _cache.Set("last", [1], new() { AbsoluteExpiration = DateTimeOffset.MaxValue });
        _cache.Set("short", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromTicks(1) });
        Assert.NotNull(_cache.Get("short"));
        _time.Advance(TimeSpan.FromDays(36_000));
        foreach (string key in new[] { "relative", "sliding", "both", "last" })
            Assert.NotNull(_cache.Get(key));
        Assert.Null(_cache.Get("short"));
    }

    [Fact]
    public async Task The_absolute_expiry_is_not_in_the_future()
    {
        DistributedCacheEntryOptions past = new() { AbsoluteExpiration = _time.GetUtcNow() };
        Assert.Throws<ArgumentOutOfRangeException>(() => _cache.Set("k", [1], past));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _cache.SetAsync("k", [1], past, Token));
    }

    [Fact]
    public void A_write_between_a_read_and_its_touch_keeps_its_own_expiry()
    {
        // What Get does in two steps (read, then touch with the version that was read), with another writer's write in between.
        _cache.Set("k", [1], new() { SlidingExpiration = TimeSpan.FromHours(1) });
        Assert.True(_cache.KeySpace.TryGetInfo("k"u8, out ItemInfo read));
        _cache.Set("k", [2], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromSeconds(1) });
        Assert.False(_cache.KeySpace.Touch("k"u8, _time.GetUtcNow().AddHours(1), read.Version));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Null(_cache.Get("k"));
    }

    [Theory]
    [InlineData(new int[0])]
    [InlineData(new[] { 0xD800 })] // as numbers: attributes cannot hold lone surrogates
    [InlineData(new[] { 'a', 0xDC00, 'b' })]
    public async Task A_key_that_is_no_text_is_a_typed_error(int[] units)
    {
        string key = string.Concat(units.Select(u => (char)u));
        Assert.Equal(MemStorageError.InvalidKey, Assert.Throws<MemStorageException>(() => _cache.Get(key)).Error);
        Assert.Equal(MemStorageError.InvalidKey, Assert.Throws<MemStorageException>(() => _cache.Set(key, [1], s_never)).Error);
        Assert.Equal(MemStorageError.InvalidKey, Assert.Throws<MemStorageException>(() => _cache.Remove(key)).Error);
        Assert.Equal(MemStorageError.InvalidKey, Assert.Throws<MemStorageException>(() => _cache.Refresh(key)).Error);
        Assert.Equal(MemStorageError.InvalidKey, (await Assert.ThrowsAsync<MemStorageException>(() => _cache.GetAsync(key, Token))).Error);
        Assert.Equal(5, _cache.Faults.InvalidKeys);
        Assert.Equal(0, _cache.KeySpace.Count);
    }

    [Fact]
    public void Keys_have_a_length_limit_in_bytes()
    {
        MemStoreDistributedCache cache = new(_store, new() { KeySpace = "short keys", MaxKeyBytes = 10 });
        cache.Set("1234567890", [1], s_never);
        cache.Set("äöüäö", [2], s_never);
        Assert.Equal(2, Assert.Single(cache.Get("äöüäö")!));
        MemStorageException e = Assert.Throws<MemStorageException>(() => cache.Get("äöüäöü"));
        Assert.Equal("The cache key has 12 bytes of UTF-8; 1 to 10 bytes of well-formed text are allowed.", e.Message);
        Assert.Equal(65, Assert.Throws<MemStorageException>(() => cache.Get(new string('k', 1_000_000))).Key!.Length); // a piece, for the log
    }

    [Fact]
    public void Keys_that_differ_are_different_entries()
    {
        string[] keys = ["a", "A", "a ", " a", "a\0", "ä", "a\u0308", "\u0001a", "😀", "a/b", "a:b"];
        for (int i = 0; i < keys.Length; i++)
            _cache.Set(keys[i], [(byte)i], s_never);
        for (int i = 0; i < keys.Length; i++)
            Assert.Equal([(byte)i], _cache.Get(keys[i])!);
    }

    [Fact]
    public async Task Payloads_have_a_length_limit()
    {
        MemStoreDistributedCache cache = new(_store, new() { KeySpace = "small", MaxPayloadBytes = 100 });
        cache.Set("k", Bytes(100), s_never);
        Assert.Equal(MemStorageError.ValueTooLarge, Assert.Throws<MemStorageException>(() => cache.Set("k", Bytes(101), s_never)).Error);
        Assert.Equal(MemStorageError.ValueTooLarge, (await Assert.ThrowsAsync<MemStorageException>(async () => await cache.SetAsync("k", Sequences.Split(Bytes(101), 50), s_never, Token))).Error);
        Assert.Equal(Bytes(100), cache.Get("k")!); // refused before it touches the store
        Assert.Equal(2, cache.Faults.Oversized);
    }

    [Fact]
    public void What_the_cache_did_not_write_is_a_counted_miss()
    {
        foreach (byte[] foreign in new byte[][] { [0], [1, 2, 3], [0xC2], [.. new byte[16], 0xC2], [.. Enumerable.Repeat((byte)0xFF, 16), 0xC2] })
        {
            Assert.Equal(SetResult.Stored, _cache.KeySpace.Set("k"u8, foreign));
            Assert.Null(_cache.Get("k"));
        }
        Assert.Equal(5, _cache.Faults.Malformed);
    }

    [Fact]
    public async Task Null_arguments()
    {
        Assert.Throws<ArgumentNullException>(() => new MemStoreDistributedCache(null!));
        Assert.Throws<ArgumentNullException>(() => _cache.Get(null!));
        Assert.Throws<ArgumentNullException>(() => _cache.Set(null!, [1], s_never));
        Assert.Throws<ArgumentNullException>(() => _cache.Set("k", null!, s_never));
        Assert.Throws<ArgumentNullException>(() => _cache.Set("k", [1], null!));
        Assert.Throws<ArgumentNullException>(() => _cache.TryGet("k", null!));
        Assert.Throws<ArgumentNullException>(() => _cache.Refresh(null!));
        Assert.Throws<ArgumentNullException>(() => _cache.Remove(null!));
        await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.GetAsync(null!, Token));
    }

    [Fact]
    public void Bad_options_are_told_all_at_once()
    {
        ArgumentException e = Assert.Throws<ArgumentException>(() => new MemStoreDistributedCache(_store, new() { KeySpace = "", MaxKeyBytes = 0, MaxPayloadBytes = -1 }));
        Assert.Contains("MemStoreDistributedCacheOptions.KeySpace =  is out of range; allowed: a name of 1 to 1024 characters.", e.Message, StringComparison.Ordinal);
        Assert.Contains("MemStoreDistributedCacheOptions.MaxKeyBytes = 0 is out of range; allowed: 1 to 65528 bytes of UTF-8.", e.Message, StringComparison.Ordinal);
        Assert.Contains("MemStoreDistributedCacheOptions.MaxPayloadBytes = -1", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Cancellation_stops_before_anything_happens()
    {
        CancellationToken cancelled = new(canceled: true);
        _cache.Set("k", [1], s_never);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.GetAsync("k", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _cache.TryGetAsync("k", new ArrayBufferWriter<byte>(), cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.SetAsync("k", [2], s_never, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await _cache.SetAsync("k", new ReadOnlySequence<byte>([2]), s_never, cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.RefreshAsync("k", cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.RemoveAsync("k", cancelled));
        Assert.Equal([1], _cache.Get("k"));
    }

    [Fact]
    public async Task After_the_store_is_closed_every_member_throws()
    {
        _store.Dispose();
        Assert.Throws<ObjectDisposedException>(() => _cache.Get("k"));
        Assert.Throws<ObjectDisposedException>(() => _cache.Set("k", [1], s_never));
        Assert.Throws<ObjectDisposedException>(() => _cache.Remove("k"));
        Assert.Throws<ObjectDisposedException>(() => _cache.Refresh("k"));
        Task<byte[]?> failed = _cache.GetAsync("k", Token); // not here, but in the task
        await Assert.ThrowsAsync<ObjectDisposedException>(() => failed);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await _cache.SetAsync("k", new ReadOnlySequence<byte>([2]), s_never, Token));
    }

    [Fact]
#pragma warning disable xUnit1031, CA2012 // that it is completed is what the test is about
    public void Asynchronous_members_complete_synchronously_and_share_their_tasks()
    {
        Assert.Same(_cache.GetAsync("k", Token), _cache.GetAsync("other", Token)); // a miss
        Assert.Same(Task.CompletedTask, _cache.SetAsync("k", [1], s_never, Token));
        Assert.Same(Task.CompletedTask, _cache.RefreshAsync("k", Token));
        Assert.Same(Task.CompletedTask, _cache.RemoveAsync("other", Token));
        Assert.True(_cache.GetAsync("k", Token).IsCompletedSuccessfully);
        ValueTask<bool> read = _cache.TryGetAsync("k", new ArrayBufferWriter<byte>(), Token);
        Assert.True(read.IsCompletedSuccessfully);
        Assert.True(read.Result);
    }

    [Fact]
    public void The_platforms_string_helpers_work()
    {
        _cache.SetString("k", "grün");
        Assert.Equal("grün", _cache.GetString("k"));
        Assert.Equal("grün", Encoding.UTF8.GetString(_cache.Get("k")!));
    }
}
