using MemStorage.Extensions.Health;

namespace MemStorage.Extensions.Tests.Diagnostics;

/// <summary>The rules of <see cref="MemStoreHealthOptions"/>, border by border.</summary>
public sealed class ConditionTests
{
    private static readonly MemStoreReading s_well = new() { StoreName = "s", Elapsed = TimeSpan.FromMinutes(1), LimitBytes = 1_000_000, UsedBytes = 500_000, OccupiedPercent = 50, Entries = 1000, Writes = 100 };

    private static string Judge(MemStoreReading reading, bool refuses = false, Action<MemStoreHealthOptions>? rules = null)
    {
        MemStoreHealthOptions options = new();
        rules?.Invoke(options);
        return string.Join(' ', MemStoreCondition.Judge(reading, options, refuses).Select(c => c.Kind + (c.Unhealthy ? "!" : "")));
    }

    [Fact]
    public void A_store_that_is_well_has_no_condition() => Assert.Equal("", Judge(s_well));

    [Theory]
    [InlineData(89.9, "")]
    [InlineData(90, "Occupied")]
    [InlineData(97.9, "Occupied")]
    [InlineData(98, "Occupied!")]
    public void A_store_that_refuses_is_judged_by_what_is_occupied(double percent, string expected)
    {
        Assert.Equal(expected, Judge(s_well with { OccupiedPercent = percent }, refuses: true));
        Assert.Equal("", Judge(s_well with { OccupiedPercent = percent })); // one that evicts is full in normal operation
    }

    [Theory]
    [InlineData(1, "Refused")]
    [InlineData(9, "Refused")]
    [InlineData(10, "Refused!")]
    public void Any_refused_write_is_degraded_and_a_share_of_them_unhealthy(long refused, string expected) => Assert.Equal(expected, Judge(s_well with { RefusedWrites = refused }));

    [Theory]
    [InlineData(31, 0, "")]
    [InlineData(30, 0, "")]
    [InlineData(29, 0, "Turnover")]
    [InlineData(4, 0, "Turnover")]
    [InlineData(4, 5, "Turnover!")]
    public void Turnover_faster_than_the_rule_says(double seconds, double unhealthySeconds, string expected)
    {
        MemStoreReading reading = s_well with { Evictions = 1, EvictionsPerSecond = 1000 / seconds, Turnover = TimeSpan.FromSeconds(seconds) };
        Assert.Equal(expected, Judge(reading, rules: r => r.UnhealthyTurnover = TimeSpan.FromSeconds(unhealthySeconds)));
        Assert.Equal("", Judge(reading, rules: r => r.DegradedTurnover = TimeSpan.Zero));
    }

    [Fact]
    public void Lost_changes_are_degraded() => Assert.Equal("Gap", Judge(s_well with { LostChanges = 1 }));

    [Theory]
    [InlineData(49, "")]
    [InlineData(50, "ClockDrift")]
    [InlineData(90, "ClockDrift")]
    [InlineData(52_560_000, "ClockDrift")] // a year
    public void The_clock_is_judged_by_what_is_allowed(double percent, string expected) =>
        Assert.Equal(expected, Judge(s_well with { ClockAhead = TimeSpan.FromSeconds(percent), ClockAheadPercent = percent }));

    [Fact]
    public void The_text_names_figures_in_the_invariant_culture()
    {
        Condition condition = Assert.Single(MemStoreCondition.Judge(s_well with { RefusedWrites = 1234, Writes = 5678 }, new(), refuses: false));
        Assert.Equal("1,234 of 5,678 writes were refused for want of room within 60 s", condition.Text);
    }
}
