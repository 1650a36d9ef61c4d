using MemStorage.Versions;
using Microsoft.Extensions.Time.Testing;
using Xunit;

namespace MemStorage.Tests.Contract;

/// <summary>"<c>long</c>, from a hybrid logical clock: <c>unixMilliseconds &lt;&lt; 16 | counter</c>; <c>next = max(now &lt;&lt; 16, last + 1)</c>."</summary>
public sealed class HybridLogicalClockTests
{
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));

    private long WallClock => _time.GetUtcNow().ToUnixTimeMilliseconds() << 16;

    [Fact]
    public void A_version_is_milliseconds_and_counter()
    {
        HybridLogicalClock clock = new(_time);
        Assert.Equal(0, clock.Last);
        long first = clock.Next();
        Assert.Equal(WallClock, first);
        Assert.Equal(first + 1, clock.Next());
        Assert.Equal(first + 1, clock.Last);
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Assert.Equal(WallClock, clock.Next());
        Assert.Equal(_time.GetUtcNow(), HybridLogicalClock.TimeOf(clock.Last));
        Assert.Throws<ArgumentOutOfRangeException>(() => HybridLogicalClock.TimeOf(-1));
    }

    /// <summary>"Never backwards": also when the wall clock steps back.</summary>
    [Fact]
    public void It_never_goes_backwards()
    {
        HybridLogicalClock clock = new(_time);
        long last = clock.Next();
        _time.AdjustTime(_time.GetUtcNow().AddSeconds(-30));
        for (int i = 0; i < 1000; i++)
        {
            long next = clock.Next();
            Assert.Equal(last + 1, next);
            last = next;
        }
    }

    /// <summary>"Overflow carries into the milliseconds": 65,536 versions in one millisecond run into the next.</summary>
    [Fact]
    public void An_overflow_carries_into_the_milliseconds()
    {
        HybridLogicalClock clock = new(_time);
        long first = clock.Next();
        long last = first;
        for (int i = 0; i < 70_000; i++)
            last = clock.Next();
        Assert.Equal(first + 70_000, last);
        Assert.Equal(_time.GetUtcNow().AddMilliseconds(1), HybridLogicalClock.TimeOf(last));
    }

    public static TheoryData<string> Steps => ["-1m", "-1h", "-1y", "+1y", "1969", "0001", "6400", "6430", "9999", "end"];

    private static DateTimeOffset Step(DateTimeOffset now, string step) => step switch
    {
        "-1m" => now.AddMinutes(-1),
        "-1h" => now.AddHours(-1),
        "-1y" => now.AddYears(-1),
        "+1y" => now.AddYears(1),
        "end" => DateTimeOffset.MaxValue,
        _ => new DateTimeOffset(int.Parse(step, System.Globalization.CultureInfo.InvariantCulture), 1, 1, 0, 0, 0, TimeSpan.Zero),
    };

    /// <summary>"It never goes backwards and never refuses a version of its own, whatever the wall clock does."</summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public void It_goes_on_from_its_last_version_whatever_the_wall_clock_does(string step)
    {
        HybridLogicalClock clock = new(_time, TimeSpan.FromSeconds(10));
        long last = clock.Next();
        DateTimeOffset start = _time.GetUtcNow();
        foreach (DateTimeOffset at in (DateTimeOffset[])[Step(start, step), start, Step(start, step), start.AddSeconds(1)])
        {
            _time.AdjustTime(at);
            for (int i = 0; i < 100; i++)
            {
                long next = clock.Next();
                Assert.True(next > last, $"{next} after {last} at {at}");
                last = next;
            }
            Assert.Equal(last, clock.Last);
            Assert.True(clock.TryObserve(last));
            Assert.Equal(TimeSpan.Zero, new[] { clock.Ahead - (HybridLogicalClock.TimeOf(last) - at), TimeSpan.Zero }.Min());
        }
    }

    /// <summary>The same from the beginning on: a machine that starts with a clock of nowhere.</summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public void It_begins_wherever_the_wall_clock_is(string step)
    {
        _time.AdjustTime(Step(_time.GetUtcNow(), step));
        HybridLogicalClock clock = new(_time);
        long first = clock.Next();
        Assert.True(first > 0);
        for (int i = 1; i <= 70_000; i++)
            Assert.Equal(first + i, clock.Next());
        Assert.True(HybridLogicalClock.TimeOf(clock.Last) < HybridLogicalClock.TimeOf(long.MaxValue).AddYears(-30));
    }

    /// <summary>"What is limited is how far versions of others may be ahead of the wall clock": also where the own clock is far ahead of it, and it is unchanged by what it refuses.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(525_600)]
    public void Versions_of_others_are_measured_by_the_wall_clock_after_a_step_back_too(int minutes)
    {
        HybridLogicalClock clock = new(_time, TimeSpan.FromSeconds(10));
        long last = clock.Next();
        _time.AdjustTime(_time.GetUtcNow().AddMinutes(-minutes));
        Assert.True(clock.TryObserve(last)); // moves nothing
        Assert.False(clock.TryObserve(last + 1));
        Assert.False(clock.TryObserve(long.MaxValue));
        Assert.Equal((last, last), (clock.Last, clock.MaxAcceptable));
        Assert.Equal(TimeSpan.FromMinutes(minutes), clock.Ahead);
        Assert.Equal(last + 1, clock.Next());
    }

    /// <summary>"The drift allowed" has no upper limit here; whatever is observed, versions are left to go on with.</summary>
    [Fact]
    public void However_much_drift_is_allowed_versions_do_not_run_out()
    {
        HybridLogicalClock clock = new(_time, TimeSpan.MaxValue);
        long highest = clock.MaxAcceptable;
        Assert.True(clock.TryObserve(highest));
        Assert.False(clock.TryObserve(highest + 1));
        Assert.Equal(highest + 1, clock.Next());
        Assert.True(long.MaxValue - highest > 1L << 54);
    }

    /// <summary>A version seen elsewhere moves the clock; "a remote version beyond [the drift] is refused before it touches clock or store".</summary>
    [Fact]
    public void Observing_moves_it_unless_the_version_is_too_far_ahead()
    {
        HybridLogicalClock clock = new(_time, TimeSpan.FromSeconds(10));
        long own = clock.Next();
        Assert.True(clock.TryObserve(own - 5));
        Assert.Equal(own, clock.Last);

        long ahead = WallClock + (9_000L << 16) + 7;
        Assert.True(clock.TryObserve(ahead));
        Assert.Equal(ahead, clock.Last);
        Assert.Equal(ahead + 1, clock.Next());

        Assert.False(clock.TryObserve(clock.MaxAcceptable + 1));
        Assert.False(clock.TryObserve(long.MaxValue));
        Assert.Equal(ahead + 1, clock.Last);
    }

    /// <summary>What it accepts from elsewhere never makes its own next version fail: the highest acceptable version leaves room for one more.</summary>
    [Fact]
    public void After_the_highest_acceptable_version_it_still_stamps()
    {
        HybridLogicalClock clock = new(_time, TimeSpan.FromSeconds(10));
        long highest = clock.MaxAcceptable;
        Assert.True(clock.TryObserve(highest));
        _time.Advance(TimeSpan.FromMilliseconds(2));
        Assert.Equal(highest + 1, clock.Next());
    }

    [Fact]
    public void The_drift_allowed_must_be_positive()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new HybridLogicalClock(_time, TimeSpan.Zero));
        Assert.Throws<ArgumentOutOfRangeException>(() => new HybridLogicalClock(_time, TimeSpan.FromSeconds(-1)));
    }

    /// <summary>"Thread-safe": no version is given out twice, each thread sees its own rise.</summary>
    [Fact]
    public void Versions_are_unique_across_threads()
    {
        HybridLogicalClock clock = new(_time);
        long[][] taken = new long[4][];
        Parallel.For(0, taken.Length, t =>
        {
            long[] mine = new long[20_000];
            for (int i = 0; i < mine.Length; i++)
            {
                mine[i] = clock.Next();
                if (i % 64 == 0)
                    Assert.True(clock.TryObserve(mine[i] + 3));
            }
            taken[t] = mine;
        });
        Assert.All(taken, mine => Assert.True(mine.Zip(mine.Skip(1)).All(p => p.First < p.Second)));
        Assert.Equal(80_000, taken.SelectMany(v => v).Distinct().Count());
    }
}
