using System.Buffers;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Caching;

/// <summary>Random operations against a model of what the interface promises, with a clock that moves between them.</summary>
public sealed class DistributedCacheModelTests
{
    private sealed record Expected(byte[] Payload, long Sliding, long Absolute)
    {
        public long ExpireAt { get; set; }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    public void The_cache_behaves_as_the_model(int seed)
    {
        Random random = new(seed);
        FakeTimeProvider time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
        using MemStore store = new(new MemStoreOptions { MaxMemoryMB = 64, TimeProvider = time, AsyncEviction = false });
        MemStoreDistributedCache cache = new(store);
        Dictionary<string, Expected> model = [];

        for (int step = 0; step < 4_000; step++)
        {
            string key = "k" + random.Next(20);
            long now = time.GetUtcNow().ToUnixTimeMilliseconds();
            if (model.TryGetValue(key, out Expected? known) && known.ExpireAt <= now)
                model.Remove(key);
            switch (random.Next(8))
            {
                case 0 or 1:
                    byte[] payload = new byte[random.Next(3) == 0 ? random.Next(5_000) : random.Next(50)];
                    random.NextBytes(payload);
                    long sliding = random.Next(2) == 0 ? random.Next(1, 5_000) : 0;
                    long absolute = random.Next(2) == 0 ? now + random.Next(1, 20_000) : long.MaxValue;
                    DistributedCacheEntryOptions options = new();
                    if (sliding > 0)
                        options.SlidingExpiration = TimeSpan.FromMilliseconds(sliding);
                    if (absolute < long.MaxValue && random.Next(2) == 0)
                        options.AbsoluteExpiration = DateTimeOffset.FromUnixTimeMilliseconds(absolute);
                    else if (absolute < long.MaxValue)
                        options.AbsoluteExpirationRelativeToNow = TimeSpan.FromMilliseconds(absolute - now);
                    cache.Set(key, payload, options);
                    model[key] = new Expected(payload, sliding, absolute);
                    Slide(model[key], now);
                    break;
                case 2:
                    cache.Remove(key);
                    model.Remove(key);
                    break;
                case 3:
                    cache.Refresh(key);
                    if (model.TryGetValue(key, out Expected? refreshed))
                        Slide(refreshed, now);
                    break;
                case 4:
                    time.Advance(TimeSpan.FromMilliseconds(random.Next(0, 2_000)));
                    break;
                case 5:
                    ArrayBufferWriter<byte> writer = new();
                    bool found = cache.TryGet(key, writer);
                    Check(found ? writer.WrittenSpan.ToArray() : null);
                    break;
                default:
                    Check(cache.Get(key));
                    break;
            }

            void Check(byte[]? actual)
            {
                byte[]? expected = model.TryGetValue(key, out Expected? e) ? e.Payload : null;
                Assert.True(expected is null == actual is null && (expected is null || expected.AsSpan().SequenceEqual(actual)),
                    $"seed {seed}, step {step}, key {key}: expected {expected?.Length.ToString() ?? "a miss"}, got {actual?.Length.ToString() ?? "a miss"}");
                if (e is not null)
                    Slide(e, now);
            }
        }
    }

    private static void Slide(Expected e, long now) => e.ExpireAt = Math.Min(e.Absolute, e.Sliding > 0 ? now + e.Sliding : long.MaxValue);
}
