using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 8 of the origin: "<c>Clear</c> swaps maps under readers and writers."
/// </summary>
public sealed class Hole08_ClearUnderReadersAndWriters : StoreTest
{
    /// <summary>"Readers in flight see the old or the new store, never a mixture within one key"; writers lose nothing they wrote after the last clear.</summary>
    [Fact]
    public async Task Readers_and_writers_go_on_through_Clear()
    {
        MemStore store = Open(o => o.SegmentBytes = 1024);
        CancellationToken cancel = TestContext.Current.CancellationToken;
        bool stop = false;
        Task[] threads =
        [
            .. Enumerable.Range(0, 2).Select(t => Task.Run(() =>
            {
                for (long i = 0; !Volatile.Read(ref stop); i++)
                    store.Put($"k{(t * 50) + (i % 50)}", Payload.Create((t * 50) + (i % 50), i, (int)(24 + (i % 400))));
            }, cancel)),
            .. Enumerable.Range(0, 2).Select(t => Task.Run(() =>
            {
                for (long i = 0; !Volatile.Read(ref stop); i++)
                {
                    if (store.TryGet($"k{i % 100}", out StoredItem? item))
                        Assert.True(Payload.TryVerify(item.Value.Span, i % 100, out _), "A mixture of two stores was read.");
                    if (store.TryGetNoCopy($"k{i % 100}", out NoCopyItem view))
                        Assert.True(Payload.TryVerify(view.Value.Span, i % 100, out _), "A mixture of two stores was read without a copy.");
                }
            }, cancel)),
        ];
        try
        {
            for (int i = 0; i < 500; i++)
            {
                store.Clear();
                MemoryReport report = store.GetMemoryReport();
                Assert.True(report.UsedBytes <= report.LimitBytes, $"{report.UsedBytes} bytes are used, {report.LimitBytes} are allowed.");
                MemStoreStats stats = store.Stats();
                Assert.True(stats.KeyCount >= 0 && stats.TotalBytes >= 0, $"{stats}");
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            await Task.WhenAll(threads);
        }
        store.Clear();
        Assert.Empty(store.Keys());
        Assert.Equal(0, store.Stats().KeyCount);
        store.Put("after", "v");
        Assert.Equal(["after"], store.Keys());
    }
}
