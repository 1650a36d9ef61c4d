using MemStorage.Tests.Support;
using Xunit;

namespace MemStorage.Tests.Holes;

/// <summary>
/// Hole 12 of the origin: "Versions taken from the wall clock: a clock that steps back loses every write until it has caught up."
/// </summary>
public sealed class Hole12_AClockThatStepsBack : StoreTest
{
    /// <summary>Inside the drift that is allowed, writes go on winning as if nothing had happened.</summary>
    [Fact]
    public void A_clock_that_steps_back_loses_no_write()
    {
        MemStore store = Open();
        long version = store.Put("k", "before");
        Time.AdjustTime(Now.AddSeconds(-50));
        for (int i = 0; i < 1000; i++)
        {
            long next = store.Put("k", $"after {i}");
            Assert.True(next > version);
            version = next;
            Assert.Equal($"after {i}", store.Text("k"));
        }
        Assert.Equal(DeleteResult.Deleted, store.Delete("k"));
        Assert.Null(store.Text("k"));
    }

    /// <summary>A step beyond the drift is a typed error, not a write that is lost without a word; the store is unchanged, explicit versions still work.</summary>
    [Fact]
    public void A_step_beyond_the_drift_is_a_typed_error()
    {
        MemStore store = Open();
        long version = store.Put("k", "before");
        Time.AdjustTime(Now.AddHours(-1));
        StoreImage.AssertUnchanged(store, () =>
        {
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Set("k", StoreExtensions.Item("after"))).Error);
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Delete("k")).Error);
        });
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", version));
        Time.Advance(TimeSpan.FromHours(1));
        store.Put("k", "again");
        Assert.Equal("again", store.Text("k"));
    }
}
