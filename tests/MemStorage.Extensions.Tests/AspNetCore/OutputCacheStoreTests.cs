using System.Buffers;
using System.IO.Pipelines;
using MemStorage.AspNetCore;
using MemStorage.AspNetCore.Caching;
using MemStorage.Testing;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.AspNetCore;

/// <summary>The store of the output cache by itself: expiry, tags, limits, faults.</summary>
public sealed class OutputCacheStoreTests : IDisposable
{
    private static readonly TimeSpan s_minute = TimeSpan.FromMinutes(1);

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly MemStore _store;
    private readonly MemStoreOutputCache _cache;

    public OutputCacheStoreTests()
    {
        _store = new MemStore(new MemStoreOptions { MaxMemoryMB = 8, TimeProvider = _time, AsyncEviction = false, ExpirySweepInterval = TimeSpan.Zero });
        _cache = new MemStoreOutputCache(_store);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _store.Dispose();

    private async Task<byte[]?> Read(string key)
    {
        byte[]? array = await _cache.GetAsync(key, Token);
        // both ways in give the same
        Pipe pipe = new(new PipeOptions(pauseWriterThreshold: 0));
        bool found = await _cache.TryGetAsync(key, pipe.Writer, Token);
        await pipe.Writer.CompleteAsync();
        ReadResult read = await pipe.Reader.ReadAsync(Token);
        Assert.Equal(array is not null, found);
        Assert.Equal(array ?? [], read.Buffer.ToArray());
        return array;
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(508)]
    [InlineData(509)]
    [InlineData(4093)]
    [InlineData(4094)]
    [InlineData(100_000)]
    public async Task Every_way_in_and_out_gives_the_same_bytes(int length)
    {
        byte[] response = [.. Enumerable.Range(0, length).Select(i => (byte)(i * 17 + 3))];
        await _cache.SetAsync("array", response, null, s_minute, Token);
        await _cache.SetAsync("tagged", response, ["a", "b"], s_minute, Token);
        await _cache.SetAsync("sequence", length < 3 ? new ReadOnlySequence<byte>(response) : Sequences.Split(response, 1, length - 1), new[] { "a" }, s_minute, Token);
        foreach (string key in new[] { "array", "tagged", "sequence" })
            Assert.Equal(response, await Read(key));
        Assert.Null(await Read("missing"));
    }

    [Fact]
    public async Task A_response_is_valid_for_as_long_as_it_was_said()
    {
        await _cache.SetAsync("k", [1], null, TimeSpan.FromSeconds(10), Token);
        await _cache.SetAsync("short", [1], null, TimeSpan.FromTicks(1), Token);
        await _cache.SetAsync("for ever", [1], null, TimeSpan.MaxValue, Token);
        Assert.NotNull(await Read("short")); // rounded up to a millisecond
        _time.Advance(TimeSpan.FromMilliseconds(9_999));
        Assert.NotNull(await Read("k"));
        Assert.Null(await Read("short"));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(await Read("k"));
        _time.Advance(TimeSpan.FromDays(36_500));
        Assert.NotNull(await Read("for ever"));
        foreach (TimeSpan none in new[] { TimeSpan.Zero, TimeSpan.FromTicks(-1) })
            await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => _cache.SetAsync("k", [1], null, none, Token).AsTask());
    }

    [Fact]
    public async Task An_evicted_tag_takes_what_was_stored_before_and_nothing_that_comes_after()
    {
        await _cache.SetAsync("a", [1], ["news", "south"], s_minute, Token);
        await _cache.SetAsync("b", [1], ["news"], s_minute, Token);
        await _cache.SetAsync("c", [1], ["traffic"], s_minute, Token);
        await _cache.SetAsync("d", [1], null, s_minute, Token);
        await _cache.EvictByTagAsync("news", Token);
        Assert.Null(await Read("a"));
        Assert.Null(await Read("b"));
        Assert.NotNull(await Read("c"));
        Assert.NotNull(await Read("d"));
        await _cache.SetAsync("a", [2], ["news"], s_minute, Token); // at the same time of the clock: versions decide, not time
        Assert.Equal([2], await Read("a"));
        await _cache.EvictByTagAsync("south", Token);
        Assert.Equal([2], await Read("a")); // the new response has not that tag
        await _cache.EvictByTagAsync("nobody has it", Token);
        Assert.NotNull(await Read("c"));
    }

    [Fact]
    public async Task What_was_evicted_gives_its_room_back_when_it_is_asked_for()
    {
        await _cache.SetAsync("k", new byte[1_000], ["t"], s_minute, Token);
        await _cache.EvictByTagAsync("t", Token);
        Assert.Null(await Read("k"));
        Assert.Empty(_cache.KeySpace.Keys());
        _store.AssertInvariants();
    }

    [Fact]
    public async Task Caches_on_one_key_space_share_their_evicted_tags_and_those_on_others_do_not()
    {
        MemStoreOutputCache same = new(_store), other = new(_store, new() { KeySpace = "other" });
        await _cache.SetAsync("k", [1], ["t"], s_minute, Token);
        await other.SetAsync("k", [2], ["t"], s_minute, Token);
        await same.EvictByTagAsync("t", Token);
        Assert.Null(await Read("k"));
        Assert.Equal([2], (await other.GetAsync("k", Token))!);
    }

    [Fact]
    public async Task The_tags_remembered_are_bounded_and_beyond_that_too_much_is_evicted_rather_than_too_little()
    {
        await _cache.SetAsync("first", [1], ["tag 0"], s_minute, Token);
        await _cache.SetAsync("old", [1], ["never evicted"], s_minute, Token);
        for (int i = 0; i < EvictedTags.Capacity; i++)
            await _cache.EvictByTagAsync($"tag {i}", Token);
        Assert.NotNull(await Read("old"));
        Assert.Null(await Read("first"));
        await _cache.SetAsync("new", [1], ["tag 0", "never evicted"], s_minute, Token);
        await _cache.EvictByTagAsync("one more", Token);
        EvictedTags tags = EvictedTags.Of(_cache.KeySpace);
        Assert.Equal(EvictedTags.Capacity / 2 + 1, tags.Count);
        Assert.Null(await Read("old")); // older than the tags that were forgotten: outdated for safety
        Assert.Null(await Read("first"));
        Assert.NotNull(await Read("new"));
    }

    [Fact]
    public async Task No_response_outlives_the_eviction_of_its_tag_while_both_go_on_at_once()
    {
        // One writer per key stores ever higher numbers; an evictor notes what is stored, evicts the tag, and must not read a number from before.
        int[] stored = new int[4];
        using CancellationTokenSource end = CancellationTokenSource.CreateLinkedTokenSource(Token);
        Task[] writers = [.. Enumerable.Range(0, stored.Length).Select(w => Task.Run(async () =>
        {
            for (int n = 1; !end.IsCancellationRequested; n++)
            {
                Volatile.Write(ref stored[w], n); // before it is stored: what is read later is at most this
                await _cache.SetAsync($"k{w}", BitConverter.GetBytes(n), ["t"], s_minute, Token);
            }
        }, Token))];
        try
        {
            for (int round = 0; round < 2_000; round++)
            {
                int[] before = [.. Enumerable.Range(0, stored.Length).Select(w => Volatile.Read(ref stored[w]))];
                await _cache.EvictByTagAsync("t", Token);
                for (int w = 0; w < stored.Length; w++)
                    if (await _cache.GetAsync($"k{w}", Token) is { } read)
                        Assert.True(BitConverter.ToInt32(read) >= before[w], $"round {round}, writer {w}: {BitConverter.ToInt32(read)} was stored before {before[w]}");
            }
        }
        finally
        {
            await end.CancelAsync();
            await Task.WhenAll(writers);
        }
    }

    [Fact]
    public async Task Keys_and_responses_beyond_the_limits_are_refused_with_typed_errors_and_counted()
    {
        MemStoreOutputCache cache = new(_store, new() { MaxKeyBytes = 10, MaxPayloadBytes = 10 });
        foreach (string key in new[] { "", new string('k', 11), "ääääää", "\ud800" })
        {
            Assert.Equal(MemStorageError.InvalidKey, (await Assert.ThrowsAsync<MemStorageException>(() => cache.GetAsync(key, Token).AsTask())).Error);
            Assert.Equal(MemStorageError.InvalidKey, (await Assert.ThrowsAsync<MemStorageException>(() => cache.SetAsync(key, [1], null, s_minute, Token).AsTask())).Error);
        }
        Assert.Equal(MemStorageError.ValueTooLarge, (await Assert.ThrowsAsync<MemStorageException>(() => cache.SetAsync("k", new byte[11], null, s_minute, Token).AsTask())).Error);
        Assert.Equal((8, 1, 0, 0), (cache.Faults.InvalidKeys, cache.Faults.Oversized, cache.Faults.Refused, cache.Faults.Malformed));
        Assert.Equal(0, cache.KeySpace.Count);
    }

    /// <summary>"No buffer is returned twice": a URL is a stranger's, and an array that is in the pool twice serves one user what belongs to another.</summary>
    [Theory]
    [InlineData('中', 3_000)]
    [InlineData(0xD800, 300)] // numbers: an attribute cannot hold a lone surrogate
    [InlineData(0xDC00, 1_000)]
    public async Task A_key_that_is_refused_leaves_no_array_in_the_pool_twice(int unit, int count)
    {
        string key = new((char)unit, count);
        Pipe pipe = new();
        ReadOnlyMemory<string> noTags = default;
        foreach (Func<Task> call in new Func<Task>[]
        {
            () => _cache.GetAsync(key, Token).AsTask(),
            () => _cache.TryGetAsync(key, pipe.Writer, Token).AsTask(),
            () => _cache.SetAsync(key, [1], null, s_minute, Token).AsTask(),
            () => _cache.SetAsync(key, new ReadOnlySequence<byte>(new byte[1]), noTags, s_minute, Token).AsTask(),
        })
        {
            // nothing here waits, so the thread, whose own arrays come first, stays the same
            MemStorageException e = await Assert.ThrowsAsync<MemStorageException>(call);
            Assert.Equal(MemStorageError.InvalidKey, e.Error);
            foreach (int length in new[] { key.Length * 3, 4_096 })
            {
                byte[][] rented = [.. Enumerable.Range(0, 64).Select(_ => ArrayPool<byte>.Shared.Rent(length))];
                Assert.Equal(rented.Length, rented.Distinct(ReferenceEqualityComparer.Instance).Count());
            }
        }
    }

    [Fact]
    public async Task Nulls_and_too_many_tags_are_refused()
    {
        await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.GetAsync(null!, Token).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.TryGetAsync("k", null!, Token).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.SetAsync("k", null!, null, s_minute, Token).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.SetAsync("k", [1], [null!], s_minute, Token).AsTask());
        await Assert.ThrowsAsync<ArgumentNullException>(() => _cache.EvictByTagAsync(null!, Token).AsTask());
        await Assert.ThrowsAsync<ArgumentException>(() => _cache.SetAsync("k", [1], [.. Enumerable.Repeat("t", 65_536)], s_minute, Token).AsTask());
        await _cache.SetAsync("k", [1], [.. Enumerable.Repeat("t", 65_535)], s_minute, Token);
        Assert.Equal([1], await Read("k"));
        Assert.Throws<ArgumentNullException>(() => new MemStoreOutputCache(null!));
        ArgumentException e = Assert.Throws<ArgumentException>(() => new MemStoreOutputCache(_store, new() { MaxKeyBytes = 0, KeySpace = "" }));
        Assert.Contains("MemStoreOutputCacheOptions.MaxKeyBytes = 0 is out of range; allowed: 1 to 65528 bytes of UTF-8.", e.Message, StringComparison.Ordinal);
        Assert.Contains("MemStoreOutputCacheOptions.KeySpace", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RefusedWriteBehavior.Throw)]
    [InlineData(RefusedWriteBehavior.Drop)]
    public async Task A_refused_write_surfaces_or_is_dropped_as_set_and_is_counted(RefusedWriteBehavior behavior)
    {
        using MemStore small = new(new MemStoreOptions { MaxMemoryMB = 1, EvictionMode = EvictionMode.Refuse, CompressionEnabled = false });
        MemStoreOutputCache cache = new(small, new() { RefusedWrites = behavior });
        await cache.SetAsync("k", [1], null, s_minute, Token);
        Task refused = cache.SetAsync("k", new byte[2 << 20], null, s_minute, Token).AsTask();
        if (behavior == RefusedWriteBehavior.Throw)
            Assert.Equal(MemStorageError.MemoryLimit, (await Assert.ThrowsAsync<MemStorageException>(() => refused)).Error);
        else
            await refused;
        Assert.Equal(1, cache.Faults.Refused);
        Assert.Null(await cache.GetAsync("k", Token)); // the former response is outdated
    }

    [Theory]
    [InlineData(new byte[] { 1 })]
    [InlineData(new byte[] { 0xC4 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xC4 })] // says that it has more tags than it has bytes
    public async Task Bytes_that_it_did_not_write_are_misses_and_counted(byte[] foreign)
    {
        Assert.Equal(SetResult.Stored, _cache.KeySpace.Set("k"u8, foreign));
        Assert.Null(await _cache.GetAsync("k", Token));
        Assert.Equal(1, _cache.Faults.Malformed);
    }

    [Fact]
    public async Task Cancelled_before_anything_happens_and_closed_for_everyone()
    {
        CancellationToken cancelled = new(canceled: true);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.SetAsync("k", [1], null, s_minute, cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.GetAsync("k", cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.TryGetAsync("k", new Pipe().Writer, cancelled).AsTask());
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _cache.EvictByTagAsync("k", cancelled).AsTask());
        Assert.Equal(0, _cache.KeySpace.Count);
        _store.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.SetAsync("k", [1], null, s_minute, Token).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.GetAsync("k", Token).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.TryGetAsync("k", new Pipe().Writer, Token).AsTask());
        await Assert.ThrowsAsync<ObjectDisposedException>(() => _cache.EvictByTagAsync("k", Token).AsTask());
    }
}
