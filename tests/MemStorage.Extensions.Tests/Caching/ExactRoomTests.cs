using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Caching;

/// <summary>A writer needs room for the payload and no more; an expiry that is still to come is not in the past; a miss is one read of the store.</summary>
public sealed class ExactRoomTests
{
    private static readonly DateTimeOffset s_start = new(2026, 3, 1, 12, 0, 0, TimeSpan.Zero);
    private readonly FakeTimeProvider _clock = new(s_start);

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(16, true)]
    [InlineData(300, false)]
    [InlineData(5000, true)]
    public void A_writer_with_room_for_exactly_the_payload_gets_it(int length, bool sliding)
    {
        using MemStore store = Create();
        MemStoreDistributedCache cache = new(store);
        byte[] payload = [.. Enumerable.Range(0, length).Select(static i => (byte)i)];
        cache.Set("k", payload, new DistributedCacheEntryOptions { SlidingExpiration = sliding ? TimeSpan.FromMinutes(1) : null });
        foreach (int more in new[] { 0, 1, 16, 17, 40 })
        {
            FixedWriter writer = new(length + more);
            Assert.True(cache.TryGet("k", writer));
            Assert.Equal(payload, writer.Written);
            FixedWriter misleading = new(length + more) { FirstSpan = 1 };
            Assert.True(cache.TryGet("k", misleading));
            Assert.Equal(payload, misleading.Written);
        }
        ArrayBufferWriter<byte> growing = new();
        Assert.True(cache.TryGet("k", growing));
        Assert.Equal(payload, growing.WrittenSpan);
    }

    [Fact]
    public void An_expiry_that_is_less_than_a_millisecond_away_is_not_in_the_past()
    {
        using MemStore store = Create();
        MemStoreDistributedCache cache = new(store);
        _clock.Advance(TimeSpan.FromTicks(3_000)); // between two milliseconds
        DateTimeOffset now = _clock.GetUtcNow();
        cache.Set("k", [1], new DistributedCacheEntryOptions { AbsoluteExpiration = now.AddTicks(5_000) });
        Assert.NotNull(cache.Get("k"));
        cache.Set("r", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(1) });
        _clock.Advance(TimeSpan.FromTicks(9_000));
        Assert.NotNull(cache.Get("r"));
        _clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Null(cache.Get("k"));
        Assert.Null(cache.Get("r"));
        now = _clock.GetUtcNow();
        foreach (DateTimeOffset past in new[] { now, now.AddTicks(-1), DateTimeOffset.MinValue })
            Assert.Throws<ArgumentOutOfRangeException>(() => cache.Set("k", [1], new DistributedCacheEntryOptions { AbsoluteExpiration = past }));
        cache.Set("k", [1], new DistributedCacheEntryOptions { AbsoluteExpiration = DateTimeOffset.MaxValue });
        cache.Set("r", [1], new DistributedCacheEntryOptions { AbsoluteExpirationRelativeToNow = TimeSpan.MaxValue });
        Assert.NotNull(cache.Get("k"));
        Assert.NotNull(cache.Get("r"));
    }

    [Fact]
    public void A_miss_is_one_read()
    {
        using MemStore store = Create();
        MemStoreDistributedCache cache = new(store);
        Assert.Null(cache.Get("k"));
        Assert.False(cache.TryGet("k", new ArrayBufferWriter<byte>()));
        cache.Refresh("k");
        Assert.Equal((3, 0), (store.Stats().GetCount, store.Stats().HitCount));
    }

    private MemStore Create() => new(new MemStoreOptions { TimeProvider = _clock, MaxMemoryMB = 16, ExpirySweepInterval = TimeSpan.Zero });

    /// <summary>One array that does not grow; asked for more than it has, it throws.</summary>
    private sealed class FixedWriter(int length) : IBufferWriter<byte>
    {
        private readonly byte[] _array = new byte[length];
        private int _used;

        /// <summary>How much is offered to who asks for no certain length; 0: all.</summary>
        public int FirstSpan { get; init; }

        public byte[] Written => _array[.._used];

        public void Advance(int count) => _used += count;

        public Memory<byte> GetMemory(int sizeHint = 0)
        {
            if (sizeHint > _array.Length - _used)
                throw new InvalidOperationException($"{sizeHint} bytes are asked for, {_array.Length - _used} are there");
            return sizeHint == 0 && FirstSpan > 0 ? _array.AsMemory(_used, Math.Min(FirstSpan, _array.Length - _used)) : _array.AsMemory(_used);
        }

        public Span<byte> GetSpan(int sizeHint = 0) => GetMemory(sizeHint).Span;
    }
}
