using MemStorage.AspNetCore;
using MemStorage.AspNetCore.Caching;
using MemStorage.Extensions.Configuration;
using MemStorage.Settings;
using Microsoft.Extensions.Caching.Distributed;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Options;

namespace MemStorage.Extensions.Tests.Hosting;

public sealed class ConfigurationTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static IConfiguration Configuration(params (string Key, string? Value)[] values) =>
        new ConfigurationBuilder().AddInMemoryCollection(values.Select(v => new KeyValuePair<string, string?>(v.Key, v.Value))).Build();

    private static IHost Host(Action<IServiceCollection> add)
    {
        HostApplicationBuilder builder = new(new HostApplicationBuilderSettings { DisableDefaults = true });
        add(builder.Services);
        return builder.Build();
    }

    [Fact]
    public void Every_option_can_come_from_configuration()
    {
        IConfiguration configuration = Configuration(
            ("Cache:Name", "orders"), ("Cache:MaxMemoryMB", "64"), ("Cache:MaxMemoryBytes", "1048576"), ("Cache:ShardCount", "8"), ("Cache:SegmentBytes", "2048"),
            ("Cache:CompressionEnabled", "false"), ("Cache:CompressionThreshold", "128"), ("Cache:EvictionMode", "refuse"), ("Cache:EvictThreshold", "70"), ("Cache:EvictTarget", "60"),
            ("Cache:EvictBatchSize", "5"), ("Cache:AsyncEviction", "False"), ("Cache:TombstoneRetention", "00:01:00"), ("Cache:MaxClockDrift", "00:00:10"),
            ("Cache:ExpirySweepInterval", "00:00:05"), ("Cache:ChangeLogBytes", "4096"), ("Cache:NodeId", "7"),
            ("Cache:DistributedCache:KeySpace", "pages"), ("Cache:DistributedCache:MaxKeyBytes", "100"), ("Cache:DistributedCache:MaxPayloadBytes", "1000"),
            ("Cache:DistributedCache:RefusedWrites", "Drop"),
            ("Cache:Health:SampleInterval", "00:00:02"), ("Cache:Health:Window", "00:00:20"), ("Cache:Health:DegradedOccupiedPercent", "80"), ("Cache:Health:UnhealthyOccupiedPercent", "95.5"),
            ("Cache:Health:UnhealthyRefusedPercent", "5"), ("Cache:Health:DegradedTurnover", "00:01:00"), ("Cache:Health:UnhealthyTurnover", "00:00:10"),
            ("Cache:Health:DegradedDriftPercent", "40"), ("Cache:Health:UnhealthyDriftPercent", "60"));
        ServiceCollection services = new();
        services.AddMemStorage(configuration.GetSection("Cache")).AddDistributedCache();
        using ServiceProvider provider = services.BuildServiceProvider();

        MemStoreOptions o = provider.GetRequiredService<IOptions<MemStoreOptions>>().Value;
        Assert.Equal(
            ("orders", 64, 1_048_576L, 8, 2048, false, 128, EvictionMode.Refuse, 70, 60, 5, false),
            (o.Name, o.MaxMemoryMB, o.MaxMemoryBytes, o.ShardCount, o.SegmentBytes, o.CompressionEnabled, o.CompressionThreshold, o.EvictionMode, o.EvictThreshold, o.EvictTarget, o.EvictBatchSize, o.AsyncEviction));
        Assert.Equal(
            (TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(5), 4096L, 7),
            (o.TombstoneRetention, o.MaxClockDrift, o.ExpirySweepInterval, o.ChangeLogBytes, o.NodeId));
        MemStoreDistributedCacheOptions c = provider.GetRequiredService<IOptions<MemStoreDistributedCacheOptions>>().Value;
        Assert.Equal(("pages", 100, 1000, RefusedWriteBehavior.Drop), (c.KeySpace, c.MaxKeyBytes, c.MaxPayloadBytes, c.RefusedWrites));
        MemStoreHealthOptions h = provider.GetRequiredService<IOptions<MemStoreHealthOptions>>().Value;
        Assert.Equal(
            (TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(20), 80.0, 95.5, 5.0, TimeSpan.FromMinutes(1), TimeSpan.FromSeconds(10), 40.0, 60.0),
            (h.SampleInterval, h.Window, h.DegradedOccupiedPercent, h.UnhealthyOccupiedPercent, h.UnhealthyRefusedPercent, h.DegradedTurnover, h.UnhealthyTurnover, h.DegradedDriftPercent, h.UnhealthyDriftPercent));
        Assert.Equal("orders", provider.GetRequiredService<MemStore>().Name);
        Assert.Equal("pages", provider.GetRequiredService<MemStoreDistributedCache>().KeySpace.Name);
    }

    [Fact]
    public void Every_settable_public_option_is_in_the_tables()
    {
        // TimeProvider is an object: it comes from the services or from code.
        Assert.Equal(["TimeProvider"], MemStoreOptionTable.Table.Rows.Where(r => !r.IsBindable).Select(r => r.Name));
        Assert.Equal(Settable<MemStoreOptions>(), MemStoreOptionTable.Table.Rows.Select(r => r.Name).Order());
        Assert.Equal(Settable<MemStoreDistributedCacheOptions>(), OptionTables.DistributedCache.Rows.Select(r => r.Name).Order());
        Assert.Equal(Settable<MemStoreOutputCacheOptions>(), OutputCacheOptionTable.Table.Rows.Select(r => r.Name).Order());
        Assert.Equal(Settable<MemStoreHealthOptions>(), OptionTables.Health.Rows.Select(r => r.Name).Order());

        static IEnumerable<string> Settable<T>() => typeof(T).GetProperties().Where(p => p.SetMethod is { IsPublic: true, IsStatic: false }).Select(p => p.Name).Order();
    }

    [Fact]
    public async Task All_faults_come_at_start_in_one_message_with_section_key_value_and_range()
    {
        IConfiguration configuration = Configuration(
            ("App:Cache:MaxMemoryMb", "lots"), ("App:Cache:EvictThreshold", "101"), ("App:Cache:EvictTarget", "-1"), ("App:Cache:MaxMemory", "64"), ("App:Cache:MaxClockDrift", "10"),
            ("App:Cache:EvictionMode", "1"), ("App:Cache:NodeId:Value", "1"),
            ("App:Cache:DistributedCache:MaxKeyBytes", "0"), ("App:Cache:Health:Window", "00:00:01"));
        using IHost host = Host(s => s.AddMemStorage(configuration.GetSection("App:Cache"), o => o.SegmentBytes = 1000).AddDistributedCache().AddHealthCheck());

        // one exception, whatever options the faults are in
        OptionsValidationException all = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal(10, all.Failures.Count());
        string message = all.Message;
        foreach (string expected in new[]
        {
            "App:Cache:MaxMemoryMb = 'lots' cannot be read; allowed: 0 (the default) or 1 to 524288 MiB.",
            "App:Cache:EvictThreshold = 101 is out of range; allowed: 1 to 100 percent.",
            "App:Cache:EvictTarget = -1 is out of range; allowed: 0 percent to EvictThreshold - 1.",
            "App:Cache:MaxMemory is not a known key; known are: Name, MaxMemoryMB,",
            "App:Cache:MaxClockDrift = '10' cannot be read; allowed: 00:00:00.001 to 1.00:00:00 (days.hours:minutes:seconds). The text is read as 10 days by .NET; write '00:00:10' or '10.00:00:00'.",
            "App:Cache:EvictionMode = '1' cannot be read; allowed: Evict or Refuse.",
            "App:Cache:NodeId has no value but a section; allowed: 0 to 65535.",
            "App:Cache:SegmentBytes = 1000 is out of range; allowed: 0 (automatic) or a power of two from 1024 to 1048576.",
            "App:Cache:DistributedCache:MaxKeyBytes = 0 is out of range; allowed: 1 to 65528 bytes of UTF-8.",
            "App:Cache:Health:Window = 00:00:01 is out of range; allowed: SampleInterval to 1.00:00:00",
        })
            Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Options_set_in_code_are_named_by_their_type()
    {
        using IHost host = Host(s => s.AddMemStorage(o => o.ShardCount = -1));
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal("MemStoreOptions.ShardCount = -1 is out of range; allowed: 0 (automatic) to 4096.", e.Message);
    }

    [Fact]
    public async Task Without_a_host_the_store_cannot_be_created_from_bad_options_either()
    {
        ServiceCollection services = new();
        services.AddMemStorage(o => o.NodeId = 65_536);
        await using ServiceProvider provider = services.BuildServiceProvider();
        Assert.Throws<OptionsValidationException>(provider.GetRequiredService<MemStore>);
    }

    [Fact]
    public void Code_comes_after_configuration()
    {
        ServiceCollection services = new();
        services.AddMemStorage(Configuration(("A:EvictBatchSize", "7"), ("A:MaxMemoryMB", "9")).GetSection("A"), o => o.MaxMemoryMB = 11);
        using ServiceProvider provider = services.BuildServiceProvider();
        MemStoreOptions o = provider.GetRequiredService<IOptions<MemStoreOptions>>().Value;
        Assert.Equal((7, 11), (o.EvictBatchSize, o.MaxMemoryMB));
    }

    /// <summary>"A misspelt bound must not become the default one": nor must a misspelt section.</summary>
    [Fact]
    public async Task A_missing_section_is_a_fault_with_those_of_all_other_stores()
    {
        IConfiguration configuration = Configuration(
            ("A:MaxMemoryMB", "8"), ("A:SegmentBytes", "1048576"), ("B:TombstoneRetention", "24:00:00"), ("B:MaxMemoryMB", "-5"), ("B:MaxMemoryBytes", "9223372036854775807"), ("B:Health", "on"));
        using IHost host = Host(s =>
        {
            s.AddMemStorage(configuration.GetSection("A"));
            s.AddKeyedMemStorage("b", configuration.GetSection("B"));
            s.AddKeyedMemStorage("c", configuration.GetSection("Storage"));
            s.AddKeyedMemStorage("d", o => o.MaxMemoryMB = 1 << 20);
        });
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.Equal(
            [
                "A:SegmentBytes = 1048576 is out of range; allowed: 0 (automatic) or a power of two from 1024 to 524288 bytes (a sixteenth of the bound).",
                "B:Health = 'on' is a value; a section with SampleInterval, Window, DegradedOccupiedPercent, UnhealthyOccupiedPercent, UnhealthyRefusedPercent, DegradedTurnover, UnhealthyTurnover, DegradedDriftPercent, UnhealthyDriftPercent is expected there.",
                "B:MaxMemoryBytes = 9223372036854775807 is out of range; allowed: 0 (use MaxMemoryMB) or 65536 to 549755813888 bytes.",
                "B:MaxMemoryMB = '-5' cannot be read; allowed: 0 (the default) or 1 to 524288 MiB. The text is negative.",
                "B:TombstoneRetention = '24:00:00' cannot be read; allowed: 00:00:00 to 30.00:00:00 (days.hours:minutes:seconds). The text is read as 24 days by .NET; write '1.00:00:00' or '24.00:00:00'.",
                "Storage does not exist or is empty; a section of configuration for MemStoreOptions is expected there.",
                "Store 'd': MemStoreOptions.MaxMemoryMB = 1048576 is out of range; allowed: 0 (the default) or 1 to 524288 MiB.",
            ],
            e.Failures.Order(StringComparer.Ordinal));
    }

    /// <summary>Every option that is a time, of every table: "24:00:00 is 24 days" and "10 is ten days".</summary>
    [Theory]
    [InlineData("24:00:00", "24 days", "1.00:00:00", "24.00:00:00")]
    [InlineData(" 36:20:00", "36 days", "1.12:20:00", "36.20:00:00")]
    [InlineData("10", "10 days", "00:00:10", "10.00:00:00")]
    public void Hours_that_read_as_days_are_refused(string text, string days, string hours, string inDays)
    {
        int times = Try(MemStoreOptionTable.Table, new()) + Try(OptionTables.Health, new()) + Try(OptionTables.DistributedCache, new()) + Try(OutputCacheOptionTable.Table, new());
        Assert.Equal(7, times);

        int Try<T>(OptionTable<T> table, T options)
        {
            int count = 0;
            foreach (OptionRow<T> row in table.Rows.Where(r => r.Type == "time"))
            {
                count++;
                string before = row.Text(options);
                Assert.False(row.TrySet(options, text, out string? problem));
                Assert.Equal($"is read as {days} by .NET; write '{hours}' or '{inDays}'", problem);
                Assert.Equal(before, row.Text(options));
                Assert.True(row.TrySet(options, hours, out _));
                Assert.True(row.TrySet(options, inDays, out _));
            }
            return count;
        }
    }

    [Fact]
    public async Task Two_stores_of_one_name_are_a_fault()
    {
        using IHost host = Host(s =>
        {
            s.AddMemStorage(o => o.Name = "orders");
            s.AddKeyedMemStorage("orders");
        });
        OptionsValidationException e = await Assert.ThrowsAsync<OptionsValidationException>(() => host.StartAsync(Token));
        Assert.StartsWith("MemStoreOptions.Name = orders is the name of 2 stores (the default store, key 'orders'); allowed: a name of its own for each", e.Message, StringComparison.Ordinal);
    }

    public static TheoryData<string, bool> Borders()
    {
        TheoryData<string, bool> data = [];
        foreach ((string option, bool valid) in new[]
        {
            ("MaxMemoryMB=0", true), ("MaxMemoryMB=524289", false), ("MaxMemoryMB=1048576", false), ("MaxMemoryBytes=549755813889", false), ("MaxMemoryBytes=65536", true), ("MaxMemoryBytes=65535", false), ("MaxMemoryBytes=-1", false),
            ("ShardCount=0", true), ("ShardCount=4096", true), ("ShardCount=-1", false), ("ShardCount=4097", false),
            ("SegmentBytes=1024", true), ("SegmentBytes=1048576", true), ("SegmentBytes=512", false), ("SegmentBytes=1025", false), ("SegmentBytes=2097152", false), ("SegmentBytes=-1", false),
            ("CompressionThreshold=1", true), ("CompressionThreshold=0", false),
            ("EvictThreshold=100", true), ("EvictThreshold=101", false), ("EvictThreshold=80", false), ("EvictTarget=0", true), ("EvictTarget=-1", false), ("EvictTarget=90", false), ("EvictTarget=89", true),
            ("EvictBatchSize=1", true), ("EvictBatchSize=1000000", true), ("EvictBatchSize=0", false), ("EvictBatchSize=1000001", false),
            ("TombstoneRetention=00:00:00", true), ("TombstoneRetention=30.00:00:00", true), ("TombstoneRetention=30.00:00:01", false), ("TombstoneRetention=-00:00:01", false),
            ("MaxClockDrift=00:00:00.001", true), ("MaxClockDrift=1.00:00:00", true), ("MaxClockDrift=00:00:00", false), ("MaxClockDrift=1.00:00:01", false),
            ("ExpirySweepInterval=00:00:00", true), ("ExpirySweepInterval=1.00:00:00", true), ("ExpirySweepInterval=1.00:00:01", false), ("ExpirySweepInterval=-00:00:01", false),
            ("ChangeLogBytes=-1", true), ("ChangeLogBytes=0", true), ("ChangeLogBytes=134217728", true), ("ChangeLogBytes=134217729", false), ("ChangeLogBytes=-2", false),
            ("NodeId=0", true), ("NodeId=65535", true), ("NodeId=65536", false), ("NodeId=-1", false),
        })
            data.Add(option, valid);
        return data;
    }

    [Theory]
    [MemberData(nameof(Borders))]
    public void The_ranges_are_the_stores_own(string option, bool valid)
    {
        string[] parts = option.Split('=');
        MemStoreOptions options = new();
        Assert.True(MemStoreOptionTable.Table.Find(parts[0])!.TrySet(options, parts[1], out _));
        Assert.Equal(valid, !MemStoreOptionTable.Table.Check(options, "").Any());
        if (valid)
            new MemStore(options).Dispose();
        else
            Assert.ThrowsAny<ArgumentException>(() => new MemStore(options).Dispose());
    }
}
