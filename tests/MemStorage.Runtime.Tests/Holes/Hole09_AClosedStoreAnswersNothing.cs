using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 9 of the origin: "<c>Close</c> leaves a store that still answers." Every method is tried in <see cref="Contract.ClosedStoreTests"/>; here while calls are running.
/// </summary>
public sealed class Hole09_AClosedStoreAnswersNothing : StoreTest
{
    /// <summary>Calls that run while the store closes finish or throw <see cref="ObjectDisposedException"/>; afterwards every one throws.</summary>
    [Fact]
    public async Task Closing_under_load_ends_every_call_with_an_answer_or_ObjectDisposedException()
    {
        for (int round = 0; round < 20; round++)
        {
            MemStore store = Open(o => (o.SegmentBytes, o.ExpirySweepInterval) = (1024, TimeSpan.FromSeconds(1)));
            int ready = 0;
            Task[] threads = [.. Enumerable.Range(0, 4).Select(t => Task.Run(() =>
            {
                try
                {
                    for (long i = 0; ; i++)
                    {
                        if (i == 20)
                            Interlocked.Increment(ref ready);
                        Work(store, t, i);
                    }
                }
                catch (ObjectDisposedException)
                {
                    return;
                }
            }, TestContext.Current.CancellationToken))];
            SpinWait.SpinUntil(() => Volatile.Read(ref ready) == 4 || threads.Any(t => t.IsFaulted), TimeSpan.FromSeconds(30));
            await store.CloseAsync(TestContext.Current.CancellationToken);
            await Task.WhenAll(threads).WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
            Time.Advance(TimeSpan.FromSeconds(5));
            Assert.Throws<ObjectDisposedException>(() => store.TryGet("k1", out _));
        }
    }

    private static void Work(MemStore store, int thread, long i)
    {
        long id = (thread * 20) + (i % 20);
        switch (i % 6)
        {
            case 0 or 1 or 2:
                _ = store.Set($"k{id}", new StoredItem(Payload.Create(id, i, (int)(24 + (i % 300)))));
                break;
            case 3:
                if (store.TryGet($"k{id}", out StoredItem? item))
                    Assert.True(Payload.TryVerify(item.Value.Span, id, out _));
                break;
            case 4:
                if (store.TryGetNoCopy($"k{id}", out NoCopyItem view))
                    Assert.True(Payload.TryVerify(view.Value.Span, id, out _));
                break;
            default:
                _ = store.Delete($"k{id}");
                _ = store.Keys().Count();
                _ = store.GetSyncBuffer();
                break;
        }
    }
}
