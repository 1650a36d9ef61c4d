using System.Diagnostics.Metrics;
using MemStorage.AspNetCore;
using MemStorage.Extensions.Tests.Caching;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Session;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Caching.Hybrid;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Time.Testing;

namespace MemStorage.Extensions.Tests.Hosting;

/// <summary>
/// docs/versions.md, "The clock": "The own versions are never refused, whatever the wall clock does". A service goes on working through the interfaces of the platform, and expirations are as
/// docs/versions.md, "Expirations and a wall clock that steps" says.
/// </summary>
public sealed class BrokenClockTests : IDisposable
{
    private static readonly DateTimeOffset s_start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    private readonly FakeTimeProvider _time = new(s_start);
    private readonly ServiceProvider _provider;
    private readonly MemStore _store;

    public BrokenClockTests()
    {
        ServiceCollection services = new();
        services.AddSingleton<TimeProvider>(_time);
        services.AddLogging();
        services.AddMemStorage(o =>
        {
            o.MaxMemoryMB = 8;
            o.AsyncEviction = false;
            o.ExpirySweepInterval = TimeSpan.Zero;
        }).AddDistributedCache().AddHealthCheck();
        services.AddSingleton<IDistributedCache>(p => new AwaitedDistributedCache(p.GetRequiredService<MemStoreDistributedCache>()));
        services.AddHybridCache();
        _provider = services.BuildServiceProvider();
        _store = _provider.GetRequiredService<MemStore>();
    }

    /// <summary>Where the wall clock goes after it has written once.</summary>
    public static TheoryData<string> Steps =>
        ["1969-12-31", "0001-01-01", "1970-01-02", "2025-01-01", "2025-12-31T23:00:00", "2025-12-31T23:58:59", "2027-01-01", "6394-01-01", "6429-10-18", "6430-01-01", "9999-01-01"];

    public static TheoryData<string> StepsOfHybridCache => [.. Steps.Select(static row => row.Data).Where(static step => step != "0001-01-01")];

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public void Dispose() => _provider.Dispose();

    private static DateTimeOffset At(string step) =>
        DateTimeOffset.Parse(step, System.Globalization.CultureInfo.InvariantCulture, System.Globalization.DateTimeStyles.AssumeUniversal);

    /// <summary>One write while the clock is where it should be, and then at the step; twice, so that the way back is a step as well.</summary>
    private async Task Through(string step, Func<int, Task> use)
    {
        await use(0);
        for (int i = 1; i < 5; i++)
        {
            _time.AdjustTime(i % 2 == 1 ? At(step) : s_start.AddSeconds(i));
            await use(i);
        }
    }

    [Theory]
    [MemberData(nameof(Steps))]
    public Task The_distributed_cache_goes_on(string step) => Through(step, async i =>
    {
        IDistributedCache cache = _provider.GetRequiredService<IDistributedCache>();
        byte[] value = [(byte)i];
        await cache.SetAsync("plain", value, new(), Token);
        Assert.Equal(value, await cache.GetAsync("plain", Token));
        await cache.SetAsync("relative", value, new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) }, Token);
        Assert.Equal(value, await cache.GetAsync("relative", Token));
        await cache.SetAsync("sliding", value, new() { SlidingExpiration = TimeSpan.FromMinutes(1) }, Token);
        await cache.RefreshAsync("sliding", Token);
        Assert.Equal(value, await cache.GetAsync("sliding", Token));
        await cache.RemoveAsync("plain", Token);
        Assert.Null(await cache.GetAsync("plain", Token));
        await cache.SetAsync("plain", value, new(), Token);
        Assert.Equal(value, await cache.GetAsync("plain", Token));
    });

    /// <summary>Without the year 1, in which HybridCache does not take back its own payloads, whatever keeps them.</summary>
    [Theory]
    [MemberData(nameof(StepsOfHybridCache))]
    public Task HybridCache_goes_on(string step) => Through(step, async i =>
    {
        HybridCache cache = _provider.GetRequiredService<HybridCache>();
        HybridCacheEntryOptions options = new() { Flags = HybridCacheEntryFlags.DisableLocalCache, Expiration = TimeSpan.FromMinutes(1) };
        string key = $"made:{i}";
        Assert.Equal(i, await cache.GetOrCreateAsync(key, _ => new ValueTask<int>(i), options, cancellationToken: Token));
        await cache.SetAsync("set", i, options, cancellationToken: Token);
        Assert.Equal(i, await cache.GetOrCreateAsync("set", _ => new ValueTask<int>(-1), options, cancellationToken: Token));
        await cache.RemoveAsync("set", Token);
        Assert.Equal(-2, await cache.GetOrCreateAsync("set", _ => new ValueTask<int>(-2), options, cancellationToken: Token));
        await cache.RemoveAsync("set", Token);
    });

    [Theory]
    [MemberData(nameof(Steps))]
    public Task Session_state_goes_on(string step) => Through(step, async i =>
    {
        DistributedSessionStore sessions = new(_provider.GetRequiredService<IDistributedCache>(), Microsoft.Extensions.Logging.Abstractions.NullLoggerFactory.Instance);
        ISession Session(bool isNew) => sessions.Create("0123456789012345678901234567890123456", TimeSpan.FromMinutes(20), TimeSpan.FromMinutes(1), static () => true, isNew);
        ISession session = Session(i == 0);
        await session.LoadAsync(Token);
        session.Set("n", [(byte)i]);
        await session.CommitAsync(Token);
        ISession again = Session(false);
        await again.LoadAsync(Token);
        Assert.True(again.TryGetValue("n", out byte[]? n));
        Assert.Equal([(byte)i], n);
    });

    [Theory]
    [MemberData(nameof(Steps))]
    public Task The_output_cache_goes_on(string step) => Through(step, async i =>
    {
        MemStoreOutputCache cache = new(_store);
        byte[] response = [(byte)i];
        await cache.SetAsync("page", response, ["t"], TimeSpan.FromMinutes(1), Token);
        Assert.Equal(response, await cache.GetAsync("page", Token));
        await cache.EvictByTagAsync("t", Token);
        Assert.Null(await cache.GetAsync("page", Token));
        await cache.SetAsync("page", response, ["t"], TimeSpan.FromMinutes(1), Token);
        Assert.Equal(response, await cache.GetAsync("page", Token));
    });

    /// <summary>"A life that begins after the step is as long as it was asked for", before 1970 apart.</summary>
    [Theory]
    [MemberData(nameof(Steps))]
    public async Task A_life_that_begins_after_the_step_has_its_length(string step)
    {
        IDistributedCache cache = _provider.GetRequiredService<IDistributedCache>();
        await cache.SetAsync("first", [1], new(), Token);
        _time.AdjustTime(At(step));
        await cache.SetAsync("relative", [1], new() { AbsoluteExpirationRelativeToNow = TimeSpan.FromMinutes(1) }, Token);
        await cache.SetAsync("sliding", [1], new() { SlidingExpiration = TimeSpan.FromMinutes(1) }, Token);
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.NotNull(await cache.GetAsync("relative", Token));
        Assert.NotNull(await cache.GetAsync("sliding", Token));
        _time.Advance(TimeSpan.FromSeconds(1));
        if (_time.GetUtcNow() < DateTimeOffset.UnixEpoch)
        {
            // "before 1970 time stands still": nothing expires until then
            Assert.NotNull(await cache.GetAsync("relative", Token));
            _time.AdjustTime(DateTimeOffset.UnixEpoch.AddMinutes(1).AddMilliseconds(1));
        }
        Assert.Null(await cache.GetAsync("relative", Token));
        _time.Advance(TimeSpan.FromSeconds(59));
        Assert.Null(await cache.GetAsync("sliding", Token));
    }

    /// <summary>"Lives that had begun end by the wall clock: a step forward ends them early, a step back prolongs them by its length"; "what was dropped never comes back".</summary>
    [Fact]
    public void Lives_that_had_begun_follow_the_wall_clock_and_what_was_dropped_never_comes_back()
    {
        _store.SetOrThrow("a", new StoredItem([1], expireAt: s_start.AddMinutes(1)));
        _store.SetOrThrow("b", new StoredItem([1], expireAt: s_start.AddMinutes(1)));
        _time.AdjustTime(s_start.AddHours(-1));
        _time.Advance(TimeSpan.FromMinutes(60));
        Assert.True(_store.TryGet("a", out _));
        _time.AdjustTime(s_start.AddYears(1));
        Assert.False(_store.TryGet("a", out _));
        _store.SweepExpired();
        _time.AdjustTime(s_start);
        Assert.False(_store.TryGet("a", out _));
        Assert.False(_store.TryGet("b", out _));
    }

    /// <summary>"Metrics, log and health say how far the wall clock is behind": an hour, and no longer than it lasts. Degraded, because the store works.</summary>
    [Fact]
    public async Task Metrics_and_health_say_how_far_the_wall_clock_is_behind()
    {
        using MemStoreMetrics metrics = new();
        metrics.Observe(_store);
        List<double> behind = [];
        using MeterListener listener = new() { InstrumentPublished = static (i, l) => { if (i.Name == "memstorage.clock.ahead") l.EnableMeasurementEvents(i); } };
        listener.SetMeasurementEventCallback<double>((_, value, tags, _) => behind.Add(value));
        listener.Start();

        _store.SetOrThrow("k", new StoredItem([1]));
        _time.AdjustTime(s_start.AddHours(-1));
        _store.SetOrThrow("k", new StoredItem([2]));
        listener.RecordObservableInstruments();
        Assert.Contains(3600.0, behind);
        Assert.Equal(TimeSpan.FromHours(1), _store.Stats().ClockAhead);
        HealthReport report = await _provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token);
        Assert.Equal(HealthStatus.Degraded, report.Status);
        Assert.Contains("the wall clock is 3,600,000 ms behind the store's", report.Entries.Values.Single().Description, StringComparison.Ordinal);
        Assert.Equal(3_600_000L, report.Entries.Values.Single().Data["clockAheadMilliseconds"]);

        _time.AdjustTime(s_start.AddSeconds(1));
        Assert.Equal(TimeSpan.Zero, _store.Stats().ClockAhead);
        Assert.Equal(HealthStatus.Healthy, (await _provider.GetRequiredService<HealthCheckService>().CheckHealthAsync(Token)).Status);
    }
}
