using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 2 of the origin: "Two readers of an expired key both subtract; an expired read can remove a value that was just written."
/// </summary>
public sealed class Hole02_TwoReadersOfAnExpiredKey : StoreTest
{
    [Fact]
    public void Many_readers_of_one_expired_key_subtract_it_once()
    {
        MemStore store = Open(o => o.ExpirySweepInterval = TimeSpan.FromSeconds(1));
        for (int round = 0; round < 50; round++)
        {
            store.Put("expired", Payload.Create(1, round, 100), expireAt: Now.AddMilliseconds(1));
            store.Put("stays", Payload.Create(2, round, 100));
            Time.Advance(TimeSpan.FromMilliseconds(1));
            Parallel.For(0, 8, _ => Assert.False(store.TryGet("expired", out StoredItem? _)));
            StoreInvariants.Assert(store);
        }
        for (int i = 0; i < 100; i++)
            Time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, store.Stats().KeyCount);
        Assert.Equal(100, store.Stats().OriginalBytes);
    }

    /// <summary>Readers that meet the expired value while it is being replaced never take the new one away.</summary>
    [Fact]
    public async Task An_expired_read_never_removes_what_was_just_written()
    {
        MemStore store = Open();
        bool stop = false;
        Task reader = Task.Run(() =>
        {
            while (!Volatile.Read(ref stop))
                _ = store.TryGet("k", out StoredItem? _);
        }, TestContext.Current.CancellationToken);
        try
        {
            for (int i = 0; i < 20_000; i++)
            {
                store.Put("k", "expired", expireAt: Now.AddMilliseconds(-1));
                store.Put("k", "written");
                Assert.Equal("written", store.Text("k"));
            }
        }
        finally
        {
            Volatile.Write(ref stop, true);
            await reader;
        }
    }
}
