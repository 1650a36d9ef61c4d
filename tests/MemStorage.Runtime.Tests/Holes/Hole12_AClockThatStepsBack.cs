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

    /// <summary>"The own versions are never refused": a step beyond the drift loses no write either, and what was read can be written back with the next version.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(24 * 365)]
    [InlineData(24 * 365 * 80)]
    public void A_step_beyond_the_drift_loses_no_write_either(int hours)
    {
        MemStore store = Open();
        long version = store.Put("k", "before");
        Time.AdjustTime(Now.AddHours(-hours));
        Assert.True(store.Put("k", "after") > version);
        StoredItem read = store.Get("k");
        Assert.Equal(SetResult.Stored, store.Set("k", new StoredItem("compared"u8, read.Version + 1)));
        Assert.Equal(SetResult.Superseded, store.Set("k", new StoredItem("late"u8, read.Version + 1)));
        Assert.Equal("compared", store.Text("k"));
        Assert.Equal(DeleteResult.Deleted, store.Delete("k", read.Version + 2));
        Assert.Equal(DeleteResult.NotFound, store.Delete("k"));
        Assert.Equal(TimeSpan.FromHours(hours), TimeSpan.FromHours(Math.Round(store.Stats().ClockAhead.TotalHours)));
    }

    /// <summary>"Versions of others beyond <c>MaxClockDrift</c> are refused before they touch clock or store", as before.</summary>
    [Fact]
    public void Versions_of_others_are_refused_beyond_the_drift()
    {
        MemStore store = Open();
        _ = store.Put("k", "before");
        Time.AdjustTime(Now.AddHours(-1));
        long ahead = store.Clock.Last + 1;
        StoreImage.AssertUnchanged(store, () =>
        {
            SyncOperation foreign = new("k", OpType.OpSet, new StoredItem("theirs"u8, ahead), 7);
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Apply(foreign)).Error);
            long far = ahead + (1 << 20);
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Set("k", new StoredItem("x"u8, far))).Error);
            Assert.Equal(MemStorageError.ClockDrift, Assert.Throws<MemStorageException>(() => _ = store.Delete("k", far)).Error);
        });
        Assert.Equal(ahead - 1, store.Clock.Last);
    }
}
