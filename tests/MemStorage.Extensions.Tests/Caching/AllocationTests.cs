using System.Buffers;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Caching.Distributed;

namespace MemStorage.Extensions.Tests.Caching;

/// <summary>Exact counts of bytes allocated: what a reader of the documentation may rely on.</summary>
public sealed class AllocationTests : IDisposable
{
    private const int Rounds = 1_000;

    private readonly MemStore _store = new(new MemStoreOptions { MaxMemoryMB = 1, AsyncEviction = false });
    private readonly MemStoreDistributedCache _cache;
    private readonly byte[] _payload = new byte[200];
    private readonly FixedWriter _writer = new(1_000);
    private readonly DistributedCacheEntryOptions _options = new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromHours(1) };

    public AllocationTests()
    {
        _cache = new MemStoreDistributedCache(_store);
        _cache.Set("key", _payload, _options);
        _cache.Set("sliding", _payload, new() { SlidingExpiration = TimeSpan.FromHours(1) });
    }

    public void Dispose() => _store.Dispose();

    private sealed class FixedWriter(int size) : IBufferWriter<byte>
    {
        private readonly byte[] _buffer = new byte[size];

        public void Advance(int count)
        {
        }

        public Memory<byte> GetMemory(int sizeHint = 0) => _buffer;

        public Span<byte> GetSpan(int sizeHint = 0) => _buffer;
    }

    // until a method is compiled for good, which takes the runtime some time, code that is rarely run may box a value; pools fill, and writes take the segments up to the bound
    private const int MostAttempts = 1_000;

    /// <summary>The least that a call allocated on this thread, in the mean of <see cref="Rounds"/> in a row; ends at once when it was <paramref name="enough"/>.</summary>
    private static long PerRound(Action operation, long enough = 0)
    {
        long least = long.MaxValue;
        for (int attempt = 0; attempt < MostAttempts && least > enough * Rounds; attempt++)
        {
            long before = GC.GetAllocatedBytesForCurrentThread();
            for (int i = 0; i < Rounds; i++)
                operation();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }
        return (least + Rounds - 1) / Rounds;
    }

#pragma warning disable xUnit1031, CA2012 // the tasks are complete
    [Fact]
    public void TryGetAsync_SetAsync_RefreshAsync_RemoveAsync_and_a_miss_allocate_nothing()
    {
        Assert.Equal(0, PerRound(() => Assert.True(_cache.TryGetAsync("key", _writer).GetAwaiter().GetResult())));
        Assert.Equal(0, PerRound(() => Assert.True(_cache.TryGetAsync("sliding", _writer).GetAwaiter().GetResult())));
        Assert.Equal(0, PerRound(() => _cache.GetAsync("missing").GetAwaiter().GetResult()));
        Assert.Equal(0, PerRound(() => _cache.SetAsync("key", _payload, _options).GetAwaiter().GetResult()));
        Assert.Equal(0, PerRound(() => _cache.SetAsync("key", new ReadOnlySequence<byte>(_payload), _options).GetAwaiter().GetResult()));
        Assert.Equal(0, PerRound(() => _cache.RefreshAsync("sliding").GetAwaiter().GetResult()));
        Assert.Equal(0, PerRound(() => _cache.RemoveAsync("missing").GetAwaiter().GetResult()));
    }

    [Fact]
    public void A_hit_of_GetAsync_allocates_its_array_and_its_task() =>
        Assert.InRange(PerRound(() => _cache.GetAsync("key").GetAwaiter().GetResult(), enough: 200 + 24 + 80), 200, 200 + 24 + 80);

    [Fact]
    public void A_listening_meter_adds_nothing_to_a_get()
    {
        using MemStoreMetrics metrics = new();
        metrics.Observe(_store);
        int measurements = 0;
        using MeterListener listener = new() { InstrumentPublished = (i, l) => { if (i.Meter.Name == MemStoreMetrics.MeterName) l.EnableMeasurementEvents(i); } };
        listener.SetMeasurementEventCallback<long>((_, _, _, _) => measurements++);
        listener.Start();
        Assert.Equal(0, PerRound(() => Assert.True(_cache.TryGet("key", _writer))));
        Assert.Equal(0, measurements); // nothing is recorded by a get, so there is nothing it could cost
        listener.RecordObservableInstruments();
        Assert.True(measurements > 0);
    }
#pragma warning restore xUnit1031, CA2012
}
