using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Writes;

/// <summary>"Time to live per entity, per call, absolute or sliding, with optional jitter".</summary>
public sealed class LifeTests
{
    private static readonly Guid Id = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    [Fact]
    public void An_entity_lives_as_long_as_its_attribute_says_after_every_write()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        SessionRepository sessions = store.Sessions();
        sessions.SetOrThrow(new Session { Id = Id });
        clock.Advance(TimeSpan.FromMinutes(9));
        Assert.Equal(UpdateResult.Updated, sessions.Update(Id, s => s.User = "ada"));
        clock.Advance(TimeSpan.FromMinutes(9));
        Session session = sessions.Get(Id);
        Assert.Equal(UpdateResult.Updated, sessions.TryUpdate(session));
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromMilliseconds(1));
        Assert.True(sessions.Contains(Id));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(sessions.TryGet(Id, out _)); // and reads did not prolong it
        Assert.Equal(UpdateResult.NotFound, sessions.Update(Id, s => s.User = "bob"));
    }

    [Fact]
    public void A_call_may_give_a_life_of_its_own()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        SessionRepository sessions = store.Sessions();
        DateTimeOffset? Expiry() => sessions.TryGetInfo(Id, out EntityInfo info) ? info.ExpireAt : throw new InvalidOperationException("gone");

        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, TimeSpan.FromSeconds(1)));
        Assert.Equal(TestStores.Start.AddSeconds(1), Expiry());
        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, Timeout.InfiniteTimeSpan));
        Assert.Null(Expiry());
        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, TestStores.Start.AddDays(1)));
        Assert.Equal(TestStores.Start.AddDays(1), Expiry());
        Assert.True(sessions.Touch(Id, TimeSpan.FromHours(1)));
        Assert.Equal(TestStores.Start.AddHours(1), Expiry());
        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, TimeSpan.MaxValue));
        Assert.True(sessions.Contains(Id));
        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, TimeSpan.FromTicks(1))); // less than a millisecond is one
        Assert.Equal(TestStores.Start.AddMilliseconds(1), Expiry());
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(sessions.Touch(Id, TimeSpan.FromHours(1)));

        Assert.Throws<ArgumentOutOfRangeException>(() => _ = sessions.Set(new Session { Id = Id }, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = sessions.Set(new Session { Id = Id }, TimeSpan.FromSeconds(-2)));
        Assert.Throws<ArgumentException>(() => _ = sessions.Set(new Session { Id = Id }, new EntitySetOptions { TimeToLive = TimeSpan.FromSeconds(1), ExpireAt = TestStores.Start }, out _));
        Assert.False(sessions.Contains(Id));
    }

    [Fact]
    public void An_update_keeps_the_expiry_of_an_entity_without_a_time_to_live()
    {
        using MemStore store = TestStores.Create();
        PageRepository pages = store.Pages();
        Assert.Equal(SetResult.Stored, pages.Set(Page.Create(1, 1), TimeSpan.FromMinutes(1)));
        Assert.Equal(UpdateResult.Updated, pages.Update(1, p => p.Checksum++));
        Assert.True(pages.TryGetInfo(1, out EntityInfo info));
        Assert.Equal(TestStores.Start.AddMinutes(1), info.ExpireAt);
        Assert.Equal(UpdateResult.Updated, pages.TryUpdate(pages.Get(1)));
        Assert.True(pages.TryGetInfo(1, out info));
        Assert.Equal(TestStores.Start.AddMinutes(1), info.ExpireAt);
        pages.SetOrThrow(pages.Get(1)); // a plain set begins a new life
        Assert.True(pages.TryGetInfo(1, out info));
        Assert.Null(info.ExpireAt);
    }

    [Fact]
    public void Reads_prolong_a_sliding_life_and_not_more_often_than_once_a_second()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        LeaseRepository leases = store.Leases();
        leases.SetOrThrow(new Lease { Name = "a" });
        Func<bool>[] reads =
        [
            () => leases.TryGet("a", out _),
            () => leases.TryGetNoCopy("a", out _),
            () => leases.TryGetNoCopy("a", out _), // the shared instance, this time
            () => leases.TryReadBytes("a", 0, static (payload, _) => payload.Length, out _),
            () => leases.GetMany(["a"]).Count == 1,
        ];
        foreach (Func<bool> read in reads)
        {
            clock.Advance(TimeSpan.FromMinutes(9));
            Assert.True(read());
            Assert.True(leases.TryGetInfo("a", out EntityInfo info));
            Assert.Equal(clock.GetUtcNow().AddMinutes(10), info.ExpireAt);
        }

        clock.Advance(TimeSpan.FromSeconds(1)); // a second is not enough to matter
        Assert.True(leases.TryGet("a", out _));
        Assert.True(leases.TryGetInfo("a", out EntityInfo last));
        Assert.Equal(clock.GetUtcNow().AddMinutes(10).AddSeconds(-1), last.ExpireAt);
        clock.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        Assert.False(leases.TryGet("a", out _));
    }

    [Theory]
    [InlineData(7)]
    [InlineData(-7)]
    [InlineData(int.MaxValue)]
    public void Reads_by_number_prolong_a_sliding_life(int number)
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        SeatRepository seats = store.Seats();
        seats.SetOrThrow(new Seat { Number = number });
        Func<bool>[] reads =
        [
            () => seats.TryGet(number, out _),
            () => seats.TryGetNoCopy(number, out _),
            () => seats.TryGetNoCopy(number, out _), // the shared instance, this time
            () => seats.GetMany([number, number]).Count == 2,
        ];
        foreach (Func<bool> read in reads)
        {
            clock.Advance(TimeSpan.FromMinutes(9));
            Assert.True(read());
            Assert.True(seats.TryGetInfo(number, out EntityInfo info));
            Assert.Equal(clock.GetUtcNow().AddMinutes(10), info.ExpireAt);
        }
        Assert.Equal(SetResult.Stored, seats.Set(new Seat { Number = number }, TimeSpan.FromMinutes(2)));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(seats.TryGet(number, out _));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(seats.TryGet(number, out _));
    }

    [Fact]
    public void A_life_given_with_the_call_is_not_prolonged_by_reads()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        LeaseRepository leases = store.Leases();
        Assert.Equal(SetResult.Stored, leases.Set(new Lease { Name = "a" }, TimeSpan.FromMinutes(2)));
        Assert.Equal(SetResult.Stored, leases.Set(new Lease { Name = "b" }, Timeout.InfiniteTimeSpan));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(leases.TryGet("a", out _));
        Assert.True(leases.TryGetNoCopy("a", out _));
        Assert.True(leases.TryGetNoCopy("a", out _));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(leases.TryGet("a", out _));
        clock.Advance(TimeSpan.FromDays(100));
        Assert.True(leases.TryGet("b", out _));
    }

    [Fact]
    public void Jitter_spreads_lives_below_the_time_to_live_and_above_its_lower_bound()
    {
        using MemStore store = TestStores.Create();
        QuoteRepository quotes = store.Quotes();
        HashSet<DateTimeOffset> expiries = [];
        for (int i = 0; i < 200; i++)
        {
            quotes.SetOrThrow(new Quote { Id = i });
            Assert.True(quotes.TryGetInfo(i, out EntityInfo info));
            Assert.InRange(info.ExpireAt!.Value - TestStores.Start, TimeSpan.FromMinutes(5) - TimeSpan.FromMilliseconds(1), TimeSpan.FromMinutes(10));
            expiries.Add(info.ExpireAt.Value);
        }
        Assert.True(expiries.Count > 100, $"200 lives of 300,000 possible lengths ended at {expiries.Count} moments");
        Assert.Equal(SetResult.Stored, quotes.Set(new Quote { Id = 1 }, TimeSpan.FromMinutes(10)));
        Assert.True(quotes.TryGetInfo(1, out EntityInfo exact));
        Assert.Equal(TestStores.Start.AddMinutes(10), exact.ExpireAt);
    }
}
