using MemStorage.Integration.Tests.Entities;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Integration.Tests.Writes;

/// <summary>"A life that somebody has named … is the entity's own and survives" an update, and an expiry is never in the past nor rounded into it.</summary>
public sealed class ExplicitLifeTests
{
    private static readonly Guid Id = new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);

    private static readonly Dictionary<string, Func<SessionRepository, DateTimeOffset?>> s_given = new(StringComparer.Ordinal)
    {
        ["time to live"] = static s => Stored(s.Set(new Session { Id = Id }, TimeSpan.FromMinutes(2)), 2),
        ["longer time to live"] = static s => Stored(s.Set(new Session { Id = Id }, TimeSpan.FromMinutes(50)), 50),
        ["point"] = static s => Stored(s.Set(new Session { Id = Id }, TestStores.Start.AddMinutes(2)), 2),
        ["for ever"] = static s => Stored(s.Set(new Session { Id = Id }, Timeout.InfiniteTimeSpan), null),
        ["options"] = static s => Stored(s.Set(new Session { Id = Id }, new EntitySetOptions { ExpireAt = TestStores.Start.AddMinutes(2) }, out _), 2),
        ["factory"] = static s =>
        {
            _ = s.GetOrCreate(Id, static (id, context) =>
            {
                context.TimeToLive = TimeSpan.FromMinutes(2);
                return new Session { Id = id };
            });
            return TestStores.Start.AddMinutes(2);
        },
        ["touch"] = static s => Touched(s, TimeSpan.FromMinutes(2), 2),
        ["longer touch"] = static s => Touched(s, TimeSpan.FromMinutes(50), 50),
        ["touch for ever"] = static s => Touched(s, Timeout.InfiniteTimeSpan, null),
    };

    public static TheoryData<string> Given => [.. s_given.Keys];

    [Theory]
    [MemberData(nameof(Given))]
    public void A_life_that_was_named_survives_updates(string given)
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        SessionRepository sessions = store.Sessions();
        DateTimeOffset? expected = s_given[given](sessions);
        clock.Advance(TimeSpan.FromMinutes(1));
        Func<UpdateResult>[] updates =
        [
            () => sessions.Update(Id, static s => s.User = "ada"),
            () => sessions.Update(Id, static s => s),
            () => sessions.Update(Id, 1, static (s, _) => s),
            () => sessions.TryUpdate(sessions.Get(Id)),
            () => sessions.TryUpdate(sessions.Get(Id), out _),
            () => sessions.TryUpdate(new Session { Id = Id }, sessions.Get(Id).Version, out _),
        ];
        foreach (Func<UpdateResult> update in updates)
        {
            Assert.Equal(UpdateResult.Updated, update());
            Assert.True(sessions.TryGetInfo(Id, out EntityInfo info));
            Assert.Equal(expected, info.ExpireAt);
        }
        sessions.SetOrThrow(new Session { Id = Id }); // a plain write begins the attribute's
        Assert.True(sessions.TryGetInfo(Id, out EntityInfo plain));
        Assert.Equal(clock.GetUtcNow().AddMinutes(10), plain.ExpireAt);
        Assert.Equal(UpdateResult.Updated, sessions.Update(Id, static s => s.User = "bob"));
        clock.Advance(TimeSpan.FromMinutes(10));
        Assert.False(sessions.Contains(Id));
    }

    [Fact]
    public void A_named_life_is_not_prolonged_by_reads_after_an_update_either()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        LeaseRepository leases = store.Leases();
        Assert.Equal(SetResult.Stored, leases.Set(new Lease { Name = "a" }, TimeSpan.FromMinutes(2)));
        Assert.Equal(UpdateResult.Updated, leases.Update("a", static l => l.Holder = 1));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.True(leases.TryGet("a", out _));
        Assert.True(leases.TryGetNoCopy("a", out _));
        clock.Advance(TimeSpan.FromMinutes(1));
        Assert.False(leases.TryGet("a", out _));
    }

    [Fact]
    public void A_point_of_expiry_in_the_past_is_refused_and_one_that_is_to_come_is_not()
    {
        using MemStore store = TestStores.Create(out FakeTimeProvider clock);
        SessionRepository sessions = store.Sessions();
        sessions.SetOrThrow(new Session { Id = Id, User = "ada" });
        foreach (DateTimeOffset past in new[] { TestStores.Start, TestStores.Start.AddTicks(-1), DateTimeOffset.MinValue })
        {
            Assert.Contains(past.ToString(), Assert.Throws<ArgumentOutOfRangeException>(() => _ = sessions.Set(new Session { Id = Id }, past)).Message, StringComparison.Ordinal);
            Assert.Throws<ArgumentOutOfRangeException>(() => _ = sessions.Set(new Session { Id = Id }, new EntitySetOptions { ExpireAt = past }, out _));
        }
        Assert.Throws<ArgumentOutOfRangeException>(() => _ = sessions.Touch(Id, TimeSpan.Zero));
        Assert.Equal("ada", sessions.Get(Id).User);

        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, TestStores.Start.AddMilliseconds(0.5)));
        Assert.True(sessions.Contains(Id));
        clock.Advance(TimeSpan.FromMilliseconds(1));
        Assert.False(sessions.Contains(Id));

        // the same for bytes, and for a clock between two milliseconds
        clock.Advance(TimeSpan.FromTicks(9_000));
        DateTimeOffset soon = clock.GetUtcNow().AddTicks(500);
        Assert.Equal(SetResult.Stored, store.Set("k", [1], expireAt: soon));
        Assert.Equal(SetResult.Stored, sessions.KeySpace.Set("k"u8, [1], soon));
        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, TimeSpan.FromTicks(1)));
        Assert.True(store.TryGet("k", out _));
        Assert.True(sessions.KeySpace.TryGetInfo("k"u8, out _));
        Assert.True(sessions.KeySpace.Touch("k"u8, soon));
        Assert.True(sessions.KeySpace.TryGetInfo("k"u8, out _));
        Assert.True(sessions.Contains(Id));
        Assert.Equal(SetResult.Stored, sessions.Set(new Session { Id = Id }, DateTimeOffset.MaxValue));
        Assert.True(sessions.Contains(Id));
    }

    private static DateTimeOffset? Stored(SetResult result, int? minutes)
    {
        Assert.Equal(SetResult.Stored, result);
        return minutes is { } m ? TestStores.Start.AddMinutes(m) : null;
    }

    private static DateTimeOffset? Touched(SessionRepository sessions, TimeSpan life, int? minutes)
    {
        sessions.SetOrThrow(new Session { Id = Id });
        Assert.True(sessions.Touch(Id, life));
        return minutes is { } m ? TestStores.Start.AddMinutes(m) : null;
    }
}
